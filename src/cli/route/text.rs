//! An explained decision for people: who gets the lead, the evidence, who lost and why, what would change it.

use std::io::{self, Write};

use crate::http::explanation::{letters, word};
use crate::proto::v1;
use crate::proto::v1::route_lead_response::Route;

/// Writes the answer.
pub(super) fn write(answer: &v1::ExplainLeadResponse, out: &mut dyn Write) -> io::Result<()> {
    let decision = answer.decision.clone().unwrap_or_default();
    let rotation = if decision.do_not_round_robin { "do not round robin" } else { "may be rotated" };
    match &decision.route {
        Some(Route::Owner(owner)) => {
            writeln!(out, "OWNER, {rotation}")?;
            owner_route(owner, out)?;
        }
        Some(Route::Review(review)) => {
            writeln!(out, "REVIEW, {rotation}")?;
            let reason = word(review.reason().as_str_name(), "REVIEW_REASON_");
            writeln!(out, "  reason     {reason}, queue {}", review.queue)?;
            writeln!(out, "  decided by {}", word(review.decided_by().as_str_name(), "LAYER_"))?;
            if !review.suggested_account_id.is_empty() {
                writeln!(out, "  suggested  {}", review.suggested_account_id)?;
            }
            for claimant in &review.claimants {
                let account = claimant.candidate.as_ref().map(account).unwrap_or_default();
                let owner = claimant.owner.as_ref().map_or("nobody".into(), rep);
                writeln!(out, "  claimant   {account}, owner {owner}")?;
            }
        }
        Some(Route::Nurture(nurture)) => {
            writeln!(out, "NURTURE, {rotation}")?;
            let reason = word(nurture.reason().as_str_name(), "NURTURE_REASON_");
            writeln!(out, "  reason     {reason}")?;
            writeln!(out, "  track      {} (rule: {})", nurture.track, nurture.rule)?;
            writeln!(out, "  decided by {}", word(nurture.decided_by().as_str_name(), "LAYER_"))?;
            overridden(&nurture.overrode, out)?;
        }
        None => writeln!(out, "A route that this version does not know: hold the lead")?,
    }
    if decision.mapped_from_review.is_some() {
        let reason = word(decision.mapped_from_review().as_str_name(), "REVIEW_REASON_");
        writeln!(out, "  was        a review, {reason}; the policy maps it here")?;
    }
    if !decision.sentence.is_empty() {
        writeln!(out, "\n{}", decision.sentence)?;
    }

    writeln!(out, "\nEvidence")?;
    let tier = decision.tier.map(|_| word(decision.tier().as_str_name(), "TIER_")).unwrap_or("none");
    let (score, names) = (decision.score_bps, decision.name_similarity_bps);
    writeln!(out, "  tier {tier}, score {score} bps, names {names} bps")?;
    if let Some(all) = &decision.grades {
        let grades: Vec<String> =
            letters(all).iter().map(|(field, grade)| format!("{field} {grade}")).collect();
        writeln!(out, "  {}  (A same, B similar, F different, Z missing)", grades.join(", "))?;
    }
    if let Some(best) = &decision.best {
        matched(best, out)?;
    }

    list(out, "Candidates", answer.candidates.iter().map(candidate))?;
    list(out, "What would change it", answer.would_change.iter().cloned())?;
    list(out, "Warnings", decision.warnings.iter().map(|warning| warning.text.clone()))?;
    list(out, "Notes", decision.notes().map(|note| word(note.as_str_name(), "NOTE_").to_owned()))?;
    if let Some(envelope) = &decision.envelope {
        let stale = if envelope.stale { ", stale: the last good copy" } else { "" };
        let (revision, policy) = (envelope.index_revision, &envelope.policy_digest);
        writeln!(out, "\nregistry revision {revision}{stale}, policy {policy}")?;
    }
    Ok(())
}

fn owner_route(route: &v1::OwnerRoute, out: &mut dyn Write) -> io::Result<()> {
    let account = route.account.as_ref().map(account).unwrap_or_default();
    writeln!(out, "  account    {account}")?;
    writeln!(out, "  owner      {}", route.owner.as_ref().map(rep).unwrap_or_default())?;
    if let Some(acting) = &route.acting {
        let who = acting.rep.as_ref().map(rep).unwrap_or_default();
        let role = word(acting.role().as_str_name(), "ACTING_ROLE_").to_lowercase();
        writeln!(out, "  acts now   {who}, as {role}")?;
    }
    writeln!(out, "  alert      {}", word(route.alert().as_str_name(), "ALERT_").to_lowercase())?;
    let layer = word(route.decided_by().as_str_name(), "LAYER_");
    let tie_break = match route.tie_break.as_str() {
        "" => String::new(),
        rule => format!(", chosen among the owner's accounts by: {rule}"),
    };
    writeln!(out, "  decided by {layer}{tie_break}")?;
    overridden(&route.overrode, out)?;
    if !route.crm_url.is_empty() {
        writeln!(out, "  in the CRM {}", route.crm_url)?;
    }
    for entry in &route.context {
        writeln!(out, "  on file    {}: {}", entry.key, entry.value)?;
    }
    for member in &route.team {
        writeln!(out, "  copy to    {} {}", member.rep_id, member.role)?;
    }
    Ok(())
}

fn overridden(overrode: &[v1::Overridden], out: &mut dyn Write) -> io::Result<()> {
    for over in overrode {
        let layer = word(over.layer().as_str_name(), "LAYER_");
        writeln!(out, "  overrode   {} in {layer}", over.account_id)?;
    }
    Ok(())
}

fn matched(best: &v1::Candidate, out: &mut dyn Write) -> io::Result<()> {
    if let Some(name) = &best.matched_name {
        let kind = word(name.kind().as_str_name(), "NAME_KIND_").to_lowercase();
        writeln!(out, "  matched the {kind} name \"{}\" of {}", name.name, best.account_id)?;
    }
    if !best.matched_domain.is_empty() {
        writeln!(out, "  matched the domain {} of {}", best.matched_domain, best.account_id)?;
    }
    Ok(())
}

fn candidate(candidate: &v1::Candidate) -> String {
    let tier = candidate.tier.map(|_| word(candidate.tier().as_str_name(), "TIER_")).unwrap_or("no tier");
    let owner = if candidate.owner_id.is_empty() { "nobody" } else { &candidate.owner_id };
    let fate = match candidate.lost_because.as_str() {
        "" => String::new(),
        why => format!(" - {why}"),
    };
    format!("{:>5} bps  {tier}  {}, owner {owner}{fate}", candidate.score_bps, account(candidate))
}

fn account(candidate: &v1::Candidate) -> String {
    let class = word(candidate.account_class().as_str_name(), "ACCOUNT_CLASS_").to_lowercase();
    format!("{} ({}, {class})", candidate.account_name, candidate.account_id)
}

fn rep(rep: &v1::RepSummary) -> String {
    match (rep.name == rep.rep_id, rep.email.is_empty()) {
        (true, true) => rep.rep_id.clone(),
        (false, true) => format!("{} ({})", rep.name, rep.rep_id),
        (_, false) => format!("{} ({}, {})", rep.name, rep.rep_id, rep.email),
    }
}

fn list(out: &mut dyn Write, title: &str, lines: impl Iterator<Item = String>) -> io::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        writeln!(out, "\n{title}")?;
    }
    lines.try_for_each(|line| writeln!(out, "  {line}"))
}
