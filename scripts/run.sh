#!/usr/bin/env bash
# Serves the demo registry on loopback, shows one call with its answer, and stays until Ctrl-C.
# NAMESAKE_LISTEN chooses another address than 127.0.0.1:50051.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/serve_demo.sh
address=${NAMESAKE_LISTEN:-127.0.0.1:50051}

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
echo "Serving on $address. Ctrl-C stops."
wait "$server_pid" || true
