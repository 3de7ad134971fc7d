//! Lists by trigram taken over: the same names at other places, the fresh ones among them.

use super::grams::{GramIds, key, trigrams};
use super::{BLOCK, TrigramPostings};
use crate::matching::accounts::Accounts;
use crate::matching::carried::Carried;
use crate::matching::postings::Lists;

impl TrigramPostings {
    /// What [`TrigramPostings::build`] gives of all names of accounts, of which some stood in an index before.
    pub(in crate::matching) fn carried(
        before: &TrigramPostings,
        accounts_before: &Accounts,
        carried: &Carried,
        accounts: &Accounts,
    ) -> TrigramPostings {
        let fresh = keys(carried.fresh_accounts().map(|(account, name)| (account, name.0)), accounts);
        // Lists that are not as they were, where names that are kept stand in the same places.
        let mut touched: Vec<u64> = Vec::new();
        if carried.still {
            touched.extend(fresh.iter().map(|(key, _)| key));
            let gone = carried.gone.iter().map(|account| (*account, 0));
            touched.extend(keys(gone, accounts_before).iter().map(|(key, _)| key));
            touched.sort_unstable();
            touched.dedup();
        }
        let mut touched = touched.into_iter().peekable();
        let mut known = before.ids.keys().into_iter().zip(0u32..).peekable();
        let mut fresh = fresh.into_iter().peekable();
        let mut lists = Filling::with_room(before, carried.name_count, fresh.len());
        loop {
            let key = match (known.peek(), fresh.peek()) {
                (Some((known, _)), Some((fresh, _))) => *known.min(fresh),
                (Some((key, _)), None) | (None, Some((key, _))) => *key,
                (None, None) => break,
            };
            let gram = known.next_if(|(known, _)| *known == key).map(|(_, gram)| gram as usize);
            let same = touched.next_if_eq(&key).is_none() && carried.still;
            match gram {
                Some(gram) if same => {
                    (0..before.blocks)
                        .for_each(|block| lists.copy(before.lists.get(gram * before.blocks + block)));
                }
                _ => {
                    let spans = gram.into_iter().flat_map(|gram| {
                        (0..before.blocks)
                            .map(move |block| (block, before.lists.get(gram * before.blocks + block)))
                    });
                    for (block, places) in spans {
                        for place in places {
                            let name = (block * BLOCK) as u32 + u32::from(*place);
                            let Some(name) = carried.moved.get(name) else { continue };
                            while let Some((_, new)) = fresh.next_if(|new| *new < (key, name)) {
                                lists.push(new);
                            }
                            lists.push(name);
                        }
                    }
                    while let Some((_, new)) = fresh.next_if(|(of, _)| *of == key) {
                        lists.push(new);
                    }
                }
            }
            lists.end(key);
        }
        lists.filled(carried.name_count)
    }
}

/// Keys of trigrams, each with the number of a name that has it, in order: of the names of accounts, of which the first has
/// the number beside its account.
fn keys(of: impl Iterator<Item = (u32, u32)>, accounts: &Accounts) -> Vec<(u64, u32)> {
    let mut keys = Vec::new();
    for (account, first) in of {
        for (name, reading) in (first..).zip(accounts[account as usize].readings()) {
            trigrams(reading.surface, |gram| keys.push((key(gram), name)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Lists on the way, one trigram after the other.
#[derive(Debug)]
struct Filling {
    ids: GramIds,
    starts: Vec<u32>,
    entries: Vec<u16>,
    /// Where the starts of the trigram begin that is being filled.
    first: usize,
    blocks: usize,
}

impl Filling {
    fn with_room(before: &TrigramPostings, names: usize, fresh: usize) -> Filling {
        let blocks = names.div_ceil(BLOCK);
        Filling {
            ids: GramIds::default(),
            starts: Vec::with_capacity((before.squares.len() + 1) * blocks + 1),
            entries: Vec::with_capacity(before.lists.entry_count() + fresh),
            first: 0,
            blocks,
        }
    }

    /// Appends the next block's places.
    fn copy(&mut self, places: &[u16]) {
        self.starts.push(self.entries.len() as u32);
        self.entries.extend_from_slice(places);
    }

    /// Appends a name.
    #[inline]
    fn push(&mut self, name: u32) {
        while self.starts.len() - self.first <= name as usize / BLOCK {
            self.starts.push(self.entries.len() as u32);
        }
        self.entries.push((name as usize % BLOCK) as u16);
    }

    /// Ends the list of a trigram, which gets its number if any name has it.
    fn end(&mut self, key: u64) {
        if self.starts.len() == self.first {
            return;
        }
        self.starts.resize(self.first + self.blocks, self.entries.len() as u32);
        self.first = self.starts.len();
        self.ids.push(key);
    }

    fn filled(mut self, names: usize) -> TrigramPostings {
        self.starts.push(self.entries.len() as u32);
        self.starts.shrink_to_fit();
        TrigramPostings::weighed(self.ids, Lists::filled(self.starts, self.entries), names)
    }
}
