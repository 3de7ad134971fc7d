//! Names taken over: copied with other numbers of accounts and words.

use super::{NameEntry, NameId, Names};
use crate::matching::accounts::Accounts;
use crate::matching::carried::{AccountNames, Carried, Step};
use crate::matching::postings::WordPostings;
use crate::matching::vocabulary::{NextVocabulary, TokenId, Vocabulary};
use crate::normalize::TokenKind;

impl Names {
    /// The names of accounts, of which some stood in an index before; their words get their numbers in the order of their
    /// first appearance. Not yet weighed.
    pub(in crate::matching) fn carried(
        before: &Names,
        carried: &Carried,
        accounts: &Accounts,
        words: &mut NextVocabulary<'_>,
    ) -> Names {
        let mut names = Names::with_room(before, carried, accounts);
        for step in &carried.steps {
            match step {
                Step::Fresh(AccountNames { account, .. }) => {
                    let readings = accounts[*account as usize].readings();
                    readings
                        .for_each(|name| names.add(*account, &name, |text, kind| words.intern(text, kind)));
                }
                Step::Kept { before: from, shift } => {
                    for at in from.clone() {
                        names.keep(before, NameId(at), *shift, accounts, words);
                    }
                }
            }
        }
        names
    }

    /// Exactly as much room as is needed.
    fn with_room(before: &Names, carried: &Carried, accounts: &Accounts) -> Names {
        let (mut words, mut legal_forms) = (0, 0);
        for step in &carried.steps {
            match step {
                Step::Fresh(AccountNames { account, .. }) => {
                    for reading in accounts[*account as usize].readings() {
                        words += reading.words().len();
                        legal_forms += reading.legal_forms().len();
                    }
                }
                Step::Kept { before: names, .. } => {
                    let from = |name: u32, all: usize, start: fn(&NameEntry) -> u32| {
                        before.entries.get(name as usize).map_or(all, |entry| start(entry) as usize)
                    };
                    let length = |all: usize, start: fn(&NameEntry) -> u32| {
                        from(names.end, all, start) - from(names.start, all, start)
                    };
                    words += length(before.tokens.len(), |entry| entry.tokens_from);
                    legal_forms += length(before.legal_forms.len(), |entry| entry.legal_forms_from);
                }
            }
        }
        Names {
            entries: Vec::with_capacity(carried.name_count),
            tokens: Vec::with_capacity(words),
            legal_forms: Vec::with_capacity(legal_forms),
            squares: Vec::new(),
        }
    }

    fn keep(
        &mut self,
        before: &Names,
        id: NameId,
        shift: u32,
        accounts: &Accounts,
        words: &mut NextVocabulary<'_>,
    ) {
        let old = before.get(id);
        let account = old.account.wrapping_add(shift);
        let (tokens_from, legal_forms_from) = (self.tokens.len() as u32, self.legal_forms.len() as u32);
        for (at, word) in before.tokens(old).iter().enumerate() {
            let kind = || kind_of(before, id, at, account, accounts);
            self.tokens.push(words.carry(*word, kind));
        }
        self.legal_forms.extend_from_slice(before.legal_forms(old));
        self.entries.push(NameEntry { account, tokens_from, legal_forms_from, ..*old });
    }

    /// Weighs names as [`Names::weigh`] does, where the weights of these words and no others changed.
    pub(in crate::matching) fn weigh_carried(
        &mut self,
        before: &Names,
        carried: &Carried,
        changed: &[TokenId],
        vocabulary: &Vocabulary,
        words: &WordPostings,
    ) {
        let touched: usize = changed.iter().map(|word| words.names(*word).len()).sum();
        if touched >= self.entries.len() {
            return self.weigh(vocabulary);
        }
        let mut squares = Vec::with_capacity(self.entries.len());
        for step in &carried.steps {
            match step {
                Step::Kept { before: names, .. } => {
                    squares.extend_from_slice(&before.squares[names.start as usize..names.end as usize]);
                }
                Step::Fresh(AccountNames { names, .. }) => {
                    squares.extend(names.clone().map(|name| self.square(self.get(NameId(name)), vocabulary)));
                }
            }
        }
        for name in changed.iter().flat_map(|word| words.names(*word)) {
            squares[name.0 as usize] = self.square(self.get(*name), vocabulary);
        }
        self.squares = squares;
    }
}

/// What a word of a name contributes there, as its account says.
fn kind_of(names: &Names, id: NameId, word: usize, account: u32, accounts: &Accounts) -> TokenKind {
    let first = names.of_accounts(names.get(id).account..names.get(id).account + 1).start;
    let reading = accounts[account as usize].readings().nth((id.0 - first) as usize);
    let kind = reading.and_then(|reading| reading.words().nth(word)).map(|(_, kind)| kind);
    kind.expect("a name that is kept is read as before")
}
