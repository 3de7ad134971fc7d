#!/usr/bin/env bash
# Everything that must hold before a change goes in; `make test` and .ci/run call it. Stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { echo; echo "== $*"; }

step "tools"
scripts/tools.sh
step "format"
cargo fmt --check
step "lints, warnings are errors; benches compile"
cargo clippy --all-targets --locked -- -D warnings
step "tests"
cargo test --locked
step "documentation without warnings"
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --quiet
step "the contract"
scripts/proto.sh
if [[ -d fuzz ]]; then
    step "fuzz targets compile"
    cargo check --manifest-path fuzz/Cargo.toml --locked --quiet
fi
step "all good"
