#!/usr/bin/env bash
# Functions to serve the demo registry; sourced by run.sh and demo.sh.

binary=${CARGO_TARGET_DIR:-target}/release/namesake

# serve_demo ADDR [LOG]: starts a server in the background, waits until it serves; sets server_pid. What the
# server says goes to LOG, or to the terminal.
serve_demo() {
    local serve=("$binary" serve --accounts examples/accounts.csv --reps examples/reps.csv --listen "$1")
    if [[ -n "${2:-}" ]]; then "${serve[@]}" >"$2" 2>&1 & else "${serve[@]}" >&2 & fi
    server_pid=$!
    trap stop_demo EXIT
    trap 'exit 130' INT TERM
    for _ in $(seq 100); do
        if "$binary" health --server "http://$1" >/dev/null 2>&1; then
            return 0
        fi
        if ! kill -0 "$server_pid" 2>/dev/null; then
            break
        fi
        sleep 0.1
    done
    echo "the server does not serve on $1:" >&2
    if [[ -n "${2:-}" ]]; then cat "$2" >&2; fi
    return 1
}

stop_demo() {
    if [[ -n "${server_pid:-}" ]]; then
        kill -TERM "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
    fi
}
