#!/usr/bin/env python3
"""Prints the report of `namesake eval --output json` (standard input) as the Markdown tables of docs/quality.md.

With --write the part of docs/quality.md between its two marks is replaced.
"""

import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "quality.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
PEERS = (("tfidf", "3-gram TF-IDF"), ("aligned", "TF-IDF, token alignment"), ("logic_v2", "TF-IDF, logic-v2"))
MISTAKES = {
    "wrong_route": "routed to another account",
    "false_match": "routed, although the lead has no account",
    "wrong_review": "to review, the lead's account not among the claimants",
    "false_review": "to review, although the lead has no account",
    "missed_best": "to nurture, although its account is the best candidate: too little evidence to act on",
    "missed_candidate": "to nurture, its account a candidate but not the best one",
    "missed_unseen": "to nurture, its account no candidate at all",
    "wrong_best_by_name": "handled rightly, but by the name alone another account would lead",
}
ASKED_PRODUCT = {
    "domain_and_name": "right 0.97",
    "domain_only": "right 0.90",
    "name_only": "right 0.75",
    "absent": "routed at most 0.01, review 0.03",
}


def read_peers():
    lines = (HERE / "peers.tsv").read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("# set\t")][0].lstrip("# ").split("\t")
    rows = (line for line in lines if line and not line.startswith("#"))
    return {row["set"]: row for row in csv.DictReader(rows, head, delimiter="\t")}


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def share(value):
    return f"{value['share']:.3f}" if value["of"] else "–"


def interval(value):
    return f"{value['low']:.4f} to {value['high']:.4f}" if value["of"] else "–"


def by_name(report, peers):
    print("### By the company name alone: recall at 1 / right / wrong at 1 % false matches\n")
    head = ["set", "leads", "absent", "Namesake", *(title for _, title in PEERS), "asked", "reached"]
    rows = []
    for measured in report["sets"]:
        ranking = measured["all"]["by_name"]
        if not ranking["with_account"]:
            continue
        recall, right, wrong = (ranking[key] for key in ("recall_at_1", "right_at_threshold", "wrong_at_threshold"))
        ours = f"**{share(recall)} / {share(right)} / {share(wrong)}**"
        peer = peers.get(measured["name"])
        figures = [" / ".join(peer[f"{key}_{what}"] for what in ("recall", "right", "wrong")) if peer and peer[f"{key}_recall"] else "–" for key, _ in PEERS]
        asked, reached = "–", "–"
        if peer:
            asked = f"{peer['asked_recall']} / {peer['asked_right']}"
            # As printed: three digits.
            missing = [what for what, value in (("recall", recall), ("right", right)) if round(value["share"], 3) < float(peer[f"asked_{what}"])]
            reached = "yes" if not missing else "not " + " nor ".join(missing)
        rows.append([measured["name"], str(ranking["with_account"]), str(ranking["absent"]), ours, *figures, asked, reached])
    table(head, rows)


def routes(report):
    print("### The product's own routing, default policy\n")
    print("Shares of the leads of the row; precision is that of everything routed.\n")
    rows = []
    for measured in report["sets"]:
        for case, figures in measured["cases"].items():
            counted = figures["routes"]
            leads = figures["with_account"] + figures["absent"]
            # Every kind of lead is the product's business on a web form; on the other sets the absent ones tell.
            if measured["name"] not in ("web_form_leads", "lookalikes"):
                continue
            absent = not figures["with_account"]
            right, wrong = ("–", share(counted["absent_routed"])) if absent else (share(counted["right"]), share(counted["wrong"]))
            review = share(counted["absent_reviewed"]) if absent else share(counted["review_right"])
            other = "–" if absent else share(counted["review_other"])
            missed = "–" if absent else share(counted["missed"])
            asked = ASKED_PRODUCT.get(case, "") if measured["name"] == "web_form_leads" else ""
            rows.append([measured["name"], case, str(leads), right, wrong, review, other, missed, asked])
        if measured["name"] in ("web_form_leads", "lookalikes"):
            precision = measured["all"]["routes"]["precision"]
            found = f"{precision['count']} of {precision['of']} routed are right ({interval(precision)})"
            rows.append([f"**{measured['name']}**", "all", "", found, "", "", "", "", "precision 0.97" if measured["name"] == "web_form_leads" else ""])
    head = ["set", "case", "leads", "right", "wrong", "review, its account named", "review, another", "missed", "asked"]
    table(head, rows)
    print("Wrong means, for a lead without an account, routed to anybody.\n")


def tiers(report):
    print("### Precision by tier, over all sets\n")
    rows = []
    for tier in report["all"]["tiers"]:
        routed, best = tier["routed"], tier["best"]
        shown = f"{routed['share']:.4f}" if routed["of"] else "never routes"
        rows.append([f"`{tier['tier']}`", str(routed["of"]), shown, interval(routed), str(best["of"]), share(best)])
    table(["tier", "routed", "precision", "95 % interval", "best candidate of", "right"], rows)


def calibration(report):
    print("### What a score is worth, over all sets\n")
    bands = report["all"]["calibration"]
    rows = [[f"{band['from_bps']} to {band['from_bps'] + 500}", str(band["best"]["of"]), share(band["best"]), interval(band["best"])] for band in bands]
    table(["score, basis points", "leads", "best candidate right", "95 % interval"], rows)


def mistakes(report):
    print("### Remaining errors by kind\n")
    kinds = [kind for kind in MISTAKES if kind in report["mistakes"]]
    rows = [[measured["name"], *(str(measured["mistakes"].get(kind, "–")) for kind in kinds)] for measured in report["sets"]]
    rows.append(["**all**", *(f"**{report['mistakes'][kind]}**" for kind in kinds)])
    table(["set", *(f"`{kind}`" for kind in kinds)], rows)
    for kind in kinds:
        print(f"- `{kind}`: {MISTAKES[kind]}")
    print()


def main():
    report = json.load(sys.stdin)
    write = sys.argv[1:] == ["--write"]
    if write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        sys.stdout = PAGE.open("w", encoding="utf-8")
        print(before + BEGIN + "\n")
    by_name(report, read_peers())
    routes(report)
    tiers(report)
    calibration(report)
    mistakes(report)
    if write:
        print(END + after, end="")


if __name__ == "__main__":
    main()
