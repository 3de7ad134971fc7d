//! The accounts of an index, in the order of their ids.
//!
//! They stand in chunks, which indexes share: to put an account in the place of another is to copy the references of one
//! chunk and those to the chunks, not those to every account, each of which would have to be fetched from memory.

use std::ops::Index;
use std::sync::Arc;

use super::prepared::PreparedAccount;
use crate::account::AccountId;

/// Accounts of a chunk, a power of two. A change copies so many references and as many as there are chunks: at a million
/// accounts these are 64 and 15,625, and a batch of a hundred changes copies some of either.
const CHUNK: usize = 64;

/// A chunk: full, unless it is the last.
type Chunk = Arc<[Arc<PreparedAccount>]>;

/// Accounts in the order of their ids, each known by its position.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    chunks: Arc<[Chunk]>,
    len: usize,
}

impl Accounts {
    /// These accounts, which are in order.
    pub(super) fn new(accounts: Vec<Arc<PreparedAccount>>) -> Accounts {
        let len = accounts.len();
        let mut accounts = accounts.into_iter();
        let chunks = (0..len.div_ceil(CHUNK)).map(|_| accounts.by_ref().take(CHUNK).collect()).collect();
        Accounts { chunks, len }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All of them in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<PreparedAccount>> {
        self.chunks.iter().flat_map(|chunk| PreparedAccount::each(chunk))
    }

    /// Those from a position on, in order.
    pub(super) fn iter_from(&self, from: usize) -> impl Iterator<Item = &Arc<PreparedAccount>> {
        (from..self.len).map(|at| &self[at])
    }

    /// The account at a position, if there is one.
    pub(super) fn get(&self, at: usize) -> Option<&PreparedAccount> {
        (at < self.len).then(|| &*self[at])
    }

    /// How many accounts from a position on are the very ones that others have from another position on, as far as one look
    /// tells: a whole chunk, one or none.
    pub(super) fn shared(&self, at: usize, others: &Accounts, others_at: usize) -> usize {
        if at >= self.len || others_at >= others.len {
            return 0;
        }
        let (chunk, others_chunk) = (&self.chunks[at / CHUNK], &others.chunks[others_at / CHUNK]);
        match (at % CHUNK, others_at % CHUNK) {
            (0, 0) if Arc::ptr_eq(chunk, others_chunk) => chunk.len(),
            (at, others_at) => usize::from(Arc::ptr_eq(&chunk[at], &others_chunk[others_at])),
        }
    }

    /// The position of the account of an id, or the one it would have.
    pub(super) fn position(&self, id: &AccountId) -> Result<usize, usize> {
        let after = self.chunks.partition_point(|chunk| chunk[0].id <= *id);
        let Some(number) = after.checked_sub(1) else { return Err(0) };
        let found = self.chunks[number].binary_search_by(|account| account.id.cmp(id));
        found.map(|at| number * CHUNK + at).map_err(|at| number * CHUNK + at)
    }

    /// Puts an account in the place of the one at a position; others who share these accounts keep that one.
    pub(super) fn replace(&mut self, at: usize, account: Arc<PreparedAccount>) {
        let chunk = &mut Arc::make_mut(&mut self.chunks)[at / CHUNK];
        Arc::make_mut(chunk)[at % CHUNK] = account;
    }
}

impl Index<usize> for Accounts {
    type Output = Arc<PreparedAccount>;

    fn index(&self, at: usize) -> &Arc<PreparedAccount> {
        &self.chunks[at / CHUNK][at % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;

    fn account(number: usize, name: &str) -> Arc<PreparedAccount> {
        let id = AccountId::new(&format!("{number:04}")).unwrap();
        Arc::new(PreparedAccount::new(Account::new(id, name)))
    }

    /// Every other number of twice as many has an account: all are found, and between them nothing is.
    #[track_caller]
    fn check(count: usize) {
        let all: Vec<_> = (0..count).map(|at| account(2 * at + 1, "Acme")).collect();
        let accounts = Accounts::new(all.clone());
        assert_eq!(accounts.len(), count);
        assert!(accounts.iter().zip(&all).all(|(one, other)| Arc::ptr_eq(one, other)));
        for at in 0..count {
            assert!(Arc::ptr_eq(&accounts[at], &all[at]));
            assert_eq!(accounts.position(&all[at].id), Ok(at));
        }
        for at in 0..=count {
            let absent = AccountId::new(&format!("{:04}", 2 * at)).unwrap();
            assert_eq!(accounts.position(&absent), Err(at));
            assert_eq!(accounts.iter_from(at).count(), count - at);
        }
    }

    #[test]
    fn every_account_is_found_in_chunks_that_are_full_or_not() {
        [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK].into_iter().for_each(check);
    }

    #[test]
    fn a_replacement_is_seen_by_nobody_else_and_copies_one_chunk() {
        let before = Accounts::new((0..3 * CHUNK).map(|at| account(at, "Acme")).collect());
        let mut after = before.clone();
        after.replace(CHUNK, account(CHUNK, "Ajax"));
        assert_eq!((before[CHUNK].name(), after[CHUNK].name()), ("Acme", "Ajax"));
        let shared =
            before.chunks.iter().zip(after.chunks.iter()).map(|(one, other)| Arc::ptr_eq(one, other));
        assert_eq!(shared.collect::<Vec<_>>(), [true, false, true]);
    }
}
