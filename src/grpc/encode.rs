//! From a decision to the contract's messages, written field by field in the order of their numbers. Decisions are read,
//! not copied. The tests read what is written with the contract's own messages.

use jiff::Timestamp;

use super::wire::Wire;
use crate::account::AccountId;
use crate::lead::LeadWarning;
use crate::proto::v1;
use crate::routing::{
    CandidateSummary, Decision, Explanation, Grades, Layer, NurtureRoute, OwnerRoute, OwnerSummary,
    ReviewRoute, Route,
};
use crate::serving::InForce;

/// `RouteLeadResponse`.
pub(super) fn answer(
    wire: &mut Wire,
    decision: &Decision,
    lead_id: &str,
    in_force: &InForce,
    now: Timestamp,
) {
    wire.flag(1, decision.do_not_round_robin);
    // Mostly the best account is the owner's too: written once, it goes to both places.
    let mut account = None;
    match &decision.route {
        Route::Owner(route) => {
            let summary = account.insert((&route.account, Wire::of(|wire| candidate(wire, &route.account))));
            wire.message(2, |wire| owner_route(wire, route, &summary.1));
        }
        Route::Review(route) => wire.message(3, |wire| review_route(wire, route)),
        Route::Nurture(route) => wire.message(4, |wire| nurture_route(wire, route)),
    }
    wire.number(5, decision.score.bps().into());
    if let Some(tier) = decision.tier {
        wire.word(6, v1::Tier::from(tier));
    }
    wire.number(7, decision.name_similarity.bps().into());
    wire.text(8, lead_id);
    wire.text(9, &decision.sentence);
    wire.message(10, |wire| envelope(wire, in_force, now));
    wire.message(11, |wire| grades(wire, decision.grades));
    match (&decision.best, account) {
        (Some(best), Some((account, written))) if best == account => wire.written(12, &written),
        (Some(best), _) => wire.message(12, |wire| candidate(wire, best)),
        (None, _) => {}
    }
    for runner_up in &decision.runner_ups {
        wire.message(13, |wire| candidate(wire, runner_up));
    }
    for warned in &decision.warnings {
        wire.message(14, |wire| warning(wire, warned));
    }
    wire.words(15, decision.notes.iter().map(|note| v1::Note::from(*note).into()));
    if let Some(reason) = decision.mapped_from_review {
        wire.word(16, v1::ReviewReason::from(reason));
    }
}

/// `ExplainLeadResponse`.
pub(super) fn explanation(
    wire: &mut Wire,
    explanation: &Explanation,
    lead_id: &str,
    in_force: &InForce,
    now: Timestamp,
) {
    wire.message(1, |wire| answer(wire, &explanation.decision, lead_id, in_force, now));
    for one in &explanation.candidates {
        wire.message(2, |wire| candidate(wire, one));
    }
    for sentence in &explanation.would_change {
        wire.given_text(3, sentence);
    }
}

/// `Envelope`: what the answer was made from.
fn envelope(wire: &mut Wire, in_force: &InForce, now: Timestamp) {
    wire.number(1, revision(in_force));
    let published = timestamp(in_force.freshness.published_time);
    wire.message(2, |wire| time(wire, published.seconds, published.nanos));
    let age = age(in_force, now);
    wire.message(3, |wire| time(wire, age.seconds, age.nanos));
    wire.flag(4, in_force.freshness.stale);
    wire.text(5, &in_force.policy.digest);
    wire.word(6, v1::RegistrySource::from(in_force.freshness.source));
}

/// The revision as the contract counts.
pub(super) fn revision(in_force: &InForce) -> i64 {
    i64::try_from(in_force.index.revision().0).unwrap_or(i64::MAX)
}

/// How long ago the index was last known to equal its home. One confirmed after `now` (a clock set back) is 0 s old.
pub(super) fn age(in_force: &InForce, now: Timestamp) -> prost_types::Duration {
    let age = now.duration_since(in_force.freshness.confirmed_time);
    let (seconds, nanos) = if age.is_negative() { (0, 0) } else { (age.as_secs(), age.subsec_nanos()) };
    prost_types::Duration { seconds, nanos }
}

/// A protobuf time counts nanoseconds forward from its second, jiff's away from 1970: they differ before it.
pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    const NANOS: i32 = 1_000_000_000;
    let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
    match nanos < 0 {
        true => prost_types::Timestamp { seconds: seconds - 1, nanos: nanos + NANOS },
        false => prost_types::Timestamp { seconds, nanos },
    }
}

/// `google.protobuf.Timestamp` and `google.protobuf.Duration` alike.
fn time(wire: &mut Wire, seconds: i64, nanos: i32) {
    wire.number(1, seconds);
    wire.number(2, nanos.into());
}

/// `account` is the route's, written.
fn owner_route(wire: &mut Wire, route: &OwnerRoute, account: &Wire) {
    wire.written(1, account);
    wire.message(2, |wire| rep(wire, &route.owner));
    wire.message(3, |wire| {
        wire.message(1, |wire| rep(wire, &route.acting.rep));
        wire.word(2, v1::ActingRole::from(route.acting.role));
    });
    wire.word(4, v1::Alert::from(route.alert));
    wire.word(5, v1::Layer::from(route.decided_by));
    overrode(wire, 6, &route.overrode);
    wire.text(7, route.tie_break);
    wire.text(8, &route.crm_url);
    for (key, value) in &route.context {
        wire.message(9, |wire| {
            wire.text(1, key);
            wire.text(2, value);
        });
    }
    for member in &route.team {
        wire.message(10, |wire| {
            wire.text(1, member.rep_id.as_str());
            wire.text(2, &member.role);
        });
    }
}

fn overrode(wire: &mut Wire, field: u32, overrode: &[(Layer, AccountId)]) {
    for (layer, account_id) in overrode {
        wire.message(field, |wire| {
            wire.word(1, v1::Layer::from(*layer));
            wire.text(2, account_id.as_str());
        });
    }
}

fn review_route(wire: &mut Wire, route: &ReviewRoute) {
    wire.word(1, v1::ReviewReason::from(route.reason));
    wire.text(2, &route.queue);
    for claimant in &route.claimants {
        wire.message(3, |wire| {
            wire.message(1, |wire| candidate(wire, &claimant.candidate));
            if let Some(owner) = &claimant.owner {
                wire.message(2, |wire| rep(wire, owner));
            }
        });
    }
    wire.text(4, route.suggested_account_id.as_ref().map_or("", AccountId::as_str));
    wire.word(5, v1::Layer::from(route.decided_by));
}

fn nurture_route(wire: &mut Wire, route: &NurtureRoute) {
    wire.word(1, v1::NurtureReason::from(route.reason));
    wire.text(2, &route.track);
    wire.text(3, &route.rule);
    wire.word(4, v1::Layer::from(route.decided_by));
    overrode(wire, 5, &route.overrode);
}

fn candidate(wire: &mut Wire, candidate: &CandidateSummary) {
    wire.text(1, candidate.account_id.as_str());
    wire.text(2, &candidate.account_name);
    wire.word(3, v1::AccountClass::from(candidate.class));
    wire.text(4, candidate.owner_id.as_ref().map_or("", |id| id.as_str()));
    if let Some(tier) = candidate.tier {
        wire.word(5, v1::Tier::from(tier));
    }
    wire.number(6, candidate.score.bps().into());
    wire.number(7, candidate.name_similarity.bps().into());
    wire.message(8, |wire| grades(wire, candidate.grades));
    if let Some((kind, name)) = &candidate.matched_name {
        wire.message(9, |wire| {
            wire.word(1, v1::NameKind::from(*kind));
            wire.text(2, name);
        });
    }
    wire.text(10, candidate.matched_domain.as_ref().map_or("", |domain| domain.as_str()));
    wire.text(11, &candidate.lost_because);
}

fn grades(wire: &mut Wire, grades: Grades) {
    let Grades { name, email_domain, website, country, region, postal_code, phone } = grades;
    let mut numbers = [0; 7];
    for (number, grade) in
        numbers.iter_mut().zip([name, email_domain, website, country, region, postal_code, phone])
    {
        *number = v1::Grade::from(grade) as u8;
    }
    wire.small_words(numbers);
}

fn rep(wire: &mut Wire, rep: &OwnerSummary) {
    wire.text(1, rep.rep_id.as_str());
    wire.text(2, &rep.name);
    wire.text(3, &rep.email);
}

fn warning(wire: &mut Wire, warning: &LeadWarning) {
    wire.text(1, warning.field.as_str());
    wire.word(2, v1::WarningCode::from(warning.problem));
    wire.text(3, &warning.to_string());
}

#[cfg(test)]
mod tests;
