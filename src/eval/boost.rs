//! Fits a [`NameModel`]: gradient boosting of small trees on the logistic loss, over binned features.
//!
//! Deterministic: the same examples give the same model, whatever their origin. Friedman, "Greedy function
//! approximation: a gradient boosting machine", 2001; second-order leaf values and histogram splits as in Chen
//! and Guestrin, "XGBoost", 2016.

use crate::matching::{FEATURE_COUNT, NameFeatures, NameModel, Node};

/// One comparison with its label.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// How the names compare.
    pub features: NameFeatures,
    /// The account is the lead's.
    pub right: bool,
    /// How much the example counts; over 0.
    pub weight: f32,
}

/// How large a model may grow and how fast it learns.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// Trees.
    pub trees: usize,
    /// Leaves of one tree, at most.
    pub leaves: usize,
    /// Share of each tree's answer that is added.
    pub rate: f32,
    /// Added to the curvature of every leaf, so that few examples say little.
    pub ridge: f32,
    /// The least curvature (about a quarter of the examples' weight where nothing is decided) of a leaf.
    pub leaf_min: f32,
}

impl Default for Growth {
    fn default() -> Growth {
        // Chosen by leaving each set out in turn: more or larger trees gained nothing on the set left out.
        Growth { trees: 300, leaves: 12, rate: 0.08, ridge: 5.0, leaf_min: 10.0 }
    }
}

/// Bins of one feature, at most: thresholds finer than 1.5 % of the examples are noise.
const BINS_MAX: usize = 64;

/// The model that fits `examples`; one without trees where no example or only one label is given.
pub fn fit(examples: &[Example], growth: Growth) -> NameModel {
    let weight_of = |right: bool| -> f64 {
        examples
            .iter()
            .filter(|example| example.right == right)
            .map(|example| f64::from(example.weight))
            .sum()
    };
    let (right, wrong) = (weight_of(true), weight_of(false));
    if right <= 0.0 || wrong <= 0.0 {
        return NameModel::default();
    }
    let bins = Bins::of(examples);
    let bias = (right / wrong).ln() as f32;
    let mut sums = vec![bias; examples.len()];
    let mut trees = Vec::with_capacity(growth.trees);
    for _ in 0..growth.trees {
        let slopes: Vec<(f32, f32)> = examples
            .iter()
            .zip(&sums)
            .map(|(example, sum)| {
                let chance = 1.0 / (1.0 + (-sum).exp());
                let label = if example.right { 1.0 } else { 0.0 };
                (example.weight * (label - chance), example.weight * chance * (1.0 - chance))
            })
            .collect();
        let (tree, answers) = grow(&bins, &slopes, growth);
        sums.iter_mut().zip(&answers).for_each(|(sum, answer)| *sum += answer);
        trees.push(tree);
    }
    NameModel { bias, trees }
}

/// The examples' features as small numbers, feature by feature, with the greatest value of each bin.
struct Bins {
    of_feature: Vec<Vec<u8>>,
    tops: Vec<Vec<f32>>,
}

impl Bins {
    fn of(examples: &[Example]) -> Bins {
        let mut bins = Bins { of_feature: Vec::new(), tops: Vec::new() };
        for feature in 0..FEATURE_COUNT {
            let mut sorted: Vec<f32> = examples.iter().map(|example| example.features[feature]).collect();
            sorted.sort_by(f32::total_cmp);
            let mut tops: Vec<f32> =
                (1..=BINS_MAX).map(|bin| sorted[(sorted.len() * bin / BINS_MAX).max(1) - 1]).collect();
            tops.dedup();
            let bin = |value: f32| tops.partition_point(|top| *top < value).min(tops.len() - 1) as u8;
            bins.of_feature.push(examples.iter().map(|example| bin(example.features[feature])).collect());
            bins.tops.push(tops);
        }
        bins
    }
}

/// Slope and curvature of the loss, summed.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    slope: f64,
    curvature: f64,
}

impl Sum {
    fn add(&mut self, (slope, curvature): (f32, f32)) {
        self.slope += f64::from(slope);
        self.curvature += f64::from(curvature);
    }

    fn less(self, other: Sum) -> Sum {
        Sum { slope: self.slope - other.slope, curvature: self.curvature - other.curvature }
    }

    /// What a leaf of these examples takes off the loss.
    fn gain(self, ridge: f32) -> f64 {
        self.slope * self.slope / (self.curvature + f64::from(ridge))
    }
}

#[derive(Clone, Copy, Debug)]
struct Split {
    gain: f64,
    feature: usize,
    bin: u8,
}

/// A leaf while its tree grows.
struct Leaf {
    node: usize,
    members: Vec<u32>,
    total: Sum,
    best: Option<Split>,
}

/// A tree, and what it answers for each example.
fn grow(bins: &Bins, slopes: &[(f32, f32)], growth: Growth) -> (Vec<Node>, Vec<f32>) {
    let leaf = |node: usize, members: Vec<u32>| {
        let mut total = Sum::default();
        members.iter().for_each(|member| total.add(slopes[*member as usize]));
        let best = best_split(bins, slopes, &members, total, growth);
        Leaf { node, members, total, best }
    };
    let mut nodes = vec![Node::Leaf { log_odds: 0.0 }];
    let mut leaves = vec![leaf(0, (0..slopes.len() as u32).collect())];
    while leaves.len() < growth.leaves {
        let gain = |leaf: &Leaf| leaf.best.map_or(0.0, |split| split.gain);
        let Some(at) = (0..leaves.len()).max_by(|one, other| {
            // The earlier leaf wins a tie, so that the model does not depend on how ties happen to fall.
            gain(&leaves[*one]).total_cmp(&gain(&leaves[*other])).then(other.cmp(one))
        }) else {
            break;
        };
        let Some(split) = leaves[at].best.filter(|split| split.gain > 0.0) else { break };
        let parent = leaves.swap_remove(at);
        let (low, high): (Vec<u32>, Vec<u32>) = parent
            .members
            .iter()
            .partition(|member| bins.of_feature[split.feature][**member as usize] <= split.bin);
        nodes[parent.node] = Node::Split {
            feature: split.feature as u8,
            threshold: bins.tops[split.feature][usize::from(split.bin)],
            low: nodes.len() as u16,
            high: nodes.len() as u16 + 1,
        };
        for members in [low, high] {
            leaves.push(leaf(nodes.len(), members));
            nodes.push(Node::Leaf { log_odds: 0.0 });
        }
    }
    let mut answers = vec![0.0; slopes.len()];
    for leaf in leaves {
        let step = leaf.total.slope / (leaf.total.curvature + f64::from(growth.ridge));
        let log_odds = growth.rate * step as f32;
        nodes[leaf.node] = Node::Leaf { log_odds };
        leaf.members.iter().for_each(|member| answers[*member as usize] = log_odds);
    }
    (nodes, answers)
}

fn best_split(
    bins: &Bins,
    slopes: &[(f32, f32)],
    members: &[u32],
    total: Sum,
    growth: Growth,
) -> Option<Split> {
    let mut best: Option<Split> = None;
    for (feature, column) in bins.of_feature.iter().enumerate() {
        let mut sums = [Sum::default(); BINS_MAX];
        members
            .iter()
            .for_each(|member| sums[usize::from(column[*member as usize])].add(slopes[*member as usize]));
        let mut low = Sum::default();
        // The last bin has nothing over it, so it cannot be the low side of a split.
        for (bin, sum) in sums[..bins.tops[feature].len() - 1].iter().enumerate() {
            low.slope += sum.slope;
            low.curvature += sum.curvature;
            let high = total.less(low);
            let least = f64::from(growth.leaf_min);
            if low.curvature < least || high.curvature < least {
                continue;
            }
            let gain = low.gain(growth.ridge) + high.gain(growth.ridge) - total.gain(growth.ridge);
            if best.is_none_or(|best| gain > best.gain) {
                best = Some(Split { gain, feature, bin: bin as u8 });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Right exactly where feature 3 is over 0.5, whatever feature 0 says.
    fn examples() -> Vec<Example> {
        (0..400)
            .map(|at| {
                let mut features = [0.0; FEATURE_COUNT];
                features[0] = (at * 37 % 50) as f32 / 50.0;
                features[3] = (at % 50) as f32 / 50.0;
                Example { features, right: features[3] > 0.5, weight: 1.0 }
            })
            .collect()
    }

    #[test]
    fn a_fit_finds_the_feature_that_decides() {
        let model = fit(&examples(), Growth { trees: 20, leaf_min: 1.0, ..Growth::default() });
        for example in examples() {
            assert_eq!(model.log_odds(&example.features) > 0.0, example.right, "{:?}", example.features);
        }
    }

    #[test]
    fn the_same_examples_give_the_same_model() {
        let growth = Growth { trees: 5, ..Growth::default() };
        assert_eq!(fit(&examples(), growth), fit(&examples(), growth));
    }

    #[test]
    fn one_label_alone_gives_a_model_without_trees() {
        let only: Vec<Example> = examples().into_iter().filter(|example| example.right).collect();
        assert_eq!(fit(&only, Growth::default()), NameModel::default());
    }
}
