//! The rule for several candidates: which accounts are still in the running, and whether they agree on one
//! owner.

use super::decision::{Grade, ReviewReason, Tier};
use super::hierarchy;
use crate::account::{Rep, RepId};
use crate::matching::{AccountMatch, Index, PreparedAccount};
use crate::policy::Policy;

/// An account in the running, and who answers for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contender<'a> {
    /// Its evidence.
    pub(super) found: &'a AccountMatch<'a>,
    /// What the match rests on.
    pub(super) tier: Tier,
    /// The account whose owner answers, itself or an ancestor, and that owner.
    pub(super) answering: Option<(&'a PreparedAccount, &'a Rep)>,
}

impl Contender<'_> {
    /// The owner's id; `None` if nobody owns the account.
    pub(super) fn owner_id(&self) -> Option<&RepId> {
        self.answering.map(|(_, owner)| &owner.id)
    }

    /// The account, or the one that answers for it, is somebody's named account.
    pub(super) fn is_named(&self) -> bool {
        self.found.account.class.is_named()
            || self.answering.is_some_and(|(account, _)| account.class.is_named())
    }
}

/// How the contest ended.
#[derive(Debug)]
pub(super) enum Outcome<'a> {
    /// Nobody is in the running.
    Empty,
    /// One owner (or nobody's account): the account that stands for them, the rule that chose it, and those
    /// it overrode.
    Won { winner: Contender<'a>, tie_break: &'static str, overrode: Vec<Contender<'a>> },
    /// No single owner: why, and the claimants, strongest first.
    Open { reason: ReviewReason, claimants: Vec<Contender<'a>> },
}

/// Settles the contest among `matches`, which come strongest first.
pub(super) fn settle<'a>(matches: &'a [AccountMatch<'a>], index: &'a Index, policy: &Policy) -> Outcome<'a> {
    let mut running: Vec<Contender<'a>> = matches
        .iter()
        .filter_map(|found| {
            let tier = found.tier?;
            let thresholds = policy.thresholds(tier, found.account.class)?;
            (found.score >= thresholds.review).then(|| Contender {
                found,
                tier,
                answering: hierarchy::answering(found.account, index),
            })
        })
        .collect();
    let Some(field) = leading_field(&running) else { return Outcome::Empty };
    let rest = take_unless(&mut running, |contender| Field::of(contender.tier) == field);
    let name_fits = running.iter().any(|contender| contender.tier == Tier::DomainAndName);
    let ambiguous = narrow(&mut running, policy);
    let outcome = conclude(running, ambiguous, index);
    contest_by_another_field(outcome, rest, name_fits)
}

/// What a tier's evidence is about. A stronger field is not contested by a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    KnownAccount,
    EmailDomain,
    ExactName,
    NearName,
}

impl Field {
    fn of(tier: Tier) -> Field {
        match tier {
            Tier::KnownAccount => Field::KnownAccount,
            Tier::DomainAndName | Tier::Domain => Field::EmailDomain,
            Tier::NameExact => Field::ExactName,
            Tier::NameNear | Tier::NameContradicted | Tier::NameOnlyNear | Tier::Related => Field::NearName,
        }
    }
}

fn leading_field(eligible: &[Contender<'_>]) -> Option<Field> {
    eligible.iter().map(|contender| Field::of(contender.tier)).min()
}

/// A winner by e-mail domain is contested where another field names another owner with nothing to choose between
/// them: a name that fits nobody at that domain (an equal one rules out those that are merely near), or the domain
/// of the typed website. A standard account cannot contest a named one; it is overridden. Nor can an account with
/// another domain contest by its name: the same name under two domains is mostly a department's, a product's or a
/// sister company's (of 285 leads of a web form whose name says something else than their domain, 25 named another
/// account so, and the domain was right each time).
fn contest_by_another_field<'a>(
    outcome: Outcome<'a>,
    rest: Vec<Contender<'a>>,
    name_fits: bool,
) -> Outcome<'a> {
    let Outcome::Won { winner, tie_break, mut overrode } = outcome else { return outcome };
    if Field::of(winner.tier) != Field::EmailDomain {
        return Outcome::Won { winner, tie_break, overrode };
    }
    let equal = rest.iter().any(|other| other.found.name_equal);
    let claims = |other: &Contender<'_>| {
        let named = other.tier == Tier::NameExact || other.tier == Tier::NameNear && !equal;
        let by_name = !name_fits && named;
        let another = other.owner_id().is_some() && other.owner_id() != winner.owner_id();
        another && (by_name || other.found.grades.website == Grade::A)
    };
    let mut claimants: Vec<_> = rest.into_iter().filter(claims).collect();
    if claimants.iter().any(|other| other.is_named() || !winner.is_named()) {
        claimants.insert(0, winner);
        return Outcome::Open { reason: ReviewReason::OwnerConflict, claimants };
    }
    overrode.append(&mut claimants);
    Outcome::Won { winner, tie_break, overrode }
}

/// Drops whoever the stronger evidence of others rules out, field after field: name, legal form, postal code or
/// phone or website, country, region. True where names of different owners are too close to call.
fn narrow(running: &mut Vec<Contender<'_>>, policy: &Policy) -> bool {
    if running.iter().any(|contender| contender.tier == Tier::DomainAndName) {
        keep(running, |contender| contender.tier == Tier::DomainAndName);
    }
    keep(running, |contender| contender.found.name_equal);
    let by_name = running[0].found.grades.name != Grade::F && running[0].found.grades.name != Grade::Z;
    let mut ambiguous = false;
    if by_name && !running[0].found.name_equal {
        let near = |contender: &Contender<'_>| match Field::of(contender.tier) {
            // Beside an equal e-mail domain the scores lie too close together to compare.
            Field::EmailDomain => contender.found.name_similarity,
            _ => contender.found.score,
        };
        let best = running.iter().map(near).max().unwrap_or_default();
        let thresholds = policy.thresholds(running[0].tier, running[0].found.account.class);
        let margin = thresholds.map(|tier| tier.margin).unwrap_or_default();
        keep(running, |contender| near(contender).bps() + margin.bps() >= best.bps());
        ambiguous = true;
    }
    keep(running, |contender| contender.found.legal_form_same);
    keep(running, |contender| {
        let grades = &contender.found.grades;
        [grades.postal_code, grades.phone, grades.website].contains(&Grade::A)
    });
    keep(running, |contender| contender.found.grades.country == Grade::A);
    keep(running, |contender| contender.found.grades.region == Grade::A);
    ambiguous
}

/// Keeps those for whom `fits` holds, if there are any.
fn keep(running: &mut Vec<Contender<'_>>, fits: impl Fn(&Contender<'_>) -> bool) {
    if running.iter().any(&fits) {
        running.retain(|contender| fits(contender));
    }
}

/// Takes those out for whom `stays` does not hold, in their order.
fn take_unless<'a>(
    running: &mut Vec<Contender<'a>>,
    stays: impl Fn(&Contender<'a>) -> bool,
) -> Vec<Contender<'a>> {
    // Nearly always all stay.
    if running.iter().all(&stays) {
        return Vec::new();
    }
    running.extract_if(.., |contender| !stays(contender)).collect()
}

fn conclude<'a>(mut named: Vec<Contender<'a>>, ambiguous: bool, index: &'a Index) -> Outcome<'a> {
    let mut overrode = Vec::new();
    let mut rule = "";
    if named.iter().any(Contender::is_named) {
        overrode = take_unless(&mut named, Contender::is_named);
        rule = if overrode.is_empty() { "" } else { "named_before_standard" };
    }
    // Whom nobody owns, nobody claims: such an account is no rival of an owned one.
    let is_owned = |contender: &Contender<'_>| contender.owner_id().is_some();
    if named.iter().any(is_owned) {
        overrode.extend(take_unless(&mut named, is_owned));
    }
    let one_owner = named.iter().all(|contender| contender.owner_id() == named[0].owner_id());
    if one_owner {
        let (at, tie_break) = super::tie_break::choose(&named, index);
        let winner = named.swap_remove(at);
        return Outcome::Won { winner, tie_break: if rule.is_empty() { tie_break } else { rule }, overrode };
    }
    let accounts: Vec<&PreparedAccount> = named.iter().map(|contender| contender.found.account).collect();
    if let Some(top) = hierarchy::top_of(&accounts, index) {
        let at = accounts.iter().position(|account| account.id == top.id).unwrap_or_default();
        let winner = named.swap_remove(at);
        overrode.extend(named);
        return Outcome::Won { winner, tie_break: "top_of_hierarchy", overrode };
    }
    let reason = if ambiguous { ReviewReason::Ambiguous } else { ReviewReason::OwnerConflict };
    named.append(&mut overrode);
    Outcome::Open { reason, claimants: named }
}
