//! Outcomes counted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::mistakes::Mistake;
use super::outcome::{Best, Fate, Outcome};
use super::wilson::Share;
use crate::routing::Tier;

/// Share of the leads without an account that may be accepted, where a threshold is set by it.
pub const FALSE_MATCHES: f64 = 0.01;
/// Width of a band of the calibration table, in basis points.
pub const BAND_BPS: u16 = 500;

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Set by set.
    pub sets: Vec<SetReport>,
    /// Over all leads of all sets.
    pub all: Figures,
    /// How many leads went wrong in which way, over all sets; see [`super::mistakes::Kind`].
    pub mistakes: BTreeMap<&'static str, usize>,
}

/// One set, and each kind of lead in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetReport {
    /// The set's name.
    pub name: String,
    /// Accounts of its registry.
    pub accounts: usize,
    /// Over all its leads.
    pub all: Figures,
    /// By the leads' case.
    pub cases: BTreeMap<String, Figures>,
    /// How many leads went wrong in which way; see [`super::mistakes::Kind`].
    pub mistakes: BTreeMap<&'static str, usize>,
}

/// What became of leads, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Leads with an account in the registry.
    pub with_account: usize,
    /// Leads without one.
    pub absent: usize,
    /// The routes they took.
    pub routes: Routes,
    /// How the best candidate fares by the name alone, over the leads that the name measure takes in.
    pub by_name: Ranking,
    /// The same for these leads as submitted.
    pub as_submitted: Ranking,
    /// Tier by tier, strongest first; those that no lead reached are left out.
    pub tiers: Vec<TierFigures>,
    /// What a score is worth: bands with a lead in them, lowest first.
    pub calibration: Vec<Band>,
}

/// Where leads went: the first six are shares of those with an account, the last two of those without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Routes {
    /// To the lead's own account.
    pub right: Share,
    /// To another account.
    pub wrong: Share,
    /// Of these, to an account of the same owner.
    pub wrong_same_owner: Share,
    /// To review, the lead's own account suggested or among the claimants.
    pub review_right: Share,
    /// To review without it.
    pub review_other: Share,
    /// To nurture.
    pub missed: Share,
    /// Leads without an account that went to an owner.
    pub absent_routed: Share,
    /// Leads without an account that went to review.
    pub absent_reviewed: Share,
    /// Of everything that went to an owner, what went to the right account.
    pub precision: Share,
}

/// How well the best candidate and its score tell the right account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Ranking {
    /// Leads with an account.
    pub with_account: usize,
    /// Leads without one.
    pub absent: usize,
    /// Leads whose best candidate is their account.
    pub recall_at_1: Share,
    /// The least score over which at most 1 % of the absent leads have a candidate; 0 without absent leads.
    pub threshold_bps: u16,
    /// Leads with an account whose best candidate is over the threshold and right.
    pub right_at_threshold: Share,
    /// Leads with an account whose best candidate is over the threshold and wrong.
    pub wrong_at_threshold: Share,
}

/// What a tier's matches are worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TierFigures {
    /// Its name in the contract.
    pub tier: &'static str,
    /// Leads routed by it, and how many of them rightly.
    pub routed: Share,
    /// Leads whose best candidate it is, whatever the route, and how often that is the right account.
    pub best: Share,
}

/// What a score is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The least score of the band; it ends before the next one begins, the last one with 10 000.
    pub from_bps: u16,
    /// Leads whose best candidate scores so, and how often that is the right account.
    pub best: Share,
}

/// Mistakes counted by kind.
pub fn kinds(mistakes: &[Mistake]) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    mistakes.iter().for_each(|mistake| *kinds.entry(mistake.kind.as_str()).or_default() += 1);
    kinds
}

impl SetReport {
    /// Counts the outcomes and mistakes of a set.
    pub fn of(name: &str, accounts: usize, outcomes: &[Outcome], mistakes: &[Mistake]) -> SetReport {
        let mut by_case: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
        for outcome in outcomes {
            by_case.entry(outcome.case.clone()).or_default().push(outcome);
        }
        let all = Figures::of(&outcomes.iter().collect::<Vec<_>>());
        let cases = by_case.into_iter().map(|(case, outcomes)| {
            // Which scores are too low is known by the absent leads of the whole set.
            let mut figures = Figures::of(&outcomes);
            figures.by_name = Ranking::at(Some(all.by_name.threshold_bps), by_name(&outcomes));
            figures.as_submitted = Ranking::at(Some(all.as_submitted.threshold_bps), as_submitted(&outcomes));
            (case, figures)
        });
        let cases = cases.collect();
        SetReport { name: name.to_owned(), accounts, all, cases, mistakes: kinds(mistakes) }
    }
}

impl Figures {
    /// Counts outcomes.
    pub fn of(outcomes: &[&Outcome]) -> Figures {
        let with_account = outcomes.iter().filter(|outcome| outcome.has_account).count();
        Figures {
            with_account,
            absent: outcomes.len() - with_account,
            routes: routes(outcomes),
            by_name: Ranking::of_scores(by_name(outcomes)),
            as_submitted: Ranking::of_scores(as_submitted(outcomes)),
            tiers: Tier::ALL.into_iter().filter_map(|tier| tier_figures(tier, outcomes)).collect(),
            calibration: calibration(outcomes),
        }
    }
}

impl Ranking {
    /// From each lead's label (it has an account), the score of its best candidate in basis points, 0 for
    /// none, and whether that is right.
    pub fn of_scores(leads: impl Iterator<Item = (bool, u16, bool)>) -> Ranking {
        Ranking::at(None, leads)
    }

    /// The same at a threshold that is known from elsewhere.
    fn at(threshold: Option<u16>, leads: impl Iterator<Item = (bool, u16, bool)>) -> Ranking {
        let (present, absent): (Vec<_>, Vec<_>) = leads.partition(|(has_account, ..)| *has_account);
        let mut false_scores: Vec<u16> = absent.iter().map(|(_, score, _)| *score).collect();
        false_scores.sort_unstable_by(|one, other| other.cmp(one));
        let allowed = (false_scores.len() as f64 * FALSE_MATCHES).floor() as usize;
        // Everything strictly over the first score that is one too many.
        let threshold = threshold.or(false_scores.get(allowed).copied()).unwrap_or(0);
        let share = |fits: &dyn Fn(u16, bool) -> bool| {
            let count = present.iter().filter(|(_, score, right)| fits(*score, *right)).count();
            Share::new(count, present.len())
        };
        Ranking {
            with_account: present.len(),
            absent: absent.len(),
            recall_at_1: share(&|_, right| right),
            threshold_bps: threshold,
            right_at_threshold: share(&|score, right| right && score > threshold),
            wrong_at_threshold: share(&|score, right| !right && score > threshold),
        }
    }
}

/// Leads of the name measure: whether they have an account, and their best candidate by name.
fn by_name<'a>(outcomes: &'a [&'a Outcome]) -> impl Iterator<Item = (bool, u16, bool)> + 'a {
    outcomes.iter().filter_map(|outcome| Some(ranked(outcome, outcome.by_name.as_ref()?.as_ref())))
}

/// The same leads, as submitted.
fn as_submitted<'a>(outcomes: &'a [&'a Outcome]) -> impl Iterator<Item = (bool, u16, bool)> + 'a {
    let entered = outcomes.iter().filter(|outcome| outcome.by_name.is_some());
    entered.map(|outcome| ranked(outcome, outcome.best.as_ref()))
}

fn ranked(outcome: &Outcome, best: Option<&Best>) -> (bool, u16, bool) {
    (outcome.has_account, best.map_or(0, |best| best.score.bps()), best.is_some_and(|best| best.right))
}

fn routes(outcomes: &[&Outcome]) -> Routes {
    let count = |fates: &[Fate]| outcomes.iter().filter(|outcome| fates.contains(&outcome.fate)).count();
    let with_account = outcomes.iter().filter(|outcome| outcome.has_account).count();
    let present = |fates: &[Fate]| Share::new(count(fates), with_account);
    let absent = |fate: Fate| Share::new(count(&[fate]), outcomes.len() - with_account);
    let routed = [Fate::RoutedRight, Fate::RoutedSameOwner, Fate::RoutedWrong, Fate::AbsentRouted];
    Routes {
        right: present(&[Fate::RoutedRight]),
        wrong: present(&[Fate::RoutedSameOwner, Fate::RoutedWrong]),
        wrong_same_owner: present(&[Fate::RoutedSameOwner]),
        review_right: present(&[Fate::ReviewRight]),
        review_other: present(&[Fate::ReviewOther]),
        missed: present(&[Fate::Missed]),
        absent_routed: absent(Fate::AbsentRouted),
        absent_reviewed: absent(Fate::AbsentReviewed),
        precision: Share::new(count(&[Fate::RoutedRight]), count(&routed)),
    }
}

fn tier_figures(tier: Tier, outcomes: &[&Outcome]) -> Option<TierFigures> {
    let of_tier = |outcome: &&&Outcome| outcome.best.as_ref().is_some_and(|best| best.tier == Some(tier));
    let reached: Vec<&&Outcome> = outcomes.iter().filter(of_tier).collect();
    let routed = |outcome: &&&&Outcome| outcome.fate.is_routed();
    let right = |outcome: &&Outcome| outcome.best.as_ref().is_some_and(|best| best.right);
    let routed: Vec<&&Outcome> = reached.iter().filter(routed).copied().collect();
    (!reached.is_empty()).then(|| TierFigures {
        tier: tier.as_str(),
        routed: Share::new(
            routed.iter().filter(|outcome| outcome.fate == Fate::RoutedRight).count(),
            routed.len(),
        ),
        best: Share::new(reached.iter().filter(|outcome| right(outcome)).count(), reached.len()),
    })
}

fn calibration(outcomes: &[&Outcome]) -> Vec<Band> {
    let mut bands: BTreeMap<u16, (usize, usize)> = BTreeMap::new();
    for best in outcomes.iter().filter_map(|outcome| outcome.best.as_ref()) {
        let band = (best.score.bps() / BAND_BPS).min(10_000 / BAND_BPS - 1);
        let (right, all) = bands.entry(band * BAND_BPS).or_default();
        *right += usize::from(best.right);
        *all += 1;
    }
    let band = |(from_bps, (right, all))| Band { from_bps, best: Share::new(right, all) };
    bands.into_iter().map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountId;
    use crate::score::Score;

    fn best(score: u16, right: bool, tier: Tier) -> Option<Best> {
        let account_id = AccountId::new("a1").unwrap();
        Some(Best { account_id, tier: Some(tier), score: Score::from_bps(score), right })
    }

    fn outcome(fate: Fate, best: Option<Best>) -> Outcome {
        let has_account = !matches!(fate, Fate::AbsentRouted | Fate::AbsentReviewed | Fate::AbsentLeft);
        Outcome {
            case: "variant".into(),
            has_account,
            fate,
            settled: false,
            by_name: Some(best.clone()),
            best,
        }
    }

    fn figures(outcomes: &[Outcome]) -> Figures {
        Figures::of(&outcomes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn routes_are_shares_of_leads_with_and_without_an_account() {
        let exact = |right| best(9_000, right, Tier::NameExact);
        let routes = figures(&[
            outcome(Fate::RoutedRight, exact(true)),
            outcome(Fate::RoutedRight, exact(true)),
            outcome(Fate::RoutedSameOwner, exact(false)),
            outcome(Fate::Missed, None),
            outcome(Fate::AbsentRouted, exact(false)),
            outcome(Fate::AbsentLeft, None),
        ])
        .routes;
        assert_eq!((routes.right.count, routes.right.of), (2, 4));
        assert_eq!(
            (routes.wrong.share, routes.wrong_same_owner.share, routes.missed.share),
            (0.25, 0.25, 0.25)
        );
        assert_eq!((routes.absent_routed.count, routes.absent_routed.of), (1, 2));
        assert_eq!((routes.precision.count, routes.precision.of), (2, 4));
    }

    #[test]
    fn one_in_a_hundred_absent_leads_may_be_over_the_threshold() {
        // 200 absent leads with scores 1 to 200: two may be over, so 198 is the threshold and 198 is not over it.
        let absent = (1..=200).map(|score| (false, score, false));
        let present = [(true, 198, true), (true, 199, true), (true, 500, false), (true, 10, false)];
        let ranking = Ranking::of_scores(absent.chain(present));
        assert_eq!(ranking.threshold_bps, 198);
        assert_eq!(ranking.recall_at_1.share, 0.5);
        assert_eq!((ranking.right_at_threshold.count, ranking.wrong_at_threshold.count), (1, 1));
        assert_eq!((ranking.with_account, ranking.absent), (4, 200));
    }

    #[test]
    fn fewer_than_a_hundred_absent_leads_allow_no_false_match() {
        let ranking =
            Ranking::of_scores([(false, 70, false), (true, 71, true), (true, 70, true)].into_iter());
        assert_eq!((ranking.threshold_bps, ranking.right_at_threshold.count), (70, 1));
    }

    #[test]
    fn a_tier_counts_what_it_routed_and_what_it_would_have_named() {
        let near = |right| best(8_000, right, Tier::NameOnlyNear);
        let figures = figures(&[
            outcome(Fate::RoutedRight, best(10_000, true, Tier::NameExact)),
            outcome(Fate::ReviewRight, near(true)),
            outcome(Fate::AbsentReviewed, near(false)),
        ]);
        let [exact, near] = figures.tiers[..] else { panic!("{:?}", figures.tiers) };
        assert_eq!((exact.tier, exact.routed.count, exact.routed.of), ("NAME_EXACT", 1, 1));
        assert_eq!((near.routed.of, near.best.count, near.best.of), (0, 1, 2));
    }

    #[test]
    fn a_band_holds_the_scores_from_its_foot_and_the_last_one_the_highest() {
        let of = |score, right| outcome(Fate::RoutedRight, best(score, right, Tier::NameExact));
        let bands = figures(&[of(9_499, false), of(9_500, true), of(10_000, true)]).calibration;
        let shown: Vec<_> = bands.iter().map(|band| (band.from_bps, band.best.count, band.best.of)).collect();
        assert_eq!(shown, [(9_000, 0, 1), (9_500, 2, 2)]);
    }
}
