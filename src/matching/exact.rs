//! Exact maps: the cheapest stage. A fraction of a microsecond says which names equal the lead's, whatever
//! the order and the gluing of their words, and which accounts declare its domain.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::names::{NameId, Names};
use super::vocabulary::Vocabulary;
use crate::account::Account;

const NO_MORE: u32 = u32::MAX;

/// From a hash to every id stored under it. Different keys may share a hash: whoever asks compares again.
#[derive(Debug, Default)]
struct Chains {
    heads: HashMap<u64, u32, FixedState>,
    next: Vec<u32>,
}

impl Chains {
    fn build(count: usize, hashes: impl Iterator<Item = (u32, u64)>) -> Chains {
        let mut chains = Chains { heads: HashMap::default(), next: vec![NO_MORE; count] };
        for (id, hash) in hashes {
            if let Some(earlier) = chains.heads.insert(hash, id) {
                chains.next[id as usize] = earlier;
            }
        }
        chains
    }

    fn find(&self, hash: u64) -> impl Iterator<Item = u32> {
        let mut at = self.heads.get(&hash).copied().unwrap_or(NO_MORE);
        std::iter::from_fn(move || {
            let id = at;
            (id != NO_MORE).then(|| {
                at = self.next[id as usize];
                id
            })
        })
    }
}

/// Names by their words in any order, and by their letters in one run.
#[derive(Debug, Default)]
pub(super) struct ExactNames {
    by_bag: Chains,
    by_glue: Chains,
}

impl ExactNames {
    /// The maps of all names.
    pub(super) fn build(names: &Names, vocabulary: &Vocabulary) -> ExactNames {
        let mut words = Vec::new();
        let mut hash_all = |hash: &mut dyn FnMut(&mut Vec<&str>) -> u64| -> Vec<u64> {
            let mut hashes = Vec::with_capacity(names.len());
            for (_, entry) in names.iter() {
                let mut text: Vec<&str> = std::mem::take(&mut words);
                text.extend(names.tokens(entry).iter().map(|id| &*vocabulary.get(*id).text));
                hashes.push(hash(&mut text));
                text.clear();
                words = text;
            }
            hashes
        };
        let bags = hash_all(&mut |words| bag_hash(words));
        let glues = hash_all(&mut |words| glue_hash(words));
        let numbered = |hashes: Vec<u64>| hashes.into_iter().enumerate().map(|(id, hash)| (id as u32, hash));
        ExactNames {
            by_bag: Chains::build(names.len(), numbered(bags)),
            by_glue: Chains::build(names.len(), numbered(glues)),
        }
    }

    /// Names with the same words in any order, then names with the same letters however glued; a name may
    /// come twice.
    pub(super) fn find(&self, words: &[&str]) -> impl Iterator<Item = NameId> {
        let bag = self.by_bag.find(bag_hash(&mut words.to_vec()));
        let glue = self.by_glue.find(glue_hash(words));
        bag.chain(glue).map(NameId)
    }
}

fn bag_hash(words: &mut [&str]) -> u64 {
    words.sort_unstable();
    FixedState::with_seed(1).hash_one(&*words)
}

fn glue_hash(words: &[&str]) -> u64 {
    FixedState::with_seed(2).hash_one(words.concat())
}

/// Accounts by the domains they declare.
#[derive(Debug, Default)]
pub(super) struct Domains {
    accounts: HashMap<Box<str>, Vec<u32>, FixedState>,
}

impl Domains {
    /// The map of all accounts, which are given in the index's order.
    pub(super) fn build(accounts: &[Account]) -> Domains {
        let mut domains = Domains::default();
        for (at, account) in accounts.iter().enumerate().filter(|(_, account)| account.active) {
            for domain in &account.domains {
                let sharers = domains.accounts.entry(domain.as_str().into()).or_default();
                if sharers.last() != Some(&(at as u32)) {
                    sharers.push(at as u32);
                }
            }
        }
        domains
    }

    /// Positions of the accounts that declare a domain, ascending; empty if none does.
    pub(super) fn find(&self, domain: &str) -> &[u32] {
        self.accounts.get(domain).map_or(&[], Vec::as_slice)
    }
}
