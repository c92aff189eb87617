#!/bin/sh
# What is known against a release's packages; pip-audit's own words tell which. Exit code 1: something is.
# The list is locked and hashed, so nothing is resolved or installed. It asks PyPI's service; with
# AUDIT_SERVICE=osv, OSV's.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/pip-audit --requirement build/requirements.txt --require-hashes --disable-pip \
    --progress-spinner off --strict --vulnerability-service "${AUDIT_SERVICE:-pypi}" "$@"
