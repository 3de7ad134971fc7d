//! Every name of every account, as word ids: what candidates are drawn from and compared with.

use crate::account::NameKind;
use crate::normalize::{LegalForm, NameKey, TokenKind, company_name};

use super::vocabulary::{TokenId, Vocabulary};

/// Identifies one name of one account in one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(pub(super) u32);

/// One name of one account in one reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameEntry {
    /// Position of the account in the index.
    pub(super) account: u32,
    /// Which of the account's names it is.
    pub(super) kind: NameKind,
    tokens_from: u32,
    tokens_len: u8,
    legal_forms_from: u32,
    legal_forms_len: u8,
}

/// The names of all accounts, in order of accounts.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: Vec<NameEntry>,
    tokens: Vec<TokenId>,
    legal_forms: Vec<LegalForm>,
}

impl Names {
    /// Adds every reading of a name.
    pub(super) fn add(&mut self, account: u32, kind: NameKind, name: &str, vocabulary: &mut Vocabulary) {
        let Some(company) = company_name(name) else { return };
        for (at, reading) in company.readings.iter().enumerate() {
            let first = self.tokens.len();
            self.add_key(account, kind, reading, false, vocabulary);
            // Counted once a name, so that a word's rarity does not depend on how many ways a name is read.
            if at == 0 {
                vocabulary.count_name(&self.tokens[first..]);
            }
            if reading.tokens.iter().any(|token| token.variant.is_some()) {
                self.add_key(account, kind, reading, true, vocabulary);
            }
        }
    }

    fn add_key(
        &mut self,
        account: u32,
        kind: NameKind,
        key: &NameKey,
        variants: bool,
        vocabulary: &mut Vocabulary,
    ) {
        let tokens_from = self.tokens.len() as u32;
        for token in &key.tokens {
            let text = token.variant.as_ref().filter(|_| variants).unwrap_or(&token.text);
            self.tokens.push(vocabulary.intern(text, token.kind));
        }
        let legal_forms_from = self.legal_forms.len() as u32;
        self.legal_forms.extend_from_slice(&key.legal_forms);
        self.entries.push(NameEntry {
            account,
            kind,
            tokens_from,
            tokens_len: (self.tokens.len() as u32 - tokens_from) as u8,
            legal_forms_from,
            legal_forms_len: key.legal_forms.len().min(usize::from(u8::MAX)) as u8,
        });
    }

    /// The name of an id.
    pub(super) fn get(&self, id: NameId) -> &NameEntry {
        &self.entries[id.0 as usize]
    }

    /// Every name with its id, in order of accounts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NameId, &NameEntry)> {
        self.entries.iter().enumerate().map(|(at, entry)| (NameId(at as u32), entry))
    }

    /// The names of the account at a position.
    pub(super) fn of_account(&self, account: u32) -> Vec<NameId> {
        let from = self.entries.partition_point(|entry| entry.account < account);
        let to = self.entries.partition_point(|entry| entry.account <= account);
        (from..to).map(|at| NameId(at as u32)).collect()
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A name's words in order. 1 to 32.
    pub(super) fn tokens(&self, entry: &NameEntry) -> &[TokenId] {
        let from = entry.tokens_from as usize;
        &self.tokens[from..from + usize::from(entry.tokens_len)]
    }

    /// A name's legal forms in order.
    pub(super) fn legal_forms(&self, entry: &NameEntry) -> &[LegalForm] {
        let from = entry.legal_forms_from as usize;
        &self.legal_forms[from..from + usize::from(entry.legal_forms_len)]
    }
}

/// One way to read the lead's company name, with the text that each stage of the search looks up.
#[derive(Clone, Debug)]
pub(super) struct LeadName {
    /// Comparable words in order.
    pub(super) tokens: Vec<(String, TokenKind)>,
    /// The legal forms that were taken off.
    pub(super) legal_forms: Vec<LegalForm>,
    /// The words joined by one space.
    pub(super) joined: String,
}

/// Every reading of the lead's company name: the whole first, umlauts spelled both ways.
pub(super) fn lead_names(company: &str) -> Vec<LeadName> {
    let Some(company) = company_name(company) else { return Vec::new() };
    let mut names = Vec::with_capacity(company.readings.len());
    for reading in &company.readings {
        names.push(lead_name(reading, false));
        if reading.tokens.iter().any(|token| token.variant.is_some()) {
            names.push(lead_name(reading, true));
        }
    }
    names
}

fn lead_name(key: &NameKey, variants: bool) -> LeadName {
    let tokens: Vec<_> = key
        .tokens
        .iter()
        .map(|token| (token.variant.as_ref().filter(|_| variants).unwrap_or(&token.text).clone(), token.kind))
        .collect();
    let joined = tokens.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
    LeadName { tokens, legal_forms: key.legal_forms.clone(), joined }
}
