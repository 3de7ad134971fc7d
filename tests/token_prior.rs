//! Writes `data/token_prior.tsv`: in how many of a large sample of company names each token occurs.
//!
//! Run by hand when the normalization of names changes:
//! `NAMES="a.csv b.csv" cargo test --test token_prior -- --ignored`, where each file has a column `name`.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use namesake::normalize::company_name;

/// 20 000 tokens reach down to about a dozen names each; rarer ones all count as rare.
const TOKENS_MAX: usize = 20_000;

#[test]
#[ignore = "needs large files of names; rewrites a data file"]
fn write_token_prior() {
    let files = std::env::var("NAMES").expect("NAMES lists CSV files with a column `name`");
    let mut names = 0_u32;
    let mut count: HashMap<String, u32> = HashMap::new();
    for file in files.split_whitespace() {
        let mut rows = csv::Reader::from_path(file).expect("a readable CSV file");
        let column = rows
            .headers()
            .expect("a header")
            .iter()
            .position(|field| field == "name")
            .expect("a name column");
        for row in rows.records() {
            let row = row.expect("a CSV record");
            let Some(name) = company_name(&row[column]) else { continue };
            names += 1;
            let tokens: HashSet<&str> =
                name.readings[0].tokens.iter().map(|token| token.text.as_str()).collect();
            for token in tokens {
                *count.entry(token.to_owned()).or_default() += 1;
            }
        }
    }
    let mut count: Vec<(String, u32)> = count.into_iter().collect();
    count.sort_by(|(token, n), (other, m)| m.cmp(n).then_with(|| token.cmp(other)));
    count.truncate(TOKENS_MAX);
    let mut out =
        std::fs::File::create(concat!(env!("CARGO_MANIFEST_DIR"), "/data/token_prior.tsv")).expect("a file");
    let head = format!(
        "# In how many company names a token occurs, 2026-11-21. Written by tests/token_prior.rs; counts are facts of\n\
         # legal names (GLEIF, CC0) and of open registries of organizations (ROR, IANA, .gov, CC0; FinanceDatabase, MIT;\n\
         # name-suggestion-index, BSD-3; UK gender pay gap, OGL v3; EDINET, PDL 1.0; and others).\n\
         # names: {names}\n# token\tnames that have it\n"
    );
    out.write_all(head.as_bytes()).expect("the head is written");
    for (token, n) in count {
        writeln!(out, "{token}\t{n}").expect("a row is written");
    }
}
