#!/usr/bin/env bash
# Holds the instructions of a decision to scripts/guards.tsv, kind by kind of lead: counted by valgrind, not timed, so that
# a change which makes a decision dearer fails on any machine, however busy. --write measures these and the bytes of
# tests/index_bytes.rs anew and replaces the figures: after a change that makes decisions cheaper, or dearer for a reason
# that its commit tells.
#
# The service alone is built optimized, on top of the dependencies that the tests have built: a release build takes several
# times as long. So the counts compare with one another and not with those of a release.
set -euo pipefail
cd "$(dirname "$0")/.."
figures=scripts/guards.tsv
head_room=15    # in a hundred; what the order of code alone moves is a few
foreign_room=50 # where another compiler or processor made the code

write=false
case "${1:-}" in
--write) write=true ;;
"") ;;
*)
    echo "usage: scripts/guards.sh [--write]" >&2
    exit 2
    ;;
esac

if ! command -v valgrind >/dev/null; then
    echo "guards: valgrind is missing, so instructions are not counted (scripts/tools.sh installs it; Debian: apt-get install valgrind)" >&2
    if [[ -n "${CI:-}${NAMESAKE_REQUIRE_ALL:-}" ]] || $write; then exit 1; fi
    exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# It counts within one function and writes down what it counted whenever that ends: a file for each kind of lead. Two
# patterns, for it takes one only once; mangled, for how names are read differs.
runner=(valgrind --tool=callgrind --quiet --demangle=no "--toggle-collect=*counted_leads*"
    "--dump-after=*13counted_leads*" "--callgrind-out-file=$folder/counts")
quoted=$(printf '"%s",' "${runner[@]}")
# glibc copies and fills with other instructions on other processors; without these it takes the same everywhere.
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX2_Usable,-AVX,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2
# Built once and not edited: what cargo would keep for the next build is disk for nothing.
CARGO_INCREMENTAL=0 cargo test --quiet --locked --bench instructions \
    --config 'profile.dev.package.namesake.opt-level=3' \
    --config 'profile.dev.package.namesake.debug-assertions=false' \
    --config 'profile.dev.package.namesake.overflow-checks=false' \
    --config 'profile.dev.package.namesake.codegen-units=16' \
    --config "target.'cfg(all())'.runner=[${quoted%,}]" >"$folder/said"

at=0
while read -r kind leads; do
    at=$((at + 1))
    awk -v kind="$kind" -v leads="$leads" '/^totals:/ { printf "instructions/%s\t%.0f\n", kind, $2 / leads }' \
        "$folder/counts.$at"
done <"$folder/said" >"$folder/measured"
[[ -s $folder/measured ]] || { echo "guards: nothing was counted" >&2; exit 1; }

made_with="$(rustc --version | cut -d' ' -f2 | cut -d. -f1,2) on $(uname -m)"
if $write; then
    cargo test --quiet --locked --test index_bytes -- --nocapture >"$folder/bytes" 2>/dev/null || true
    grep -P '^bytes/\w+\t' "$folder/bytes" >>"$folder/measured"
    {
        echo "# What a lead and an account cost: instructions of one decision by kind of lead (scripts/guards.sh, head-room $head_room in"
        echo "# a hundred), bytes of an account (tests/index_bytes.rs, head-room 5). Written by scripts/guards.sh --write."
        echo "# Measured $(date -u +%F) with rustc $made_with, $(valgrind --version), the demo's names grown to 10,000 and 20,000."
        cat "$folder/measured"
    } >"$folder/new"
    cp "$folder/new" "$figures"
    cat "$figures"
    exit
fi

room=$head_room
if ! grep -qF "rustc $made_with," "$figures"; then
    room=$foreign_room
    echo "guards: the figures are of another compiler or processor than $made_with, so $room in a hundred pass" >&2
fi
awk -F '\t' -v room="$room" '
    /^#/ { next }
    NR == FNR { figure[$1] = $2; next }
    {
        most = figure[$1] * (100 + room) / 100
        verdict = !($1 in figure) ? "no figure on file" : $2 > most ? "TOO MANY" : ""
        if (verdict != "") failed = 1
        else if ($2 < figure[$1] * 0.85) { verdict = "fewer than on file"; fewer = 1 }
        printf "%-24s %9d   on file %9d   at most %9d   %+6.1f %%  %s\n", $1, $2, figure[$1], most,
            figure[$1] ? 100 * ($2 / figure[$1] - 1) : 0, verdict
    }
    END {
        if (fewer) print "guards: some cost less by now; scripts/guards.sh --write tightens the figures"
        if (failed) print "guards: dearer than allowed. Where that is meant, scripts/guards.sh --write replaces the figures"
        exit failed
    }' "$figures" "$folder/measured"
