//! What a word can be to any of the steps, found in one look: most words of names are nothing to any of them.
//!
//! A fact that is there means that the step has to look; one that is not means that it need not.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::legal_table::LEGAL_FORMS;
use super::{ARTICLE, numbers, readings, vocabulary, words};

/// A set of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts(u16);

impl Facts {
    /// Nobody looked yet, or the word has changed since.
    pub(super) const UNKNOWN: Facts = Facts(u16::MAX);
    /// Begins a legal form that may stand in front.
    pub(super) const FORM_IN_FRONT: Facts = Facts(1);
    /// Begins a legal form that may stand inside.
    pub(super) const FORM_INSIDE: Facts = Facts(1 << 1);
    /// Ends a legal form.
    pub(super) const FORM_BEHIND: Facts = Facts(1 << 2);
    /// Is short for something.
    pub(super) const ABBREVIATION: Facts = Facts(1 << 3);
    /// Spells a number, or may.
    pub(super) const NUMBER: Facts = Facts(1 << 4);
    /// An article, preposition or conjunction.
    pub(super) const FUNCTION: Facts = Facts(1 << 5);
    /// On the list of generic words and places.
    pub(super) const GENERIC: Facts = Facts(1 << 6);
    /// Is a word of a legal form, wherever in it.
    pub(super) const FORM_PART: Facts = Facts(1 << 7);
    /// Begins what stands between two names: "formerly", "a division of".
    pub(super) const MARKER: Facts = Facts(1 << 8);
    /// Means "and" in some language.
    pub(super) const AND: Facts = Facts(1 << 9);
    /// The article that says nothing in front of a name.
    pub(super) const ARTICLE: Facts = Facts(1 << 10);
    /// All that makes a step take a word away or write it in another way.
    pub(super) const CHANGES: Facts = Facts(
        Facts::FORM_IN_FRONT.0
            | Facts::FORM_INSIDE.0
            | Facts::FORM_BEHIND.0
            | Facts::ABBREVIATION.0
            | Facts::NUMBER.0
            | Facts::AND.0
            | Facts::ARTICLE.0,
    );

    /// What is known of a word in its comparable form.
    pub(super) fn of(text: &str) -> Facts {
        KNOWN.get(text).copied().unwrap_or(Facts(0))
    }

    /// True where a step that asks for `fact`, or for one of several, has to look.
    pub(super) fn may(self, fact: Facts) -> bool {
        self.0 & fact.0 != 0
    }
}

static KNOWN: LazyLock<HashMap<&'static str, Facts, FixedState>> = LazyLock::new(|| {
    let mut known: HashMap<&'static str, Facts, FixedState> = HashMap::default();
    let mut add = |word: &'static str, fact: Facts| known.entry(word).or_insert(Facts(0)).0 |= fact.0;
    let forms = &*LEGAL_FORMS;
    forms.first_words_in_front().for_each(|word| add(word, Facts::FORM_IN_FRONT));
    forms.first_words_inside().for_each(|word| add(word, Facts::FORM_INSIDE));
    forms.last_words().for_each(|word| add(word, Facts::FORM_BEHIND));
    forms.words().for_each(|word| add(word, Facts::FORM_PART));
    vocabulary::abbreviations().for_each(|word| add(word, Facts::ABBREVIATION));
    vocabulary::function_words().for_each(|word| add(word, Facts::FUNCTION));
    vocabulary::generic_words().for_each(|word| add(word, Facts::GENERIC));
    numbers::spellings().for_each(|word| add(word, Facts::NUMBER));
    readings::first_words_of_markers().for_each(|word| add(word, Facts::MARKER));
    words::AND_WORDS.into_iter().for_each(|word| add(word, Facts::AND));
    add(ARTICLE, Facts::ARTICLE);
    known
});

/// Every word of which something is known, in order.
#[cfg(test)]
pub(super) fn words() -> Vec<&'static str> {
    let mut known: Vec<&str> = KNOWN.keys().copied().collect();
    known.sort_unstable();
    known
}

#[cfg(test)]
mod tests {
    use super::super::{legal::Forms, normalize, words::words};
    use crate::normalize::name::words::Word;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn settled_words_are_left_alone_by_every_step(
            picked in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), "[a-z]{1,4}"), 1..7),
        ) {
            let known = super::words();
            let name = picked.iter().map(|(is_known, at, other)| if *is_known { known[at.index(known.len())] } else { other });
            let mut name = words(&name.collect::<Vec<_>>().join(" "));
            name.iter_mut().for_each(Word::look_up);
            name.retain(Word::is_settled);
            let before = name.clone();
            prop_assert!(!normalize(&mut name, &mut Forms::default()), "{:?}", before);
            prop_assert_eq!(name, before);
        }
    }
}
