//! A decision as one flat object: what a webhook can map to fields of a CRM without code.
//!
//! The first fourteen keys are the columns of `namesake match`, in their order and with their values. Every key is in every
//! answer; what does not apply is null. Several values of one key stand in one text with `|` between them, as in the
//! registry's files. What does not fit (grades, candidates, what was overridden) is in the explanation.

use serde::Serialize;

use super::request::Unread;
use crate::grpc::Answer;
use crate::http::explanation::word;
use crate::lead::LeadWarning;
use crate::proto::v1;
use crate::routing::{Claimant, Layer, NurtureRoute, OwnerRoute, ReviewRoute, Route};

/// The answer; the fields are its keys.
#[derive(Debug, Default, Serialize)]
struct Flat<'a> {
    lead_id: &'a str,
    route: &'static str,
    do_not_round_robin: bool,
    account_id: Option<&'a str>,
    account_name: Option<&'a str>,
    owner_id: Option<&'a str>,
    acting_rep_id: Option<&'a str>,
    tier: Option<&'static str>,
    score_bps: u16,
    reason: Option<&'static str>,
    best_account_id: Option<&'a str>,
    best_score_bps: Option<u16>,
    runner_up_account_id: Option<&'a str>,
    runner_up_score_bps: Option<u16>,

    sentence: &'a str,
    account_class: Option<&'static str>,
    crm_url: Option<&'a str>,
    context: Option<String>,
    owner_name: Option<&'a str>,
    owner_email: Option<&'a str>,
    acting_rep_name: Option<&'a str>,
    acting_rep_email: Option<&'a str>,
    acting_role: Option<&'static str>,
    alert: Option<&'static str>,
    team: Option<String>,
    queue: Option<&'a str>,
    suggested_account_id: Option<&'a str>,
    claimant_account_ids: Option<String>,
    claimant_owner_ids: Option<String>,
    track: Option<&'a str>,
    rule: Option<&'a str>,
    decided_by: &'static str,
    mapped_from_review: Option<&'static str>,
    name_similarity_bps: u16,
    notes: Option<String>,
    warnings: Option<String>,
    unread_fields: Option<String>,
    index_revision: u64,
    stale: bool,
    registry_source: &'static str,
    policy_digest: &'a str,
}

/// The bytes of an answer.
pub(super) fn route(answer: &Answer, unread: &Unread) -> Vec<u8> {
    let (decision, in_force) = (&answer.decision, &answer.in_force);
    let next = decision.runner_ups.first();
    let mut flat = Flat {
        lead_id: &answer.lead_id,
        route: decision.route_name(),
        do_not_round_robin: decision.do_not_round_robin,
        tier: decision.tier.map(|tier| tier.as_str()),
        score_bps: decision.score.bps(),
        best_account_id: decision.best.as_ref().map(|best| best.account_id.as_str()),
        best_score_bps: decision.best.as_ref().map(|best| best.score.bps()),
        runner_up_account_id: next.map(|next| next.account_id.as_str()),
        runner_up_score_bps: next.map(|next| next.score.bps()),
        sentence: &decision.sentence,
        mapped_from_review: decision.mapped_from_review.map(|reason| reason.as_str()),
        name_similarity_bps: decision.name_similarity.bps(),
        notes: list(decision.notes.iter().map(|note| note.as_str())),
        warnings: listed(decision.warnings.iter().map(LeadWarning::to_string)),
        unread_fields: list(unread.names.iter().map(String::as_str)),
        index_revision: in_force.index.revision().0,
        stale: in_force.freshness.stale,
        registry_source: word(
            v1::RegistrySource::from(in_force.freshness.source).as_str_name(),
            "REGISTRY_SOURCE_",
        ),
        policy_digest: &in_force.policy.digest,
        ..Flat::default()
    };
    match &decision.route {
        Route::Owner(route) => flat.owner(route),
        Route::Review(route) => flat.review(route),
        Route::Nurture(route) => flat.nurture(route),
    }
    serde_json::to_vec(&flat).expect("texts and numbers can be written")
}

impl<'a> Flat<'a> {
    fn owner(&mut self, route: &'a OwnerRoute) {
        let OwnerRoute { account, crm_url, context, owner, acting, team, alert, decided_by, .. } = route;
        self.account_id = Some(account.account_id.as_str());
        self.account_name = Some(&account.account_name);
        self.account_class =
            Some(word(v1::AccountClass::from(account.class).as_str_name(), "ACCOUNT_CLASS_"));
        self.crm_url = given(crm_url);
        self.context = listed(context.iter().map(|(key, value)| format!("{key}={value}")));
        self.owner_id = Some(owner.rep_id.as_str());
        self.owner_name = Some(&owner.name);
        self.owner_email = given(&owner.email);
        self.acting_rep_id = Some(acting.rep.rep_id.as_str());
        self.acting_rep_name = Some(&acting.rep.name);
        self.acting_rep_email = given(&acting.rep.email);
        self.acting_role = Some(word(v1::ActingRole::from(acting.role).as_str_name(), "ACTING_ROLE_"));
        self.alert = Some(word(v1::Alert::from(*alert).as_str_name(), "ALERT_"));
        self.team = listed(team.iter().map(|member| match member.role.as_str() {
            "" => member.rep_id.to_string(),
            role => format!("{}:{role}", member.rep_id),
        }));
        self.decided_by = Layer::as_str(*decided_by);
    }

    fn review(&mut self, route: &'a ReviewRoute) {
        let ReviewRoute { reason, queue, claimants, suggested_account_id, decided_by } = route;
        let owner_id = |claimant: &'a Claimant| claimant.owner.as_ref().map(|owner| owner.rep_id.as_str());
        self.reason = Some(reason.as_str());
        self.queue = Some(queue);
        self.suggested_account_id = suggested_account_id.as_ref().map(|id| id.as_str());
        self.claimant_account_ids =
            list(claimants.iter().map(|claimant| claimant.candidate.account_id.as_str()));
        // One for each account, also where nobody owns it, so that the two lists go together.
        self.claimant_owner_ids =
            list(claimants.iter().map(|claimant| owner_id(claimant).unwrap_or_default()));
        self.decided_by = Layer::as_str(*decided_by);
    }

    fn nurture(&mut self, route: &'a NurtureRoute) {
        let NurtureRoute { reason, track, rule, decided_by, overrode: _ } = route;
        self.reason = Some(reason.as_str());
        self.track = Some(track);
        self.rule = Some(rule);
        self.decided_by = Layer::as_str(*decided_by);
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Several values in one text; `None` where there is none.
fn list<'v>(values: impl Iterator<Item = &'v str>) -> Option<String> {
    let values: Vec<&str> = values.collect();
    (!values.is_empty()).then(|| values.join("|"))
}

fn listed(values: impl Iterator<Item = String>) -> Option<String> {
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join("|"))
}
