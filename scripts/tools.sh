#!/usr/bin/env bash
# Gets what the tests need beside Rust: redis-server and valgrind (system packages), .venv (a Python gRPC client), buf
# (npm), cargo-fuzz (cargo).
# What cannot be had is said and its tests are skipped; where CI is set, that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
    echo "tools: $1" >&2
    if [[ -n "${CI:-}${NAMESAKE_REQUIRE_ALL:-}" ]]; then
        echo "tools: CI or NAMESAKE_REQUIRE_ALL is set, so nothing may be skipped" >&2
        exit 1
    fi
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

if ! command -v redis-server >/dev/null; then
    if ! { command -v apt-get >/dev/null && as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends redis-server; }; then
        missing "redis-server is missing; install it (Debian: apt-get install redis-server; macOS: brew install redis)"
    fi
fi

# Certificates for the test of Redis behind TLS.
if ! command -v openssl >/dev/null; then
    if ! { command -v apt-get >/dev/null && as_root apt-get install -y -qq --no-install-recommends openssl; }; then
        missing "openssl is missing; install it"
    fi
fi

# Counts instructions for scripts/guards.sh.
if ! command -v valgrind >/dev/null; then
    if ! { command -v apt-get >/dev/null && as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends valgrind; }; then
        missing "valgrind is missing, so the instructions of a decision are not counted; install it (Debian: apt-get install valgrind)"
    fi
fi

requirements=tests/foreign/requirements.txt
if [[ -f $requirements ]] && ! cmp -s $requirements .venv/installed.txt 2>/dev/null; then
    if python3 -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check -r $requirements; then
        cp $requirements .venv/installed.txt
    else
        missing "the Python client is not installed: python3 with venv, and its package index, are needed"
    fi
fi

# The version is pinned: a newer buf may know more rules than the contract was written for.
buf_version=1.75.0
if [[ "$(node_modules/.bin/buf --version 2>/dev/null)" != "$buf_version" ]]; then
    if ! command -v npm >/dev/null; then
        missing "npm is missing: the contract is not linted"
    elif ! npm install --no-save --no-package-lock --no-audit --no-fund --silent --prefix . "@bufbuild/buf@$buf_version"; then
        missing "buf cannot be installed with npm: the contract is not linted"
    fi
fi

if ! command -v cargo-fuzz >/dev/null && ! cargo install cargo-fuzz --locked --version 0.13.2 --quiet; then
    missing "cargo-fuzz cannot be installed with cargo: the fuzz targets do not run"
fi
