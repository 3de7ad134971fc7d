//! What became of one labelled lead.

use jiff::Timestamp;

use super::cases::LabeledLead;
use crate::account::AccountId;
use crate::lead::{Lead, LeadFields};
use crate::matching::Index;
use crate::policy::Policy;
use crate::routing::{Decision, NurtureReason, ReviewReason, Route, Tier, route};
use crate::score::Score;

/// Cases whose leads are known by their e-mail domain. They say nothing about names: the name measure leaves
/// them out.
pub const DOMAIN_CASES: [&str; 2] = ["domain_and_name", "domain_only"];

/// Where a lead went, seen beside its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// To the owner of the lead's own account.
    RoutedRight,
    /// To another account, which has the same owner.
    RoutedSameOwner,
    /// To another account and another owner.
    RoutedWrong,
    /// To review, the lead's own account suggested or among the claimants.
    ReviewRight,
    /// To review, the lead's own account not named.
    ReviewOther,
    /// To nurture, although the lead has an account.
    Missed,
    /// To an owner, although the lead has no account.
    AbsentRouted,
    /// To review, although the lead has no account.
    AbsentReviewed,
    /// To nurture, and the lead has no account.
    AbsentLeft,
}

impl Fate {
    /// The lead went to an owner.
    pub fn is_routed(self) -> bool {
        matches!(self, Fate::RoutedRight | Fate::RoutedSameOwner | Fate::RoutedWrong | Fate::AbsentRouted)
    }
}

/// The best candidate of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// Which account.
    pub account_id: AccountId,
    /// What the match rests on.
    pub tier: Option<Tier>,
    /// Evidence.
    pub score: Score,
    /// It is the lead's own account.
    pub right: bool,
}

/// A lead's label beside what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What kind of lead it is.
    pub case: String,
    /// The lead has an account.
    pub has_account: bool,
    /// Where it went.
    pub fate: Fate,
    /// No threshold would change the route: owners contest the lead, nobody can act, or it is excluded.
    pub settled: bool,
    /// The best candidate, whatever the route.
    pub best: Option<Best>,
    /// The best candidate where nothing but the company name is known; `None` for leads that the name measure
    /// leaves out.
    pub by_name: Option<Option<Best>>,
}

/// Routes a lead, as submitted and by its name alone.
pub fn judge(lead: &LabeledLead, index: &Index, policy: &Policy, now: Timestamp) -> Outcome {
    let decision = Lead::new(lead.fields.clone()).ok().map(|checked| route(&checked, index, policy, now));
    let best = |decision: &Option<Decision>| best(decision.as_ref()?, lead.expected.as_ref());
    let by_name = name_alone(lead).map(|fields| {
        if fields == (LeadFields { lead_id: String::new(), ..lead.fields.clone() }) {
            return best(&decision);
        }
        best(&Lead::new(fields).ok().map(|checked| route(&checked, index, policy, now)))
    });
    Outcome {
        case: lead.case.clone(),
        has_account: lead.expected.is_some(),
        fate: fate(decision.as_ref(), lead.expected.as_ref(), index),
        settled: decision.as_ref().is_none_or(settled),
        best: best(&decision),
        by_name,
    }
}

/// The lead with nothing but its company name; `None` where the name measure leaves it out.
pub(super) fn name_alone(lead: &LabeledLead) -> Option<LeadFields> {
    let named = !lead.fields.company.trim().is_empty();
    (named && !DOMAIN_CASES.contains(&lead.case.as_str()))
        .then(|| LeadFields { company: lead.fields.company.clone(), ..LeadFields::default() })
}

fn best(decision: &Decision, expected: Option<&AccountId>) -> Option<Best> {
    decision.best.as_ref().map(|best| Best {
        account_id: best.account_id.clone(),
        tier: best.tier,
        score: best.score,
        right: Some(&best.account_id) == expected,
    })
}

/// The route does not depend on the score of the best candidate.
fn settled(decision: &Decision) -> bool {
    match &decision.route {
        Route::Owner(_) => false,
        Route::Review(review) => review.reason != ReviewReason::LowConfidence,
        Route::Nurture(nurture) => nurture.reason != NurtureReason::NoMatch,
    }
}

/// A lead that is refused at the door counts as one that went to nurture: nobody got it.
fn fate(decision: Option<&Decision>, expected: Option<&AccountId>, index: &Index) -> Fate {
    match (decision.map(|decision| &decision.route), expected) {
        (Some(Route::Owner(_)), None) => Fate::AbsentRouted,
        (Some(Route::Review(_)), None) => Fate::AbsentReviewed,
        (_, None) => Fate::AbsentLeft,
        (Some(Route::Owner(route)), Some(id)) if route.account.account_id == *id => Fate::RoutedRight,
        (Some(Route::Owner(route)), Some(id)) => {
            let owner = index.account(id).and_then(|account| account.owner_id.as_ref());
            if owner == Some(&route.owner.rep_id) { Fate::RoutedSameOwner } else { Fate::RoutedWrong }
        }
        (Some(Route::Review(review)), Some(id)) => {
            let claims = review.claimants.iter().any(|claimant| claimant.candidate.account_id == *id);
            let suggested = review.suggested_account_id.as_ref() == Some(id);
            if claims || suggested { Fate::ReviewRight } else { Fate::ReviewOther }
        }
        _ => Fate::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Registry, Rep, RepId};
    use crate::matching::Revision;

    /// Three accounts of two owners; Zyxtorin is one name of two of them.
    fn index() -> Index {
        let account = |id: &str, name: &str, owner: &str, domain: &str| {
            let mut account = Account::new(AccountId::new(id).unwrap(), name);
            account.owner_id = RepId::new(owner);
            account.domains.extend(crate::normalize::website_domain(domain).ok());
            account
        };
        let accounts = vec![
            account("a1", "Zyxtorin Ltd", "ann", "zyxtorin.com"),
            account("a2", "Quafferby Brewing", "ann", "quafferby.com"),
            account("a3", "Zyxtorin GmbH", "bob", ""),
        ];
        let reps = ["ann", "bob"].map(|id| Rep::new(RepId::new(id).unwrap())).to_vec();
        Index::build(Registry { accounts, reps }, Revision(1))
    }

    fn lead(company: &str, email: &str, expected: &str, case: &str) -> LabeledLead {
        LabeledLead {
            fields: LeadFields { company: company.into(), email: email.into(), ..LeadFields::default() },
            expected: AccountId::new(expected),
            case: case.into(),
        }
    }

    fn outcome(lead: &LabeledLead) -> Outcome {
        judge(lead, &index(), &Policy::default(), Timestamp::UNIX_EPOCH)
    }

    #[track_caller]
    fn check(company: &str, email: &str, expected: &str, fate: Fate) {
        assert_eq!(outcome(&lead(company, email, expected, "")).fate, fate, "{company} {email}");
    }

    #[test]
    fn a_route_is_seen_beside_the_label() {
        check("Quafferby Brewing", "jo@quafferby.com", "a2", Fate::RoutedRight);
        check("Quafferby Brewing", "jo@quafferby.com", "a1", Fate::RoutedSameOwner);
        check("Quafferby Brewing", "jo@quafferby.com", "a3", Fate::RoutedWrong);
        check("Quafferby Brewing", "jo@quafferby.com", "", Fate::AbsentRouted);
        check("Zyxtorin", "", "a3", Fate::ReviewRight);
        check("Zyxtorin", "", "a2", Fate::ReviewOther);
        check("Zyxtorin", "", "", Fate::AbsentReviewed);
        check("Mumbleford Partners", "", "a1", Fate::Missed);
        check("Mumbleford Partners", "", "", Fate::AbsentLeft);
    }

    #[test]
    fn a_contested_lead_is_settled_whatever_the_thresholds() {
        assert!(outcome(&lead("Zyxtorin", "", "a3", "")).settled);
        assert!(!outcome(&lead("Quafferby Brewing", "", "a2", "")).settled);
        assert!(!outcome(&lead("Mumbleford Partners", "", "", "")).settled);
    }

    #[test]
    fn a_lead_that_is_refused_is_missed() {
        check("!!!", "", "a1", Fate::Missed);
    }

    #[test]
    fn the_name_measure_sees_nothing_but_the_name() {
        let judged = outcome(&lead("Quafferby Brewing", "jo@zyxtorin.com", "a2", "absent"));
        let by_name = judged.by_name.unwrap().unwrap();
        assert_eq!((by_name.account_id.as_str(), by_name.right), ("a2", true));
        assert_eq!(outcome(&lead("Quafferby", "jo@quafferby.com", "a2", "domain_and_name")).by_name, None);
    }
}
