//! Lists by trigram taken over: the same names at other places, the fresh ones among them.

use super::grams::{GramIds, key, trigrams};
use super::{BLOCK, TrigramPostings};
use crate::matching::accounts::Accounts;
use crate::matching::carried::{AccountNames, Carried};
use crate::matching::postings::Lists;

/// Entries of a list per name that comes or goes, under which the list is walked entry by entry: to seek a place in it costs
/// more than so many.
const ENTRIES_MIN: usize = 16;

impl TrigramPostings {
    /// What [`TrigramPostings::build`] gives of all names of accounts, of which some stood in an index before.
    pub(in crate::matching) fn carried(
        before: &TrigramPostings,
        accounts_before: &Accounts,
        carried: &Carried,
        accounts: &Accounts,
    ) -> TrigramPostings {
        let gone = keys(carried.gone.iter(), accounts_before);
        let fresh = keys(carried.fresh(), accounts);
        let mut lists = Filling::with_room(before, carried, gone.len(), fresh.len());
        let mut known = before.ids.keys().into_iter().zip(0..).peekable();
        let (mut gone, mut fresh) = (&gone[..], &fresh[..]);
        loop {
            let key = match (known.peek(), fresh.first()) {
                (Some((known, _)), Some((fresh, _))) => *known.min(fresh),
                (Some((key, _)), None) | (None, Some((key, _))) => *key,
                (None, None) => break,
            };
            let gram = known.next_if(|(known, _)| *known == key).map(|(_, gram)| gram);
            let (going, coming) = (front(&mut gone, key), front(&mut fresh, key));
            match gram {
                Some(gram) if carried.still && lists.may_edit(gram, going.len() + coming.len()) => {
                    lists.edit(gram, going, coming);
                }
                _ => lists.renumber(gram, coming, carried),
            }
            lists.end(key);
        }
        lists.filled(carried.name_count)
    }
}

/// Takes those of a key away from the front of others.
fn front<'k>(keys: &mut &'k [(u64, u32)], key: u64) -> &'k [(u64, u32)] {
    let count = keys.iter().take_while(|(of, _)| *of == key).count();
    let (same, rest) = keys.split_at(count);
    *keys = rest;
    same
}

/// The keys of the trigrams of accounts' names, each with the number of a name that has it, in order.
fn keys<'n>(of: impl Iterator<Item = &'n AccountNames>, accounts: &Accounts) -> Vec<(u64, u32)> {
    let mut keys = Vec::new();
    for AccountNames { account, names } in of {
        for (name, reading) in names.clone().zip(accounts[*account as usize].readings()) {
            trigrams(reading.surface, |gram| keys.push((key(gram), name)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Lists on the way, one trigram after the other.
#[derive(Debug)]
struct Filling<'b> {
    before: &'b TrigramPostings,
    ids: GramIds,
    starts: Vec<u32>,
    entries: Vec<u16>,
    /// Where the starts of the trigram begin that is being filled.
    first: usize,
    /// The first name behind the block that is being filled.
    bound: usize,
    blocks: usize,
}

impl Filling<'_> {
    fn with_room<'b>(
        before: &'b TrigramPostings,
        carried: &Carried,
        gone: usize,
        fresh: usize,
    ) -> Filling<'b> {
        let blocks = carried.name_count.div_ceil(BLOCK);
        Filling {
            before,
            ids: GramIds::default(),
            starts: Vec::with_capacity((before.squares.len() + 1) * blocks + 1),
            entries: Vec::with_capacity(before.lists.entry_count() + fresh - gone),
            first: 0,
            bound: 0,
            blocks,
        }
    }

    /// Whether to seek so many places in the lists of a trigram before costs less than to walk these.
    fn may_edit(&self, gram: usize, changes: usize) -> bool {
        changes == 0 || changes * ENTRIES_MIN <= self.before.count(gram as u32)
    }

    /// Copies the lists of a trigram but for the names that go and come; all others keep their numbers.
    fn edit(&mut self, gram: usize, gone: &[(u64, u32)], fresh: &[(u64, u32)]) {
        let going = gone.iter().map(|(_, name)| (*name, false));
        let mut edits: Vec<(u32, bool)> = going.chain(fresh.iter().map(|(_, name)| (*name, true))).collect();
        edits.sort_unstable();
        let mut edits = edits.into_iter().peekable();
        for block in 0..self.blocks {
            self.starts.push(self.entries.len() as u32);
            let mut places = self.before.in_block(gram as u32, block);
            while let Some((name, comes)) = edits.next_if(|(name, _)| *name as usize / BLOCK == block) {
                let place = (name as usize % BLOCK) as u16;
                let (less, rest) = places.split_at(places.partition_point(|known| *known < place));
                self.entries.extend_from_slice(less);
                if comes {
                    self.entries.push(place);
                }
                places = if comes { rest } else { &rest[1..] };
            }
            self.entries.extend_from_slice(places);
        }
    }

    /// Walks the lists of a trigram, if it had any, and puts the names that come among those that are kept.
    fn renumber(&mut self, gram: Option<usize>, fresh: &[(u64, u32)], carried: &Carried) {
        let mut fresh = fresh.iter().map(|(_, name)| *name);
        let mut next = fresh.next();
        for block in 0..gram.map_or(0, |_| self.before.blocks) {
            let places = gram.map_or(&[][..], |gram| self.before.in_block(gram as u32, block));
            for place in places {
                let name = (block * BLOCK) as u32 + u32::from(*place);
                let Some(name) = carried.moved.get(name) else { continue };
                while let Some(new) = next.filter(|new| *new < name) {
                    self.push(new);
                    next = fresh.next();
                }
                self.push(name);
            }
        }
        next.into_iter().chain(fresh).for_each(|new| self.push(new));
    }

    /// Appends a name.
    #[inline]
    fn push(&mut self, name: u32) {
        while name as usize >= self.bound {
            self.starts.push(self.entries.len() as u32);
            self.bound += BLOCK;
        }
        self.entries.push((name as usize % BLOCK) as u16);
    }

    /// Ends the lists of a trigram, which gets its number if any name has it.
    fn end(&mut self, key: u64) {
        self.bound = 0;
        let begin = self.starts.get(self.first);
        if begin.is_none_or(|begin| *begin as usize == self.entries.len()) {
            self.starts.truncate(self.first);
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
