//! An explained decision as JSON, at the door for leads and at the terminal: the fields of the contract, enums by their
//! short names, absent ones null.

use serde_json::{Map, Value, json};

use crate::proto::v1;
use crate::proto::v1::route_lead_response::Route;

/// An enum value as people and programs know it: the contract's name without the enum's own.
pub(crate) fn word<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// The letter of each field.
pub(crate) fn letters(grades: &v1::Grades) -> [(&'static str, &'static str); 7] {
    let letter = |grade: v1::Grade| word(grade.as_str_name(), "GRADE_");
    [
        ("name", letter(grades.name())),
        ("email_domain", letter(grades.email_domain())),
        ("website", letter(grades.website())),
        ("country", letter(grades.country())),
        ("region", letter(grades.region())),
        ("postal_code", letter(grades.postal_code())),
        ("phone", letter(grades.phone())),
    ]
}

/// The whole answer.
pub(crate) fn explanation(answer: &v1::ExplainLeadResponse) -> Value {
    json!({
        "decision": answer.decision.as_ref().map(decision),
        "candidates": answer.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "would_change": answer.would_change,
    })
}

fn decision(decision: &v1::RouteLeadResponse) -> Value {
    let mut object = json!({
        "lead_id": decision.lead_id,
        "do_not_round_robin": decision.do_not_round_robin,
        "tier": decision.tier.map(|_| word(decision.tier().as_str_name(), "TIER_")),
        "score_bps": decision.score_bps,
        "name_similarity_bps": decision.name_similarity_bps,
        "grades": decision.grades.as_ref().map(grades),
        "best": decision.best.as_ref().map(candidate),
        "runner_ups": decision.runner_ups.iter().map(candidate).collect::<Vec<_>>(),
        "warnings": decision.warnings.iter().map(|warning| json!({
            "field": warning.field,
            "code": word(warning.code().as_str_name(), "WARNING_CODE_"),
            "text": warning.text,
        })).collect::<Vec<_>>(),
        "notes": decision.notes().map(|note| word(note.as_str_name(), "NOTE_")).collect::<Vec<_>>(),
        "mapped_from_review": decision
            .mapped_from_review
            .map(|_| word(decision.mapped_from_review().as_str_name(), "REVIEW_REASON_")),
        "sentence": decision.sentence,
        "envelope": decision.envelope.as_ref().map(|envelope| json!({
            "index_revision": envelope.index_revision,
            "stale": envelope.stale,
            "registry_source": word(envelope.registry_source().as_str_name(), "REGISTRY_SOURCE_"),
            "policy_digest": envelope.policy_digest,
        })),
    });
    let (name, route) = match &decision.route {
        Some(Route::Owner(route)) => ("owner", owner_route(route)),
        Some(Route::Review(route)) => ("review", review_route(route)),
        Some(Route::Nurture(route)) => ("nurture", nurture_route(route)),
        None => ("unknown", Value::Null),
    };
    object["route"] = json!(name);
    object[name] = route;
    object
}

fn owner_route(route: &v1::OwnerRoute) -> Value {
    json!({
        "account": route.account.as_ref().map(candidate),
        "owner": route.owner.as_ref().map(rep),
        "acting": route.acting.as_ref().map(|acting| json!({
            "rep": acting.rep.as_ref().map(rep),
            "role": word(acting.role().as_str_name(), "ACTING_ROLE_"),
        })),
        "alert": word(route.alert().as_str_name(), "ALERT_"),
        "decided_by": word(route.decided_by().as_str_name(), "LAYER_"),
        "overrode": overridden(&route.overrode),
        "tie_break": route.tie_break,
        "crm_url": route.crm_url,
        "context": route.context.iter().map(|entry| json!({
            "key": entry.key,
            "value": entry.value,
        })).collect::<Vec<_>>(),
        "team": route.team.iter().map(|member| json!({
            "rep_id": member.rep_id,
            "role": member.role,
        })).collect::<Vec<_>>(),
    })
}

fn overridden(overrode: &[v1::Overridden]) -> Vec<Value> {
    let one = |over: &v1::Overridden| json!({"layer": word(over.layer().as_str_name(), "LAYER_"), "account_id": over.account_id});
    overrode.iter().map(one).collect()
}

fn review_route(route: &v1::ReviewRoute) -> Value {
    json!({
        "reason": word(route.reason().as_str_name(), "REVIEW_REASON_"),
        "queue": route.queue,
        "claimants": route.claimants.iter().map(|claimant| json!({
            "candidate": claimant.candidate.as_ref().map(candidate),
            "owner": claimant.owner.as_ref().map(rep),
        })).collect::<Vec<_>>(),
        "suggested_account_id": route.suggested_account_id,
        "decided_by": word(route.decided_by().as_str_name(), "LAYER_"),
    })
}

fn nurture_route(route: &v1::NurtureRoute) -> Value {
    json!({
        "reason": word(route.reason().as_str_name(), "NURTURE_REASON_"),
        "track": route.track,
        "rule": route.rule,
        "decided_by": word(route.decided_by().as_str_name(), "LAYER_"),
        "overrode": overridden(&route.overrode),
    })
}

fn candidate(candidate: &v1::Candidate) -> Value {
    json!({
        "account_id": candidate.account_id,
        "account_name": candidate.account_name,
        "account_class": word(candidate.account_class().as_str_name(), "ACCOUNT_CLASS_"),
        "owner_id": candidate.owner_id,
        "tier": candidate.tier.map(|_| word(candidate.tier().as_str_name(), "TIER_")),
        "score_bps": candidate.score_bps,
        "name_similarity_bps": candidate.name_similarity_bps,
        "grades": candidate.grades.as_ref().map(grades),
        "matched_name": candidate.matched_name.as_ref().map(|name| json!({
            "kind": word(name.kind().as_str_name(), "NAME_KIND_"),
            "name": name.name,
        })),
        "matched_domain": candidate.matched_domain,
        "lost_because": candidate.lost_because,
    })
}

fn grades(grades: &v1::Grades) -> Value {
    let letters = letters(grades).into_iter().map(|(field, letter)| (field.to_owned(), Value::from(letter)));
    Value::Object(letters.collect::<Map<_, _>>())
}

fn rep(rep: &v1::RepSummary) -> Value {
    json!({ "rep_id": rep.rep_id, "name": rep.name, "email": rep.email })
}
