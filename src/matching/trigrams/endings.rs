//! The cosine of two names that begin alike: of the same words and other legal forms, for the most part.
//!
//! What both have need not be looked up: the known name's length has it all in it. Only the trigrams at the ends are
//! asked for, a handful instead of all, each of which stands at another place in memory.

use super::{TrigramPostings, trigrams};

impl TrigramPostings {
    /// Cosine of a text with a name of the index, whose own text and length are given, as
    /// [`TrigramQuery::cosine`](super::TrigramQuery::cosine) gives it but for rounding. 0.0 to 1.0.
    pub(in crate::matching) fn cosine_by_endings(&self, text: &str, name: &str, length: f32) -> f32 {
        let (text, name) = (grams(text), grams(name));
        let same = text.iter().zip(&name).take_while(|(one, other)| one == other).count();
        let whole = length * length;
        let shared = whole - self.squares_of_own(&name, &text, same);
        let square = shared + self.squares_of_own(&text, &name, same);
        (shared / (square.sqrt() * length).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0)
    }

    /// The squared weights of the trigrams that a text has and another lacks, of which the first `same` are equal.
    fn squares_of_own(&self, grams: &[u64], others: &[u64], same: usize) -> f32 {
        let is_own = |at: &usize| !has(others, grams[*at]) && !has(&grams[..*at], grams[*at]);
        (same..grams.len()).filter(is_own).map(|at| self.square_of(grams[at])).sum()
    }

    fn square_of(&self, gram: u64) -> f32 {
        self.ids.find(gram).map_or_else(|| self.unknown().powi(2), |id| self.squares[id as usize])
    }
}

/// The trigrams of a text in order, some more than once.
fn grams(text: &str) -> Vec<u64> {
    let mut all = Vec::with_capacity(text.len());
    trigrams(text, |gram| all.push(gram));
    all
}

/// Whether a gram is among others, asked of several together.
fn has(grams: &[u64], sought: u64) -> bool {
    grams.iter().fold(false, |any, gram| any | (*gram == sought))
}

#[cfg(test)]
mod tests {
    use crate::account::{Account, AccountId, Registry};
    use crate::matching::names::NameId;
    use crate::matching::{Index, Revision};

    proptest::proptest! {
        #[test]
        fn endings_give_the_cosine_of_the_whole_names(
            begins in "[a-d]{0,6}( [a-d]{1,5})?", one in "( ?[a-d]{0,3}){0,3}", other in "( ?[a-d]{0,3}){0,3}",
        ) {
            let name = format!("x{begins}{other}").split_whitespace().collect::<Vec<_>>().join(" ");
            let text = format!("x{begins}{one}").split_whitespace().collect::<Vec<_>>().join(" ");
            let account = |(at, name): (usize, &str)| {
                Account::new(AccountId::new(&format!("a{at}")).unwrap(), name)
            };
            let accounts = [&name, "xabc abcd", "xdd cab", "xbad"].into_iter().enumerate().map(account).collect();
            let index = Index::build(Registry { accounts, reps: Vec::new() }, Revision(1));
            let names = index.names();
            let mut known = String::new();
            names.surface(names.get(NameId(0)), index.vocabulary(), &mut known);
            let (trigrams, length) = (index.trigrams(), index.trigrams().length(NameId(0)));
            let expected = trigrams.lookup(&text).cosine(&known, length);
            let found = trigrams.cosine_by_endings(&text, &known, length);
            proptest::prop_assert!((found - expected).abs() < 1e-5, "{text:?} {known:?}: {found} {expected}");
        }
    }
}
