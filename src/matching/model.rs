//! What a comparison of two names is worth: a small forest of decision trees, fitted on labelled leads.
//!
//! Hand-set weights cannot say how much a slip in the only distinctive word matters beside an equal legal
//! form; labelled leads can. `namesake eval --fit` learns the forest and writes `data/name_model.tsv`, whose
//! head names what it was fitted on; here it is only read and asked.

use std::fmt;
use std::sync::LazyLock;

use super::features::{FEATURE_COUNT, FEATURE_NAMES, NameFeatures};
use crate::score::Score;

/// Log-odds are divided by this before they become a score, so that the difference between a chance of 99 %
/// and one of 99.9 % still shows: 50 % scores 5 000 bps, 90 % 6 340, 99 % 7 593, 99.9 % 8 490. At the other end
/// the least score that is reported, 3 000 bps, is a chance of 3 %.
const SCORE_SPREAD: f32 = 4.0;

/// Log-odds are added up in so many parts of one, in whole numbers, whose sum does not depend on their order: finer than
/// the seven digits that a model is written with, and coarse enough for 32 bits: no sum may reach 128, as a test holds.
const LOG_ODDS_PARTS: f32 = (1 << 24) as f32;

/// Log-odds in parts; under 128 in size.
pub(super) fn parts_of(log_odds: f32) -> i32 {
    (log_odds * LOG_ODDS_PARTS).round() as i32
}

/// The features that are the same in some kind of comparison.
pub(super) type NameFeaturesKnown = [Option<f32>; FEATURE_COUNT];

/// A node of a tree: a question about one feature, or the tree's answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Goes on at node `low` where the feature is at most `threshold`, else at node `high`.
    Split {
        /// Position of the feature in [`FEATURE_NAMES`].
        feature: u8,
        /// The greatest value that goes low.
        threshold: f32,
        /// Where to go on in this tree.
        low: u16,
        /// Where to go on in this tree.
        high: u16,
    },
    /// Adds `log_odds` to the sum of the forest.
    Leaf {
        /// What the tree says.
        log_odds: f32,
    },
}

/// Trees whose answers add up to the log-odds that two names are one company's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NameModel {
    /// What the sum starts with.
    pub bias: f32,
    /// Trees, each with its root first; children come behind their parents.
    pub trees: Vec<Vec<Node>>,
}

/// A sum of log-odds, in parts, as a score.
pub(super) fn score_of(parts: i32) -> Score {
    let spread = parts as f32 / LOG_ODDS_PARTS / SCORE_SPREAD;
    Score::from_share(1.0 / (1.0 + (-spread).exp()))
}

impl NameModel {
    /// The model that the service uses: `data/name_model.tsv`.
    pub fn fitted() -> &'static NameModel {
        static FITTED: LazyLock<NameModel> = LazyLock::new(|| {
            NameModel::parse(include_str!("../../data/name_model.tsv"))
                .expect("data/name_model.tsv is checked by a test of this file")
        });
        &FITTED
    }

    /// Log-odds that the names compared are one company's.
    pub fn log_odds(&self, features: &NameFeatures) -> f32 {
        self.parts(features) as f32 / LOG_ODDS_PARTS
    }

    /// The same in parts.
    fn parts(&self, features: &NameFeatures) -> i32 {
        let answer = |tree: &Vec<Node>| {
            let mut at = 0;
            loop {
                match tree[at] {
                    Node::Leaf { log_odds } => return parts_of(log_odds),
                    Node::Split { feature, threshold, low, high } => {
                        let goes_low = features[usize::from(feature)] <= threshold;
                        at = usize::from(if goes_low { low } else { high });
                    }
                }
            }
        };
        parts_of(self.bias) + self.trees.iter().map(answer).sum::<i32>()
    }

    /// The same trees without the questions that known features answer.
    pub(super) fn knowing(&self, known: &NameFeaturesKnown) -> NameModel {
        let answered = |tree: &Vec<Node>| {
            let mut nodes = Vec::with_capacity(tree.len());
            copy_answered(tree, 0, known, &mut nodes);
            nodes
        };
        NameModel { bias: self.bias, trees: self.trees.iter().map(answered).collect() }
    }

    /// The same as a score; see the head of this file for what it means.
    pub fn score(&self, features: &NameFeatures) -> Score {
        score_of(self.parts(features))
    }

    /// Reads a model as [`fmt::Display`] writes it; lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// [`BadModel`] with the number of the first line that is no part of a model.
    pub fn parse(text: &str) -> Result<NameModel, BadModel> {
        let mut model = NameModel::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let bad = || BadModel { line: at + 1 };
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                ["bias", value] => model.bias = value.parse().map_err(|_| bad())?,
                ["tree"] => model.trees.push(Vec::new()),
                ["leaf", value] => {
                    let log_odds = value.parse().map_err(|_| bad())?;
                    model.trees.last_mut().ok_or_else(bad)?.push(Node::Leaf { log_odds });
                }
                [name, threshold, low, high] => {
                    let feature =
                        FEATURE_NAMES.iter().position(|known| *known == name).ok_or_else(bad)? as u8;
                    let number = |text: &str| text.parse::<u16>().map_err(|_| bad());
                    let threshold = threshold.parse().map_err(|_| bad())?;
                    let node = Node::Split { feature, threshold, low: number(low)?, high: number(high)? };
                    model.trees.last_mut().ok_or_else(bad)?.push(node);
                }
                _ => return Err(bad()),
            }
        }
        model.is_whole().then_some(model).ok_or(BadModel { line: text.lines().count() })
    }

    /// Every tree has a root, and every split leads forward to nodes of its own tree.
    fn is_whole(&self) -> bool {
        self.trees.iter().all(|tree| {
            !tree.is_empty()
                && tree.iter().enumerate().all(|(at, node)| match *node {
                    Node::Leaf { .. } => true,
                    Node::Split { feature, low, high, .. } => {
                        let inside = |to: u16| usize::from(to) > at && usize::from(to) < tree.len();
                        usize::from(feature) < FEATURE_COUNT && inside(low) && inside(high)
                    }
                })
        })
    }
}

/// Copies what is below a node of a tree, but for questions that known features answer; where the copy stands.
fn copy_answered(tree: &[Node], mut at: usize, known: &NameFeaturesKnown, copy: &mut Vec<Node>) -> u16 {
    loop {
        match tree[at] {
            Node::Split { feature, threshold, low, high } => match known[usize::from(feature)] {
                Some(value) => at = usize::from(if value <= threshold { low } else { high }),
                None => {
                    let to = copy.len();
                    copy.push(tree[at]);
                    let (low, high) = (
                        copy_answered(tree, usize::from(low), known, copy),
                        copy_answered(tree, usize::from(high), known, copy),
                    );
                    copy[to] = Node::Split { feature, threshold, low, high };
                    return to as u16;
                }
            },
            Node::Leaf { .. } => {
                copy.push(tree[at]);
                return copy.len() as u16 - 1;
            }
        }
    }
}

/// A line that is no part of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no part of a name model; write it with `namesake eval --fit`")]
pub struct BadModel {
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for NameModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bias\t{}", self.bias)?;
        for tree in &self.trees {
            writeln!(f, "tree")?;
            for node in tree {
                match node {
                    Node::Leaf { log_odds } => writeln!(f, "leaf\t{log_odds}")?,
                    Node::Split { feature, threshold, low, high } => {
                        writeln!(f, "{}\t{threshold}\t{low}\t{high}", FEATURE_NAMES[usize::from(*feature)])?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stump() -> NameModel {
        let tree = vec![
            Node::Split { feature: 0, threshold: 0.5, low: 1, high: 2 },
            Node::Leaf { log_odds: -2.0 },
            Node::Leaf { log_odds: 3.0 },
        ];
        NameModel { bias: 0.5, trees: vec![tree.clone(), tree] }
    }

    #[test]
    fn no_answers_of_the_fitted_model_add_up_to_more_than_32_bits_hold() {
        let model = NameModel::fitted();
        let farthest = |tree: &Vec<Node>| {
            let answers = tree.iter().filter_map(|node| match node {
                Node::Leaf { log_odds } => Some(log_odds.abs()),
                Node::Split { .. } => None,
            });
            answers.fold(0.0, f32::max)
        };
        let most = model.bias.abs() + model.trees.iter().map(farthest).sum::<f32>();
        assert!(most < 127.0, "{most}: take fewer parts");
    }

    #[test]
    fn the_answers_of_all_trees_add_up() {
        let mut features = [0.0; FEATURE_COUNT];
        assert_eq!(stump().log_odds(&features), -3.5);
        features[0] = 0.6;
        assert_eq!(stump().log_odds(&features), 6.5);
        assert!(stump().score(&features) > Score::from_bps(8_000));
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        assert_eq!(NameModel::parse(&stump().to_string()), Ok(stump()));
    }

    #[test]
    fn a_split_that_leads_nowhere_is_refused() {
        let backwards = "bias\t0\ntree\nlead_share_agreed\t0.5\t0\t1\nleaf\t1\n";
        assert!(NameModel::parse(backwards).is_err());
        assert_eq!(NameModel::parse("leaf\t1\n"), Err(BadModel { line: 1 }));
    }

    #[test]
    fn the_committed_model_is_whole() {
        assert!(!NameModel::fitted().trees.is_empty());
    }
}
