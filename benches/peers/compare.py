#!/usr/bin/env python3
"""Cost and quality of Namesake beside what people use instead, on the same accounts and leads, by the company name alone.

Quality is measured as `namesake eval` does: recall at 1 is the share of the leads with an account whose best candidate is
that account; right and wrong are the shares over the threshold that at most 1 % of the leads without an account exceed.
"""

import argparse
import csv
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
DEMO = HERE.parent.parent / "examples" / "accounts.csv"
REPEATS = 20
FALSE_MATCHES = 0.01
SEED = 20_261_121
PEERS = {
    "namesake": "Namesake",
    "tfidf": "scikit-learn, trigram TF-IDF",
    "rapidfuzz_token_sort": "RapidFuzz, token_sort_ratio",
    "rapidfuzz_wratio": "RapidFuzz, WRatio",
}


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sets_of(folder):
    if (folder / "leads.csv").exists():
        return [folder]
    return sorted(path for path in folder.iterdir() if (path / "leads.csv").exists())


def demo_set():
    """Leads with a slip each, of the demo's accounts; a fifth of these are left out of the registry."""
    chance = random.Random(SEED)
    accounts, leads = [], []
    for number, row in enumerate(rows_of(DEMO)):
        letters = list(row["name"])
        at = chance.randrange(1, max(2, len(letters) - 1))
        letters[at - 1], letters[at] = letters[at], letters[at - 1]
        kept = number % 5 != 0
        if kept:
            accounts.append({"id": row["id"], "name": row["name"], "aliases": row.get("aliases", "")})
        leads.append({"lead_id": str(number), "company": "".join(letters), "expected_account_id": row["id"] if kept else "", "case": ""})
    return accounts, leads


def sample(leads, most):
    """At most so many with and without an account. Leads that say more than a name are not asked by name alone."""
    leads = [lead for lead in leads if lead["company"].strip() and lead.get("case") not in ("domain_and_name", "domain_only")]
    chance = random.Random(SEED)
    picked = []
    for kind in (True, False):
        some = [lead for lead in leads if bool(lead["expected_account_id"]) == kind]
        picked += chance.sample(some, most) if len(some) > most else some
    return picked


def write(path, head, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def timed(command):
    """What it says, its processor seconds, and its wall seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # One thread for all: the sums would count alike, but not the waste of spinning threads.
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=alone).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return said, cpu, time.monotonic() - began


def ask_namesake(binary, folder, leads):
    def match(file):
        said, cpu, wall = timed([binary, "match", "--accounts", str(folder / "accounts.csv"), "--leads", str(file), "--output", "csv"])
        return list(csv.DictReader(said.splitlines())), cpu, wall

    # All leads many times over, so that what they take stands out from reading the accounts, which varies by more than
    # a thousand leads take.
    write(folder / "many.csv", ["lead_id", "company"], leads * REPEATS)
    many = min(match(folder / "many.csv")[1] for _ in range(3))
    answers, cpu, wall = min((match(folder / "leads.csv") for _ in range(3)), key=lambda told: told[1])
    best = [(row["best_account_id"], float(row["best_score_bps"] or 0)) for row in answers]
    return best, cpu, wall, (many - cpu) / (REPEATS - 1)


def ask_peer(name, folder):
    files = [str(folder / file) for file in ("accounts.csv", "leads.csv", "answers.tsv")]
    said, cpu, wall = timed([sys.executable, str(HERE / "matchers.py"), name, *files])
    lines = (folder / "answers.tsv").read_text(encoding="utf-8").splitlines()
    best = [(account, float(score)) for account, score in (line.split("\t") for line in lines)]
    return best, cpu, wall, float(said.split()[1])


def quality(leads, best):
    false_scores = sorted((score for lead, (_, score) in zip(leads, best) if not lead["expected_account_id"]), reverse=True)
    allowed = int(len(false_scores) * FALSE_MATCHES)
    threshold = false_scores[allowed] if allowed < len(false_scores) else 0.0
    mine = [(lead["expected_account_id"] == account, score) for lead, (account, score) in zip(leads, best) if lead["expected_account_id"]]
    share = lambda count: count / len(mine) if mine else 0.0
    recall = share(sum(right for right, _ in mine))
    right = share(sum(right and score > threshold for right, score in mine))
    wrong = share(sum(not right and score > threshold for right, score in mine))
    return recall, right, wrong


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--namesake", required=True, help="the program")
    options.add_argument("--cases", type=pathlib.Path, help="a labelled set, or a folder of sets; without it, the demo")
    options.add_argument("--leads", type=int, default=500, help="at most so many with and without an account")
    options.add_argument("--matchers", default="namesake,tfidf,rapidfuzz_token_sort", help="of: " + ", ".join(PEERS))
    asked, options = options, options.parse_args()
    unknown = [matcher for matcher in options.matchers.split(",") if matcher not in PEERS]
    if unknown:
        asked.error(f"no matcher {', '.join(unknown)}; there are {', '.join(PEERS)}")
    print("| set | accounts | leads | matcher | CPU s, all | wall s | CPU us a lead | recall at 1 | right / wrong at 1 % |")
    print("|---|---|---|---|---|---|---|---|---|")
    folders = sets_of(options.cases) if options.cases else [None]
    for cases in folders:
        accounts, leads = (rows_of(cases / "accounts.csv"), rows_of(cases / "leads.csv")) if cases else demo_set()
        leads = sample(leads, options.leads)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder / "accounts.csv", ["id", "name", "aliases"], accounts)
            write(folder / "leads.csv", ["lead_id", "company"], leads)
            for matcher in options.matchers.split(","):
                asked = ask_namesake(options.namesake, folder, leads) if matcher == "namesake" else ask_peer(matcher, folder)
                best, cpu, wall, on_leads = asked
                recall, right, wrong = quality(leads, best)
                cells = [
                    cases.name if cases else "demo", len(accounts), len(leads), PEERS[matcher], f"{cpu:.2f}", f"{wall:.2f}",
                    f"{on_leads / len(leads) * 1e6:,.0f}", f"{recall:.3f}", f"{right:.3f} / {wrong:.3f}",
                ]
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
