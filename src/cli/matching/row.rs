//! One row of the answer of `match`, from a decision made here or by a server.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::spreadsheet;
use crate::lead::LeadFields;
use crate::proto::v1;
use crate::proto::v1::route_lead_response::Route as RemoteRoute;
use crate::routing::{Decision, Route};

/// One row of the answer; the fields are its columns, in order.
#[derive(Debug, Default, Serialize)]
pub(super) struct Row {
    pub(super) lead_id: String,
    /// `owner`, `review`, `nurture` or `invalid`.
    pub(super) route: &'static str,
    do_not_round_robin: Option<bool>,
    account_id: Option<String>,
    account_name: Option<String>,
    owner_id: Option<String>,
    acting_rep_id: Option<String>,
    tier: Option<&'static str>,
    score_bps: Option<u16>,
    /// Why review or nurture, or what makes the lead invalid.
    reason: Option<String>,
    best_account_id: Option<String>,
    best_score_bps: Option<u16>,
    runner_up_account_id: Option<String>,
    runner_up_score_bps: Option<u16>,
}

impl Row {
    /// What came from the lead, and the account's name, which may have come from one before it was an account.
    pub(super) fn make_safe_for_spreadsheets(&mut self) {
        if let Cow::Owned(safe) = spreadsheet::id(&self.lead_id) {
            self.lead_id = safe;
        }
        if let Some(name) = &mut self.account_name
            && let Cow::Owned(safe) = spreadsheet::text(name)
        {
            *name = safe;
        }
    }
}

/// The columns of the answer, in order.
pub(super) const COLUMNS: [&str; 14] = [
    "lead_id",
    "route",
    "do_not_round_robin",
    "account_id",
    "account_name",
    "owner_id",
    "acting_rep_id",
    "tier",
    "score_bps",
    "reason",
    "best_account_id",
    "best_score_bps",
    "runner_up_account_id",
    "runner_up_score_bps",
];

/// The row of a decision made in this process.
pub(super) fn row(decision: &Decision, lead_id: String) -> Row {
    let mut row = Row {
        lead_id,
        route: decision.route_name(),
        do_not_round_robin: Some(decision.do_not_round_robin),
        tier: decision.tier.map(|tier| tier.as_str()),
        score_bps: Some(decision.score.bps()),
        best_account_id: decision.best.as_ref().map(|best| best.account_id.to_string()),
        best_score_bps: decision.best.as_ref().map(|best| best.score.bps()),
        runner_up_account_id: decision.runner_ups.first().map(|next| next.account_id.to_string()),
        runner_up_score_bps: decision.runner_ups.first().map(|next| next.score.bps()),
        ..Row::default()
    };
    match &decision.route {
        Route::Owner(owner) => {
            row.account_id = Some(owner.account.account_id.to_string());
            row.account_name = Some(owner.account.account_name.to_string());
            row.owner_id = Some(owner.owner.rep_id.to_string());
            row.acting_rep_id = Some(owner.acting.rep.rep_id.to_string());
        }
        Route::Review(review) => row.reason = Some(review.reason.as_str().to_owned()),
        Route::Nurture(nurture) => row.reason = Some(nurture.reason.as_str().to_owned()),
    }
    row
}

/// The row of a lead that cannot be routed.
pub(super) fn invalid_row(fields: &LeadFields, reason: String) -> Row {
    Row { lead_id: fields.lead_id.clone(), route: "invalid", reason: Some(reason), ..Row::default() }
}

/// The row of a decision made by a server; the same as [`row`] for the same decision.
pub(super) fn remote_row(decision: v1::RouteLeadResponse, lead_id: String) -> Row {
    let mut row = Row {
        lead_id,
        route: "nurture",
        do_not_round_robin: Some(decision.do_not_round_robin),
        tier: decision.tier.map(|_| short(decision.tier().as_str_name(), "TIER_")),
        score_bps: bps(decision.score_bps),
        best_account_id: decision.best.as_ref().map(|best| best.account_id.clone()),
        best_score_bps: decision.best.as_ref().and_then(|best| bps(best.score_bps)),
        runner_up_account_id: decision.runner_ups.first().map(|next| next.account_id.clone()),
        runner_up_score_bps: decision.runner_ups.first().and_then(|next| bps(next.score_bps)),
        ..Row::default()
    };
    match decision.route {
        Some(RemoteRoute::Owner(owner)) => {
            row.route = "owner";
            row.account_id = owner.account.as_ref().map(|account| account.account_id.clone());
            row.account_name = owner.account.map(|account| account.account_name);
            row.owner_id = owner.owner.map(|rep| rep.rep_id);
            row.acting_rep_id = owner.acting.and_then(|acting| acting.rep).map(|rep| rep.rep_id);
        }
        // A route that this client is too old to know holds the lead, as a review does.
        None => row.route = "review",
        Some(RemoteRoute::Review(review)) => {
            row.route = "review";
            row.reason = Some(short(review.reason().as_str_name(), "REVIEW_REASON_").to_owned());
        }
        Some(RemoteRoute::Nurture(nurture)) => {
            row.reason = Some(short(nurture.reason().as_str_name(), "NURTURE_REASON_").to_owned());
        }
    }
    row
}

fn bps(score: i32) -> Option<u16> {
    u16::try_from(score).ok()
}

fn short(name: &'static str, prefix: &str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}
