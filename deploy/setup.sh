#!/bin/sh
# Installs everything, exactly as uv.lock has it, into .venv beside this checkout. Needs python3.
# With the word `uv`: no more than the tool that does it.
set -eu
cd "$(dirname "$0")/.."
uv_version=0.13.9

wanted=$(cat pyproject.toml uv.lock | cksum)
[ "${1:-}" != uv ] && [ -x .venv/bin/python ] && [ "$(cat .venv/.installed 2>/dev/null)" = "$wanted" ] && exit 0

install_uv() {
    python3 -m venv .tools >/dev/null 2>&1 && return
    rm -rf .tools
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then # Debian keeps venv apart
        echo "installing python3-venv" >&2
        apt-get update -qq >&2 && apt-get install -qq -y python3-venv >&2 && python3 -m venv .tools && return
    fi
    echo "python3 cannot make virtual environments here: install python3-venv, then try again" >&2
    exit 1
}

if [ ! -x .tools/bin/uv ] || [ "$(.tools/bin/uv --version | cut -d' ' -f2)" != "$uv_version" ]; then
    echo "installing uv $uv_version" >&2
    [ -x .tools/bin/pip ] || install_uv
    .tools/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version"
fi
[ "${1:-}" != uv ] || exit 0
echo "installing what uv.lock names" >&2
install() { .tools/bin/uv sync --locked --all-extras --all-groups --quiet "$@"; }
install 2>.tools/first-try || install --system-certs || { cat .tools/first-try >&2; exit 1; }
echo "$wanted" >.venv/.installed
