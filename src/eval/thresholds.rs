//! What a wished precision asks of each tier's thresholds.

use std::fmt::Write as _;

use super::outcome::Outcome;
use super::wilson::Share;
use crate::policy::Policy;
use crate::routing::Tier;
use crate::score::Score;

/// Of the leads between review and route this share should be right: a person who looks at two finds one.
pub const REVIEW_PRECISION: f64 = 0.5;

/// Thresholds for one tier, and what they rest on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    /// Which tier.
    pub tier: Tier,
    /// Leads whose best candidate is of this tier and whose route its score decides.
    pub leads: usize,
    /// Route at or over this score.
    pub route: Threshold,
    /// Review at or over this score and under `route`.
    pub review: Threshold,
}

/// A threshold and why it stands there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// Every lead seen, this being the least score, may pass: a threshold over it comes down to it, one under
    /// it stays, since no lead seen speaks against it.
    All(Score, Share),
    /// From this score on enough are right, under it too few.
    From(Score, Share),
    /// At no score are enough right.
    Never,
    /// So few leads that not even all of them being right would be sure enough.
    TooFew,
}

/// For each tier that a lead reached, the least score from which on at least `precision` of the best candidates
/// are right, by the lower end of the interval; so few leads give no threshold, however right they are.
pub fn suggest(outcomes: &[Outcome], precision: f64) -> Vec<Suggestion> {
    Tier::ALL
        .into_iter()
        .filter_map(|tier| {
            let mut scores: Vec<(Score, bool)> = outcomes
                .iter()
                .filter(|outcome| !outcome.settled)
                .filter_map(|outcome| outcome.best.as_ref())
                .filter(|best| best.tier == Some(tier))
                .map(|best| (best.score, best.right))
                .collect();
            scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            let route = threshold(&scores, precision);
            let rest: Vec<(Score, bool)> = match route {
                Threshold::All(..) => Vec::new(),
                Threshold::From(route, _) => {
                    scores.iter().filter(|(score, _)| *score < route).copied().collect()
                }
                Threshold::Never | Threshold::TooFew => scores.clone(),
            };
            let review = threshold(&rest, REVIEW_PRECISION);
            (!scores.is_empty()).then_some(Suggestion { tier, leads: scores.len(), route, review })
        })
        .collect()
}

fn threshold(scores: &[(Score, bool)], precision: f64) -> Threshold {
    if Share::new(scores.len(), scores.len()).low < precision {
        return Threshold::TooFew;
    }
    match least(scores, precision) {
        Some((score, share)) if share.of == scores.len() => Threshold::All(score, share),
        Some((score, share)) => Threshold::From(score, share),
        None => Threshold::Never,
    }
}

/// The least score of `scores`, best first, at or over which `precision` is sure.
fn least(scores: &[(Score, bool)], precision: f64) -> Option<(Score, Share)> {
    let mut right = 0;
    let mut least = None;
    for (at, &(score, is_right)) in scores.iter().enumerate() {
        right += usize::from(is_right);
        // A threshold takes all leads of one score or none.
        if scores.get(at + 1).is_some_and(|next| next.0 == score) {
            continue;
        }
        let share = Share::new(right, at + 1);
        if share.low >= precision {
            least = Some((score, share));
        }
    }
    least
}

/// The suggestions as a part of `namesake.toml`; what is not said stays as `policy` has it.
pub fn fragment(suggestions: &[Suggestion], precision: f64, policy: &Policy) -> String {
    let mut text = format!(
        "# Thresholds for a precision of {precision} (the lower end of its 95 % interval), measured by\n\
         # `namesake eval --suggest-thresholds`. They hold for leads like those measured: where fewer leads have\n\
         # an account, fewer routes are right.\n"
    );
    let shown = |share: Share| format!("{} of {} right, at least {:.4}", share.count, share.of, share.low);
    for &Suggestion { tier, leads, route, review } in suggestions {
        let Some(now) = policy.tiers.get(&tier) else { continue };
        let _ = writeln!(text, "\n[policy.tiers.{}] # {leads} leads", tier.as_str());
        // What is reviewed lies under what routes.
        let highest = match route {
            Threshold::All(score, _) => now.route.map_or(score, |route| route.min(score)),
            Threshold::From(score, _) => score,
            Threshold::Never => Score::MAX,
            Threshold::TooFew => now.route.unwrap_or(Score::MAX),
        };
        let _ = match route {
            Threshold::All(_, share) | Threshold::From(_, share) => {
                writeln!(text, "route_bps = {highest} # {}", shown(share))
            }
            Threshold::Never => writeln!(text, "route_bps = \"never\" # at no score are enough right"),
            Threshold::TooFew => writeln!(text, "# route_bps as it is: too few leads to say"),
        };
        let (least, why) = match review {
            Threshold::All(score, share) => (now.review.min(score), shown(share)),
            Threshold::From(score, share) => (score, shown(share)),
            Threshold::Never => (highest, "too few are right".to_owned()),
            Threshold::TooFew => (now.review, "too few leads to say, as it is".to_owned()),
        };
        let _ = writeln!(text, "review_bps = {} # under route: {why}", least.min(highest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountId;
    use crate::eval::{Best, Fate};

    fn outcomes(tier: Tier, score: u16, right: usize, wrong: usize) -> Vec<Outcome> {
        let outcome = |is_right| Outcome {
            case: String::new(),
            has_account: true,
            fate: Fate::Missed,
            settled: false,
            best: Some(Best {
                account_id: AccountId::new("a1").expect("not empty"),
                tier: Some(tier),
                score: Score::from_bps(score),
                right: is_right,
            }),
            by_name: None,
        };
        (0..right + wrong).map(|at| outcome(at < right)).collect()
    }

    /// Exact names: 500 of 500 right at 9 500, 40 of 60 right at 8 000, 1 of 40 right at 5 000.
    fn measured() -> Vec<Outcome> {
        [
            outcomes(Tier::NameExact, 5_000, 1, 39),
            outcomes(Tier::NameExact, 9_500, 500, 0),
            outcomes(Tier::NameExact, 8_000, 40, 20),
            outcomes(Tier::NameNear, 9_000, 5, 0),
        ]
        .concat()
    }

    fn from(threshold: Threshold) -> Option<u16> {
        match threshold {
            Threshold::From(score, _) => Some(score.bps()),
            _ => None,
        }
    }

    #[test]
    fn a_tier_routes_from_the_least_score_that_is_sure() {
        let [exact, near] = suggest(&measured(), 0.99)[..] else { panic!("two tiers were reached") };
        assert_eq!((from(exact.route), from(exact.review)), (Some(9_500), Some(8_000)));
        // Five of five right is at least 0.57: worth a look, and too few for a route.
        assert_eq!((near.tier, near.route), (Tier::NameNear, Threshold::TooFew));
        assert!(matches!(near.review, Threshold::All(..)), "{near:?}");
    }

    #[test]
    fn leads_of_one_score_stay_together() {
        let mixed =
            [outcomes(Tier::NameExact, 9_000, 1_000, 0), outcomes(Tier::NameExact, 9_000, 0, 100)].concat();
        assert_eq!(suggest(&mixed, 0.99)[0].route, Threshold::Never);
    }

    #[test]
    fn where_all_may_pass_nothing_is_cut_off() {
        let policy = Policy::default();
        let route = |tier: Tier, score: u16| {
            let text = fragment(&suggest(&outcomes(tier, score, 500, 0), 0.99), 0.99, &policy);
            let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
            table["policy"]["tiers"][tier.as_str()]["route_bps"].as_integer()
        };
        // One that routes from 0 on stays, one that never routes comes down to what was seen.
        assert_eq!(route(Tier::Domain, 9_300), Some(0));
        assert_eq!(route(Tier::NameOnlyNear, 6_100), Some(6_100));
    }

    #[test]
    fn a_lead_that_no_threshold_moves_does_not_count() {
        let mut contested = outcomes(Tier::NameExact, 9_500, 0, 300);
        contested.iter_mut().for_each(|outcome| outcome.settled = true);
        let measured = [outcomes(Tier::NameExact, 9_500, 500, 0), contested].concat();
        assert!(matches!(suggest(&measured, 0.99)[0].route, Threshold::All(..)));
    }

    #[test]
    fn the_fragment_is_configuration() {
        let text = fragment(&suggest(&measured(), 0.99), 0.99, &Policy::default());
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let tiers = table["policy"]["tiers"].as_table().cloned().unwrap_or_default();
        assert_eq!(tiers["NAME_EXACT"]["route_bps"].as_integer(), Some(9_500));
        assert_eq!(tiers["NAME_EXACT"]["review_bps"].as_integer(), Some(8_000));
        assert!(tiers["NAME_NEAR"].get("route_bps").is_none());
    }
}
