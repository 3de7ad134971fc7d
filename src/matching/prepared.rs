//! An account with everything that is read out of its texts: its names as words, its domains as they look.
//!
//! Reading a name costs more than all that an index does with it. So each account is prepared once, when it is
//! checked, and shared by every index that is built from then on: a change of one account reads one account.

use std::ops::Deref;

use super::accounts::Accounts;
use super::exact::{bag_hash, glue_hash, telling};
use super::names::{has_variant, is_part, variants};
use crate::account::{Account, AccountId, NameKind, TeamMember};
use crate::normalize::{LegalForm, NameKey, TokenKind, company_name, confusable_skeleton};

/// A checked account whose names and domains are read. Reads like the account itself.
#[derive(Clone, Debug)]
pub struct PreparedAccount {
    account: Account,
    /// Every name's words and legal forms, and behind them each declared domain and its skeleton: in one place,
    /// since a build reads them all and waits for memory more than for anything else.
    text: Box<str>,
    names: Box<[Name]>,
    words: Box<[Word]>,
    legal_forms: Box<[LegalForm]>,
    /// Where each declared domain and where its skeleton ends in the text; the first begins where the names end.
    domain_ends: Box<[(u32, u32)]>,
}

/// One way to read one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    kind: NameKind,
    /// How many readings back the whole name stands that this one is a part of; 0 for a whole.
    whole_back: u8,
    counts: bool,
    words_to: u32,
    legal_forms_to: u32,
    text_to: u32,
    bag: u64,
    glue: u64,
}

/// A word as a part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word {
    from: u32,
    len: u16,
    kind: TokenKind,
}

/// One way to read one name of a prepared account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    account: &'a PreparedAccount,
    words: &'a [Word],
    /// Which of the account's names it is.
    pub(super) kind: NameKind,
    /// How many readings back the whole name stands that this one is a part of; 0 for a whole.
    pub(super) whole_back: u32,
    /// The first of the name's readings: the one that counts when words are counted.
    pub(super) counts: bool,
    /// The legal forms that were taken off, in order.
    pub(super) legal_forms: &'a [LegalForm],
    /// Words and legal forms joined by one space.
    pub(super) surface: &'a str,
    /// Hash of the words in any order.
    pub(super) bag: u64,
    /// Hash of the words in one run.
    pub(super) glue: u64,
}

impl<'a> Reading<'a> {
    /// The words in order. 1 to 32.
    pub(super) fn words(&self) -> impl ExactSizeIterator<Item = (&'a str, TokenKind)> + use<'a> {
        let text = &self.account.text;
        self.words.iter().map(move |word| (word.of(text), word.kind))
    }

    /// The words joined by one space: the match key.
    fn key(&self) -> &'a str {
        let (first, last) = (self.words.first(), self.words.last());
        let span = first.zip(last).map(|(first, last)| first.from as usize..last.end());
        span.map_or("", |span| &self.account.text[span])
    }
}

impl Word {
    fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.from as usize..self.end()]
    }

    fn end(&self) -> usize {
        self.from as usize + usize::from(self.len)
    }
}

/// What of an account only the whole registry can check: ids of others.
#[derive(Debug)]
pub struct Links<'a> {
    /// The account it belongs to.
    pub parent_id: &'a mut Option<AccountId>,
    /// Reps who get a copy.
    pub team: &'a mut Vec<TeamMember>,
    /// Ids of accounts merged into it.
    pub merged_ids: &'a mut Vec<AccountId>,
}

impl PreparedAccount {
    /// True where an index finds both by the same, and under the same id.
    pub(super) fn is_found_as(&self, other: &PreparedAccount) -> bool {
        self.id == other.id && self.is_named_as(other) && self.is_reached_as(other)
    }

    /// True where an index finds both by the same names.
    pub(super) fn is_named_as(&self, other: &PreparedAccount) -> bool {
        self.active == other.active
            && self.text[..self.names_end()] == other.text[..other.names_end()]
            && self.names == other.names
            && self.words == other.words
            && self.legal_forms == other.legal_forms
    }

    /// True where an index finds both by the same domains and merged ids.
    pub(super) fn is_reached_as(&self, other: &PreparedAccount) -> bool {
        self.active == other.active
            && self.domain_texts().eq(other.domain_texts())
            && self.merged_ids == other.merged_ids
    }

    /// Reads an account's names and domains.
    pub fn new(account: Account) -> PreparedAccount {
        let mut reader = Reader::default();
        if account.active {
            account.names().for_each(|(kind, name)| reader.read(kind, name));
        }
        let mut domain_ends = Vec::with_capacity(account.domains.len());
        for domain in account.domains.iter().filter(|_| account.active) {
            reader.text.push_str(domain.as_str());
            let end = reader.text.len() as u32;
            reader.text.push_str(&confusable_skeleton(domain));
            domain_ends.push((end, reader.text.len() as u32));
        }
        PreparedAccount {
            account,
            text: reader.text.into(),
            names: reader.names.into(),
            words: reader.words.into(),
            legal_forms: reader.legal_forms.into(),
            domain_ends: domain_ends.into(),
        }
    }

    /// The account itself.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What may be set straight once the other accounts are known.
    pub fn links(&mut self) -> Links<'_> {
        let Account { parent_id, team, merged_ids, .. } = &mut self.account;
        Links { parent_id, team, merged_ids }
    }

    /// The match keys of its names, each as a whole, the current one first; several names may have one key. None
    /// for an account that is not active.
    pub fn name_keys(&self) -> impl Iterator<Item = &str> {
        self.readings().filter(|reading| reading.counts).map(|reading| reading.key())
    }

    /// Every reading of every name, in the order of [`Account::names`]; none for an account that is not active.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        let (mut words_from, mut legal_forms_from, mut text_from) = (0, 0, 0);
        self.names.iter().map(move |name| {
            let (words_to, forms_to, text_to) =
                (name.words_to as usize, name.legal_forms_to as usize, name.text_to as usize);
            let reading = Reading {
                account: self,
                words: &self.words[words_from..words_to],
                kind: name.kind,
                whole_back: u32::from(name.whole_back),
                counts: name.counts,
                legal_forms: &self.legal_forms[legal_forms_from..forms_to],
                surface: &self.text[text_from..text_to],
                bag: name.bag,
                glue: name.glue,
            };
            (words_from, legal_forms_from, text_from) = (words_to, forms_to, text_to);
            reading
        })
    }

    /// The declared domains that leads are found by, in their order; none for an account that is not active.
    pub fn domain_texts(&self) -> impl Iterator<Item = &str> {
        (0..self.domain_ends.len()).filter_map(|at| self.domain(at))
    }

    /// A declared domain that leads are found by; `None` behind the last.
    pub(super) fn domain(&self, at: usize) -> Option<&str> {
        let end = self.domain_ends.get(at)?.0;
        let from = at.checked_sub(1).map_or(self.names_end(), |before| self.domain_ends[before].1 as usize);
        Some(&self.text[from..end as usize])
    }

    /// Where the names end in the text.
    fn names_end(&self) -> usize {
        self.names.last().map_or(0, |name| name.text_to as usize)
    }

    /// What a declared domain looks like; `None` behind the last.
    pub(super) fn skeleton(&self, at: usize) -> Option<&str> {
        let (from, end) = *self.domain_ends.get(at)?;
        Some(&self.text[from as usize..end as usize])
    }

    /// What its names take in an index.
    fn sizes(&self) -> Sizes {
        Sizes {
            names: self.names.len(),
            words: self.words.len(),
            legal_forms: self.legal_forms.len(),
            bytes: self.names_end() + self.names.len(),
        }
    }
}

/// How much room names take.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    /// Readings of names.
    pub(super) names: usize,
    /// Words of all of them.
    pub(super) words: usize,
    /// Legal forms of all of them.
    pub(super) legal_forms: usize,
    /// Bytes of all of them, and one each: no fewer than their trigrams.
    pub(super) bytes: usize,
}

impl Sizes {
    /// Those of all accounts together.
    pub(super) fn of(accounts: &Accounts) -> Sizes {
        accounts.iter().map(|account| account.sizes()).fold(Sizes::default(), |sum, more| Sizes {
            names: sum.names + more.names,
            words: sum.words + more.words,
            legal_forms: sum.legal_forms + more.legal_forms,
            bytes: sum.bytes + more.bytes,
        })
    }
}

impl Deref for PreparedAccount {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl From<Account> for PreparedAccount {
    fn from(account: Account) -> PreparedAccount {
        PreparedAccount::new(account)
    }
}

#[derive(Default)]
struct Reader {
    text: String,
    names: Vec<Name>,
    words: Vec<Word>,
    legal_forms: Vec<LegalForm>,
}

impl Reader {
    /// Adds every reading of a name, then those in which umlauts are spelled the other way.
    fn read(&mut self, kind: NameKind, name: &str) {
        let Some(company) = company_name(name) else { return };
        for (at, reading) in company.readings.iter().enumerate() {
            let plain = reading.tokens.iter().map(|token| (&*token.text, token.kind));
            let whole_back = if is_part(&company, at) { at as u8 } else { 0 };
            self.add(kind, reading, plain, whole_back, at == 0);
        }
        for reading in company.readings.iter().filter(|reading| has_variant(reading)) {
            self.add(kind, reading, variants(reading), 0, false);
        }
    }

    fn add<'t>(
        &mut self,
        kind: NameKind,
        key: &NameKey,
        words: impl Iterator<Item = (&'t str, TokenKind)>,
        whole_back: u8,
        counts: bool,
    ) {
        let (text_from, words_from) = (self.text.len(), self.words.len());
        for (word, kind) in words {
            if self.text.len() > text_from {
                self.text.push(' ');
            }
            let from = self.text.len() as u32;
            self.text.push_str(word);
            // A key has at most 256 characters of at most 4 bytes.
            self.words.push(Word { from, len: word.len() as u16, kind });
        }
        for form in &key.legal_forms {
            self.text.push(' ');
            self.text.push_str(form.form);
        }
        self.legal_forms.extend_from_slice(&key.legal_forms);
        let mut texts = telling(self.words[words_from..].iter().map(|word| (word.of(&self.text), word.kind)));
        let glue = glue_hash(&texts);
        self.names.push(Name {
            kind,
            whole_back,
            counts,
            words_to: self.words.len() as u32,
            legal_forms_to: self.legal_forms.len() as u32,
            text_to: self.text.len() as u32,
            bag: bag_hash(&mut texts),
            glue,
        });
    }
}
