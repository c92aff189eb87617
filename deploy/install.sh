#!/bin/sh
# Installs the release in this directory on Debian or Ubuntu, or upgrades to it: docs/deploy.md.
set -eu
cd "$(dirname "$0")/.."
for word in "$@"; do
    case $word in -h | --help | --dry-run | --uninstall) exec python3 -m deploy.install "$@" ;; esac
done
./deploy/setup.sh uv
exec python3 -m deploy.install "$@"
