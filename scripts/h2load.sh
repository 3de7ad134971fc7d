#!/usr/bin/env bash
# A second opinion on `cargo bench --bench grpc_load`: h2load drives the server with one lead of each kind, and the
# server's processor time is read from /proc. h2load counts HTTP answers and does not read grpc-status: that every answer
# is right, the bench checks.
#   ACCOUNTS=100000 SECONDS_EACH=5 CONNECTIONS=8 IN_FLIGHT=8; arguments are flags for `namesake serve`
set -euo pipefail
cd "$(dirname "$0")/.."
accounts=${ACCOUNTS:-100000}
seconds=${SECONDS_EACH:-5}
connections=${CONNECTIONS:-8}
in_flight=${IN_FLIGHT:-8}

if ! command -v h2load >/dev/null; then
    if ! { command -v apt-get >/dev/null && [[ $(id -u) -eq 0 ]] && apt-get update -qq && apt-get install -y -qq --no-install-recommends nghttp2-client; }; then
        echo "h2load: skipped, h2load is missing (Debian: apt-get install nghttp2-client)" >&2
        exit 0
    fi
fi

folder=$(mktemp -d)
server=
stop() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

cargo bench --bench grpc_load -- --accounts "$accounts" --write "$folder"
NAMESAKE_LOG_FILTER=warn target/release/namesake serve --listen 127.0.0.1:0 --accounts "$folder/accounts.jsonl" "$@" >"$folder/said" &
server=$!
for _ in $(seq 600); do
    address=$(sed -n 's/^listening on //p' "$folder/said")
    [[ -z $address ]] || break
    kill -0 "$server"
    sleep 0.1
done

# Nanoseconds that the server's threads have run.
cpu() { cat /proc/"$server"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

echo "$accounts accounts, h2load -c $connections -m $in_flight, $seconds s each"
printf '%-10s %10s %12s %10s\n' lead leads "leads/cpu-s" "cpu us"
for kind in known domain exact corrupted absent; do
    before=$(cpu)
    h2load -c "$connections" -m "$in_flight" -D "$seconds" -d "$folder/$kind.body" \
        -H 'content-type: application/grpc' -H 'te: trailers' \
        "http://$address/namesake.v1.RoutingService/RouteLead" >"$folder/told"
    after=$(cpu)
    leads=$(sed -n 's/^requests: .* \([0-9]*\) succeeded.*/\1/p' "$folder/told")
    awk -v kind="$kind" -v leads="$leads" -v cpu=$((after - before)) 'BEGIN {
        printf "%-10s %10d %12.0f %10.2f\n", kind, leads, leads / (cpu / 1e9), cpu / 1e3 / leads }'
done
