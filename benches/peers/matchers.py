"""One matcher over one set, alone in its process, so that its processor time is its own.

    matchers.py NAME ACCOUNTS.csv LEADS.csv ANSWERS.tsv

writes, for each lead in order, the best account and its score, and prints the processor seconds of what is done once for
a registry and of what is done for the leads. Every matcher sees names alone: an account's name and aliases, a lead's
company.
"""

import csv
import sys
import time


def read(accounts_file, leads_file):
    names, owners = [], []
    with open(accounts_file, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in [row["name"], *filter(None, (row.get("aliases") or "").split("|"))]:
                names.append(name)
                owners.append(row["id"])
    with open(leads_file, encoding="utf-8", newline="") as file:
        leads = [row["company"] for row in csv.DictReader(file)]
    return names, owners, leads


def rapidfuzz(scorer_name):
    """RapidFuzz as its documentation shows it: default_process, then every lead against every name."""

    def prepare(names):
        from rapidfuzz import utils

        return [utils.default_process(name) for name in names]

    def answer(names, leads):
        from rapidfuzz import fuzz, process, utils

        scorer = getattr(fuzz, scorer_name)
        cleaned = [utils.default_process(lead) for lead in leads]
        # Some at a time: the table of all leads and names would not fit into memory.
        for start in range(0, len(cleaned), 16):
            table = process.cdist(cleaned[start : start + 16], names, scorer=scorer, workers=1)
            for row in table:
                at = int(row.argmax())
                yield at, float(row[at])

    return prepare, answer


def tfidf():
    """scikit-learn: TF-IDF over character trigrams, cosine similarity."""

    def prepare(names):
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), lowercase=True)
        # The names as columns: a product with a lead's row is then sparse as well.
        return vectorizer, vectorizer.fit_transform(names).T.tocsr()

    def answer(prepared, leads):
        vectorizer, columns = prepared
        rows = vectorizer.transform(leads)
        for start in range(0, len(leads), 64):
            products = (rows[start : start + 64] @ columns).tocsr()
            for at in range(products.shape[0]):
                row = products.getrow(at)
                if row.nnz == 0:
                    yield None, 0.0
                else:
                    best = int(row.data.argmax())
                    yield int(row.indices[best]), float(row.data[best])

    return prepare, answer


MATCHERS = {
    "rapidfuzz_token_sort": lambda: rapidfuzz("token_sort_ratio"),
    "rapidfuzz_wratio": lambda: rapidfuzz("WRatio"),
    "tfidf": tfidf,
}


def main():
    name, accounts_file, leads_file, answers_file = sys.argv[1:]
    names, owners, leads = read(accounts_file, leads_file)
    prepare, answer = MATCHERS[name]()
    began = time.process_time()
    prepared = prepare(names)
    ready = time.process_time()
    with open(answers_file, "w", encoding="utf-8") as file:
        for at, score in answer(prepared, leads):
            file.write(f"{'' if at is None else owners[at]}\t{score}\n")
    print(f"{ready - began} {time.process_time() - ready}")


if __name__ == "__main__":
    main()
