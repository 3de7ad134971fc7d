//! Who acts while an owner is away: looked at for owners of active accounts, now and in the days to come.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::view::{View, accounts, rep_named};
use super::{Finding, Kind, Offender};
use crate::account::{Away, Rep, RepId};

/// How far ahead a leave without a delegate is told: long enough to name one.
const SOON_DAYS: i64 = 14;

pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    let owners: Vec<&Rep> =
        view.index.reps_after(None).filter(|rep| view.owned.contains_key(&rep.id)).collect();
    let nobody: Vec<&Rep> = owners.iter().copied().filter(|rep| !somebody_acts(view, rep)).collect();
    let acted_for = |rep: &&Rep| !nobody.iter().any(|other| other.id == rep.id);
    let covered: Vec<&Rep> = owners.iter().copied().filter(acted_for).collect();
    let uncovered = covered.iter().flat_map(|rep| uncovered(view, rep)).collect();
    let delegate_away = covered.iter().flat_map(|rep| delegate_away(view, rep)).collect();
    let overlapping = view.index.reps_after(None).flat_map(|rep| overlapping(view, rep)).collect();
    let unfit = view.index.reps_after(None).flat_map(|rep| unfit(view, rep)).collect();

    let by_book = |rep: &Rep| (std::cmp::Reverse(view.accounts_of(&rep.id).len()), rep.id.clone());
    let told = |kind, found: Vec<(&Rep, String)>| {
        Finding::of(kind, found, |(rep, _)| by_book(rep), |(rep, text)| Offender::new(text, [], [&rep.id]))
    };
    let nobody = nobody.into_iter().map(|rep| (rep, nobody_text(view, rep))).collect();
    [
        told(Kind::NobodyActs, nobody),
        told(Kind::AwayWithoutDelegate, uncovered),
        told(Kind::DelegateAway, delegate_away),
        told(Kind::OverlappingLeaves, overlapping),
        told(Kind::UnfitStandIn, unfit),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The day it is for a rep at a time.
fn day_of(rep: &Rep, at: Timestamp) -> Date {
    at.to_zoned(rep.time_zone.clone()).date()
}

fn leave_on(rep: &Rep, day: Date) -> Option<&Away> {
    rep.away.iter().find(|away| away.from <= day && day <= away.to)
}

/// The rule of `routing::acting` for now.
fn somebody_acts(view: &View<'_>, rep: &Rep) -> bool {
    let leave = leave_on(rep, day_of(rep, view.now));
    if rep.active && leave.is_none() {
        return true;
    }
    let able = |id: Option<&RepId>| {
        let stand_in =
            id.and_then(|id| view.index.rep(id)).filter(|other| other.id != rep.id && other.active);
        stand_in.is_some_and(|other| leave_on(other, day_of(other, view.now)).is_none())
    };
    able(delegate_of(rep, leave)) || able(rep.manager_id.as_ref())
}

/// Who acts in a leave, or once the rep has left.
fn delegate_of<'a>(rep: &'a Rep, leave: Option<&'a Away>) -> Option<&'a RepId> {
    leave.and_then(|leave| leave.delegate_id.as_ref()).or(rep.delegate_id.as_ref())
}

fn nobody_text(view: &View<'_>, rep: &Rep) -> String {
    let why = match leave_on(rep, day_of(rep, view.now)) {
        Some(leave) if rep.active => format!("is away {}", days(leave)),
        _ => "is not active".into(),
    };
    let owned = accounts(view.accounts_of(&rep.id).len());
    format!("{} owns {owned} and {why}; neither a delegate nor a manager can act", rep_named(rep))
}

fn days(leave: &Away) -> String {
    format!("{} to {}", leave.from, leave.to)
}

/// Leaves now or soon without a delegate who is another active rep.
fn uncovered<'a>(view: &View<'a>, rep: &'a Rep) -> Vec<(&'a Rep, String)> {
    let today = day_of(rep, view.now);
    let horizon = today.saturating_add(SOON_DAYS.days());
    let leaves = rep.away.iter().filter(|leave| leave.to >= today && leave.from <= horizon);
    let told = |leave: &Away| {
        let delegate = delegate_of(rep, Some(leave));
        let able =
            delegate.and_then(|id| view.index.rep(id)).filter(|other| other.active && other.id != rep.id);
        let why = match (delegate, able) {
            (_, Some(_)) => return None,
            (Some(id), None) => format!("the delegate {id} cannot act"),
            (None, None) => "no delegate is named".into(),
        };
        Some((rep, format!("{} is away {}: {why}", rep_named(rep), days(leave))))
    };
    leaves.filter_map(told).collect()
}

/// Leaves, now or later, in which the delegate is away as well.
fn delegate_away<'a>(view: &View<'a>, rep: &'a Rep) -> Vec<(&'a Rep, String)> {
    let today = day_of(rep, view.now);
    let told = |leave: &Away| {
        let delegate = view.index.rep(delegate_of(rep, Some(leave))?)?;
        let same_days = delegate.away.iter().find(|other| overlap(leave, other) && other.to >= today)?;
        let further = match delegate_of(delegate, Some(same_days)) {
            _ if delegate.id == rep.id => return None,
            Some(next) if *next == rep.id => "; the two delegate to each other".to_owned(),
            Some(next) => format!("; that one's delegate {next} is not asked"),
            None => String::new(),
        };
        let text = format!(
            "{} is away {}, the delegate {} {}{further}",
            rep_named(rep),
            days(leave),
            rep_named(delegate),
            days(same_days)
        );
        Some((rep, text))
    };
    rep.away.iter().filter(|leave| leave.to >= today).filter_map(told).collect()
}

fn overlap(one: &Away, other: &Away) -> bool {
    one.from <= other.to && other.from <= one.to
}

/// Pairs of a rep's own leaves, not yet over, that share days.
fn overlapping<'a>(view: &View<'a>, rep: &'a Rep) -> Vec<(&'a Rep, String)> {
    let today = day_of(rep, view.now);
    let open: Vec<&Away> = rep.away.iter().filter(|leave| leave.to >= today).collect();
    let pairs =
        open.iter().enumerate().flat_map(|(at, one)| open[at + 1..].iter().map(move |other| (one, other)));
    let shared = pairs.filter(|(one, other)| overlap(one, other));
    shared
        .map(|(one, other)| (rep, format!("{}: {} and {}", rep_named(rep), days(one), days(other))))
        .collect()
}

/// Stand-ins who have left, or are the rep.
fn unfit<'a>(view: &View<'a>, rep: &'a Rep) -> Vec<(&'a Rep, String)> {
    if !rep.active && !view.owned.contains_key(&rep.id) {
        return Vec::new(); // nobody needs a stand-in
    }
    let today = day_of(rep, view.now);
    let leaves = rep.away.iter().filter(|leave| leave.to >= today);
    let stand_ins = [("delegate", rep.delegate_id.as_ref()), ("manager", rep.manager_id.as_ref())]
        .into_iter()
        .chain(leaves.map(|leave| ("delegate", leave.delegate_id.as_ref())));
    let told = |(role, id): (&str, Option<&RepId>)| {
        let other = view.index.rep(id?)?;
        let why = match () {
            () if other.id == rep.id => "the rep, who cannot stand in for themself",
            () if !other.active => "not active",
            () => return None,
        };
        Some((rep, format!("{}: the {role} {} is {why}", rep_named(rep), rep_named(other))))
    };
    let mut found: Vec<(&Rep, String)> = stand_ins.filter_map(told).collect();
    found.dedup_by(|one, other| one.1 == other.1);
    found
}
