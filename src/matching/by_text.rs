//! From a text to the accounts that have it: a declared domain, or what one looks like.
//!
//! The texts stay where they are, in the accounts, or are made again: a map of a million domains copies none of them.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::accounts::Accounts;
use super::buckets::{Buckets, half};
use super::prepared::PreparedAccount;

/// Hands over the texts of one sort that an account has.
pub(super) type EachText = fn(&PreparedAccount, &mut dyn FnMut(&str));

/// Accounts by one sort of their texts.
#[derive(Debug)]
pub(super) struct ByText {
    each_text: EachText,
    /// By the hash of a text the position of the account that has it, or behind all positions the number of those that have
    /// it. Nearly every text is one account's.
    places: Buckets,
    /// Positions of the accounts that share a text, ascending.
    groups: Vec<Vec<u32>>,
}

impl ByText {
    /// The map of all accounts, which are given in the index's order.
    pub(super) fn build(accounts: &Accounts, each_text: EachText) -> ByText {
        let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(accounts.len());
        for (position, account) in (0..).zip(accounts.iter()) {
            each_text(account, &mut |text| pairs.push((hash(text), position)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let (mut groups, mut grouped, mut kept) = (Vec::new(), Vec::new(), 0);
        let mut from = 0;
        while from < pairs.len() {
            let same = pairs[from..].iter().take_while(|(hash, _)| *hash == pairs[from].0).count();
            if same == 1 {
                pairs[kept] = pairs[from];
                kept += 1;
            } else {
                let first = (accounts.len() + groups.len()) as u32;
                groups.extend(groups_of(&pairs[from..from + same], accounts, each_text));
                let behind = (accounts.len() + groups.len()) as u32;
                grouped.extend((first..behind).map(|group| (pairs[from].0, group)));
            }
            from += same;
        }
        pairs.truncate(kept);
        let all = || pairs.iter().chain(&grouped).copied();
        let places = Buckets::build(kept + grouped.len(), accounts.len() + groups.len(), all);
        ByText { each_text, places, groups }
    }

    /// Positions of the accounts that have a text, ascending, each once; empty if none has. The accounts are those
    /// that the map was built from.
    pub(super) fn find<'m>(&'m self, text: &str, accounts: &Accounts) -> Found<'m> {
        for place in self.places.find(hash(text)) {
            let group = (place as usize).checked_sub(accounts.len()).map(|group| &self.groups[group]);
            let first = group.map_or(place, |group| group[0]);
            if has(&accounts[first as usize], text, self.each_text) {
                return group.map_or(Found::One([place]), |group| Found::Group(group));
            }
        }
        Found::default()
    }
}

/// Positions of accounts that have a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'m> {
    /// One alone has it.
    One([u32; 1]),
    /// None or several.
    Group(&'m [u32]),
}

impl<'m> Found<'m> {
    /// The first of them, `most` at most; one at least where there is one.
    pub(super) fn first(self, most: usize) -> Found<'m> {
        match self {
            Found::One(_) => self,
            Found::Group(group) => Found::Group(&group[..group.len().min(most)]),
        }
    }
}

impl Default for Found<'_> {
    fn default() -> Self {
        Found::Group(&[])
    }
}

impl std::ops::Deref for Found<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Found::One(one) => one,
            Found::Group(group) => group,
        }
    }
}

/// The groups of positions, ascending, that share a text among those of one hash; one alone where nobody shares its text.
fn groups_of(pairs: &[(u32, u32)], accounts: &Accounts, each_text: EachText) -> Vec<Vec<u32>> {
    let mut by_text: Vec<(String, Vec<u32>)> = Vec::new();
    for (sought, position) in pairs {
        each_text(&accounts[*position as usize], &mut |text| {
            if hash(text) == *sought {
                match by_text.iter_mut().find(|(known, _)| known == text) {
                    Some((_, group)) if group.last() != Some(position) => group.push(*position),
                    Some(_) => {}
                    None => by_text.push((text.to_owned(), vec![*position])),
                }
            }
        });
    }
    by_text.into_iter().map(|(_, group)| group).collect()
}

/// Whether an account has a text.
fn has(account: &PreparedAccount, text: &str, each_text: EachText) -> bool {
    let mut found = false;
    each_text(account, &mut |known| found |= known == text);
    found
}

fn hash(text: &str) -> u32 {
    half(FixedState::with_seed(4).hash_one(text))
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
        let map = ByText::build(&accounts, PreparedAccount::each_domain);
        assert_eq!(*map.find(sought, &accounts), *expected, "{sought}");
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
