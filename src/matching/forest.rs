//! The name model as requests ask it: the same trees, laid out so that eight comparisons are answered at a time.
//!
//! Instead of walking each tree from its root, every split is asked once, feature by feature from the least threshold up:
//! one that is exceeded rules out the leaves below its low side, and the first leaf that is left is the tree's answer
//! (Lucchese et al.: QuickScorer, 2015). Thresholds become their ranks, so that eight answers fit one register. Leaves are
//! added in the order of the trees, so that the sums are those of [`NameModel::log_odds`].

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

/// A split as the leaves that are left when its threshold is exceeded.
#[derive(Clone, Copy, Debug)]
struct Split {
    /// Position of its threshold among those of the feature.
    rank: i16,
    tree: u16,
    kept: u16,
}

/// Trees in one block.
#[derive(Debug)]
pub(super) struct Forest {
    bias: f32,
    /// Each feature's thresholds, ascending, each once.
    thresholds: Vec<Vec<f32>>,
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
            let mut ranks: Vec<f32> = of_feature.iter().map(|(threshold, ..)| *threshold).collect();
            ranks.dedup();
            let rank = |threshold: f32| i16::try_from(ranks.partition_point(|one| *one < threshold)).ok();
            let ranked = of_feature.iter().map(|(threshold, tree, kept)| {
                Some(Split { rank: rank(*threshold)?, tree: *tree, kept: *kept })
            });
            splits.push(ranked.collect::<Option<Vec<Split>>>()?);
            thresholds.push(ranks);
        }
        Some(Forest { bias: model.bias, thresholds, splits, leaves })
    }

    /// What each of these comparisons is worth, in order.
    pub(super) fn scores<'f>(&self, compared: impl Iterator<Item = &'f NameFeatures>) -> Vec<Score> {
        let compared: Vec<&NameFeatures> = compared.collect();
        if compared.len() <= WALKED_MAX {
            return compared.iter().map(|features| NameModel::fitted().score(features)).collect();
        }
        let mut left = vec![[u16::MAX; LANES]; self.leaves.len()];
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
    fn rule_out(&self, lanes: &[&NameFeatures], left: &mut [[u16; LANES]]) {
        for (feature, (thresholds, splits)) in self.thresholds.iter().zip(&self.splits).enumerate() {
            // How many thresholds each exceeds.
            let mut exceeded = [0i16; LANES];
            for (exceeded, features) in exceeded.iter_mut().zip(lanes) {
                let value = features[feature];
                *exceeded = thresholds.partition_point(|threshold| *threshold < value) as i16;
            }
            let most = exceeded.into_iter().max().unwrap_or_default();
            // The splits come in the order of their ranks.
            let asked = splits.partition_point(|split| split.rank < most);
            for split in &splits[..asked] {
                let left = &mut left[usize::from(split.tree)];
                for lane in 0..LANES {
                    // All ones where the threshold is not exceeded.
                    let all = if exceeded[lane] > split.rank { 0 } else { u16::MAX };
                    left[lane] &= split.kept | all;
                }
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
