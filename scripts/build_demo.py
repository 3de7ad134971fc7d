#!/usr/bin/env python3
"""Builds examples/accounts.csv: real companies from public sources, with what a CRM would add.

    scripts/build_demo.py <accounts folder>

The folder holds all.csv.gz and core.csv (id, name, domain, aliases, country, parent_id, source). Only rows whose
every source is FinanceDatabase (MIT), ROR (CC0) or the name-suggestion-index (BSD-3, its Wikidata part CC0) are
taken. The companies of scripts/demo_overlay.tsv come first, then a sample of others under a fixed seed, so the
same input gives the same file. examples/reps.csv and examples/leads.csv are written by hand.
"""

import csv
import gzip
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED = 20261121
SAMPLE = 300
SOURCES = {"financedatabase", "ror", "nsi"}
COLUMNS = (
    "id name aliases former_names trading_names domains website country region postal_code phone parent_id roll_up "
    "class owner_id team alert crm_url context acknowledged_conflicts merged_ids active"
).split()
# Who covers what, for the sampled companies.
TERRITORIES = {
    "r-ada": "US CA", "r-cleo": "GB IE ZA NG KE", "r-dag": "DK SE NO FI IS EE LV LT", "r-eva": "DE",
    "r-finn": "CH AT CZ SK HU PL LU LI", "r-gia": "FR IT ES PT BE NL", "r-hugo": "BR AR CL MX PE CO UY",
    "r-iris": "IN PK BD LK", "r-jin": "JP", "r-kim": "CN HK TW SG MY ID TH VN PH", "r-lou": "KR AU NZ",
    "r-pia": "GR CY TR IL SA AE QA EG RO BG HR RS KZ",
}
OWNER_OF = {country: rep for rep, countries in TERRITORIES.items() for country in countries.split()}
CLASSES = [("strategic", 3), ("major", 10), ("named", 52), ("standard", 35)]


def rows_of(folder: pathlib.Path, name: str) -> list[dict]:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(folder / name, "rt", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if {s.split(":")[0] for s in row["source"].split("+")} <= SOURCES]


def aliases_of(row: dict) -> list[str]:
    """At most four names that say something new: no "Name (Country)", no spelling in another case."""
    kept, seen = [], {row["name"].casefold()}
    for alias in row["aliases"].split("|"):
        plain = alias.strip()
        if len(plain) >= 3 and not re.search(r"\([^)]*\)$", plain) and plain.casefold() not in seen and plain != plain.lower():
            seen.add(plain.casefold())
            kept.append(plain)
    return kept[:4]


def account(row: dict) -> dict:
    return dict.fromkeys(COLUMNS, "") | {
        "id": row["id"],
        "name": row["name"],
        "aliases": "|".join(aliases_of(row)),
        "domains": row["domain"],
        "website": f"https://www.{row['domain']}/" if row["domain"] else "",
        "country": row["country"],
        "crm_url": "https://crm.example/accounts/" + row["id"].replace(":", "-"),
        "active": "true",
    }


def overlay(rows: dict[str, dict]) -> list[dict]:
    accounts = []
    for line in (ROOT / "scripts/demo_overlay.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        account_id, class_, owner, parent, *fields = line.split("\t")
        built = account(rows[account_id]) | {"class": class_, "owner_id": owner, "parent_id": parent.strip("-")}
        for field in filter(None, ";".join(fields).split(";")):
            name, value = field.split("=", 1)
            built[name] = value
        given_up = set((built["former_names"] + "|" + built["trading_names"]).split("|"))
        built["aliases"] = "|".join(a for a in built["aliases"].split("|") if a not in given_up)
        accounts.append(built)
    return accounts


def sample(rows: list[dict], taken: list[dict]) -> list[dict]:
    chance = random.Random(SEED)
    domains = {domain for entry in taken for domain in entry["domains"].split("|")}
    pool = []
    for row in rows:
        a_company = row["id"].startswith("fdb:") or "ror:company" in row["source"]
        if a_company and row["domain"] not in domains and row["country"] in OWNER_OF:
            domains.add(row["domain"])
            pool.append(row)
    accounts = []
    for row in chance.sample(pool, SAMPLE):
        built = account(row)
        built["class"] = chance.choices([c for c, _ in CLASSES], [w for _, w in CLASSES])[0]
        owner = OWNER_OF[row["country"]]
        if owner == "r-ada" and chance.random() < 0.5:
            owner = "r-bo"
        # A third of the standard accounts has no owner yet, as in every CRM.
        built["owner_id"] = "" if built["class"] == "standard" and chance.random() < 0.33 else owner
        accounts.append(built)
    return accounts


def main(folder: str) -> None:
    source = pathlib.Path(folder)
    accounts = overlay({row["id"]: row for row in rows_of(source, "all.csv.gz")})
    accounts += sample(rows_of(source, "core.csv"), accounts)
    accounts.sort(key=lambda entry: entry["id"])
    path = ROOT / "examples/accounts.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(accounts)
    print(f"{path.relative_to(ROOT)}: {len(accounts)} accounts")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
