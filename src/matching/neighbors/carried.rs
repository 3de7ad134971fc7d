//! Neighbors taken over: of words that stood in the index before no letter is left out again.

use super::{Neighbors, bits, deletions, told, tolerates_slips};
use crate::matching::buckets::{Keyed, renumbered};
use crate::matching::vocabulary::{MovedWords, TokenId, Vocabulary};

impl Neighbors {
    /// What [`Neighbors::build`] gives of a vocabulary, of whose words some stood in another before.
    pub(in crate::matching) fn carried(
        before: &Neighbors,
        vocabulary_before: &Vocabulary,
        words: &MovedWords,
        vocabulary: &Vocabulary,
    ) -> Neighbors {
        let (rest_bits, id_bits) = bits(vocabulary);
        if (before.rest_bits, before.id_bits) != (rest_bits, id_bits) {
            return Neighbors::build(vocabulary);
        }
        let tolerant = |vocabulary: &Vocabulary, id: TokenId| {
            let token = vocabulary.get(id);
            tolerates_slips(&token.text, token.kind)
        };
        let mut moved = words.moved.clone();
        let mut count = before.words.len();
        let mut fresh: Vec<Keyed> = Vec::new();
        for (id, origin) in (0..).map(TokenId).zip(&words.origins) {
            // What a word contributes may have changed, and with it whether it tolerates a slip.
            let was = origin.filter(|origin| tolerant(vocabulary_before, *origin));
            match (was, tolerant(vocabulary, id)) {
                (Some(origin), false) => moved.forget(origin.0),
                (None, true) => deletions(&vocabulary.get(id).text, |hash| {
                    let entry = told(hash, id_bits) | id.0;
                    fresh.push(Keyed { bucket: hash >> rest_bits, entry });
                }),
                _ => {}
            }
        }
        for (id, token) in vocabulary_before.iter() {
            if moved.get(id.0).is_none() && tolerant(vocabulary_before, id) {
                deletions(&token.text, |_| count -= 1);
            }
        }
        count += fresh.len();
        let (words, starts) =
            renumbered(&before.words, &before.starts, (1 << id_bits) - 1, &moved, fresh, count);
        Neighbors { words, starts, rest_bits, id_bits }
    }
}
