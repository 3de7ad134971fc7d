#!/usr/bin/env bash
# Fuzzes each target for SECONDS_EACH seconds (60 by default), from fuzz/seeds and what earlier runs kept in
# fuzz/corpus: scripts/fuzz.sh [target...]. With 0 seconds it replays those and looks for nothing new. SEED makes a run
# repeatable. A crash is written to fuzz/artifacts, with the command to repeat it.
#
# No sanitizer: those need nightly, and there is no unsafe code here for them to watch. What remains is coverage
# feedback and overflow checks, and both work on stable Rust.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=("$@")
if ((${#targets[@]} == 0)); then
    targets=(company_name email_domain accounts_csv route_lead)
fi
# One target directory with the service, so that what builds the build tools is not kept twice.
options=(--dev --sanitizer none --target-dir target)

if [[ ${SECONDS_EACH:-60} == 0 ]]; then
    limit=-runs=0
else
    limit=-max_total_time=${SECONDS_EACH:-60}
fi

for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target"
    # 4096 bytes: longer than any bound of a field, short enough to be fast.
    cargo fuzz run "${options[@]}" "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        "$limit" -seed="${SEED:-0}" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
