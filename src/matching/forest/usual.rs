//! Comparisons of which most answers are known beforehand, being the same in all of their kind: the trees are asked only
//! what differs.

use crate::matching::features::{NO_RIVAL_GAP, NameFeatures};
use crate::matching::model::NameFeaturesKnown;

/// The kinds.
pub(super) const USUAL: [NameFeaturesKnown; 2] = [EQUAL, SLIPPED];

/// What every comparison of equal names says, where it always says the same: all but how much its words tell, how many
/// they are, and the legal forms.
const EQUAL: NameFeaturesKnown = [
    Some(1.0),          // lead_share_agreed
    Some(1.0),          // account_share_agreed
    Some(0.0),          // lead_weight_alone
    Some(0.0),          // account_weight_alone
    Some(0.0),          // lead_word_alone
    Some(0.0),          // account_word_alone
    Some(0.0),          // typo_share
    Some(0.0),          // cut_share
    None,               // distinctive_weight
    None,               // agreed_weight
    None,               // trigram_cosine
    Some(1.0),          // letters_similarity
    Some(0.0),          // numbers
    None,               // legal_forms
    Some(0.0),          // order
    None,               // lead_words
    None,               // account_words
    Some(0.0),          // known_word_typo
    Some(1.0),          // weight_share_agreed
    Some(0.0),          // letters_edited
    Some(0.0),          // lead_words_alone
    Some(0.0),          // account_words_alone
    Some(NO_RIVAL_GAP), // rival_gap
];

/// What every comparison of names says that are the same but for a slip, where it always says the same: all but the word
/// with the slip, what the names tell, their trigrams, legal forms and rivals.
const SLIPPED: NameFeaturesKnown = [
    None,      // lead_share_agreed
    None,      // account_share_agreed
    Some(0.0), // lead_weight_alone
    Some(0.0), // account_weight_alone
    Some(0.0), // lead_word_alone
    Some(0.0), // account_word_alone
    None,      // typo_share
    Some(0.0), // cut_share
    None,      // distinctive_weight
    None,      // agreed_weight
    None,      // trigram_cosine
    None,      // letters_similarity
    Some(0.0), // numbers
    None,      // legal_forms
    None,      // order
    None,      // lead_words
    None,      // account_words
    Some(0.0), // known_word_typo
    None,      // weight_share_agreed
    Some(1.0), // letters_edited
    Some(0.0), // lead_words_alone
    Some(0.0), // account_words_alone
    None,      // rival_gap
];

/// Whether features are as they are known.
pub(super) fn is_known(features: &NameFeatures, known: &NameFeaturesKnown) -> bool {
    features.iter().zip(known).all(|(value, known)| known.is_none_or(|known| known == *value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, AccountId, Registry};
    use crate::matching::forest::{Asked, Forest};
    use crate::matching::model::NameModel;
    use crate::matching::{FEATURE_COUNT, Index, Revision, nearest_names};
    use crate::score::Score;

    proptest::proptest! {
        #[test]
        fn of_a_usual_comparison_the_forest_says_the_same_with_fewer_questions(
            compared in proptest::collection::vec(proptest::array::uniform23(0.0f32..8.0), 1..12),
            kind in 0..USUAL.len(),
        ) {
            let usual = |features: &[f32; FEATURE_COUNT]| -> NameFeatures {
                std::array::from_fn(|at| USUAL[kind][at].unwrap_or(features[at]))
            };
            let compared: Vec<NameFeatures> = compared.iter().map(usual).collect();
            let expected: Vec<Score> = compared.iter().map(|one| NameModel::fitted().score(one)).collect();
            let asked = compared.iter().map(|features| Asked { features, only_if_reported: false });
            proptest::prop_assert_eq!(Forest::fitted().scores(asked), expected);
        }
    }

    #[track_caller]
    fn check(lead: &str, known: &NameFeaturesKnown, expected: bool) {
        let account = Account::new(AccountId::new("a1").unwrap(), "Zumbado Bakery GmbH");
        let index = Index::build(Registry { accounts: vec![account], reps: Vec::new() }, Revision(1));
        assert_eq!(is_known(&nearest_names(lead, &index)[0].1, known), expected, "{lead}");
    }

    #[test]
    fn a_name_that_equals_the_typed_one_is_asked_fewer_questions() {
        for lead in ["Zumbado Bakery GmbH", "ZUMBADO bakery", "Zumbado Bakery AG"] {
            check(lead, &EQUAL, true);
        }
        check("Zumbada Bakery", &EQUAL, false);
    }

    #[test]
    fn so_is_one_with_a_slip() {
        for lead in ["Zumbdao Bakery GmbH", "ZUMBADA bakery", "Zumbaddo Bakery AG"] {
            check(lead, &SLIPPED, true);
        }
        for lead in ["Zumbado Bakery", "Zumbada", "Zumbada Bakery North", "Zumbada Bakrey"] {
            check(lead, &SLIPPED, false);
        }
    }
}
