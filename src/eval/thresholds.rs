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
    /// Leads whose best candidate is of this tier.
    pub leads: usize,
    /// Route at or over this; `None`: no score is sure enough.
    pub route: Option<(Score, Share)>,
    /// Review at or over this and under `route`; `None`: what is under `route` is not worth a look.
    pub review: Option<(Score, Share)>,
}

/// For each tier that a lead reached, the least score from which on at least `precision` of the best candidates
/// are right, by the lower end of the interval; so few leads give no threshold, however right they are.
pub fn suggest(outcomes: &[Outcome], precision: f64) -> Vec<Suggestion> {
    Tier::ALL
        .into_iter()
        .filter_map(|tier| {
            let mut scores: Vec<(Score, bool)> = outcomes
                .iter()
                .filter_map(|outcome| outcome.best.as_ref())
                .filter(|best| best.tier == Some(tier))
                .map(|best| (best.score, best.right))
                .collect();
            scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            let route = least(&scores, precision);
            let under = |(score, _): &&(Score, bool)| route.is_none_or(|(route, _)| *score < route);
            let rest: Vec<(Score, bool)> = scores.iter().filter(under).copied().collect();
            let review = least(&rest, REVIEW_PRECISION);
            (!scores.is_empty()).then_some(Suggestion { tier, leads: scores.len(), route, review })
        })
        .collect()
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

/// The suggestions as a part of `namesake.toml`; margins stay as `policy` has them.
pub fn fragment(suggestions: &[Suggestion], precision: f64, policy: &Policy) -> String {
    let mut text = format!(
        "# Thresholds for a precision of {precision} (the lower end of its 95 % interval), measured by\n\
         # `namesake eval --suggest-thresholds`. They hold for leads like those measured: where fewer leads have\n\
         # an account, fewer routes are right.\n"
    );
    let shown = |share: Share| format!("{} of {} right, at least {:.4}", share.count, share.of, share.low);
    for suggestion in suggestions {
        let Suggestion { tier, leads, route, review } = *suggestion;
        let _ = writeln!(text, "\n[policy.tiers.{}] # {leads} leads", tier.as_str());
        let _ = match route {
            Some((score, share)) => writeln!(text, "route_bps = {score} # {}", shown(share)),
            None => writeln!(text, "route_bps = \"never\" # at no score is it sure enough"),
        };
        let _ = match (review, route) {
            (Some((score, share)), _) => {
                writeln!(text, "review_bps = {score} # under route: {}", shown(share))
            }
            (None, Some((score, _))) => {
                writeln!(text, "review_bps = {score} # under route too few are right")
            }
            (None, None) => writeln!(text, "review_bps = 10000 # too few are right at any score"),
        };
        if let Some(thresholds) = policy.tiers.get(&tier) {
            let _ = writeln!(text, "margin_bps = {}", thresholds.margin);
        }
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

    #[test]
    fn a_tier_routes_from_the_least_score_that_is_sure() {
        let [exact, near] = suggest(&measured(), 0.99)[..] else { panic!("two tiers were reached") };
        assert_eq!(exact.route.map(|(score, _)| score), Some(Score::from_bps(9_500)));
        assert_eq!(exact.review.map(|(score, _)| score), Some(Score::from_bps(8_000)));
        // Five of five right is at least 0.57: worth a look, not a route.
        assert_eq!((near.tier, near.route), (Tier::NameNear, None));
        assert_eq!(near.review.map(|(score, _)| score), Some(Score::from_bps(9_000)));
    }

    #[test]
    fn leads_of_one_score_stay_together() {
        let mixed =
            [outcomes(Tier::NameExact, 9_000, 1_000, 0), outcomes(Tier::NameExact, 9_000, 0, 100)].concat();
        assert_eq!(suggest(&mixed, 0.99)[0].route, None);
    }

    #[test]
    fn the_fragment_is_configuration() {
        let text = fragment(&suggest(&measured(), 0.99), 0.99, &Policy::default());
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let tiers = table["policy"]["tiers"].as_table().cloned().unwrap_or_default();
        assert_eq!(tiers["NAME_EXACT"]["route_bps"].as_integer(), Some(9_500));
        assert_eq!(tiers["NAME_NEAR"]["route_bps"].as_str(), Some("never"));
        assert_eq!(tiers["NAME_EXACT"]["margin_bps"].as_integer(), Some(300));
    }
}
