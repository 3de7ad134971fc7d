//! The one plain sentence that a rep can read. Made of the registry's words only: the lead's text never
//! enters it, so that it may be logged.

use super::contest::Contender;
use super::decision::{ActingRep, ActingRole, Grade, NurtureReason, ReviewReason, Tier};
use crate::account::Rep;

/// Why this lead is the owner's.
pub(super) fn owner(winner: &Contender<'_>, owner: &Rep, acting: &ActingRep) -> String {
    let account = winner.found.account;
    let because = evidence(winner);
    let through = match winner.answering {
        Some((answering, _)) if answering.id != account.id => {
            format!(" through its parent {}", answering.name)
        }
        _ => String::new(),
    };
    let acts = match acting.role {
        ActingRole::Owner => String::new(),
        ActingRole::Delegate => format!("; {} acts as delegate", acting.rep.name),
        ActingRole::Manager => format!("; {} acts as manager", acting.rep.name),
    };
    format!(
        "{because}; {} is a {} account of {}{through}{acts}.",
        account.name,
        account.class.as_str(),
        owner.name
    )
}

fn evidence(winner: &Contender<'_>) -> String {
    let account = winner.found.account;
    let name = || winner.found.matched_name.map_or(account.name.as_str(), |(_, name)| name);
    let domain = || winner.found.matched_domain.map_or("", |domain| domain.as_str());
    match winner.tier {
        Tier::KnownAccount => format!("The caller named account {}", account.id),
        Tier::DomainAndName => {
            format!("The e-mail domain is {} and the company name fits {}", domain(), name())
        }
        Tier::Domain => format!("The e-mail domain is {}", domain()),
        Tier::NameExact => format!("The company name is that of {}", name()),
        Tier::NameNear => format!("The company name is close to {} and another field agrees", name()),
        Tier::NameContradicted => {
            format!("The company name fits {}, but the e-mail domain is another", name())
        }
        Tier::NameOnlyNear if winner.found.grades.website == Grade::A => {
            let name_too = if winner.found.name_fits { " and the company name fits" } else { "" };
            format!("The website typed into the form is that of {}{name_too}", account.name)
        }
        Tier::NameOnlyNear => format!("The company name is close to {}", name()),
        Tier::Related => format!("The company belongs to the group of {}", name()),
    }
}

/// Why a person must look.
pub(super) fn review(reason: ReviewReason, claimants: &[Contender<'_>]) -> String {
    let choose = match reason {
        ReviewReason::OwnerConflict | ReviewReason::Ambiguous => ": a person must choose",
        _ => "",
    };
    format!("{}{choose}.", doubt(reason, claimants))
}

/// Why a lead is on a nurture track that a person would have looked at but for the policy.
pub(super) fn mapped(reason: ReviewReason, claimants: &[Contender<'_>], track: &str) -> String {
    format!("{}; by policy nurture track {track}.", doubt(reason, claimants))
}

fn doubt(reason: ReviewReason, claimants: &[Contender<'_>]) -> String {
    let name =
        |at: usize| claimants.get(at).map_or("an account", |claimant| claimant.found.account.name.as_str());
    match reason {
        ReviewReason::OwnerConflict => {
            format!("{} and {} have different owners and equal claims", name(0), name(1))
        }
        ReviewReason::Ambiguous => format!("{} and {} fit about equally well", name(0), name(1)),
        ReviewReason::LowConfidence => match claimants.first() {
            Some(claimant) => format!("{}: likely, not certain", evidence(claimant)),
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
    format!("{why}: nurture track {track}.")
}
