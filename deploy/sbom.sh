#!/bin/sh
# What a release contains, exactly as uv.lock has it, without tests and tools: build/requirements.txt with
# its hashes, and the same as a CycloneDX document.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build
.tools/bin/uv export --frozen --quiet --no-default-groups --no-emit-project \
    --extra edge --extra sync --extra caddy >build/requirements.txt
.venv/bin/cyclonedx-py requirements build/requirements.txt --pyproject pyproject.toml --no-validate \
    --output-reproducible --spec-version 1.6 --output-format JSON --output-file build/sbom.json
echo "build/sbom.json: $(grep -c '^[a-z].*==' build/requirements.txt) components"
