//! The names of accounts, and all that they are found by: filled from all of them, or from those of the index before as far
//! as they are the same, which gives the same.

use std::sync::Arc;

use super::accounts::Accounts;
use super::carried::{AccountNames, Carried};
use super::exact::{ExactHashes, ExactNames};
use super::names::{NameId, Names};
use super::postings::WordPostings;
use super::prepared::{PreparedAccount, Sizes};
use super::trigrams::{TrigramNames, TrigramPostings};
use super::vocabulary::{NextVocabulary, TokenId, Vocabulary};
use crate::parallel;

/// Names, and all that they are found by.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct NameTexts {
    pub(super) vocabulary: Vocabulary,
    pub(super) names: Names,
    pub(super) exact: ExactNames,
    pub(super) words: WordPostings,
    pub(super) trigrams: TrigramPostings,
}

impl NameTexts {
    /// Words and trigrams have nothing in common, so they are read side by side.
    pub(super) fn of(accounts: &Accounts) -> NameTexts {
        let sizes = Sizes::of(accounts);
        let ((vocabulary, names, words), (exact, trigrams)) =
            parallel::both(|| by_words(accounts, sizes), || by_letters(accounts, sizes));
        NameTexts { vocabulary, names, exact, words, trigrams }
    }

    /// The same, sooner: what was built of accounts before is taken over for those that are called as they were.
    pub(super) fn after(before: &NameTexts, accounts_before: &Accounts, accounts: &Accounts) -> NameTexts {
        let Some(carried) = Carried::of(accounts_before, &before.names, accounts) else {
            return NameTexts::of(accounts);
        };
        let ((vocabulary, names, words), (exact, trigrams)) = parallel::both(
            || by_words_after(before, &carried, accounts),
            || {
                let exact = exact_after(&before.exact, &carried, accounts);
                let trigrams =
                    TrigramPostings::carried(&before.trigrams, accounts_before, &carried, accounts);
                (exact, trigrams)
            },
        );
        NameTexts { vocabulary, names, exact, words, trigrams }
    }
}

fn by_words(accounts: &Accounts, sizes: Sizes) -> (Vocabulary, Names, WordPostings) {
    let mut vocabulary = Vocabulary::with_capacity(accounts.len());
    let mut names = Names::with_capacity(sizes);
    for (at, account) in active(accounts) {
        account.readings().for_each(|name| names.add(at, &name, |text, kind| vocabulary.intern(text, kind)));
    }
    vocabulary.complete();
    let words = WordPostings::build(&names, &vocabulary);
    vocabulary.weigh(names.counting(), |word| count(word, &words, &names));
    names.weigh(&vocabulary);
    (vocabulary, names, words)
}

fn by_words_after(
    before: &NameTexts,
    carried: &Carried,
    accounts: &Accounts,
) -> (Vocabulary, Names, WordPostings) {
    let mut next = NextVocabulary::new(&before.vocabulary);
    let mut names = Names::carried(&before.names, carried, accounts, &mut next);
    let (mut vocabulary, moved) = next.complete();
    let words = WordPostings::carried(
        (&before.words, &before.names, &before.vocabulary),
        carried,
        &names,
        &moved,
        &vocabulary,
    );
    let gone = carried.gone.iter().flat_map(|gone| gone.names.clone()).map(NameId);
    let gone = gone.flat_map(|name| before.names.tokens(before.names.get(name))).copied();
    let count = |word| count(word, &words, &names);
    match vocabulary.weigh_carried(&before.vocabulary, moved, gone, names.counting(), count) {
        Some(changed) => names.weigh_carried(&before.names, carried, &changed, &vocabulary, &words),
        None => names.weigh(&vocabulary),
    }
    (vocabulary, names, words)
}

/// How many names have a word, each counted once, so that a word's rarity does not depend on how many ways a name is read.
fn count(word: TokenId, words: &WordPostings, names: &Names) -> u32 {
    words.names(word).iter().filter(|name| names.counts(**name)).count() as u32
}

fn by_letters(accounts: &Accounts, sizes: Sizes) -> (ExactNames, TrigramPostings) {
    let mut exact = ExactHashes::with_capacity(sizes.names);
    let mut trigrams = TrigramNames::with_capacity(sizes);
    let mut glued = String::new();
    for name in active(accounts).flat_map(|(_, account)| account.readings()) {
        exact.add(&name, &mut glued);
        trigrams.add(&name);
    }
    (ExactNames::build(exact), TrigramPostings::build(trigrams))
}

fn exact_after(before: &ExactNames, carried: &Carried, accounts: &Accounts) -> ExactNames {
    let mut glued = String::new();
    let mut fresh = ExactHashes::default();
    for AccountNames { account, .. } in carried.fresh() {
        accounts[*account as usize].readings().for_each(|name| fresh.add(&name, &mut glued));
    }
    ExactNames::carried(before, carried, fresh).unwrap_or_else(|| {
        let mut all = ExactHashes::with_capacity(carried.name_count);
        let names = active(accounts).flat_map(|(_, account)| account.readings());
        names.for_each(|name| all.add(&name, &mut glued));
        ExactNames::build(all)
    })
}

/// The accounts that leads are matched to, with their positions.
pub(super) fn active(accounts: &Accounts) -> impl Iterator<Item = (u32, &Arc<PreparedAccount>)> {
    (0..).zip(accounts.iter()).filter(|(_, account)| account.active)
}

#[cfg(test)]
mod tests;
