#!/usr/bin/env bash
# Serves the demo registry on loopback, shows one call with its answer, and stays until Ctrl-C.
# NAMESAKE_LISTEN and NAMESAKE_JSON_LISTEN choose other addresses than 127.0.0.1:50051 and, for HTTP/JSON, 127.0.0.1:50052.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/serve_demo.sh
address=${NAMESAKE_LISTEN:-127.0.0.1:50051}
export NAMESAKE_JSON_LISTEN=${NAMESAKE_JSON_LISTEN:-127.0.0.1:50052}

cargo build --release --locked
serve_demo "$address"
call=("$binary" route --server "http://$address" --company "Orsted A/S" --email lene@orsted.com --country Denmark)
echo
echo "Whose lead is it? Paste this into another terminal:"
echo
printf '   '
printf ' %q' "${call[@]}"
printf '\n\n'
"${call[@]}" || true
echo
echo "Or over HTTP/JSON:"
echo
echo "    curl http://$NAMESAKE_JSON_LISTEN/v1/leads/route -d company=BayWa -d email=sam@baywa.com"
echo
echo "Serving on $address. Ctrl-C stops."
wait "$server_pid" || true
