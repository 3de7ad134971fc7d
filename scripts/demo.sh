#!/usr/bin/env bash
# Routes examples/leads.csv through a server and prints the decisions: the server at NAMESAKE_SERVER, or one that
# is started on a free port and stopped again.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/serve_demo.sh

cargo build --release --locked
server=${NAMESAKE_SERVER:-}
if [[ -z $server ]]; then
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    serve_demo "127.0.0.1:$port" /dev/null
    server=http://127.0.0.1:$port
fi
"$binary" match --server "$server" --leads examples/leads.csv --output csv | scripts/decisions_table.py
