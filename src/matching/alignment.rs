//! Two names laid side by side, word by word.
//!
//! Each word of the lead's name finds at most one partner in the account's and the other way round; the
//! surest pairs are made first: equal words, then words that are equal once glued ("sales force"), then
//! slips and cut words, the dearest first. What stays alone counts against the match, by its weight.

use super::features::Numbers;
use super::token::{self, Agreement, Letters};
use super::vocabulary::TokenId;
use crate::normalize::TokenKind;

/// The most words of a name that are compared; `normalize` gives no more.
const WORDS_MAX: usize = 32;

/// A word of either name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    /// Comparable form.
    pub(super) text: &'a str,
    /// Which letters it has.
    pub(super) letters: Letters,
    /// What it contributes.
    pub(super) kind: TokenKind,
    /// Evidence it carries, 0.0 to 1.0.
    pub(super) weight: f32,
    /// It stands in other names, of the registry or the sample that the prior was learnt from.
    pub(super) known: bool,
    /// Its number in the registry's vocabulary; `None` for a word of the lead that no name has.
    pub(super) id: Option<TokenId>,
}

impl Word<'_> {
    /// True for the same word: where the registry has it, its number says so.
    fn is(&self, other: &Word<'_>) -> bool {
        self.id == other.id && (self.id.is_some() || self.text == other.text)
    }
}

/// How two names agree, in sums of word weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Alignment {
    /// Weight in agreement, each pair's mean weight times its similarity.
    pub(super) matched: f32,
    /// Of that, the part matched but for slips of spelling.
    pub(super) typo: f32,
    /// Of that, the part matched by cut words.
    pub(super) cut: f32,
    /// Weight of the pairs before their similarity is applied.
    pub(super) paired: f32,
    /// The greatest weight times similarity of one pair that can tell companies apart.
    pub(super) distinctive: f32,
    /// Weight of the lead's words without a partner.
    pub(super) lead_alone: f32,
    /// Weight of the account's words without a partner.
    pub(super) account_alone: f32,
    /// The greatest weight of a lead's word without a partner.
    pub(super) lead_alone_max: f32,
    /// The greatest weight of an account's word without a partner.
    pub(super) account_alone_max: f32,
    /// How many of the lead's words, function words aside, have no partner.
    pub(super) lead_words_alone: u8,
    /// The same of the account's words.
    pub(super) account_words_alone: u8,
    /// Whether the numbers agree.
    pub(super) numbers: Numbers,
    /// The greatest weight of a lead's word that is matched but for a slip, though it is a word of its own
    /// that other names have: more likely another word than a misspelled one.
    pub(super) known_word_typo: f32,
    /// The first words agree.
    pub(super) first_agrees: bool,
    /// Every word of both has an equal partner, in whatever order or gluing; function words aside.
    pub(super) equal: bool,
    /// Pairs whose order differs between the names.
    pub(super) reordered: bool,
    /// How many pairs there are.
    pub(super) pairs: u8,
}

/// Lays `lead` and `account` side by side.
pub(super) fn align(lead: &[Word<'_>], account: &[Word<'_>]) -> Alignment {
    let lead = &lead[..lead.len().min(WORDS_MAX)];
    let account = &account[..account.len().min(WORDS_MAX)];
    let mut table = Pairing {
        lead,
        account,
        lead_used: 0,
        account_used: 0,
        result: Alignment { equal: true, ..Alignment::default() },
        last: None,
    };
    table.pair_equal();
    table.pair_glued();
    table.pair_similar();
    table.finish()
}

struct Pairing<'a, 'b> {
    lead: &'b [Word<'a>],
    account: &'b [Word<'a>],
    lead_used: u32,
    account_used: u32,
    result: Alignment,
    last: Option<(usize, usize)>,
}

impl Pairing<'_, '_> {
    fn pair(&mut self, lead: (usize, usize), account: (usize, usize), share: f32, agreement: Agreement) {
        let lead_words = &self.lead[lead.0..lead.1];
        let account_words = &self.account[account.0..account.1];
        let lead_weight: f32 = lead_words.iter().map(|word| word.weight).sum();
        let account_weight: f32 = account_words.iter().map(|word| word.weight).sum();
        // A slip makes a common word look unknown and rare, so the account's spelling says how rare it is.
        let weight = match agreement {
            Agreement::Equal => (lead_weight + account_weight) / 2.0,
            Agreement::Typo | Agreement::Cut => account_weight.min(lead_weight),
        };
        let result = &mut self.result;
        result.paired += weight;
        result.matched += weight * share;
        match agreement {
            Agreement::Equal => {}
            Agreement::Typo => result.typo += weight,
            Agreement::Cut => result.cut += weight,
        }
        if agreement != Agreement::Equal {
            result.equal = false;
        }
        if agreement == Agreement::Typo && lead_words.iter().all(|word| word.known) {
            result.known_word_typo = result.known_word_typo.max(lead_weight);
        }
        let generic = lead_words
            .iter()
            .chain(account_words)
            .all(|word| matches!(word.kind, TokenKind::Generic | TokenKind::Function));
        if !generic {
            result.distinctive = result.distinctive.max(weight * share);
        }
        if lead.0 == 0 && account.0 == 0 {
            result.first_agrees = true;
        }
        if self.last.is_some_and(|(_, account_at)| account.0 < account_at) {
            result.reordered = true;
        }
        self.last = Some((lead.0, account.0));
        result.pairs += 1;
        self.lead_used |= bits(lead);
        self.account_used |= bits(account);
    }

    fn lead_free(&self, span: (usize, usize)) -> bool {
        self.lead_used & bits(span) == 0
    }

    fn account_free(&self, span: (usize, usize)) -> bool {
        self.account_used & bits(span) == 0
    }

    fn pair_equal(&mut self) {
        for lead_at in 0..self.lead.len() {
            let found = (0..self.account.len())
                .find(|&at| self.account_free((at, at + 1)) && self.account[at].is(&self.lead[lead_at]));
            if let Some(at) = found {
                self.pair((lead_at, lead_at + 1), (at, at + 1), 1.0, Agreement::Equal);
            }
        }
    }

    /// "sales force" and "salesforce": a run of free words of one side spells one free word of the other.
    fn pair_glued(&mut self) {
        for at in 0..self.account.len() {
            if self.account_free((at, at + 1)) {
                let word = self.account[at].text;
                if let Some(span) = spelled_by(self.lead, self.lead_used, word) {
                    self.pair(span, (at, at + 1), 1.0, Agreement::Equal);
                }
            }
        }
        for at in 0..self.lead.len() {
            if self.lead_free((at, at + 1)) {
                let word = self.lead[at].text;
                if let Some(span) = spelled_by(self.account, self.account_used, word) {
                    self.pair((at, at + 1), span, 1.0, Agreement::Equal);
                }
            }
        }
    }

    fn pair_similar(&mut self) {
        let mut alike: Vec<(f32, usize, usize, f32, Agreement)> = Vec::new();
        for (lead_at, lead) in self.lead.iter().enumerate() {
            if !self.lead_free((lead_at, lead_at + 1)) {
                continue;
            }
            for (account_at, account) in self.account.iter().enumerate() {
                if !self.account_free((account_at, account_at + 1)) {
                    continue;
                }
                if let Some((share, agreement)) = token::similarity(lead, account) {
                    let value = share * account.weight.min(lead.weight);
                    alike.push((value, lead_at, account_at, share, agreement));
                }
            }
        }
        // Stable: of two pairs that are worth the same, the one further in front is made.
        alike.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
        for (_, lead_at, account_at, share, agreement) in alike {
            let (lead, account) = ((lead_at, lead_at + 1), (account_at, account_at + 1));
            if self.lead_free(lead) && self.account_free(account) {
                self.pair(lead, account, share, agreement);
            }
        }
    }

    fn finish(mut self) -> Alignment {
        let mut lead_number_alone = false;
        let mut account_number_alone = false;
        for (at, word) in self.lead.iter().enumerate() {
            if self.lead_used & bits((at, at + 1)) == 0 {
                self.result.lead_alone += word.weight;
                self.result.lead_words_alone += u8::from(word.kind != TokenKind::Function);
                self.result.lead_alone_max = self.result.lead_alone_max.max(word.weight);
                self.result.equal &= word.kind == TokenKind::Function;
                lead_number_alone |= word.kind == TokenKind::Number;
            }
        }
        for (at, word) in self.account.iter().enumerate() {
            if self.account_used & bits((at, at + 1)) == 0 {
                self.result.account_alone += word.weight;
                self.result.account_words_alone += u8::from(word.kind != TokenKind::Function);
                self.result.account_alone_max = self.result.account_alone_max.max(word.weight);
                self.result.equal &= word.kind == TokenKind::Function;
                account_number_alone |= word.kind == TokenKind::Number;
            }
        }
        self.result.equal &= self.result.pairs > 0;
        self.result.numbers = match (lead_number_alone, account_number_alone) {
            (false, false) => Numbers::Agree,
            (false, true) => Numbers::AccountOnly,
            (true, false) => Numbers::LeadOnly,
            (true, true) => Numbers::Differ,
        };
        self.result
    }
}

fn bits((from, to): (usize, usize)) -> u32 {
    (from..to).fold(0, |bits, at| bits | 1 << at)
}

/// The span of two or more free words that spell `word` when written together.
fn spelled_by(words: &[Word<'_>], used: u32, word: &str) -> Option<(usize, usize)> {
    (0..words.len()).find_map(|from| {
        let mut rest = word;
        let free = words.iter().enumerate().skip(from).take_while(|(at, _)| used & bits((*at, at + 1)) == 0);
        for (at, part) in free {
            rest = rest.strip_prefix(part.text)?;
            if rest.is_empty() {
                return (at > from).then_some((from, at + 1));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> Vec<Word<'_>> {
        let kind = |text: &str| match text {
            "group" | "systems" => TokenKind::Generic,
            "of" => TokenKind::Function,
            text if text.bytes().all(|byte| byte.is_ascii_digit()) => TokenKind::Number,
            _ => TokenKind::Word,
        };
        name.split(' ')
            .map(|text| Word {
                text,
                letters: Letters::of(text),
                kind: kind(text),
                weight: 0.5,
                known: false,
                id: None,
            })
            .collect()
    }

    fn check(lead: &str, account: &str) -> Alignment {
        align(&words(lead), &words(account))
    }

    #[test]
    fn equal_names_leave_nothing_alone() {
        let found = check("bank of america", "bank of america");
        assert!(found.equal && found.first_agrees && !found.reordered);
        assert_eq!((found.lead_alone, found.account_alone, found.matched), (0.0, 0.0, 1.5));
    }

    #[test]
    fn glued_and_split_words_are_equal() {
        assert!(check("sales force", "salesforce").equal);
        assert!(check("salesforce", "sales force").equal);
    }

    #[test]
    fn order_does_not_matter_but_is_reported() {
        let found = check("haige guangzhou", "guangzhou haige");
        assert!(found.equal && found.reordered && !found.first_agrees);
    }

    #[test]
    fn words_without_a_partner_count_for_their_side() {
        let found = check("cisco canada", "cisco systems");
        assert_eq!((found.lead_alone, found.account_alone), (0.5, 0.5));
        assert!(!found.equal);
    }

    #[test]
    fn generic_words_alone_are_not_distinctive() {
        assert_eq!(check("alpha group", "beta group").distinctive, 0.0);
    }

    #[test]
    fn a_number_without_its_equal_is_a_conflict() {
        assert_eq!(check("fund 2", "fund 3").numbers, Numbers::Differ);
        assert_eq!(check("company 2", "company").numbers, Numbers::LeadOnly);
        assert_eq!(check("route 66", "route 66").numbers, Numbers::Agree);
    }

    #[test]
    fn a_slip_is_matched_and_told_apart_from_equality() {
        let found = check("kumr traders", "kumar traders");
        assert!(!found.equal && found.typo > 0.0 && found.lead_alone == 0.0);
    }
}
