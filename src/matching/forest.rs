//! The name model as requests ask it: the same trees, laid out so that eight comparisons are answered at a time.
//!
//! Instead of walking each tree from its root, every split is asked once, feature by feature from the least threshold up:
//! one that is exceeded rules out the leaves below its low side, and the first leaf that is left is the tree's answer
//! (Lucchese et al.: QuickScorer, 2015). A threshold is compared once for all splits that have it, and the eight answers
//! fit one register. Leaves are added in the order of the trees, so that the sums are those of [`NameModel::log_odds`].

use std::sync::LazyLock;

use super::features::{FEATURE_COUNT, NameFeatures};
use super::model::{NameModel, Node, score_of};
use crate::score::Score;

/// Comparisons that are answered together.
const LANES: usize = 8;
/// So few are answered sooner by walking the trees; five are not, since the processor guesses each walk wrong many times.
const WALKED_MAX: usize = 2;
/// The most leaves of a tree: as many as a mask has bits.
const LEAVES_MAX: usize = 16;

/// A value for each comparison of those that are answered together.
type Lanes<T> = [T; LANES];

/// A split as the leaves that are left when its threshold is exceeded, the same for each lane so that none is spread
/// out when it is asked.
#[derive(Clone, Copy, Debug)]
struct Split {
    kept: Lanes<u16>,
    tree: u16,
}

/// A threshold of a feature, and which of the feature's splits have it.
#[derive(Clone, Copy, Debug)]
struct Threshold {
    value: f32,
    /// Where its splits end; they begin where those of the threshold before it end.
    to: u32,
}

/// Trees in one block.
#[derive(Debug)]
pub(super) struct Forest {
    bias: f32,
    /// Each feature's thresholds, ascending, each once.
    thresholds: Vec<Vec<Threshold>>,
    /// Each feature's splits in the order of their thresholds.
    splits: Vec<Vec<Split>>,
    /// Answers of each tree's leaves from the lowest to the highest.
    leaves: Vec<[f32; LEAVES_MAX]>,
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

    /// A model's trees; `None` where one has more than [`LEAVES_MAX`] leaves.
    fn of(model: &NameModel) -> Option<Forest> {
        let mut found: Vec<Vec<(f32, u16, u16)>> = vec![Vec::new(); FEATURE_COUNT];
        let mut leaves = Vec::with_capacity(model.trees.len());
        for (number, tree) in model.trees.iter().enumerate() {
            let mut reader = Reader { tree, leaves: [0.0; LEAVES_MAX], count: 0, splits: &mut found };
            reader.read(0, u16::try_from(number).ok()?)?;
            leaves.push(reader.leaves);
        }
        let mut thresholds = Vec::with_capacity(FEATURE_COUNT);
        let mut splits = Vec::with_capacity(FEATURE_COUNT);
        for mut of_feature in found {
            of_feature.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            let mut to = 0;
            let of_value = of_feature.chunk_by(|one, other| one.0 == other.0).map(|same| {
                to += same.len() as u32;
                Threshold { value: same[0].0, to }
            });
            thresholds.push(of_value.collect());
            let split = |(_, tree, kept): &(f32, u16, u16)| Split { kept: [*kept; LANES], tree: *tree };
            splits.push(of_feature.iter().map(split).collect());
        }
        Some(Forest { bias: model.bias, thresholds, splits, leaves })
    }

    /// What each of these comparisons is worth, in order.
    pub(super) fn scores<'f>(&self, compared: impl Iterator<Item = &'f NameFeatures>) -> Vec<Score> {
        let compared: Vec<&NameFeatures> = compared.collect();
        if compared.len() <= WALKED_MAX {
            return compared.iter().map(|features| NameModel::fitted().score(features)).collect();
        }
        let mut left: Vec<Lanes<u16>> = vec![[u16::MAX; LANES]; self.leaves.len()];
        let mut scores = Vec::with_capacity(compared.len());
        for lanes in compared.chunks(LANES) {
            if !scores.is_empty() {
                left.fill([u16::MAX; LANES]);
            }
            self.rule_out(lanes, &mut left);
            let mut sums = [0.0; LANES];
            for (left, leaves) in left.iter().zip(&self.leaves) {
                for (sum, left) in sums.iter_mut().zip(left) {
                    // Each tree keeps a leaf; the least one if not, which the type needs.
                    *sum += leaves[left.trailing_zeros() as usize % LEAVES_MAX];
                }
            }
            scores.extend(sums[..lanes.len()].iter().map(|sum| score_of(self.bias + sum)));
        }
        scores
    }

    /// Takes the leaves away that these comparisons cannot end in.
    fn rule_out(&self, compared: &[&NameFeatures], left: &mut [Lanes<u16>]) {
        for (feature, (thresholds, splits)) in self.thresholds.iter().zip(&self.splits).enumerate() {
            // A lane without a comparison exceeds nothing.
            let mut values: Lanes<f32> = [f32::NEG_INFINITY; LANES];
            for (value, features) in values.iter_mut().zip(compared) {
                *value = features[feature];
            }
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut from = 0;
            for threshold in thresholds.iter().take_while(|threshold| threshold.value < most) {
                // All ones where the threshold is not exceeded.
                let mut all = [0u16; LANES];
                for lane in 0..LANES {
                    all[lane] = u16::from(values[lane] > threshold.value).wrapping_sub(1);
                }
                let to = threshold.to as usize;
                for split in &splits[from..to] {
                    let left = &mut left[usize::from(split.tree)];
                    for lane in 0..LANES {
                        left[lane] &= split.kept[lane] | all[lane];
                    }
                }
                from = to;
            }
        }
    }
}

/// Numbers the leaves of one tree from the lowest to the highest.
struct Reader<'m> {
    tree: &'m [Node],
    leaves: [f32; LEAVES_MAX],
    count: usize,
    splits: &'m mut [Vec<(f32, u16, u16)>],
}

impl Reader<'_> {
    /// Reads what is below a node; `None` where that is more than fits.
    fn read(&mut self, at: usize, tree: u16) -> Option<()> {
        match *self.tree.get(at)? {
            Node::Leaf { log_odds } => {
                *self.leaves.get_mut(self.count)? = log_odds;
                self.count += 1;
            }
            Node::Split { feature, threshold, low, high } => {
                let from = self.count;
                self.read(usize::from(low), tree)?;
                let below = (from..self.count).fold(0u16, |bits, leaf| bits | 1 << leaf);
                self.splits.get_mut(usize::from(feature))?.push((threshold, tree, !below));
                self.read(usize::from(high), tree)?;
            }
        }
        Some(())
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
            (0..40).step_by(2).flat_map(|at| [split(at), Node::Leaf { log_odds: 1.0 }]).collect();
        tree.push(Node::Leaf { log_odds: 0.0 });
        assert!(Forest::of(&NameModel { bias: 0.0, trees: vec![tree] }).is_none());
    }
}
