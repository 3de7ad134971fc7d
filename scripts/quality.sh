#!/usr/bin/env bash
# Measures the matcher on the labelled sets in CASES and prints the tables of docs/quality.md.
# With --write the tables there are replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${CASES:-../shared/data/cases}
if [[ ! -d $cases ]]; then
    echo "quality: skipped, there is no folder $cases; CASES=DIR names another" >&2
    exit 0
fi
cargo build --release --locked
target/release/namesake eval --cases "$cases" --output json | python3 scripts/quality_tables.py "$@"
