//! What a search may cost at most, counted and not timed: nobody's lead is dear enough to harm the others.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use namesake::account::{Account, AccountId, Registry, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision, Work, search};
use namesake::normalize::website_domain;
use namesake::policy::Policy;

/// Accounts of the registry below.
const ACCOUNTS: usize = 6_000;
/// Readings of one field: four, and each again where umlauts allow another spelling.
const READINGS: usize = 8;
/// Lists walked for one reading: 20 000 entries by words and 4 000 by trigrams, and the four rarest trigrams anyhow.
const POSTINGS: usize = 20_000 + 4_000 + 4 * ACCOUNTS;
/// Names compared for one reading: 256 equal ones at most, and 10 from each of two generators.
const COMPARISONS: usize = 256 + 2 * 10;
/// Accounts that a domain brings in; the e-mail and the website may bring as many each, a look-alike instead.
const SHARERS: usize = 256;
/// Words of the registry compared with one of the 32 words of a reading: those a slip away and those it begins or is
/// begun by. What is a slip away follows from the registry; this is a bound for the one below.
const WORDS: usize = 32 * 120;

/// Common words and nothing else, in every combination, and one domain on all accounts.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let words =
        ["bank", "banks", "banc", "group", "groups", "of", "the", "solutions", "global", "services", "new"];
    let accounts = (0..ACCOUNTS).map(|number| {
        let picked =
            (0..2 + number % 5).map(|at| words[(number / 11_usize.pow(at as u32 % 4) + at) % words.len()]);
        let name = picked.collect::<Vec<_>>().join(" ");
        let mut account = Account::new(AccountId::new(&format!("a{number}")).unwrap(), name);
        account.domains = vec![website_domain("shared.example.com").unwrap()];
        account.owner_id = RepId::new(&format!("r{}", number % 7));
        account
    });
    Index::build(Registry { accounts: accounts.collect(), reps: Vec::new() }, Revision(1))
});

fn work(company: &str, domain: &str) -> Work {
    let email = if domain.is_empty() { String::new() } else { format!("jane@{domain}") };
    let fields = LeadFields {
        company: company.to_owned(),
        email,
        website: domain.to_owned(),
        ..LeadFields::default()
    };
    search(&Lead::new(fields).unwrap(), &INDEX, &Policy::default()).work
}

#[track_caller]
fn check(company: &str) {
    let work = work(company, "");
    assert!(work.postings <= READINGS * POSTINGS, "{company:.40}: {work:?}");
    assert!(work.comparisons <= 2 * READINGS * COMPARISONS, "{company:.40}: {work:?}");
    assert!(work.words <= READINGS * WORDS, "{company:.40}: {work:?}");
}

#[test]
fn work_is_counted() {
    let equal = work("Banks Group", "");
    assert!(equal.comparisons > 0 && equal.accounts > 0, "{equal:?}");
    assert_eq!((equal.words, equal.postings), (0, 0), "an equal name settles it: nothing else is looked for");
    let work = work("Global Banks Group of Services, Solutions and Banc", "");
    assert!(work.words > 0 && work.postings > 0 && work.comparisons > 0 && work.accounts > 0, "{work:?}");
}

#[test]
fn very_long_names_stay_bounded() {
    check(&"bank of the new global group ".repeat(9));
    check(&"bankofthenewglobalgroup".repeat(11));
    check(&"ab".repeat(128));
    check(&"ü".repeat(256));
}

#[test]
fn names_of_common_words_alone_stay_bounded() {
    check("the new bank of global group services");
    check("banks banc bank groups group of the solutions global services new");
}

#[test]
fn as_many_words_as_are_read_stay_bounded() {
    let words = ["bank", "banc", "group", "of", "global", "services", "solutions", "new"];
    check(&words.iter().cycle().take(32).copied().collect::<Vec<_>>().join(" "));
    check(&"a ".repeat(128));
}

#[test]
fn a_repeated_word_stays_bounded() {
    check(&"bank ".repeat(51));
    check(&"bnak bakn bnk baank ".repeat(12));
}

#[test]
fn as_many_readings_as_there_are_stay_bounded() {
    check("Bänk Gröup (Glöbal) dba Bank öf New formerly Grüp Services aka Bänks Söl");
    check(&"bank dba group formerly ".repeat(10));
}

#[test]
fn a_domain_of_thousands_weighs_as_many_accounts_as_one_of_hundreds() {
    for company in ["", "bank of the global group", "Zumbado"] {
        let work = work(company, "shared.example.com");
        assert!(work.accounts > 0, "the domain was not found");
        // The website is the same domain, so that it brings in no other account.
        // Twice: where an equal name settles nothing, all are weighed again beside near names.
        let accounts = 2 * (SHARERS + 256 + namesake::matching::NAMES_MAX);
        assert!(work.accounts <= accounts, "{company}: {work:?}");
        assert!(work.comparisons <= READINGS * 2 * (COMPARISONS + SHARERS), "{company}: {work:?}");
    }
}
