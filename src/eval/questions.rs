//! Labelled leads as questions about names: the company name alone, and the candidates to choose from.

use super::cases::LabeledLead;
use super::outcome::name_alone;
use crate::account::AccountId;
use crate::lead::Lead;
use crate::matching::{
    Index, MATCH_SCORE_MIN, NameFeatures, NameModel, PreparedAccount, nearest_names, search,
};
use crate::normalize::company_name;
use crate::parallel;
use crate::policy::Policy;
use crate::score::Score;

/// Candidates of one lead that the fit sees: the right account is almost never further down, and those that
/// are tell it nothing new.
pub const CANDIDATES: usize = 16;

/// A set's leads as questions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuestionSet {
    /// The set's name.
    pub name: String,
    /// One a lead, in the order of the file.
    pub questions: Vec<Question>,
}

/// Which of the candidates is the lead's account?
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The lead has an account in the registry.
    pub has_account: bool,
    /// In which half its account is. All leads of an account are in one half.
    pub half: bool,
    /// The accounts with the nearest names, nearest first, at most [`CANDIDATES`].
    pub candidates: Vec<Choice>,
    /// What the service answers now: the score of its best candidate, 0 without one, and whether that is right.
    pub installed: (Score, bool),
}

/// One candidate of a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// How the names compare.
    pub features: NameFeatures,
    /// It is the lead's account.
    pub right: bool,
}

impl QuestionSet {
    /// The questions of a set; leads that the name measure leaves out ask none.
    pub fn ask(name: &str, leads: &[LabeledLead], index: &Index, policy: &Policy) -> QuestionSet {
        let ask = |lead: &LabeledLead| -> Option<Question> {
            let fields = name_alone(lead)?;
            let half = half_of(lead.expected.as_ref(), &fields.company);
            let has_account = lead.expected.is_some();
            let Ok(checked) = Lead::new(fields) else {
                return Some(Question { has_account, half, ..Question::default() });
            };
            let right = |account: &PreparedAccount| Some(&account.id) == lead.expected.as_ref();
            let found = search(&checked, index, policy);
            let installed =
                found.matches.first().map_or((Score::ZERO, false), |best| (best.score, right(best.account)));
            let candidates = nearest_names(checked.company.as_deref()?, index)
                .into_iter()
                .take(CANDIDATES)
                .map(|(account, features)| Choice { features, right: right(account) })
                .collect();
            Some(Question { has_account, half, candidates, installed })
        };
        let asked = parallel::map_in_order(leads, parallel::threads(), ask);
        QuestionSet { name: name.to_owned(), questions: asked.into_iter().flatten().collect() }
    }
}

impl Question {
    /// What `model` answers. Between equal scores the nearer name decides; what is not worth a mention is no
    /// answer, as in the search.
    pub fn answer(&self, model: &NameModel) -> (Score, bool) {
        let mut best = (Score::ZERO, false);
        for candidate in &self.candidates {
            let score = model.score(&candidate.features);
            if score > best.0 && score >= MATCH_SCORE_MIN {
                best = (score, candidate.right);
            }
        }
        best
    }
}

/// The half of a lead: by its account, so that no account is in both, or by the company where it has none.
pub fn half_of(expected: Option<&AccountId>, company: &str) -> bool {
    match expected {
        Some(id) => hash(id.as_str()) & 1 == 1,
        None => {
            let key = company_name(company).map(|name| name.readings[0].joined());
            hash(key.as_deref().unwrap_or(company)) & 1 == 1
        }
    }
}

/// FNV-1a, 64 bits, folded so that the last bit depends on all: the same in every version, unlike the hashes
/// of the libraries.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let folded = hash ^ (hash >> 32);
    folded ^ (folded >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::LeadFields;
    use crate::matching::{FEATURE_COUNT, Node};

    fn choice(feature: f32, right: bool) -> Choice {
        let mut features = [0.0; FEATURE_COUNT];
        features[0] = feature;
        Choice { features, right }
    }

    #[test]
    fn no_account_is_in_both_halves_and_both_are_filled() {
        let id = |number: usize| AccountId::new(&format!("acc:{number}"));
        let upper = (0..1_000).filter(|number| half_of(id(*number).as_ref(), "Any")).count();
        assert!((450..550).contains(&upper), "{upper}");
        for number in 0..100 {
            let id = id(number);
            assert_eq!(half_of(id.as_ref(), "One Name"), half_of(id.as_ref(), "Another Name"));
        }
        assert_eq!(half_of(None, "Zyxtorin Ltd"), half_of(None, "ZYXTORIN GmbH"));
    }

    #[test]
    fn a_model_answers_with_its_best_candidate() {
        let candidates = vec![choice(0.2, false), choice(0.8, true)];
        let question = Question { candidates, ..Question::default() };
        let model = |low, high| {
            let split = Node::Split { feature: 0, threshold: 0.5, low: 1, high: 2 };
            let leaves = [low, high].map(|log_odds| Node::Leaf { log_odds });
            NameModel { bias: 0.0, trees: vec![vec![split, leaves[0], leaves[1]]] }
        };
        let (score, right) = question.answer(&model(-3.0, 6.0));
        assert!(right && score > Score::from_bps(7_000), "{score}");
        assert_eq!(question.answer(&model(-9.0, -9.0)), (Score::ZERO, false));
        assert_eq!(Question::default().answer(&model(3.0, 3.0)), (Score::ZERO, false));
    }

    #[test]
    fn leads_known_by_their_domain_ask_nothing_about_names() {
        let lead = |case: &str, company: &str| LabeledLead {
            fields: LeadFields { company: company.into(), ..LeadFields::default() },
            expected: None,
            case: case.into(),
        };
        let leads = [
            lead("domain_only", "Zyxtorin"),
            lead("name_only", "Zyxtorin"),
            lead("name_only", "!!!"),
            lead("", " "),
        ];
        let index = Index::build(crate::account::Registry::default(), crate::matching::Revision(1));
        let set = QuestionSet::ask("toy", &leads, &index, &Policy::default());
        assert_eq!(set.questions.len(), 2, "{:?}", set.questions);
    }
}
