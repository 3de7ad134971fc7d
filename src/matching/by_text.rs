//! From a text to the accounts that have it: a declared domain, or what one looks like.
//!
//! The texts stay where they are, in the accounts: a map of a million domains copies none of them. Nearly every text is one
//! account's, which then takes four bytes here and one of its hash, in a table that is at most seven eighths full.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::accounts::Accounts;
use super::packed::Pieces;
use super::prepared::PreparedAccount;

/// The texts of one sort that an account has.
pub(super) type TextsOf = fn(&PreparedAccount) -> Pieces<'_>;

/// Set in the number of a group of accounts; other numbers are positions.
const GROUP: u32 = 1 << 31;

/// Accounts by one sort of their texts.
#[derive(Debug)]
pub(super) struct ByText {
    texts_of: TextsOf,
    /// By the hash of a text the position of the account that has it, or the number of those that have it.
    places: HashTable<u32>,
    /// Positions of the accounts that share a text, ascending.
    groups: Vec<Vec<u32>>,
}

impl ByText {
    /// The map of all accounts, which are given in the index's order.
    pub(super) fn build(accounts: &Accounts, texts_of: TextsOf) -> ByText {
        // Room for all from the beginning: of which of its account's texts a place is, the table cannot tell anew.
        let count = accounts.iter().map(|account| texts_of(account).count()).sum();
        let mut map = ByText { texts_of, places: HashTable::with_capacity(count), groups: Vec::new() };
        for (position, account) in (0..).zip(accounts.iter()) {
            texts_of(account).for_each(|text| map.add(text, position, accounts));
        }
        map
    }

    fn add(&mut self, text: &str, position: u32, accounts: &Accounts) {
        let ByText { texts_of, places, groups } = self;
        let same = |place: &u32| has(*place, text, groups, accounts, *texts_of);
        match places.entry(hash(text), same, |_| unreachable!("there is room for all")) {
            Entry::Vacant(free) => drop(free.insert(position)),
            Entry::Occupied(mut known) => match groups.get_mut((*known.get() ^ GROUP) as usize) {
                Some(group) if group.last() != Some(&position) => group.push(position),
                None if *known.get() != position => {
                    let group = GROUP | groups.len() as u32;
                    groups.push(vec![std::mem::replace(known.get_mut(), group), position]);
                }
                _ => {}
            },
        }
    }

    /// Positions of the accounts that have a text, ascending, each once; empty if none has. The accounts are those
    /// that the map was built from.
    pub(super) fn find(&self, text: &str, accounts: &Accounts) -> &[u32] {
        let same = |place: &u32| has(*place, text, &self.groups, accounts, self.texts_of);
        self.places.find(hash(text), same).map_or(&[], |place| {
            let group = self.groups.get((place ^ GROUP) as usize);
            group.map_or(std::slice::from_ref(place), Vec::as_slice)
        })
    }
}

/// Whether the accounts at a place have a text.
fn has(place: u32, text: &str, groups: &[Vec<u32>], accounts: &Accounts, texts_of: TextsOf) -> bool {
    let first = groups.get((place ^ GROUP) as usize).map_or(place, |group| group[0]);
    texts_of(&accounts[first as usize]).any(|known| known == text)
}

fn hash(text: &str) -> u64 {
    FixedState::with_seed(4).hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, AccountId};
    use crate::normalize::website_domain;
    use std::sync::Arc;

    #[track_caller]
    fn check(domains: &[&[&str]], sought: &str, expected: &[u32]) {
        let account = |(at, domains): (usize, &&[&str])| {
            let id = AccountId::new(&format!("{at:03}")).unwrap();
            let domains = domains.iter().map(|domain| website_domain(domain).unwrap()).collect();
            Arc::new(PreparedAccount::new(Account { domains, ..Account::new(id, "Acme") }))
        };
        let accounts = Accounts::new(domains.iter().enumerate().map(account).collect());
        let map = ByText::build(&accounts, PreparedAccount::domain_pieces);
        assert_eq!(map.find(sought, &accounts), expected, "{sought}");
    }

    #[test]
    fn a_text_leads_to_all_who_have_it() {
        let domains: &[&[&str]] = &[
            &["acme.com", "acme.de"],
            &["ajax.com"],
            &["acme.de", "ajax.com", "acme.de"],
            &[],
            &["acme.de"],
        ];
        check(domains, "acme.com", &[0]);
        check(domains, "acme.de", &[0, 2, 4]);
        check(domains, "ajax.com", &[1, 2]);
        check(domains, "acme.org", &[]);
        check(&[], "acme.org", &[]);
    }
}
