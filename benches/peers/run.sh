#!/usr/bin/env bash
# Runs the same accounts and leads through Namesake and through what people use instead, and prints cost and quality.
#   CASES=DIR  a labelled set, or a folder of sets (`accounts.csv`, `leads.csv`); without it, leads made of the demo
#   ARGS       for compare.py: --leads 300, --matchers namesake,tfidf
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benches/peers
venv=${PEERS_VENV:-.venv/peers}
if ! cmp -s $here/requirements.txt "$venv/installed.txt" 2>/dev/null; then
    if ! { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r $here/requirements.txt; }; then
        echo "peers: skipped, python3 with venv and its package index are needed" >&2
        exit 0
    fi
    cp $here/requirements.txt "$venv/installed.txt"
fi
if [[ -z ${NAMESAKE_BINARY:-} ]]; then
    cargo build --release --locked --quiet
    NAMESAKE_BINARY=target/release/namesake
fi
exec "$venv/bin/python" $here/compare.py --namesake "$NAMESAKE_BINARY" ${CASES:+--cases "$CASES"} "$@"
