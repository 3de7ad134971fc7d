//! The one plain sentence that a rep can read. Made of the registry's words only: the lead's text never
//! enters it, so that it may be logged.

use super::contest::Contender;
use super::decision::{ActingRep, ActingRole, Grade, NurtureReason, ReviewReason, Tier};
use crate::account::Rep;

/// Room for most sentences.
const USUAL_BYTES: usize = 192;

/// Why this lead is the owner's.
pub(super) fn owner(winner: &Contender<'_>, owner: &Rep, acting: &ActingRep) -> String {
    let account = winner.found.account;
    let mut text = String::with_capacity(USUAL_BYTES);
    evidence(&mut text, winner);
    let class = account.class.as_str();
    add(&mut text, &["; ", account.name(), " is a ", class, " account of ", &owner.name]);
    if let Some((answering, _)) = winner.answering
        && answering.id != account.id
    {
        add(&mut text, &[" through its parent ", answering.name()]);
    }
    match acting.role {
        ActingRole::Owner => {}
        ActingRole::Delegate => add(&mut text, &["; ", &acting.rep.name, " acts as delegate"]),
        ActingRole::Manager => add(&mut text, &["; ", &acting.rep.name, " acts as manager"]),
    }
    text.push('.');
    text
}

/// Adds to a sentence. The machinery of formats would cost as much as a tenth of a decision.
fn add(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}

fn evidence(text: &mut String, winner: &Contender<'_>) {
    let account = winner.found.account;
    let name = winner.found.matched_name.map_or(account.name(), |(_, name)| name);
    let domain = winner.found.matched_domain.as_ref().map_or("", |domain| domain.as_str());
    match winner.tier {
        Tier::KnownAccount => add(text, &["The caller named account ", account.id.as_str()]),
        Tier::DomainAndName => {
            add(text, &["The e-mail domain is ", domain, " and the company name fits ", name]);
        }
        Tier::Domain => add(text, &["The e-mail domain is ", domain]),
        Tier::NameExact => add(text, &["The company name is that of ", name]),
        Tier::NameNear => add(text, &["The company name is close to ", name, " and another field agrees"]),
        Tier::NameContradicted => {
            add(text, &["The company name fits ", name, ", but the e-mail domain is another"]);
        }
        Tier::NameOnlyNear if winner.found.grades.website == Grade::A => {
            let name_too = if winner.found.name_fits { " and the company name fits" } else { "" };
            add(text, &["The website typed into the form is that of ", account.name(), name_too]);
        }
        Tier::NameOnlyNear => add(text, &["The company name is close to ", name]),
        Tier::Related => add(text, &["The company belongs to the group of ", name]),
    }
}

/// Why a person must look.
pub(super) fn review(reason: ReviewReason, claimants: &[Contender<'_>]) -> String {
    let choose = match reason {
        ReviewReason::OwnerConflict | ReviewReason::Ambiguous => ": a person must choose",
        _ => "",
    };
    let mut text = doubt(reason, claimants);
    add(&mut text, &[choose, "."]);
    text
}

/// Why a lead is on a nurture track that a person would have looked at but for the policy.
pub(super) fn mapped(reason: ReviewReason, claimants: &[Contender<'_>], track: &str) -> String {
    format!("{}; by policy nurture track {track}.", doubt(reason, claimants))
}

fn doubt(reason: ReviewReason, claimants: &[Contender<'_>]) -> String {
    let name = |at: usize| claimants.get(at).map_or("an account", |claimant| claimant.found.account.name());
    match reason {
        ReviewReason::OwnerConflict => {
            format!("{} and {} have different owners and equal claims", name(0), name(1))
        }
        ReviewReason::Ambiguous => format!("{} and {} fit about equally well", name(0), name(1)),
        ReviewReason::LowConfidence => match claimants.first() {
            Some(claimant) => {
                let mut text = String::with_capacity(USUAL_BYTES);
                evidence(&mut text, claimant);
                text.push_str(": likely, not certain");
                text
            }
            None => "An account is likely, not certain".into(),
        },
        ReviewReason::NoActiveOwner => {
            let class = claimants.first().map_or("named", |claimant| claimant.found.account.class.as_str());
            format!("{} is a {class} account, but nobody who answers for it can act", name(0))
        }
        ReviewReason::SuspiciousDomain => {
            format!("The e-mail domain looks like one of {} without being it", name(0))
        }
        ReviewReason::DisposableMail => {
            format!("The lead fits {}, but the e-mail address is a throw-away one", name(0))
        }
    }
}

/// Why nobody gets the lead.
pub(super) fn nurture(reason: NurtureReason, track: &str) -> String {
    let why = match reason {
        NurtureReason::NoMatch => "No account fits",
        NurtureReason::FreeMailOnly => "There is nothing to go by but a free-mail address",
        NurtureReason::UnownedStandard => "A standard account fits, but nobody can act for it",
        NurtureReason::OwnCompany => "The e-mail domain is our own",
        NurtureReason::Competitor => "The e-mail domain is a competitor's",
        NurtureReason::Partner => "The e-mail domain is a partner's and no named account fits",
        NurtureReason::Test => "The e-mail domain is one for tests",
        NurtureReason::Blocklisted => "The e-mail domain is on the blocklist",
        NurtureReason::RoleMailbox => "The e-mail address is a role mailbox and no named account fits",
        NurtureReason::Student => "The lead is a student and no named account fits",
        NurtureReason::JobSeeker => "The lead looks for a job and no named account fits",
    };
    [why, ": nurture track ", track, "."].concat()
}
