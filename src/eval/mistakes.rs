//! Every error with the evidence of the account that was chosen and of the one expected.

use serde::Serialize;

use super::cases::LabeledLead;
use super::outcome::{Fate, Outcome};
use crate::account::AccountId;
use crate::lead::Lead;
use crate::matching::{AccountMatch, FEATURE_NAMES, Index, search_all};
use crate::policy::Policy;

/// How a lead went wrong; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Routed to another account.
    WrongRoute,
    /// Routed, although the lead has no account.
    FalseMatch,
    /// To review, although the lead has no account.
    FalseReview,
    /// To review, and the lead's account is not among the claimants.
    WrongReview,
    /// To nurture, although its account is the best candidate.
    MissedBest,
    /// To nurture, although its account is a candidate.
    MissedCandidate,
    /// To nurture, and its account is no candidate.
    MissedUnseen,
    /// Routed or reviewed rightly, but by its name alone another account would be the best candidate.
    WrongBestByName,
}

impl Kind {
    /// As it is written to files: `wrong_route` …
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::WrongRoute => "wrong_route",
            Kind::FalseMatch => "false_match",
            Kind::FalseReview => "false_review",
            Kind::WrongReview => "wrong_review",
            Kind::MissedBest => "missed_best",
            Kind::MissedCandidate => "missed_candidate",
            Kind::MissedUnseen => "missed_unseen",
            Kind::WrongBestByName => "wrong_best_by_name",
        }
    }
}

/// One error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    /// The set.
    pub set: String,
    /// The lead's id.
    pub lead_id: String,
    /// What kind of lead it is.
    pub case: String,
    /// What went wrong.
    pub kind: Kind,
    /// The company as typed.
    pub company: String,
    /// The e-mail's domain; never the address.
    pub email_domain: String,
    /// The account that was chosen, or would have been: the best candidate.
    pub chosen: Option<Evidence>,
    /// The account of the label; its evidence is empty where the search did not find it.
    pub expected: Option<Evidence>,
}

/// An account and what spoke for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// The account.
    pub account_id: String,
    /// Its current name.
    pub name: String,
    /// The name that fitted best, where names were compared.
    pub matched_name: Option<String>,
    /// Its place among the candidates, from 1; `None` where it is none of them.
    pub place: Option<usize>,
    /// What the match rests on.
    pub tier: Option<&'static str>,
    /// Evidence over all fields, in basis points.
    pub score_bps: u16,
    /// Similarity of the names, in basis points.
    pub name_similarity_bps: u16,
    /// `name=A email_domain=Z …`; empty where it is no candidate.
    pub grades: String,
    /// Name and value of each feature of the best name; empty where the name model was not asked about it.
    pub features: Vec<(&'static str, f32)>,
}

/// The error of a lead, if there is one.
pub fn mistake(
    set: &str,
    lead: &LabeledLead,
    outcome: &Outcome,
    index: &Index,
    policy: &Policy,
) -> Option<Mistake> {
    let wrong_by_name = outcome.has_account
        && matches!(&outcome.by_name, Some(best) if !best.as_ref().is_some_and(|best| best.right));
    match outcome.fate {
        Fate::AbsentLeft => return None,
        Fate::RoutedRight | Fate::ReviewRight if !wrong_by_name => return None,
        _ => {}
    }
    let submitted = match outcome.fate {
        // As submitted all is well: the error shows only where the name stands alone.
        Fate::RoutedRight | Fate::ReviewRight => super::outcome::name_alone(lead)?,
        _ => lead.fields.clone(),
    };
    let checked = Lead::new(submitted).ok();
    let found = checked.as_ref().map(|checked| search_all(checked, index, policy));
    let matches = found.as_ref().map_or(&[][..], |found| &found.matches[..]);
    let place = |id: &AccountId| matches.iter().position(|found| found.account.id == *id);
    let evidence = |id: &AccountId| match place(id) {
        Some(at) => of_match(&matches[at], at + 1),
        None => Evidence {
            account_id: id.to_string(),
            name: index.account(id).map(|account| account.name().to_owned()).unwrap_or_default(),
            ..Evidence::default()
        },
    };
    let kind = match outcome.fate {
        Fate::RoutedWrong | Fate::RoutedSameOwner => Kind::WrongRoute,
        Fate::AbsentRouted => Kind::FalseMatch,
        Fate::AbsentReviewed => Kind::FalseReview,
        Fate::ReviewOther => Kind::WrongReview,
        Fate::Missed => match lead.expected.as_ref().map(place) {
            Some(Some(0)) => Kind::MissedBest,
            Some(Some(_)) => Kind::MissedCandidate,
            _ => Kind::MissedUnseen,
        },
        _ => Kind::WrongBestByName,
    };
    let chosen = match kind {
        Kind::WrongBestByName => matches.first().map(|best| of_match(best, 1)),
        _ => outcome.best.as_ref().map(|best| evidence(&best.account_id)),
    };
    let email = crate::normalize::email_address(&lead.fields.email).ok();
    Some(Mistake {
        set: set.to_owned(),
        lead_id: lead.fields.lead_id.clone(),
        case: lead.case.clone(),
        kind,
        company: lead.fields.company.clone(),
        email_domain: email.map(|email| email.domain.to_string()).unwrap_or_default(),
        chosen,
        expected: lead.expected.as_ref().map(evidence),
    })
}

fn of_match(found: &AccountMatch<'_>, place: usize) -> Evidence {
    let grades = &found.grades;
    let letters = [
        ("name", grades.name),
        ("email_domain", grades.email_domain),
        ("website", grades.website),
        ("country", grades.country),
        ("region", grades.region),
        ("postal_code", grades.postal_code),
        ("phone", grades.phone),
    ];
    let letters = letters.map(|(field, grade)| format!("{field}={}", grade.as_str()));
    Evidence {
        account_id: found.account.id.to_string(),
        name: found.account.name().to_owned(),
        matched_name: found.matched_name.map(|(_, name)| name.to_owned()),
        place: Some(place),
        tier: found.tier.map(|tier| tier.as_str()),
        score_bps: found.score.bps(),
        name_similarity_bps: found.name_similarity.bps(),
        grades: letters.join(" "),
        features: found
            .name_features
            .iter()
            .flat_map(|features| FEATURE_NAMES.into_iter().zip(features.iter().copied()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Registry, Rep, RepId};
    use crate::eval::judge;
    use crate::lead::LeadFields;
    use crate::matching::Revision;

    fn mistake_of(company: &str, expected: &str) -> Option<Mistake> {
        let account = |id: &str, name: &str| {
            let mut account = Account::new(AccountId::new(id).unwrap(), name);
            account.owner_id = RepId::new("ann");
            account
        };
        let accounts = vec![account("a1", "Zyxtorin Ltd"), account("a2", "Quafferby Brewing Ltd")];
        let reps = vec![Rep::new(RepId::new("ann").unwrap())];
        let index = Index::build(Registry { accounts, reps }, Revision(1));
        let lead = LabeledLead {
            fields: LeadFields { company: company.into(), ..LeadFields::default() },
            expected: AccountId::new(expected),
            case: "variant".into(),
        };
        let policy = Policy::default();
        let outcome = judge(&lead, &index, &policy, jiff::Timestamp::UNIX_EPOCH);
        mistake("toy", &lead, &outcome, &index, &policy)
    }

    #[track_caller]
    fn check(company: &str, expected: &str, kind: Option<Kind>) {
        assert_eq!(mistake_of(company, expected).map(|mistake| mistake.kind), kind, "{company} {expected}");
    }

    #[test]
    fn errors_are_told_apart() {
        check("Zyxtorin Ltd", "a1", None);
        check("Mumbleford Partners", "", None);
        check("Zyxtorin Ltd", "", Some(Kind::FalseMatch));
        check("Zyxtorin Ltd", "a2", Some(Kind::WrongRoute));
        check("Mumbleford Partners", "a2", Some(Kind::MissedUnseen));
    }

    #[test]
    fn both_accounts_come_with_their_evidence() {
        let mistake = mistake_of("Zyxtorin Ltd", "a2").unwrap();
        let (chosen, expected) = (mistake.chosen.unwrap(), mistake.expected.unwrap());
        assert_eq!(
            (chosen.account_id.as_str(), chosen.place, chosen.tier),
            ("a1", Some(1), Some("NAME_EXACT"))
        );
        assert_eq!(chosen.features.len(), FEATURE_NAMES.len());
        assert!(chosen.grades.starts_with("name=A"), "{}", chosen.grades);
        assert_eq!((expected.name.as_str(), expected.place), ("Quafferby Brewing Ltd", None));
    }
}
