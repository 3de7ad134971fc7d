//! Which account stands for an owner who has several in the running: a total order, so that neither load
//! order nor the order of candidates ever decides.

use std::cmp::Reverse;

use super::contest::Contender;
use super::decision::Grade;
use super::hierarchy;
use crate::matching::Index;

/// The position of the account that stands for its owner, and the first rule that set it apart from the next
/// best; empty where it has no rival. `contenders` is not empty.
pub(super) fn choose(contenders: &[Contender<'_>], index: &Index) -> (usize, &'static str) {
    if contenders.len() == 1 {
        return (0, "");
    }
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    order.sort_by(|one, other| {
        RULES
            .iter()
            .map(|(_, rule)| rule(&contenders[*one], index).cmp(&rule(&contenders[*other], index)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| contenders[*one].found.account.id.cmp(&contenders[*other].found.account.id))
    });
    let rule = order.get(1).map_or("", |second| {
        let apart = RULES
            .iter()
            .find(|(_, rule)| rule(&contenders[order[0]], index) != rule(&contenders[*second], index));
        apart.map_or("account_id", |(name, _)| name)
    });
    (order[0], rule)
}

/// A rule's name and the value that is compared: the least wins.
type Rule = (&'static str, fn(&Contender<'_>, &Index) -> Reverse<i64>);

const RULES: [Rule; 7] = [
    ("active", |contender, _| Reverse(i64::from(contender.found.account.active))),
    ("named_before_standard", |contender, _| Reverse(i64::from(contender.is_named()))),
    ("class", |contender, _| Reverse(-(contender.found.account.class as i64))),
    ("same_country", |contender, _| Reverse(i64::from(contender.found.grades.country == Grade::A))),
    ("same_region", |contender, _| Reverse(i64::from(contender.found.grades.region == Grade::A))),
    ("most_specific", |contender, index| {
        // A node counts as named by the evidence only where its own name is the one that was typed.
        let named = contender.found.name_equal;
        Reverse(if named { hierarchy::depth(contender.found.account, index) as i64 } else { -1 })
    }),
    ("score", |contender, _| Reverse(i64::from(contender.found.score.bps()))),
];
