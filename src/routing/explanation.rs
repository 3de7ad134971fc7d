//! Why this decision and no other: the candidates that lost, and what would have changed the answer.

use jiff::Timestamp;

use super::answer::Answer;
use super::decision::{CandidateSummary, Decision, Grade, ReviewReason, Route, Tier};
use super::hierarchy;
use crate::account::AccountId;
use crate::lead::Lead;
use crate::matching::{AccountMatch, Index, search, search_all};
use crate::policy::Policy;

/// A decision and what stood behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The answer, equal to what [`super::route`] gives.
    pub decision: Decision,
    /// Every candidate, best first, near names also where an equal one settled the lead; at most
    /// [`crate::matching::CANDIDATES_MAX`].
    pub candidates: Vec<CandidateSummary>,
    /// Sentences that say what would have changed the answer: a threshold, a missing domain, a leave.
    pub would_change: Vec<String>,
}

/// The decision together with every candidate that lost and what would have changed the answer, from the
/// same code path as [`super::route`].
pub fn explain(lead: &Lead, index: &Index, policy: &Policy, now: Timestamp) -> Explanation {
    let found = search(lead, index, policy);
    let decision = super::decide(lead, &found, index, policy, now);
    let everything = search_all(lead, index, policy);
    let answer = Answer { lead, found: &everything, index, policy, now, notes: Vec::new(), excluded: None };
    let winners = claimed(&decision);
    // More names are rivals here than the decision looked at, which may move a score: of what it looked at, its own is told.
    let decided = |candidate: &AccountMatch<'_>| {
        found.matches.iter().find(|decided| decided.account.id == candidate.account.id)
    };
    let candidates = everything
        .matches
        .iter()
        .map(|candidate| decided(candidate).unwrap_or(candidate))
        .map(|candidate| {
            let won = winners.contains(&&candidate.account.id);
            let reason = if won { String::new() } else { lost_because(candidate, &decision, index, policy) };
            answer.summary(candidate, &reason)
        })
        .collect();
    let best = decision.best.as_ref().map(|best| &best.account_id);
    let best = found.matches.iter().find(|candidate| Some(&candidate.account.id) == best);
    let would_change = would_change(lead, &decision, best, policy);
    Explanation { decision, candidates, would_change }
}

/// The accounts that the decision rests on or holds up for review.
fn claimed(decision: &Decision) -> Vec<&AccountId> {
    match &decision.route {
        Route::Owner(owner) => vec![&owner.account.account_id],
        Route::Review(review) => {
            review.claimants.iter().map(|claimant| &claimant.candidate.account_id).collect()
        }
        Route::Nurture(_) => Vec::new(),
    }
}

fn lost_because(candidate: &AccountMatch<'_>, decision: &Decision, index: &Index, policy: &Policy) -> String {
    let Some(tier) = candidate.tier else { return "the name is too different".into() };
    let thresholds = policy.thresholds(tier, candidate.account.class);
    let review = thresholds.map(|tier| tier.review).unwrap_or_default();
    if candidate.score < review {
        return format!("{} is under the {} of tier {}", candidate.score, review, tier.as_str());
    }
    match (&decision.route, decision.tier) {
        (Route::Nurture(_), _) => "the lead is excluded".into(),
        (_, Some(best)) if best < tier => format!("tier {} is weaker than {}", tier.as_str(), best.as_str()),
        (Route::Owner(owner), _) if !owner.tie_break.is_empty() => {
            format!("rule {} prefers {}", owner.tie_break, owner.account.account_id)
        }
        _ if hierarchy::ancestors(candidate.account, index)
            .any(|above| claimed(decision).contains(&&above.id)) =>
        {
            "the chosen account stands above it in one hierarchy".into()
        }
        _ => "another field fits the chosen account only".into(),
    }
}

fn would_change(
    lead: &Lead,
    decision: &Decision,
    best: Option<&AccountMatch<'_>>,
    policy: &Policy,
) -> Vec<String> {
    let mut sentences = Vec::new();
    if let (Some(best), Some(tier)) = (best, best.and_then(|best| best.tier)) {
        let name = best.account.name();
        match policy.thresholds(tier, best.account.class).and_then(|tier| tier.route) {
            _ if matches!(decision.route, Route::Owner(_)) => {}
            Some(route) if best.score < route => sentences.push(format!(
                "{name} scores {}; tier {} routes from {route}.",
                best.score,
                tier.as_str()
            )),
            None => sentences.push(format!("Tier {} never routes by itself.", tier.as_str())),
            Some(_) => {}
        }
        let no_domain_match = best.grades.email_domain != Grade::A && !matches!(tier, Tier::KnownAccount);
        if no_domain_match && !matches!(decision.route, Route::Owner(_)) {
            sentences.push(match best.account.domains().next() {
                Some(domain) => format!("An e-mail address at {domain} would have made it {name}'s lead."),
                None => format!("{name} has no domain on file: with one, an address there would decide."),
            });
        }
    } else if let Some(best) = best {
        sentences.push(format!("The nearest name is {} at {}.", best.account.name(), best.score));
    }
    if let Route::Review(review) = &decision.route {
        match review.reason {
            ReviewReason::OwnerConflict | ReviewReason::Ambiguous if lead.country.is_none() => {
                sentences.push("A country could have told the claimants apart.".into());
            }
            ReviewReason::NoActiveOwner => {
                sentences.push("An active owner, delegate or manager would have got the lead.".into());
            }
            _ => {}
        }
    }
    sentences
}
