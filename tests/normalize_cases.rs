//! Other projects' own tables of names and base names, and what users reported, held against `company_name`.
//!
//! Where another answer serves routing better, the row says why in `skip_reason`; such a row must really differ, so
//! the list stays true.

use namesake::normalize::company_name;

fn check(input: &str) -> String {
    company_name(input).map_or_else(String::new, |name| name.readings[0].joined())
}

#[test]
fn names_of_other_projects_have_the_expected_key() {
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in include_str!("data/normalize_cases.tsv").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [input, expected, source, _note, skip_reason] = columns[..] else {
            panic!("five columns in {line:?}");
        };
        rows += 1;
        let key = check(input);
        if (key == expected) != skip_reason.is_empty() {
            wrong
                .push(format!("{input:?} is {key:?}, {source} expects {expected:?} (skip: {skip_reason:?})"));
        }
    }
    assert!(rows > 150, "only {rows} rows");
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn names_that_are_one_company_share_a_key() {
    for line in include_str!("data/name_pairs.tsv").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [one, other, same, _source] = columns[..] else { panic!("four columns in {line:?}") };
        assert_eq!(
            check(one) == check(other),
            same == "same",
            "{one:?} and {other:?}: {:?}, {:?}",
            check(one),
            check(other)
        );
    }
}
