//! Names: accounts that look like one company twice, and names too common to be routed on.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};

use super::view::{View, by_class, named};
use super::{Finding, Kind, Offender};
use crate::account::RepId;
use crate::matching::{NameWorth, PreparedAccount, name_alone, name_likeness};
use crate::normalize::Country;
use crate::policy::Policy;
use crate::routing::Tier;
use crate::score::Score;

/// Accounts of one domain that are compared with one another: a domain of more is told as shared.
const SHARERS_COMPARED_MAX: usize = 16;
/// From this on a near name with nothing beside it is shown to a person by default: `NAME_ONLY_NEAR`.
const ALIKE_MIN: Score = Score::from_bps(5_000);

pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    duplicates(view).into_iter().chain(indistinct(view)).collect()
}

/// Several accounts, and why they look like one.
struct Group {
    members: Vec<u32>,
    /// Their names are equal, not only similar: the surer ones are told first.
    equal: bool,
    why: String,
}

/// A match key in a country, and whose account has it.
type NameOf<'a> = (Option<Country>, &'a str, Option<&'a RepId>);

/// Accounts of one owner (or of none) with one match key in one country, or with one domain and a similar name.
fn duplicates(view: &View<'_>) -> Option<Finding> {
    let mut by_key: HashMap<NameOf<'_>, (Vec<u32>, bool)> = HashMap::new();
    let mut by_domain: HashMap<(&str, Option<&RepId>), Vec<u32>> = HashMap::new();
    for (at, account) in view.active() {
        let owner = view.owners[at as usize];
        // A short form that several bear beside names of their own (MSU) makes no duplicates: one must be called so.
        for (number, key) in account.name_keys().enumerate() {
            let (members, current) = by_key.entry((account.country, key, owner)).or_default();
            *current |= number == 0;
            if members.last() != Some(&at) {
                members.push(at);
            }
        }
        for domain in account.domain_texts() {
            by_domain.entry((domain, owner)).or_default().push(at);
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for ((country, key, _), (members, _)) in by_key.into_iter().filter(|(_, (_, current))| *current) {
        let members = apart(view, members);
        if members.len() > 1 {
            let place = country.map_or_else(String::new, |country| format!(" in {country}"));
            groups.push(Group { members, equal: true, why: format!("the name \"{key}\"{place}") });
        }
    }
    for ((domain, _), members) in by_domain {
        let members = apart(view, members);
        if (2..=SHARERS_COMPARED_MAX).contains(&members.len()) {
            groups.extend(alike(view, members).map(|members| Group {
                members,
                equal: false,
                why: format!("the domain {domain} and a similar name"),
            }));
        }
    }
    // The same accounts may be found by several of their names and domains: told once, by the first in this order.
    groups.sort_by(|one, other| one.members.cmp(&other.members).then_with(|| other.why.cmp(&one.why)));
    groups.dedup_by(|later, first| later.members == first.members);
    let rank =
        |group: &Group| (!group.equal, Reverse(group.members.len()), by_class(view.at(group.members[0])));
    Finding::of(Kind::Duplicate, groups, rank, |group| {
        let accounts: Vec<&PreparedAccount> = group.members.iter().map(|at| view.at(*at)).collect();
        Offender::new(
            format!("{} have {}", listed(&accounts), group.why),
            accounts.iter().map(|account| &account.id),
            view.owners[group.members[0] as usize],
        )
    })
}

/// Those whose parent is not among them: a branch may well be called what its parent is.
fn apart(view: &View<'_>, members: Vec<u32>) -> Vec<u32> {
    let all: HashSet<u32> = members.iter().copied().collect();
    let child = |at: &u32| view.parents[*at as usize].is_some_and(|parent| all.contains(&parent));
    members.into_iter().filter(|at| !child(at)).collect()
}

/// Those with a name like that of another in no other country; `None` for fewer than two.
fn alike(view: &View<'_>, members: Vec<u32>) -> Option<Vec<u32>> {
    let elsewhere = |one: &PreparedAccount, other: &PreparedAccount| {
        one.country.zip(other.country).is_some_and(|(one, other)| one != other)
    };
    let mut found: Vec<u32> = Vec::new();
    for (at, &one) in members.iter().enumerate() {
        for &other in &members[at + 1..] {
            let (account, rival) = (view.at(one), view.at(other));
            if elsewhere(account, rival) {
                continue;
            }
            if name_likeness(account.name(), &rival.id, view.index).is_some_and(|score| score >= ALIKE_MIN) {
                found.extend([one, other]);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    (found.len() > 1).then_some(found)
}

/// Named accounts with no domain to be known by, and no name that a lead could be routed on.
fn indistinct(view: &View<'_>) -> Option<Finding> {
    let threshold = threshold(view.policy)?;
    let candidates: Vec<&PreparedAccount> = view
        .active()
        .map(|(_, account)| account)
        .filter(|account| account.class.is_named() && !account.has_domains())
        .collect();
    let worth = |account: &PreparedAccount| {
        let worth = account.names().filter_map(|(_, name)| name_alone(name, view.index));
        worth.max_by_key(|worth| (worth.distinctive, worth.score))
    };
    let found: Vec<(&PreparedAccount, NameWorth)> = candidates
        .into_iter()
        .filter_map(|account| Some((account, worth(account)?)))
        .filter(|(_, worth)| is_common(*worth, threshold))
        .collect();
    let rank = |(account, worth): &(&PreparedAccount, NameWorth)| (worth.score, by_class(account));
    Finding::of(Kind::IndistinctName, found, rank, |(account, worth)| {
        let text = format!("{}: {}", named(account), common(*worth, threshold));
        Offender::new(text, [&account.id], &account.owner_id)
    })
}

/// True for a name whose words are too common to tell a company by.
pub(super) fn is_common(worth: NameWorth, threshold: Score) -> bool {
    !worth.distinctive || worth.score < threshold
}

/// Why a name is too common.
pub(super) fn common(worth: NameWorth, threshold: Score) -> String {
    if worth.score < threshold {
        format!("a lead of this name alone scores {}, routed is from {threshold}", worth.score)
    } else {
        "none of its words tells companies apart".into()
    }
}

/// From where an equal name is routed; `None` where policy never does.
pub(super) fn threshold(policy: &Policy) -> Option<Score> {
    policy.tiers.get(&Tier::NameExact).and_then(|tier| tier.route)
}

/// The first few by name, and how many more.
pub(super) fn listed(accounts: &[&PreparedAccount]) -> String {
    // 3: a line for a person; the ids stand beside it.
    const LISTED_MAX: usize = 3;
    let mut names: Vec<String> = accounts.iter().take(LISTED_MAX).map(|account| named(account)).collect();
    if accounts.len() > LISTED_MAX {
        names.push(format!("{} more", accounts.len() - LISTED_MAX));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
