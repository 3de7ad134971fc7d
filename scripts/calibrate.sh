#!/usr/bin/env bash
# Learns data/name_model.tsv from the labelled sets in CASES; says how the model fares on leads it has not seen.
# The model is compiled in: build again to use it, then look at `make quality`.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${CASES:-../shared/data/cases}
if [[ ! -d $cases ]]; then
    echo "calibrate: skipped, there is no folder $cases; CASES=DIR names another" >&2
    exit 0
fi
cargo build --release --locked
target/release/namesake eval --cases "$cases" --fit data/name_model.tsv --leave-one-out \
    --sources scripts/quality_sources.tsv "$@"
