#!/bin/sh
# What the tests need and PyPI has not: a browser, Redis 7 beside the Valkey that comes by wheel, a
# clock that jumps for one process alone, and clients that dawdle.
# With the word `drill`, Prometheus's tool as well. Installed from Debian, as root; no service is started. Whatever is there already is used.
set -eu
missing=
have() {
    for name in "$@"; do command -v "$name" >/dev/null && return; done
    return 1
}
have chromium chromium-browser google-chrome || missing="chromium fonts-dejavu-core"
have redis-server || missing="$missing redis-server"
have faketime || missing="$missing faketime"
have slowhttptest || missing="$missing slowhttptest"
if [ "${1:-}" = drill ]; then
    have promtool || missing="$missing prometheus"
    have curl || missing="$missing curl"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! have apt-get; then
    echo "the tests need $missing: install them, then try again" >&2
    exit 1
fi
echo "installing $missing" >&2
policy=/usr/sbin/policy-rc.d # asked before a package starts its service
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
apt-get update -qq >&2
# shellcheck disable=SC2086 # a list of packages
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
