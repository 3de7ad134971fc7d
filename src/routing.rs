//! From evidence to a decision: layers, ownership, hierarchy, tie-break.
//!
//! In order: exclusions that hold whatever matches (`exclusion`); the contest of the accounts that match
//! (`contest`), which one owner wins, with an account to stand for them (`tie_break`, `hierarchy`), or which
//! stays open for review; who acts for that owner now (`acting`); exclusions that hold where nothing named
//! matched; nurture.

mod acting;
mod answer;
mod contest;
mod decision;
mod exclusion;
mod explanation;
mod hierarchy;
mod sentence;
mod tie_break;

pub use decision::{
    ActingRep, ActingRole, CandidateSummary, Claimant, Decision, Grade, Grades, Layer, Note, NurtureReason,
    NurtureRoute, OwnerRoute, OwnerSummary, ReviewReason, ReviewRoute, Route, Tier,
};
pub use exclusion::excluding_list;
pub use explanation::{Explanation, explain};

use jiff::Timestamp;

use crate::lead::Lead;
use crate::matching::{Found, Index, search};
use crate::normalize::{DomainClass, unicode_form};
use crate::policy::{DomainNameDiffers, Policy};
use answer::Answer;
use contest::{Contender, Outcome, settle};

/// Whose lead it is. Pure: the same four arguments give the same decision on every replica; `now` matters
/// only for leave.
pub fn route(lead: &Lead, index: &Index, policy: &Policy, now: Timestamp) -> Decision {
    route_and_found(lead, index, policy, now).0
}

/// The decision of [`route`] together with what the search found, for those who count what was not found.
pub fn route_and_found<'a>(
    lead: &Lead,
    index: &'a Index,
    policy: &Policy,
    now: Timestamp,
) -> (Decision, Found<'a>) {
    let found = search(lead, index, policy);
    (decide(lead, &found, index, policy, now), found)
}

/// The decision on what a search found, alone: what remains of [`route`] beside the search, for benches.
#[doc(hidden)]
pub fn decide(lead: &Lead, found: &Found<'_>, index: &Index, policy: &Policy, now: Timestamp) -> Decision {
    let (notes, excluded) = notes(lead, found, policy);
    let mut answer = Answer { lead, found, index, policy, now, notes, excluded };
    if let Some((reason, rule)) = exclusion::hard(lead, policy) {
        return answer.nurture(reason, rule, Layer::Exclusion, None);
    }
    let imitated = imitated(found, lead, index);
    if !imitated.is_empty() {
        return answer.review(ReviewReason::SuspiciousDomain, imitated);
    }
    match settle(&found.matches, index, policy) {
        Outcome::Empty => after_no_match(&mut answer),
        Outcome::Open { reason, claimants } => open(&mut answer, reason, claimants),
        Outcome::Won { winner, tie_break, overrode } => won(&mut answer, winner, tie_break, overrode),
    }
}

/// A match that one owner won: to the owner, unless doubt or leave stands in between.
fn won(
    answer: &mut Answer<'_, '_>,
    winner: Contender<'_>,
    tie_break: &'static str,
    overrode: Vec<Contender<'_>>,
) -> Decision {
    let policy = answer.policy;
    if !winner.is_named()
        && let Some((reason, rule)) = answer.excluded
    {
        return answer.nurture(reason, rule, Layer::SoftExclusion, Some(&winner));
    }
    let thresholds = policy.thresholds(winner.tier, winner.found.account.class);
    let sure = thresholds.and_then(|tier| tier.route).is_some_and(|route| winner.found.score >= route);
    let name_differs = winner.tier == Tier::Domain && winner.found.grades.name == Grade::F;
    if name_differs {
        answer.notes.push(Note::NameDiffers);
    }
    let doubted = name_differs && policy.domain_name_differs == DomainNameDiffers::Review;
    if answer.found.facts.email_class == Some(DomainClass::Disposable) {
        return answer.review(ReviewReason::DisposableMail, vec![winner]);
    }
    if !sure || doubted {
        return answer.review(ReviewReason::LowConfidence, vec![winner]);
    }
    let acting = winner.answering.and_then(|(_, owner)| acting::acting_for(owner, answer.index, answer.now));
    match (acting, winner.answering) {
        (Some(acting), Some((answering, owner))) => {
            answer.owner(winner, answering, owner, acting, tie_break, overrode)
        }
        _ if winner.is_named() => answer.review(ReviewReason::NoActiveOwner, vec![winner]),
        _ => answer.nurture(NurtureReason::UnownedStandard, "default", Layer::Nurture, Some(&winner)),
    }
}

/// Nothing matched: exclusions that a named account would have overridden, then nurture.
fn after_no_match(answer: &mut Answer<'_, '_>) -> Decision {
    if let Some((reason, rule)) = answer.excluded {
        return answer.nurture(reason, rule, Layer::SoftExclusion, None);
    }
    let lead = answer.lead;
    let free_mail = answer.found.facts.email_class == Some(DomainClass::FreeMail);
    let nothing_else = lead.company.is_none() && answer.found.facts.website_domain.is_none();
    let reason = if free_mail && nothing_else { NurtureReason::FreeMailOnly } else { NurtureReason::NoMatch };
    answer.nurture(reason, "default", Layer::Nurture, None)
}

/// A contest that stays open: to a person, unless nobody's named account is at stake and the lead is excluded.
fn open(answer: &mut Answer<'_, '_>, reason: ReviewReason, claimants: Vec<Contender<'_>>) -> Decision {
    if !claimants.iter().any(Contender::is_named)
        && let Some((reason, rule)) = answer.excluded
    {
        return answer.nurture(reason, rule, Layer::SoftExclusion, claimants.first());
    }
    let acknowledged = |one: &Contender<'_>, other: &Contender<'_>| {
        one.found.account.acknowledged_conflicts().any(|id| id == other.found.account.id.as_str())
    };
    if let [one, other] = &claimants[..]
        && (acknowledged(one, other) || acknowledged(other, one))
    {
        answer.notes.push(Note::AcknowledgedConflict);
    }
    answer.review(reason, claimants)
}

/// The accounts whose domain the lead's e-mail imitates: in another script always, in plain ASCII (`modem`,
/// `modern`) only where the name fits too, since such domains are mostly other companies' own.
fn imitated<'a>(found: &'a Found<'a>, lead: &Lead, index: &'a Index) -> Vec<Contender<'a>> {
    let Some(email) = &lead.email else { return Vec::new() };
    // Rare, and to read a domain as a person sees it is not for nothing.
    if !found.matches.iter().any(|found| found.look_alike) {
        return Vec::new();
    }
    let plain = unicode_form(&email.domain).is_ascii();
    let suspicious = found.matches.iter().filter(|found| found.look_alike && (!plain || found.name_fits));
    suspicious
        .map(|found| Contender {
            found,
            tier: found.tier.unwrap_or(Tier::NameOnlyNear),
            answering: hierarchy::answering(found.account, index),
        })
        .collect()
}

/// Facts about the lead that stand beside whatever route it takes; and what excludes it only when no named account
/// matches, with the name of the rule: the first of those facts that may.
fn notes(
    lead: &Lead,
    found: &Found<'_>,
    policy: &Policy,
) -> (Vec<Note>, Option<(NurtureReason, &'static str)>) {
    let (mut notes, mut excluded) = (Vec::new(), None);
    if found.facts.email_class == Some(DomainClass::FreeMail) {
        notes.push(Note::FreeMail);
    }
    if !found.facts.look_alike_accounts.is_empty() {
        notes.push(Note::LookAlikeDomain);
    }
    for (reason, note, rule) in exclusion::facts(lead, found.facts.email_class, policy) {
        excluded.get_or_insert((reason, rule));
        notes.push(note);
    }
    (notes, excluded)
}
