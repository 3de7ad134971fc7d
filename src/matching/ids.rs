//! From an id to its place among all, which stand in the order of their ids.
//!
//! A search by halves would fetch an id from memory at each of its steps, seventeen of them at a hundred thousand
//! accounts; this fetches the one that it finds. The ids stay where they are.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::ahead;
use super::buckets::{Buckets, half};

/// The places of ids. Cloning it copies a reference: the same ids stand in the same places in many an index.
#[derive(Clone, Debug)]
pub(super) struct Ids(Arc<Buckets>);

impl Ids {
    /// The places of `count` ids, which are unique; `id_at` gives the id of a place.
    pub(super) fn of<'a>(count: usize, id_at: impl Fn(u32) -> &'a str) -> Ids {
        let mut hashes = Vec::with_capacity(count);
        let all: Vec<u32> = (0..count as u32).collect();
        for some in all.chunks(ahead::TOGETHER) {
            ahead::fetch(some.iter().map(|place| id_at(*place).len() as u32));
            ahead::fetch(some.iter().filter_map(|place| Some(u32::from(*id_at(*place).as_bytes().first()?))));
            hashes.extend(some.iter().map(|place| hash(id_at(*place))));
        }
        Ids(Arc::new(Buckets::build(count, count, || hashes.iter().copied().zip(0..))))
    }

    /// The place of an id, if it is one of these; `id_at` gives the same as before.
    pub(super) fn find<'a>(&self, id: &str, id_at: impl Fn(u32) -> &'a str) -> Option<u32> {
        self.0.find(hash(id)).find(|place| id_at(*place) == id)
    }
}

fn hash(id: &str) -> u32 {
    half(FixedState::with_seed(6).hash_one(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: u32) {
        let all: Vec<String> = (0..count).map(|number| format!("{number:04}")).collect();
        let id_at = |place: u32| all[place as usize].as_str();
        let ids = Ids::of(all.len(), id_at);
        let find = |id: &str| ids.find(id, id_at);
        assert!((0..count).all(|place| find(&all[place as usize]) == Some(place)));
        assert_eq!((find(""), find("0"), find(&format!("{count:04}"))), (None, None, None));
    }

    #[test]
    fn every_id_has_its_place_and_no_other_text_has_one() {
        [0, 1, 3, 4, 7, 8, 500, 4_096].into_iter().for_each(check);
    }
}
