//! The bound, the honesty of counts, and what is counted.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::account::{Account, AccountId, Registry};
use crate::lead::LeadFields;
use crate::matching::{Index, Revision};
use crate::normalize::website_domain;
use crate::policy::Policy;
use crate::routing::route_and_found;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn index() -> Index {
    let account = Account {
        domains: vec![website_domain("acme.com").unwrap()],
        ..Account::new(AccountId::new("a1").unwrap(), "Acme Instruments")
    };
    let sorrel = Account::new(AccountId::new("s1").unwrap(), "Sorrel Reinsurance AG");
    Index::build(Registry { accounts: vec![account, sorrel], reps: Vec::new() }, Revision(1))
}

fn lead(company: &str, email: &str, country: &str) -> Lead {
    let (company, email, country) = (company.into(), email.into(), country.into());
    Lead::new(LeadFields { company, email, country, ..LeadFields::default() }).unwrap()
}

fn note(tally: &Tally, lead: &Lead, index: &Index) {
    let (decision, found) = route_and_found(lead, index, &Policy::default(), NOW);
    tally.note(lead, &found, &decision, NOW);
}

/// What the tally holds of leads `(company, email, country)`, as `company/domain/country/count`.
#[track_caller]
fn check(leads: &[(&str, &str, &str)], expected: &[&str]) {
    let (tally, index) = (Tally::default(), index());
    for (company, email, country) in leads {
        note(&tally, &lead(company, email, country), &index);
    }
    let top = tally.top(10).companies;
    let line = |it: &Unmatched| {
        let country = it.country.map(|it| it.to_string()).unwrap_or_default();
        format!("{}/{}/{country}/{}", it.company.as_deref().unwrap_or("-"), it.domain, it.lead_count)
    };
    assert_eq!(top.iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn spellings_of_one_key_under_one_domain_are_one_company() {
    check(
        &[
            ("BLUE SKY GMBH", "jane@bluesky.com", "DE"),
            ("Blue Sky", "joe@mail.bluesky.com", "FR"),
            ("Blue Sky", "ann@bluesky.com", "DE"),
            ("Blue Sky", "ann@bluesky.de", ""),
            ("Blue Moon", "ann@bluesky.com", ""),
        ],
        &["Blue Sky/bluesky.com/DE/3", "Blue Moon/bluesky.com//1", "Blue Sky/bluesky.de//1"],
    );
}

#[test]
fn only_leads_of_unknown_companies_from_their_own_domain_are_counted() {
    check(
        &[
            ("Acme Instruments", "jane@acme.com", ""),
            ("Blue Sky", "jane@gmail.com", ""),
            ("Blue Sky", "jane@0-mail.com", ""),
            ("Blue Sky", "info@bluesky.com", ""),
            ("Blue Sky", "jane@example.com", ""),
            ("Blue Sky", "", ""),
            ("", "jane@bluesky.com", ""),
        ],
        &["-/bluesky.com//1"],
    );
}

#[test]
fn what_names_a_person_is_not_kept() {
    check(
        &[
            ("Jane Smith", "jane.smith@bluesky.com", ""),
            ("jane.smith@bluesky.com", "jane.smith@bluesky.com", ""),
            ("Smith Trading", "jane.smith@jane-smith.com", ""),
        ],
        &["-/bluesky.com//2"],
    );
}

#[test]
fn a_likely_account_is_suggested_with_the_way_it_is_alike() {
    let index = index();
    let like = |company: Option<&str>, domain: &str| {
        let unmatched = Unmatched {
            company: company.map(str::to_owned),
            domain: website_domain(domain).unwrap(),
            country: None,
            lead_count: 1,
            lead_count_error: 0,
            first_seen: NOW,
            last_seen: NOW,
        };
        let found = suggest(&unmatched, &index, &Policy::default())?;
        Some((found.account_id.to_string(), found.likeness))
    };
    let expected = |id: &str, likeness| Some((id.to_owned(), likeness));
    assert_eq!(like(Some("Blue Sky"), "acme.com"), expected("a1", Likeness::Declared));
    assert_eq!(like(Some("Sorrel Reinsurance"), "sorrel.ch"), expected("s1", Likeness::AnotherDomain));
    assert_eq!(like(Some("Sorrel Reinsurnce"), "srl.ch"), expected("s1", Likeness::Alias));
    assert_eq!(like(None, "sorrel-reinsurance.ch"), expected("s1", Likeness::AnotherDomain));
    assert_eq!(like(Some("Blue Sky"), "bluesky.com"), None);
}

fn sighting(email: &EmailAddress) -> Sighting<'_> {
    Sighting { company: None, email, country: None, at: NOW }
}

#[test]
fn many_threads_and_more_companies_than_fit_lose_no_lead_and_exceed_no_bound() {
    const THREADS: u32 = 4;
    const EACH: u32 = 20_000;
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let tally = &tally;
            scope.spawn(move || {
                for at in 0..EACH {
                    let email =
                        crate::normalize::email_address(&format!("j@c{}.com", thread * EACH + at)).unwrap();
                    tally.count(tally.key([].into_iter(), &email.domain), sighting(&email));
                }
            });
        }
    });
    let top = tally.top(usize::MAX);
    assert_eq!(top.company_count, COMPANIES_MAX);
    assert_eq!(top.lead_count, u64::from(THREADS * EACH));
}

proptest! {
    /// Over one bucket, where the bound bites: more companies than it has room for, some seen often.
    #[test]
    fn counts_are_never_more_than_the_truth_nor_less_by_more_than_their_error(
        seen in prop::collection::vec(prop_oneof![0_u16..20, 0_u16..400], 0..2_000)
    ) {
        let mut bucket = Bucket::default();
        let mut truth: BTreeMap<String, u64> = BTreeMap::new();
        for company in &seen {
            let email = crate::normalize::email_address(&format!("j@c{company}.com")).unwrap();
            *truth.entry(email.domain.to_string()).or_default() += 1;
            bucket.count(u128::from(*company), sighting(&email));
            prop_assert!(bucket.companies().count() <= WAYS);
        }
        for company in bucket.companies() {
            let true_count = truth.remove(company.domain.as_str()).unwrap_or_default();
            prop_assert!(company.lead_count <= true_count);
            prop_assert!(true_count <= company.lead_count + company.lead_count_error);
            prop_assert!(company.lead_count_error <= (seen.len() / WAYS) as u64);
        }
        // Whoever is not there was not seen often: no company over the share of a place is missing.
        prop_assert!(truth.values().all(|count| *count <= (seen.len() / WAYS) as u64));
        prop_assert_eq!(bucket.lead_count(), seen.len() as u64);
    }
}
