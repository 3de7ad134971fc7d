//! From a text to the accounts that have it: a declared domain, or what one looks like.
//!
//! The texts stay where they are, in the accounts: a map of a hundred thousand domains copies none of them.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::accounts::Accounts;
use super::prepared::PreparedAccount;

/// The text of a number, of those that an account has of one sort; `None` behind the last.
pub(super) type TextOf = fn(&PreparedAccount, usize) -> Option<&str>;

/// Accounts by one sort of their texts.
#[derive(Debug)]
pub(super) struct ByText {
    text_of: TextOf,
    /// Numbers of groups, by the hash of their text.
    numbers: HashTable<u32>,
    groups: Vec<Group>,
    positions: Vec<u32>,
}

/// The accounts that have one text.
#[derive(Clone, Copy, Debug)]
struct Group {
    hash: u64,
    /// The first account that has the text, and the text's number there.
    account: u32,
    text: u32,
    /// The last account that has it: only of use while the map is built.
    last: u32,
    /// Where its accounts stand among the positions.
    from: u32,
    len: u32,
}

impl ByText {
    /// The map of all accounts, which are given in the index's order.
    pub(super) fn build(accounts: &Accounts, text_of: TextOf) -> ByText {
        let numbers = HashTable::with_capacity(accounts.len());
        let groups = Vec::with_capacity(accounts.len());
        let mut map = ByText { text_of, numbers, groups, positions: Vec::new() };
        let mut members: Vec<(u32, u32)> = Vec::with_capacity(accounts.len());
        for (position, account) in (0..).zip(accounts.iter()) {
            for (at, text) in (0..).map_while(|at| Some((at, text_of(account, at as usize)?))) {
                let number = map.number(accounts, position, at, text);
                let group = &mut map.groups[number as usize];
                if group.len == 0 || group.last != position {
                    group.len += 1;
                    group.last = position;
                    members.push((number, position));
                }
            }
        }
        let mut from = 0;
        for group in &mut map.groups {
            group.from = from;
            from += std::mem::take(&mut group.len);
        }
        map.positions = vec![0; members.len()];
        for (number, position) in members {
            let group = &mut map.groups[number as usize];
            map.positions[(group.from + group.len) as usize] = position;
            group.len += 1;
        }
        map
    }

    /// The number of a text's group, a new one where no account had it so far.
    fn number(&mut self, accounts: &Accounts, account: u32, at: u32, text: &str) -> u32 {
        let ByText { text_of, numbers, groups, .. } = self;
        let hash = hash(text);
        let entry = numbers.entry(
            hash,
            |number| groups[*number as usize].has(hash, text, accounts, *text_of),
            |number| groups[*number as usize].hash,
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let number = groups.len() as u32;
                free.insert(number);
                groups.push(Group { hash, account, text: at, last: account, from: 0, len: 0 });
                number
            }
        }
    }

    /// Positions of the accounts that have a text, ascending, each once; empty if none has. The accounts are those
    /// that the map was built from.
    pub(super) fn find(&self, text: &str, accounts: &Accounts) -> &[u32] {
        let hash = hash(text);
        let found = self
            .numbers
            .find(hash, |number| self.groups[*number as usize].has(hash, text, accounts, self.text_of));
        found.map_or(&[], |number| {
            let Group { from, len, .. } = self.groups[*number as usize];
            &self.positions[from as usize..(from + len) as usize]
        })
    }
}

impl Group {
    fn has(&self, hash: u64, text: &str, accounts: &Accounts, text_of: TextOf) -> bool {
        self.hash == hash && text_of(&accounts[self.account as usize], self.text as usize) == Some(text)
    }
}

fn hash(text: &str) -> u64 {
    FixedState::with_seed(4).hash_one(text)
}
