#!/usr/bin/env bash
# Lints the contract with buf, which scripts/tools.sh installs.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ -x node_modules/.bin/buf ]]; then
    node_modules/.bin/buf lint
    echo "proto: the contract follows buf's STANDARD rules"
elif [[ -n "${CI:-}" ]]; then
    echo "proto: buf is missing, and CI is set" >&2
    exit 1
else
    echo "proto: skipped, buf is missing (npm installs it: make tools)"
fi
