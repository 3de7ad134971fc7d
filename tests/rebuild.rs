//! An index that is built from what was prepared before is the index of the registry as it is now, whatever happened
//! in between.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, Rep, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, PreparedRegistry, Revision};
use namesake::normalize::{Country, website_domain};
use namesake::policy::Policy;
use namesake::routing::explain;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const WORDS: [&str; 9] = ["Acme", "Zumbado", "Korvex", "Bank", "of", "West", "(East)", "Group", "Müller"];
const FORMS: [&str; 3] = ["", " GmbH", " Inc."];
const DOMAINS: [&str; 4] = ["acme.com", "acrne.com", "korvex.de", "west.org"];
const OWNERS: [&str; 2] = ["ann", "bob"];

/// One change of a registry; few ids, so that accounts are replaced and taken out all the time.
#[derive(Clone, Debug)]
enum Change {
    Put(Box<Account>),
    /// Another owner and country, if the account is there: nothing that a name or domain is looked up by.
    Own(AccountId, Option<RepId>),
    Remove(AccountId),
}

fn ids() -> impl Strategy<Value = AccountId> {
    (0_u8..8).prop_map(|number| AccountId::new(&format!("a{number}")).unwrap())
}

fn names() -> impl Strategy<Value = String> {
    (proptest::collection::vec(select(WORDS.as_slice()), 1..4), select(FORMS.as_slice()))
        .prop_map(|(words, form)| words.join(" ") + form)
}

fn accounts() -> impl Strategy<Value = Account> {
    let links = (proptest::option::of(ids()), subsequence(OWNERS.as_slice(), 0..=1), any::<bool>());
    (ids(), names(), proptest::collection::vec(names(), 0..3), subsequence(DOMAINS.as_slice(), 0..=2), links)
        .prop_map(|(id, name, aliases, domains, (parent_id, owner, active))| Account {
            aliases,
            domains: domains.into_iter().map(|domain| website_domain(domain).unwrap()).collect(),
            parent_id,
            owner_id: owner.first().and_then(|owner| RepId::new(owner)),
            active,
            ..Account::new(id, name)
        })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let owner = subsequence(OWNERS.as_slice(), 0..=1).prop_map(|owner| RepId::new(owner.first()?));
    let change = prop_oneof![
        3 => accounts().prop_map(|account| Change::Put(Box::new(account))),
        3 => (ids(), owner).prop_map(|(id, owner)| Change::Own(id, owner)),
        1 => ids().prop_map(Change::Remove),
    ];
    proptest::collection::vec(change, 0..20)
}

fn reps() -> Vec<Rep> {
    OWNERS.iter().map(|owner| Rep::new(RepId::new(owner).unwrap())).collect()
}

static LEADS: LazyLock<Vec<Lead>> = LazyLock::new(|| {
    let companies =
        ["", "Acme", "Acme Inc", "acme zumbado", "Bank of West", "bank west gmbh", "Korvx", "Mueller"];
    let leads = companies.iter().flat_map(|company| {
        ["", "acme.com", "west.org", "acme.de"].map(|domain| LeadFields {
            company: (*company).to_owned(),
            email: if domain.is_empty() { String::new() } else { format!("jane@{domain}") },
            ..LeadFields::default()
        })
    });
    leads.filter_map(|fields| Lead::new(fields).ok()).collect()
});

/// Both indexes answer every lead alike, down to the last candidate's score.
fn check(one: &Index, other: &Index) -> Result<(), TestCaseError> {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let policy = Policy::default();
    for lead in LEADS.iter() {
        let answers = [one, other].map(|index| format!("{:?}", explain(lead, index, &policy, now)));
        prop_assert_eq!(&answers[0], &answers[1], "{:?}", lead);
    }
    Ok(())
}

fn build(registry: &PreparedRegistry) -> Index {
    Index::build(registry.clone(), Revision(1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_rebuilt_after_changes_is_the_one_built_from_scratch(changes in changes()) {
        let mut prepared = PreparedRegistry::new(Vec::new(), reps());
        let mut stored: BTreeMap<AccountId, Account> = BTreeMap::new();
        let mut followed = build(&prepared);
        for change in changes {
            let id = match &change {
                Change::Put(account) => account.id.clone(),
                Change::Own(id, _) | Change::Remove(id) => id.clone(),
            };
            match change {
                Change::Put(account) => {
                    let before = prepared.upsert((*account).clone());
                    prop_assert_eq!(before.map(|before| before.to_account()), stored.insert(account.id.clone(), *account));
                }
                Change::Own(id, owner_id) => {
                    if let Some(account) = stored.get_mut(&id) {
                        account.country = owner_id.as_ref().and_then(|_| Country::parse("DE"));
                        account.owner_id = owner_id;
                        prepared.upsert(account.clone());
                    }
                }
                Change::Remove(id) => {
                    let before = prepared.remove(&id);
                    prop_assert_eq!(before.map(|before| before.to_account()), stored.remove(&id));
                }
            }
            // An account in the place of another takes the short way.
            let replacement = prepared.account(&id).map(|account| vec![Arc::clone(account)]);
            let replaced = replacement.and_then(|one| Index::build_replacing(&followed, one, Revision(1)));
            followed = replaced.unwrap_or_else(|| Index::build_after(&followed, prepared.clone(), Revision(1)));
        }
        let from_scratch = Registry { accounts: stored.into_values().rev().collect(), reps: reps() };
        let from_scratch = Index::build(from_scratch, Revision(1));
        check(&build(&prepared), &from_scratch)?;
        check(&followed, &from_scratch)?;
    }

    #[test]
    fn upsert_then_remove_leaves_the_index_as_it_was(changes in changes(), passing in accounts()) {
        let mut prepared = PreparedRegistry::new(Vec::new(), reps());
        for change in changes {
            if let Change::Put(account) = change {
                prepared.upsert(*account);
            }
        }
        let before = build(&prepared);
        match prepared.upsert(passing.clone()) {
            Some(replaced) => drop(prepared.upsert(replaced.to_account())),
            None => drop(prepared.remove(&passing.id)),
        }
        check(&before, &build(&prepared))?;
    }
}

#[test]
fn an_account_that_did_not_change_is_not_read_again() {
    let account = |id: &str, name: &str| Account::new(AccountId::new(id).unwrap(), name);
    let accounts = ["a", "b", "c"].map(|id| account(id, "Acme"));
    let before = PreparedRegistry::from(Registry { accounts: accounts.into(), reps: reps() });
    let mut after = before.clone();
    after.upsert(account("b", "Zumbado"));
    let kept: Vec<bool> =
        before.accounts().iter().zip(after.accounts()).map(|(one, other)| Arc::ptr_eq(one, other)).collect();
    assert_eq!(kept, [true, false, true]);
}
