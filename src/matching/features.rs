//! How two names compare, in numbers: what the name model is asked about and what a fit learns from.

use super::alignment::Alignment;
use crate::normalize::LegalForm;

/// How many features there are.
pub const FEATURE_COUNT: usize = 23;

/// The features' names, in order; `data/name_model.tsv` uses them.
pub const FEATURE_NAMES: [&str; FEATURE_COUNT] = [
    "lead_share_agreed",
    "account_share_agreed",
    "lead_weight_alone",
    "account_weight_alone",
    "lead_word_alone",
    "account_word_alone",
    "typo_share",
    "cut_share",
    "distinctive_weight",
    "agreed_weight",
    "trigram_cosine",
    "letters_similarity",
    "numbers",
    "legal_forms",
    "order",
    "lead_words",
    "account_words",
    "known_word_typo",
    "weight_share_agreed",
    "letters_edited",
    "lead_words_alone",
    "account_words_alone",
    "rival_gap",
];

/// Position of the feature that weighs the lead's words without a partner, those that its reading leaves out included.
pub(super) const LEAD_WEIGHT_ALONE: usize = 2;
/// The same of the account's words.
pub(super) const ACCOUNT_WEIGHT_ALONE: usize = 3;
/// Position of the feature that says which share of what agrees does so but for slips.
pub(super) const TYPO_SHARE: usize = 6;
/// Position of the feature that says that a word is taken for a slip though other names have it.
pub(super) const KNOWN_WORD_TYPO: usize = 17;
/// Position of the feature that counts slips.
pub(super) const LETTERS_EDITED: usize = 19;
/// Position of the feature that comes from comparing candidates with one another.
pub(super) const RIVAL_GAP: usize = FEATURE_COUNT - 1;
/// The gap where none is looked for: of an equal name.
pub(super) const NO_RIVAL_GAP: f32 = 1.0;

/// One comparison of two names as numbers.
///
/// Weights and shares are 0.0 or more; shares end at 1.0. `numbers`, `legal_forms` and `order` are codes:
/// see [`Numbers`], [`LegalAgreement`] and [`Order`].
pub type NameFeatures = [f32; FEATURE_COUNT];

/// How the legal forms of two names compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LegalAgreement {
    /// The same form.
    Same = 0,
    /// Different forms of one class: GmbH and Ltd.
    SameClass = 1,
    /// At least one name has none.
    #[default]
    Missing = 2,
    /// Different classes: GmbH and AG.
    Different = 3,
}

/// How the numbers in two names compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Neither has a number, or all agree.
    #[default]
    Agree = 0,
    /// Only the account has one.
    AccountOnly = 1,
    /// Only the lead has one.
    LeadOnly = 2,
    /// Both have one and they differ.
    Differ = 3,
}

/// Whether the words that agree stand in the same order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The first words agree and the rest follow in order.
    #[default]
    Same = 0,
    /// In order, but the first words differ.
    FirstDiffers = 1,
    /// In another order.
    Changed = 2,
}

pub(super) fn legal_agreement(lead: &[LegalForm], account: &[LegalForm]) -> LegalAgreement {
    if lead.is_empty() || account.is_empty() {
        return LegalAgreement::Missing;
    }
    let any = |equal: fn(&LegalForm, &LegalForm) -> bool| {
        lead.iter().any(|one| account.iter().any(|other| equal(one, other)))
    };
    if any(|one, other| one == other || one.form() == other.form()) {
        LegalAgreement::Same
    } else if any(|one, other| one.class() == other.class() && !one.class().is_empty()) {
        LegalAgreement::SameClass
    } else {
        LegalAgreement::Different
    }
}

/// What features are computed from, beside the alignment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub(super) alignment: Alignment,
    pub(super) lead_weight: f32,
    pub(super) account_weight: f32,
    /// Weight that the readings leave out of the whole names.
    pub(super) lead_left_out: f32,
    pub(super) account_left_out: f32,
    pub(super) cosine: f32,
    /// Letters of the longer name, without spaces and legal forms, and how many edits lead to the other.
    pub(super) letters: usize,
    pub(super) edits: usize,
    pub(super) legal: LegalAgreement,
    pub(super) lead_words: usize,
    pub(super) account_words: usize,
}

impl Comparison {
    pub(super) fn features(&self) -> NameFeatures {
        let words = &self.alignment;
        let share = |part: f32, whole: f32| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
        let alone = words.lead_alone + words.account_alone + self.lead_left_out + self.account_left_out;
        let order = match (words.reordered, words.first_agrees) {
            (true, _) => Order::Changed,
            (false, false) => Order::FirstDiffers,
            (false, true) => Order::Same,
        };
        [
            share(words.matched, self.lead_weight + self.lead_left_out),
            share(words.matched, self.account_weight + self.account_left_out),
            words.lead_alone + self.lead_left_out,
            words.account_alone + self.account_left_out,
            words.lead_alone_max,
            words.account_alone_max,
            share(words.typo, words.paired),
            share(words.cut, words.paired),
            words.distinctive,
            words.matched,
            self.cosine,
            share(self.letters.saturating_sub(self.edits) as f32, self.letters as f32),
            f32::from(words.numbers as u8),
            f32::from(self.legal as u8),
            f32::from(order as u8),
            self.lead_words as f32,
            self.account_words as f32,
            words.known_word_typo,
            share(words.matched, words.matched + alone),
            self.edits as f32,
            f32::from(words.lead_words_alone),
            f32::from(words.account_words_alone),
            NO_RIVAL_GAP,
        ]
    }
}
