//! Every name of every account, as word ids: what candidates are drawn from and compared with.

mod carried;

use std::ops::Range;

use compact_str::CompactString;

use crate::account::NameKind;
use crate::normalize::{CompanyName, LegalForm, NameKey, Token, TokenKind, company_name};

use super::ahead;
use super::prepared::{Reading, Sizes};
use super::vocabulary::{TokenId, Vocabulary};

/// Identifies one name of one account in one index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(pub(super) u32);

/// One name of one account in one reading.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct NameEntry {
    /// Position of the account in the index.
    pub(super) account: u32,
    /// Which of the account's names it is.
    pub(super) kind: NameKind,
    /// How many names before it the whole name stands that this reading is the main part of ("Acme" of "Acme (East)");
    /// [`FIRST`] for the first reading of a name, [`FURTHER`] for one that is no part of it.
    whole_back: u8,
    tokens_len: u8,
    legal_forms_len: u8,
    tokens_from: u32,
    legal_forms_from: u32,
}

/// The first reading of a name: the one that counts when words are counted.
const FIRST: u8 = 0;
/// Another reading of the whole name. No part stands so far behind it: a name is read in few ways.
const FURTHER: u8 = u8::MAX;

/// The names of all accounts, in order of accounts.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Names {
    entries: Vec<NameEntry>,
    tokens: Vec<TokenId>,
    legal_forms: Vec<LegalForm>,
    /// Of each name the squares of its words' weights, added up; on their own, since many are asked for nothing else.
    squares: Vec<f32>,
}

impl Names {
    /// Room for the names of accounts.
    pub(super) fn with_capacity(sizes: Sizes) -> Names {
        Names {
            entries: Vec::with_capacity(sizes.names),
            tokens: Vec::with_capacity(sizes.words),
            legal_forms: Vec::with_capacity(sizes.legal_forms),
            squares: Vec::new(),
        }
    }

    /// Adds one reading of a name of an account, whose words `intern` numbers.
    pub(super) fn add(
        &mut self,
        account: u32,
        reading: &Reading<'_>,
        mut intern: impl FnMut(&str, TokenKind) -> TokenId,
    ) {
        let tokens_from = self.tokens.len();
        self.tokens.extend(reading.words().map(|(text, kind)| intern(text, kind)));
        let legal_forms_from = self.legal_forms.len() as u32;
        self.legal_forms.extend(reading.legal_forms());
        self.entries.push(NameEntry {
            account,
            kind: reading.kind,
            whole_back: match reading.whole_back {
                0 if reading.counts => FIRST,
                0 => FURTHER,
                back => u8::try_from(back).unwrap_or(FURTHER),
            },
            tokens_from: tokens_from as u32,
            tokens_len: (self.tokens.len() - tokens_from) as u8,
            legal_forms_from,
            legal_forms_len: reading.legal_forms().len().min(usize::from(u8::MAX)) as u8,
        });
    }

    /// Weighs every name, once the weights of words are known.
    pub(super) fn weigh(&mut self, vocabulary: &Vocabulary) {
        self.squares = self.entries.iter().map(|entry| self.square(entry, vocabulary)).collect();
    }

    fn square(&self, entry: &NameEntry, vocabulary: &Vocabulary) -> f32 {
        self.tokens(entry).iter().map(|id| vocabulary.get(*id).weight.powi(2)).sum()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many of them count when words are counted: each name once, however many ways it is read.
    pub(super) fn counting(&self) -> u32 {
        self.entries.iter().filter(|entry| entry.whole_back == FIRST).count() as u32
    }

    /// Whether a name counts when words are counted.
    pub(super) fn counts(&self, id: NameId) -> bool {
        self.get(id).whole_back == FIRST
    }

    /// Of each name the squares of the weights of its words, added up.
    pub(super) fn squares(&self) -> &[f32] {
        &self.squares
    }

    /// The name of an id.
    pub(super) fn get(&self, id: NameId) -> &NameEntry {
        &self.entries[id.0 as usize]
    }

    /// True for the first reading of its account's first name: the current one, unless that has neither letter nor digit.
    pub(super) fn is_first(&self, id: NameId) -> bool {
        let before = (id.0 as usize).checked_sub(1).map(|before| &self.entries[before]);
        before.is_none_or(|before| before.account != self.get(id).account)
    }

    /// The whole name that a reading is the main part of; `None` for a whole.
    pub(super) fn whole(&self, id: NameId) -> Option<&NameEntry> {
        let back = self.get(id).whole_back;
        (back != FIRST && back != FURTHER).then(|| self.get(NameId(id.0 - u32::from(back))))
    }

    /// Every name with its id, in order of accounts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NameId, &NameEntry)> {
        self.entries.iter().enumerate().map(|(at, entry)| (NameId(at as u32), entry))
    }

    /// The names of the account at a position.
    pub(super) fn of_account(&self, account: u32) -> Vec<NameId> {
        self.of_accounts(account..account + 1).map(NameId).collect()
    }

    /// The names of the accounts at some positions, by their numbers.
    pub(super) fn of_accounts(&self, accounts: Range<u32>) -> Range<u32> {
        let from = self.entries.partition_point(|entry| entry.account < accounts.start);
        let to = self.entries.partition_point(|entry| entry.account < accounts.end);
        from as u32..to as u32
    }

    /// A name's words in order. 1 to 32.
    pub(super) fn tokens(&self, entry: &NameEntry) -> &[TokenId] {
        let from = entry.tokens_from as usize;
        &self.tokens[from..from + usize::from(entry.tokens_len)]
    }

    /// Brings near what names are compared by.
    pub(super) fn fetch(&self, ids: &[NameId], vocabulary: &Vocabulary) {
        ahead::fetch(ids.iter().map(|id| self.get(*id).tokens_from));
        ahead::fetch(ids.iter().flat_map(|id| self.tokens(self.get(*id)).first()).map(|id| id.0));
        let words = ids.iter().flat_map(|id| self.tokens(self.get(*id)));
        ahead::fetch(words.map(|id| vocabulary.get(*id).weight.to_bits()));
    }

    /// A name's legal forms in order.
    pub(super) fn legal_forms(&self, entry: &NameEntry) -> &[LegalForm] {
        let from = entry.legal_forms_from as usize;
        &self.legal_forms[from..from + usize::from(entry.legal_forms_len)]
    }
}

impl Names {
    /// Writes a name as trigrams see it: its words and behind them its legal forms, each in normal form.
    pub(super) fn surface(&self, entry: &NameEntry, vocabulary: &Vocabulary, text: &mut String) {
        text.clear();
        let words = self.tokens(entry).iter().map(|id| &*vocabulary.get(*id).text);
        join(words.chain(self.legal_forms(entry).iter().map(|form| form.form())), text);
    }
}

/// One way to read the lead's company name, with the text that each stage of the search looks up.
#[derive(Clone, Debug)]
pub(super) struct LeadName {
    /// Comparable words in order.
    pub(super) tokens: Vec<(CompactString, TokenKind)>,
    /// Words of the whole name that this reading leaves out; empty for a whole.
    pub(super) left_out: Vec<(CompactString, TokenKind)>,
    /// The legal forms that were taken off.
    pub(super) legal_forms: Vec<LegalForm>,
}

impl LeadName {
    /// As trigrams see it: the words and behind them the legal forms, joined by one space.
    pub(super) fn surface(&self) -> String {
        let words = self.tokens.iter().map(|(text, _)| text.as_str());
        let mut surface = String::with_capacity(USUAL_BYTES);
        join(words.chain(self.legal_forms.iter().map(|form| form.form())), &mut surface);
        surface
    }
}

/// Every reading of the lead's company name: the whole first, umlauts spelled both ways.
pub(super) fn lead_names(company: &str) -> Vec<LeadName> {
    let Some(mut company) = company_name(company) else { return Vec::new() };
    // As nearly every name.
    if company.readings.len() == 1
        && let Some(only) = company.readings.pop_if(|reading| !has_variant(reading))
    {
        return vec![LeadName {
            tokens: plain(only.tokens),
            left_out: Vec::new(),
            legal_forms: only.legal_forms,
        }];
    }
    let further = 1..company.readings.len();
    let left_out: Vec<Vec<(CompactString, TokenKind)>> = further.map(|at| left_out(&company, at)).collect();
    let with_variant = company.readings.iter().filter(|reading| has_variant(reading));
    let varied: Vec<LeadName> = with_variant
        .map(|reading| {
            let tokens = variants(reading).map(|(text, kind)| (text.into(), kind)).collect();
            LeadName { tokens, left_out: Vec::new(), legal_forms: reading.legal_forms.clone() }
        })
        .collect();
    let mut names = Vec::with_capacity(company.readings.len() + varied.len());
    for (reading, left_out) in company.readings.into_iter().zip(std::iter::once(Vec::new()).chain(left_out)) {
        names.push(LeadName { tokens: plain(reading.tokens), left_out, legal_forms: reading.legal_forms });
    }
    names.extend(varied);
    names
}

fn plain(tokens: Vec<Token>) -> Vec<(CompactString, TokenKind)> {
    tokens.into_iter().map(|token| (token.text, token.kind)).collect()
}

/// The words of the whole name that a further reading leaves out, where it does nothing else.
fn left_out(company: &CompanyName, at: usize) -> Vec<(CompactString, TokenKind)> {
    if !is_part(company, at) {
        return Vec::new();
    }
    let reading = &company.readings[at];
    let others = company.readings[0].tokens.iter().filter(|token| !reading.tokens.contains(token));
    others.map(|token| (token.text.clone(), token.kind)).collect()
}

/// Room for nearly all names.
const USUAL_BYTES: usize = 64;

/// True for a further reading that only leaves words of the whole name out.
pub(super) fn is_part(company: &CompanyName, at: usize) -> bool {
    let whole = &company.readings[0].tokens;
    at > 0 && company.readings[at].tokens.iter().all(|token| whole.contains(token))
}

pub(super) fn has_variant(key: &NameKey) -> bool {
    key.tokens.iter().any(|token| token.variant.is_some())
}

/// The words of a key in their other spelling, where they have one.
pub(super) fn variants(key: &NameKey) -> impl Iterator<Item = (&str, TokenKind)> + Clone {
    key.tokens.iter().map(|token| (token.variant.as_deref().unwrap_or(&token.text), token.kind))
}

fn join<'t>(words: impl Iterator<Item = &'t str>, text: &mut String) {
    for (at, word) in words.enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}
