#!/usr/bin/env bash
# Replicas under random faults for as long as asked (SECONDS_ALL, default 600), every invariant checked after each round.
# NAMESAKE_CHAOS_SEED throws the dice of an earlier run, which a failure names.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v redis-server >/dev/null || { echo "redis-server is missing: scripts/tools.sh installs it" >&2; exit 1; }
NAMESAKE_REQUIRE_ALL=1 NAMESAKE_CHAOS_SECONDS="${SECONDS_ALL:-600}" \
    exec cargo test --locked --test faults convergence::replicas_converge -- --nocapture "$@"
