//! The name model as requests ask it: the same trees in one block of memory, asked tree by tree.
//!
//! The forest is larger than the nearest cache and the candidates of a lead are few, so each tree answers for all of
//! them while it is at hand; answers are added in the order of the trees, so that the sums are those of
//! [`NameModel::log_odds`].

use std::sync::LazyLock;

use super::features::NameFeatures;
use super::model::{NameModel, Node, score_of};
use crate::score::Score;

/// A node in eight bytes.
#[derive(Clone, Copy, Debug)]
struct Compact {
    /// The threshold of a split, the answer of a leaf.
    value: f32,
    /// Position of the feature; [`LEAF`] for a leaf.
    feature: u8,
    /// Where to go on, from the root of the tree.
    low: u8,
    high: u8,
}

/// Marks a leaf.
const LEAF: u8 = u8::MAX;

/// Trees in one block.
#[derive(Debug)]
pub(super) struct Forest {
    bias: f32,
    nodes: Vec<Compact>,
    /// Where each tree begins.
    roots: Vec<u32>,
}

impl Forest {
    /// The model that the service uses.
    pub(super) fn fitted() -> &'static Forest {
        static FITTED: LazyLock<Forest> = LazyLock::new(|| {
            Forest::of(NameModel::fitted())
                .expect("the fitted model has small trees, as a test of this file says")
        });
        &FITTED
    }

    /// A model's trees; `None` where one has more than 256 nodes.
    fn of(model: &NameModel) -> Option<Forest> {
        let mut forest = Forest { bias: model.bias, nodes: Vec::new(), roots: Vec::new() };
        for tree in &model.trees {
            forest.roots.push(forest.nodes.len() as u32);
            for node in tree {
                forest.nodes.push(match *node {
                    Node::Leaf { log_odds } => Compact { value: log_odds, feature: LEAF, low: 0, high: 0 },
                    Node::Split { feature, threshold, low, high } => Compact {
                        value: threshold,
                        feature,
                        low: u8::try_from(low).ok()?,
                        high: u8::try_from(high).ok()?,
                    },
                });
            }
        }
        Some(forest)
    }

    /// What each of these comparisons is worth, in order.
    pub(super) fn scores<'f>(&self, compared: impl Iterator<Item = &'f NameFeatures>) -> Vec<Score> {
        let mut sums: Vec<(&NameFeatures, f32)> = compared.map(|features| (features, 0.0)).collect();
        for root in &self.roots {
            let tree = &self.nodes[*root as usize..];
            for (features, sum) in &mut sums {
                let mut node = tree[0];
                while node.feature != LEAF {
                    let goes_low = features[usize::from(node.feature)] <= node.value;
                    node = tree[usize::from(if goes_low { node.low } else { node.high })];
                }
                *sum += node.value;
            }
        }
        sums.into_iter().map(|(_, sum)| score_of(self.bias + sum)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::FEATURE_COUNT;

    proptest::proptest! {
        #[test]
        fn the_forest_says_what_the_model_says(
            compared in proptest::collection::vec(proptest::array::uniform23(-1.0f32..4.0), 1..30),
        ) {
            let compared: Vec<[f32; FEATURE_COUNT]> = compared;
            let model = NameModel::fitted();
            let expected: Vec<Score> = compared.iter().map(|features| model.score(features)).collect();
            proptest::prop_assert_eq!(Forest::fitted().scores(compared.iter()), expected);
        }
    }

    #[test]
    fn a_tree_too_large_to_be_compact_is_refused() {
        let split = |at: u16| Node::Split { feature: 0, threshold: 0.0, low: at + 1, high: at + 2 };
        let mut tree: Vec<Node> =
            (0..300).step_by(2).flat_map(|at| [split(at), Node::Leaf { log_odds: 1.0 }]).collect();
        tree.push(Node::Leaf { log_odds: 0.0 });
        assert!(Forest::of(&NameModel { bias: 0.0, trees: vec![tree] }).is_none());
    }
}
