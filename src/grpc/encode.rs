//! From a decision to the contract's messages. Decisions are taken apart, not copied.

use jiff::Timestamp;

use crate::account::{AccountId, RepId, TeamMember};
use crate::lead::LeadWarning;
use crate::proto::v1;
use crate::proto::v1::route_lead_response::Route as RouteMessage;
use crate::routing::{
    ActingRep, CandidateSummary, Claimant, Decision, Explanation, Grades, Layer, NurtureRoute, OwnerRoute,
    OwnerSummary, ReviewRoute, Route,
};
use crate::serving::InForce;

/// The answer for one lead.
pub(super) fn response(decision: Decision, lead_id: String, envelope: v1::Envelope) -> v1::RouteLeadResponse {
    v1::RouteLeadResponse {
        do_not_round_robin: decision.do_not_round_robin,
        route: Some(route(decision.route)),
        score_bps: i32::from(decision.score.bps()),
        tier: decision.tier.map(|tier| v1::Tier::from(tier).into()),
        name_similarity_bps: i32::from(decision.name_similarity.bps()),
        lead_id,
        sentence: decision.sentence,
        envelope: Some(envelope),
        grades: Some(grades(decision.grades)),
        best: decision.best.map(candidate),
        runner_ups: decision.runner_ups.into_iter().map(candidate).collect(),
        warnings: decision.warnings.into_iter().map(warning).collect(),
        notes: decision.notes.into_iter().map(|note| v1::Note::from(note).into()).collect(),
        mapped_from_review: decision.mapped_from_review.map(|reason| v1::ReviewReason::from(reason).into()),
    }
}

/// The answer with what stood behind it.
pub(super) fn explanation(
    explanation: Explanation,
    lead_id: String,
    envelope: v1::Envelope,
) -> v1::ExplainLeadResponse {
    v1::ExplainLeadResponse {
        decision: Some(response(explanation.decision, lead_id, envelope)),
        candidates: explanation.candidates.into_iter().map(candidate).collect(),
        would_change: explanation.would_change,
    }
}

/// What the answer was made from. An index confirmed after `now` (a clock set back) is 0 s old.
pub(super) fn envelope(in_force: &InForce, now: Timestamp) -> v1::Envelope {
    let published = in_force.freshness.published_time;
    let age = now.duration_since(in_force.freshness.confirmed_time);
    let (seconds, nanos) = if age.is_negative() { (0, 0) } else { (age.as_secs(), age.subsec_nanos()) };
    v1::Envelope {
        index_revision: i64::try_from(in_force.index.revision().0).unwrap_or(i64::MAX),
        index_published_time: Some(timestamp(published)),
        index_age: Some(prost_types::Duration { seconds, nanos }),
        stale: in_force.freshness.stale,
        policy_digest: in_force.policy.digest.clone(),
        registry_source: v1::RegistrySource::from(in_force.freshness.source).into(),
    }
}

/// A protobuf time counts nanoseconds forward from its second, jiff's away from 1970: they differ before it.
pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    const NANOS: i128 = 1_000_000_000;
    let nanos = time.as_nanosecond();
    prost_types::Timestamp {
        seconds: i64::try_from(nanos.div_euclid(NANOS)).expect("jiff's range is within years -9999 to 9999"),
        nanos: i32::try_from(nanos.rem_euclid(NANOS)).expect("a remainder of 10^9 fits"),
    }
}

fn route(route: Route) -> RouteMessage {
    match route {
        Route::Owner(route) => RouteMessage::Owner(owner_route(*route)),
        Route::Review(route) => RouteMessage::Review(review_route(*route)),
        Route::Nurture(route) => RouteMessage::Nurture(nurture_route(route)),
    }
}

fn owner_route(route: OwnerRoute) -> v1::OwnerRoute {
    let ActingRep { rep: acting, role } = route.acting;
    v1::OwnerRoute {
        account: Some(candidate(route.account)),
        owner: Some(rep(route.owner)),
        acting: Some(v1::ActingRep { rep: Some(rep(acting)), role: v1::ActingRole::from(role).into() }),
        alert: v1::Alert::from(route.alert).into(),
        decided_by: v1::Layer::from(route.decided_by).into(),
        overrode: overridden(route.overrode),
        tie_break: route.tie_break.into(),
        crm_url: route.crm_url,
        context: route.context.into_iter().map(|(key, value)| v1::ContextEntry { key, value }).collect(),
        team: route.team.into_iter().map(team_member).collect(),
    }
}

fn overridden(overrode: Vec<(Layer, AccountId)>) -> Vec<v1::Overridden> {
    let message = |(layer, account): (Layer, AccountId)| v1::Overridden {
        layer: v1::Layer::from(layer).into(),
        account_id: account.to_string(),
    };
    overrode.into_iter().map(message).collect()
}

fn review_route(route: ReviewRoute) -> v1::ReviewRoute {
    v1::ReviewRoute {
        reason: v1::ReviewReason::from(route.reason).into(),
        queue: route.queue,
        claimants: route
            .claimants
            .into_iter()
            .map(|Claimant { candidate: account, owner }| v1::Claimant {
                candidate: Some(candidate(account)),
                owner: owner.map(rep),
            })
            .collect(),
        suggested_account_id: route.suggested_account_id.map(|id| id.to_string()).unwrap_or_default(),
        decided_by: v1::Layer::from(route.decided_by).into(),
    }
}

fn nurture_route(route: NurtureRoute) -> v1::NurtureRoute {
    v1::NurtureRoute {
        reason: v1::NurtureReason::from(route.reason).into(),
        track: route.track,
        rule: route.rule,
        decided_by: v1::Layer::from(route.decided_by).into(),
        overrode: overridden(route.overrode),
    }
}

fn candidate(candidate: CandidateSummary) -> v1::Candidate {
    v1::Candidate {
        account_id: candidate.account_id.to_string(),
        account_name: candidate.account_name,
        account_class: v1::AccountClass::from(candidate.class).into(),
        owner_id: candidate.owner_id.as_ref().map(RepId::to_string).unwrap_or_default(),
        tier: candidate.tier.map(|tier| v1::Tier::from(tier).into()),
        score_bps: i32::from(candidate.score.bps()),
        name_similarity_bps: i32::from(candidate.name_similarity.bps()),
        grades: Some(grades(candidate.grades)),
        matched_name: candidate
            .matched_name
            .map(|(kind, name)| v1::MatchedName { kind: v1::NameKind::from(kind).into(), name }),
        matched_domain: candidate.matched_domain.map(|domain| domain.to_string()).unwrap_or_default(),
        lost_because: candidate.lost_because,
    }
}

fn grades(grades: Grades) -> v1::Grades {
    let grade = |grade| v1::Grade::from(grade).into();
    v1::Grades {
        name: grade(grades.name),
        email_domain: grade(grades.email_domain),
        website: grade(grades.website),
        country: grade(grades.country),
        region: grade(grades.region),
        postal_code: grade(grades.postal_code),
        phone: grade(grades.phone),
    }
}

fn rep(rep: OwnerSummary) -> v1::RepSummary {
    v1::RepSummary { rep_id: rep.rep_id.to_string(), name: rep.name, email: rep.email }
}

fn team_member(member: TeamMember) -> v1::TeamMember {
    v1::TeamMember { rep_id: member.rep_id.to_string(), role: member.role }
}

fn warning(warning: LeadWarning) -> v1::Warning {
    v1::Warning {
        field: warning.field.as_str().into(),
        code: v1::WarningCode::from(warning.problem).into(),
        text: warning.to_string(),
    }
}

#[cfg(test)]
mod tests;
