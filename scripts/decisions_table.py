#!/usr/bin/env python3
"""Prints the decisions of `namesake match --output csv` (standard input) as a table for people."""

import csv
import sys
import unicodedata

COLUMNS = ("lead", "route", "account", "owner, who acts", "rests on", "score", "why")
LIMITS = (34, 8, 30, 18, 17, 6, 60)


def width(text):
    """Cells on a terminal: wide letters take two, marks none."""
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return len(text) + wide - sum(1 for c in text if unicodedata.combining(c))


def cell(text, limit):
    while width(text) > limit:
        text = text[:-2] + "…"
    return text + " " * (limit - width(text))


def row_of(decision):
    owner = decision["owner_id"]
    if decision["acting_rep_id"] not in ("", owner):
        owner += " -> " + decision["acting_rep_id"]
    held = "do not rotate" if decision["do_not_round_robin"] == "true" else ""
    why = ", ".join(filter(None, (decision["reason"], held)))
    account = decision["account_name"] or (f"({decision['best_account_id']}?)" if decision["best_account_id"] else "")
    return (decision["lead_id"], decision["route"], account, owner, decision["tier"], decision["score_bps"], why)


def main():
    print("  ".join(map(cell, COLUMNS, LIMITS)).rstrip())
    tally = {}
    for decision in csv.DictReader(sys.stdin):
        tally[decision["route"]] = tally.get(decision["route"], 0) + 1
        print("  ".join(map(cell, row_of(decision), LIMITS)).rstrip())
    print("\n" + ", ".join(f"{count} {route}" for route, count in sorted(tally.items())))


if __name__ == "__main__":
    main()
