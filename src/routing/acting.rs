//! Who acts for an owner now.

use jiff::Timestamp;

use super::decision::{ActingRep, ActingRole, OwnerSummary};
use crate::account::{Away, Rep, RepId};
use crate::matching::Index;

/// The rep who acts for `owner` at `now`: the owner; while the owner is away or gone the delegate; where the
/// delegate cannot, the owner's manager; `None` where none of them can.
pub(super) fn acting_for(owner: &Rep, index: &Index, now: Timestamp) -> Option<ActingRep> {
    let leave = leave_at(owner, now);
    if owner.active && leave.is_none() {
        return Some(ActingRep { rep: summary(owner), role: ActingRole::Owner });
    }
    let delegate_id = leave.and_then(|leave| leave.delegate_id.as_ref()).or(owner.delegate_id.as_ref());
    let able = |id: Option<&RepId>| {
        index.rep(id?).filter(|rep| rep.id != owner.id && rep.active && leave_at(rep, now).is_none())
    };
    if let Some(delegate) = able(delegate_id) {
        return Some(ActingRep { rep: summary(delegate), role: ActingRole::Delegate });
    }
    able(owner.manager_id.as_ref())
        .map(|manager| ActingRep { rep: summary(manager), role: ActingRole::Manager })
}

/// The leave that `rep` is on at `now`, by the calendar of the rep's own time zone.
pub(super) fn leave_at(rep: &Rep, now: Timestamp) -> Option<&Away> {
    if rep.away.is_empty() {
        return None;
    }
    let today = now.to_zoned(rep.time_zone.clone()).date();
    rep.away.iter().find(|away| away.from <= today && today <= away.to)
}

/// A rep as answers name one.
pub(super) fn summary(rep: &Rep) -> OwnerSummary {
    OwnerSummary { rep_id: rep.id.clone(), name: rep.name.as_str().into(), email: rep.email.as_str().into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Registry;
    use crate::matching::Revision;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    fn id(id: &str) -> RepId {
        RepId::new(id).unwrap()
    }

    /// Ann is away in the first half of July, in Auckland; Dan is her delegate and Max her manager.
    fn check(change: impl Fn(&mut Rep, &mut Rep, &mut Rep), now: &str) -> Option<(String, ActingRole)> {
        let (mut ann, mut dan, mut max) = (Rep::new(id("ann")), Rep::new(id("dan")), Rep::new(id("max")));
        ann.away = vec![Away { from: date(2026, 7, 1), to: date(2026, 7, 14), delegate_id: None }];
        ann.delegate_id = Some(id("dan"));
        ann.manager_id = Some(id("max"));
        ann.time_zone = TimeZone::get("Pacific/Auckland").unwrap();
        change(&mut ann, &mut dan, &mut max);
        let index = Index::build(Registry { accounts: vec![], reps: vec![ann, dan, max] }, Revision(1));
        let acting = acting_for(index.rep(&id("ann")).unwrap(), &index, now.parse().unwrap());
        acting.map(|acting| (acting.rep.rep_id.to_string(), acting.role))
    }

    fn who(name: &str, role: ActingRole) -> Option<(String, ActingRole)> {
        Some((name.to_owned(), role))
    }

    #[test]
    fn the_owner_acts_unless_away() {
        assert_eq!(check(|_, _, _| {}, "2026-06-01T12:00:00Z"), who("ann", ActingRole::Owner));
        assert_eq!(check(|_, _, _| {}, "2026-07-05T12:00:00Z"), who("dan", ActingRole::Delegate));
    }

    #[test]
    fn leave_begins_and_ends_at_midnight_in_the_reps_own_time_zone() {
        // Auckland is twelve hours ahead of UTC in July.
        assert_eq!(check(|_, _, _| {}, "2026-06-30T11:59:59Z"), who("ann", ActingRole::Owner));
        assert_eq!(check(|_, _, _| {}, "2026-06-30T12:00:00Z"), who("dan", ActingRole::Delegate));
        assert_eq!(check(|_, _, _| {}, "2026-07-14T11:59:59Z"), who("dan", ActingRole::Delegate));
        assert_eq!(check(|_, _, _| {}, "2026-07-14T12:00:00Z"), who("ann", ActingRole::Owner));
    }

    #[test]
    fn the_delegate_of_this_leave_comes_before_the_standing_one() {
        let found = check(|ann, _, _| ann.away[0].delegate_id = Some(id("max")), "2026-07-05T12:00:00Z");
        assert_eq!(found, who("max", ActingRole::Delegate));
    }

    #[test]
    fn the_manager_acts_where_the_delegate_cannot() {
        let found = check(|_, dan, _| dan.active = false, "2026-07-05T12:00:00Z");
        assert_eq!(found, who("max", ActingRole::Manager));
    }

    #[test]
    fn an_owner_who_left_is_replaced_at_any_time() {
        let found = check(|ann, _, _| ann.active = false, "2026-06-01T12:00:00Z");
        assert_eq!(found, who("dan", ActingRole::Delegate));
    }

    #[test]
    fn nobody_acts_where_nobody_can() {
        let gone = |ann: &mut Rep, dan: &mut Rep, max: &mut Rep| {
            ann.active = false;
            dan.active = false;
            max.away = vec![Away { from: date(2026, 1, 1), to: date(2026, 12, 31), delegate_id: None }];
        };
        assert_eq!(check(gone, "2026-07-05T12:00:00Z"), None);
    }

    #[test]
    fn a_rep_who_is_their_own_delegate_is_nobodys() {
        let found = check(|ann, _, _| ann.delegate_id = Some(id("ann")), "2026-07-05T12:00:00Z");
        assert_eq!(found, who("max", ActingRole::Manager));
    }
}
