//! What a name is worth by itself, and how alike an account's name is: for those who keep the registry.

use super::alignment::{Word, align};
use super::features::{Comparison, LegalAgreement};
use super::index::Index;
use super::model::NameModel;
use super::name_score::{DISTINCTIVE_WEIGHT_MIN, LeadSide};
use super::names::lead_names;
use super::nearest::Side;
use super::search::name_of;
use super::work::Work;
use crate::account::AccountId;
use crate::score::Score;

/// What a name is worth as evidence where nothing else is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameWorth {
    /// The score of a lead that types this name, without legal form and with nothing else, for an account of this
    /// name. Under the threshold of `NAME_EXACT` its words are too common to route on.
    pub score: Score,
    /// At least one word can tell companies apart.
    pub distinctive: bool,
}

/// What a name is worth by itself; `None` for text without a letter or digit.
pub fn name_alone(name: &str, index: &Index) -> Option<NameWorth> {
    let names = lead_names(name);
    let side = LeadSide::new(names.first()?, index.vocabulary());
    let account: Vec<Word<'_>> = side.words.iter().map(|word| Word { known: true, ..*word }).collect();
    let weight = account.iter().map(|word| word.weight).sum();
    let comparison = Comparison {
        alignment: align(&side.words, &account),
        lead_weight: weight,
        account_weight: weight,
        lead_left_out: 0.0,
        account_left_out: 0.0,
        cosine: 1.0,
        letters: account.iter().map(|word| word.text.chars().count()).sum(),
        edits: 0,
        legal: LegalAgreement::Missing,
        lead_words: account.len(),
        account_words: account.len(),
    };
    Some(NameWorth {
        score: NameModel::fitted().score(&comparison.features()),
        distinctive: comparison.alignment.distinctive >= DISTINCTIVE_WEIGHT_MIN,
    })
}

/// How likely a company name is that of an account, by the name alone; `None` where there is nothing to compare.
pub fn name_likeness(company: &str, account: &AccountId, index: &Index) -> Option<Score> {
    let position = index.position(account)?;
    let readings = lead_names(company);
    let best = name_of(&Side::of(&readings, index), position, index, &mut Work::default())?;
    Some(NameModel::fitted().score(&best.found.features))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Registry};
    use crate::matching::Revision;

    fn index(names: &[&str]) -> Index {
        let account = |name: &&str| Account::new(AccountId::new(name).unwrap(), *name);
        let registry = Registry { accounts: names.iter().map(account).collect(), reps: Vec::new() };
        Index::build(registry, Revision(1))
    }

    #[test]
    fn common_words_are_worth_less_alone_than_a_rare_one() {
        let index = index(&["Acme"]);
        let worth = |name| name_alone(name, &index).unwrap().score;
        assert!(worth("Global Solutions Group") < worth("Qxzzyq"));
        assert!(worth("Global") < worth("Qxzzyq Solutions"));
        assert_eq!(name_alone("!!!", &index), None);
    }

    #[test]
    fn a_name_is_like_its_own_and_unlike_anothers() {
        let index = index(&["Bank of Ireland", "Bank of Irving"]);
        let likeness = |name, id| name_likeness(name, &AccountId::new(id).unwrap(), &index).unwrap();
        assert!(
            likeness("Bank of Ireland Group", "Bank of Ireland")
                > likeness("Bank of Ireland Group", "Bank of Irving")
        );
    }
}
