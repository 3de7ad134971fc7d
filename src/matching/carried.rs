//! What the names of an index take over from those of the index before.
//!
//! One walk over both lists of accounts, which stand in the order of their ids, tells whose names are the same. These keep
//! their order among each other, so that a few runs say all: everything that was built for them is copied with other
//! numbers, and only the names of other accounts are read.

use std::cmp::Ordering;
use std::ops::Range;

use super::accounts::Accounts;
use super::names::Names;
use super::prepared::PreparedAccount;

/// The share of accounts that may have changed, as a divisor: with more, all are read again.
const CHANGED_SHARE: usize = 2;

/// Which names come from where, in the order of names now.
#[derive(Debug)]
pub(super) struct Carried {
    /// Together all names there are now.
    pub(super) steps: Vec<Step>,
    /// Where each name of before stands now.
    pub(super) moved: Moved,
    /// What is gone, in its order before: positions of accounts and numbers of names are those of then.
    pub(super) gone: Vec<AccountNames>,
    /// How many names there are now.
    pub(super) name_count: usize,
    /// Whether every name that is kept keeps its number, and there are as many as before.
    pub(super) still: bool,
}

/// Some names in a row.
#[derive(Debug)]
pub(super) enum Step {
    /// Names of accounts that are called as they were, none left out between them.
    Kept {
        /// Which they were.
        before: Range<u32>,
        /// What is added to the position of an account, wrapping.
        shift: u32,
    },
    /// The names of an account that was called otherwise, or was not there.
    Fresh(AccountNames),
}

/// The names of one account.
#[derive(Clone, Debug)]
pub(super) struct AccountNames {
    /// The account's position.
    pub(super) account: u32,
    /// The numbers of its names.
    pub(super) names: Range<u32>,
}

impl Carried {
    /// What accounts take over from those before, whose names these are; `None` where so many changed that nothing is gained.
    pub(super) fn of(before: &Accounts, names: &Names, accounts: &Accounts) -> Option<Carried> {
        let most = accounts.len() / CHANGED_SHARE;
        let mut walk = Walk { names, runs: Vec::new() };
        let (mut gone, mut fresh) = (Vec::new(), Vec::new());
        let (mut from, mut at) = (0, 0);
        while from < before.len() || at < accounts.len() {
            let shared = before.shared(from, accounts, at);
            if shared > 0 {
                walk.keep(from..from + shared, at);
                (from, at) = (from + shared, at + shared);
                continue;
            }
            let (old, new) = (before.get(from), accounts.get(at));
            let order = match (old, new) {
                (Some(old), Some(new)) => old.id.cmp(&new.id),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let same = |(old, new): (&PreparedAccount, &PreparedAccount)| {
                old.active == new.active && old.is_named_as(new)
            };
            if order.is_eq() && old.zip(new).is_some_and(same) {
                walk.keep(from..from + 1, at);
            } else {
                if order.is_le() && old.is_some_and(|old| old.active) {
                    let account = from as u32;
                    gone.push(AccountNames { account, names: names.of_accounts(account..account + 1) });
                }
                if order.is_ge() && new.is_some_and(|new| new.active) {
                    fresh.push(at as u32);
                }
            }
            from += usize::from(order.is_le());
            at += usize::from(order.is_ge());
            if gone.len().max(fresh.len()) > most {
                return None;
            }
        }
        Some(walk.carried(gone, fresh, accounts))
    }

    /// What is read now, in its order.
    pub(super) fn fresh(&self) -> impl Iterator<Item = &AccountNames> {
        self.steps.iter().filter_map(|step| match step {
            Step::Fresh(fresh) => Some(fresh),
            Step::Kept { .. } => None,
        })
    }
}

/// Accounts in a row that are called as they were: where they stood, and where the first of them stands.
#[derive(Debug)]
struct Run {
    before: Range<usize>,
    at: usize,
}

#[derive(Debug)]
struct Walk<'n> {
    names: &'n Names,
    runs: Vec<Run>,
}

impl Walk<'_> {
    fn keep(&mut self, before: Range<usize>, at: usize) {
        match self.runs.last_mut() {
            Some(last) if last.before.end == before.start && last.at + last.before.len() == at => {
                last.before.end = before.end;
            }
            _ => self.runs.push(Run { before, at }),
        }
    }

    /// Puts runs and fresh accounts in order, and numbers their names.
    fn carried(self, gone: Vec<AccountNames>, fresh: Vec<u32>, accounts: &Accounts) -> Carried {
        let mut steps = Vec::with_capacity(self.runs.len() + fresh.len());
        let mut moved = Moved::none(self.names.len());
        let (mut next, mut still) = (0u32, true);
        let mut fresh = fresh.into_iter().peekable();
        let mut read = |steps: &mut Vec<Step>, next: &mut u32, until: usize| {
            while let Some(account) = fresh.next_if(|account| (*account as usize) < until) {
                let names = *next..*next + accounts[account as usize].readings().count() as u32;
                *next = names.end;
                steps.push(Step::Fresh(AccountNames { account, names }));
            }
        };
        for Run { before, at } in self.runs {
            read(&mut steps, &mut next, at);
            let names = self.names.of_accounts(before.start as u32..before.end as u32);
            if names.is_empty() {
                continue;
            }
            still &= names.start == next;
            for name in names.clone() {
                moved.set(name, next);
                next += 1;
            }
            steps.push(Step::Kept { before: names, shift: (at as u32).wrapping_sub(before.start as u32) });
        }
        read(&mut steps, &mut next, accounts.len());
        still &= self.names.len() == next as usize;
        Carried { steps, moved, gone, name_count: next as usize, still }
    }
}

/// What numbers of before have become.
#[derive(Clone, Debug)]
pub(super) struct Moved(Vec<u32>);

/// No number: of what is gone.
const GONE: u32 = u32::MAX;

impl Moved {
    /// So many numbers, all gone.
    pub(super) fn none(count: usize) -> Moved {
        Moved(vec![GONE; count])
    }

    /// The number that one has become.
    #[inline]
    pub(super) fn get(&self, before: u32) -> Option<u32> {
        Some(self.0[before as usize]).filter(|now| *now != GONE)
    }

    /// Says what a number has become.
    #[inline]
    pub(super) fn set(&mut self, before: u32, now: u32) {
        self.0[before as usize] = now;
    }

    /// Says that a number is gone.
    pub(super) fn forget(&mut self, before: u32) {
        self.0[before as usize] = GONE;
    }
}
