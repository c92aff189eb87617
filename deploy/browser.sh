#!/bin/sh
# The tests look at the demo's pages in a real browser: Debian's Chromium, unless one is there.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
    exit 0
fi
echo "the tests need a browser: install chromium, then try again" >&2
exit 1
