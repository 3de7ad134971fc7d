//! How alike two names are, from their alignment.

use super::alignment::{Alignment, Word, align};
use super::names::{LeadName, NameEntry, Names};
use super::vocabulary::Vocabulary;
use crate::normalize::LegalForm;
use crate::score::Score;

/// How the legal forms of two names compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LegalAgreement {
    /// The same form.
    Same,
    /// Different forms of one class: GmbH and Ltd.
    SameClass,
    /// At least one name has none.
    #[default]
    Missing,
    /// Different classes: GmbH and AG.
    Different,
}

/// What the score is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct NameEvidence {
    /// The words side by side.
    pub(super) alignment: Alignment,
    /// Weight of all the lead's words.
    pub(super) lead_weight: f32,
    /// Weight of all the account's words.
    pub(super) account_weight: f32,
    /// Cosine of the trigram vectors.
    pub(super) cosine: f32,
    /// Legal forms.
    pub(super) legal: LegalAgreement,
}

/// The outcome of comparing two names.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct NameMatch {
    /// Similarity.
    pub(super) similarity: Score,
    /// The match keys are equal, in whatever order and gluing.
    pub(super) equal: bool,
    /// At least one word that can tell companies apart agrees.
    pub(super) distinctive: bool,
    /// What the similarity is made of.
    pub(super) evidence: NameEvidence,
}

/// What an unmatched word of the lead costs, as a share of its weight.
const LEAD_ALONE_COST: f32 = 0.9;
/// What an unmatched word of the account costs: less, since people shorten the names they type.
const ACCOUNT_ALONE_COST: f32 = 0.5;
/// Share of the trigram cosine in the similarity: it orders siblings whose distinctive words are equal.
const COSINE_SHARE: f32 = 0.2;
/// Under this weight an agreeing word is too common to tell companies apart.
const DISTINCTIVE_WEIGHT_MIN: f32 = 0.35;

/// Compares a reading of the lead's name with a name of an account.
pub(super) fn compare(
    lead: &LeadName,
    lead_words: &[Word<'_>],
    entry: &NameEntry,
    names: &Names,
    vocabulary: &Vocabulary,
    cosine: f32,
) -> NameMatch {
    let account_words: Vec<Word<'_>> = names
        .tokens(entry)
        .iter()
        .map(|id| {
            let token = vocabulary.get(*id);
            Word { text: &token.text, kind: token.kind, weight: token.weight }
        })
        .collect();
    let evidence = NameEvidence {
        alignment: align(lead_words, &account_words),
        lead_weight: lead_words.iter().map(|word| word.weight).sum(),
        account_weight: account_words.iter().map(|word| word.weight).sum(),
        cosine,
        legal: legal_agreement(&lead.legal_forms, names.legal_forms(entry)),
    };
    let distinctive = evidence.alignment.distinctive >= DISTINCTIVE_WEIGHT_MIN;
    NameMatch {
        similarity: Score::from_share(similarity(&evidence, distinctive)),
        equal: evidence.alignment.equal,
        distinctive,
        evidence,
    }
}

fn similarity(evidence: &NameEvidence, distinctive: bool) -> f32 {
    let words = &evidence.alignment;
    let cost = LEAD_ALONE_COST * words.lead_alone + ACCOUNT_ALONE_COST * words.account_alone;
    let aligned = words.matched / (words.paired + cost).max(f32::MIN_POSITIVE);
    let mut share = (1.0 - COSINE_SHARE) * aligned + COSINE_SHARE * evidence.cosine;
    if words.equal {
        share = 1.0;
    }
    if words.number_conflict {
        share *= 0.6;
    }
    if !distinctive && !words.equal {
        share *= 0.5;
    }
    share
        - match evidence.legal {
            LegalAgreement::Same => 0.0,
            LegalAgreement::SameClass => 0.005,
            LegalAgreement::Missing => 0.003,
            LegalAgreement::Different => 0.03,
        }
}

fn legal_agreement(lead: &[LegalForm], account: &[LegalForm]) -> LegalAgreement {
    if lead.is_empty() || account.is_empty() {
        return LegalAgreement::Missing;
    }
    let any = |equal: fn(&LegalForm, &LegalForm) -> bool| {
        lead.iter().any(|one| account.iter().any(|other| equal(one, other)))
    };
    if any(|one, other| one.form == other.form) {
        LegalAgreement::Same
    } else if any(|one, other| one.class == other.class && !one.class.is_empty()) {
        LegalAgreement::SameClass
    } else {
        LegalAgreement::Different
    }
}
