//! The name model as requests ask it: the same trees, laid out so that eight comparisons are answered at a time.
//!
//! Instead of walking each tree from its root, every split is asked once, feature by feature from the least threshold up:
//! one that is exceeded rules out the leaves below its low side, and the first leaf that is left is the tree's answer
//! (Lucchese et al.: QuickScorer, 2015). A threshold is compared once for all splits that have it, and the eight answers
//! fit one register. A name that the first trees hold for another company's is not laid before the others.

mod usual;

use std::sync::LazyLock;

use self::usual::{USUAL, is_known};
use super::features::{FEATURE_COUNT, NameFeatures};
use super::model::{NameFeaturesKnown, NameModel, Node, parts_of, score_of};
use crate::score::Score;

/// After so many trees a name is given up whose log-odds are less, since the others would not lift it to
/// [`MATCH_SCORE_MIN`](super::MATCH_SCORE_MIN). Of the 155,243 comparisons that the labelled sets ask about, 23,470 come
/// to it, and the least of these had -5.94 after 75 trees and -4.94 after 150; the rest is a margin for names not seen.
/// Of the others 55 and 83 in a hundred are given up. A new fit must measure it anew.
const GIVEN_UP: [(usize, f32); 2] = [(75, -6.3), (150, -5.3)];
/// Comparisons that are answered together.
const LANES: usize = 8;
/// So few are answered sooner one by one.
const SINGLE_MAX: usize = 2;
/// The most trees of a block.
const TREES_MAX: usize = 512;
/// The most leaves of a tree: as many as a mask has bits.
const LEAVES_MAX: usize = 16;

/// What a tree's leaves answer.
type Leaves = [i32; LEAVES_MAX];

/// A value for each comparison of those that are answered together.
type Lanes<T> = [T; LANES];

/// A split as the leaves that are left when its threshold is exceeded.
#[derive(Clone, Copy, Debug)]
struct Split {
    kept: u16,
    tree: u16,
}

/// A threshold of a feature, and which of the feature's splits have it.
#[derive(Clone, Copy, Debug)]
struct Threshold {
    value: f32,
    /// Where its splits end; they begin where those of the threshold before it end.
    to: u32,
}

/// Trees in blocks, one after the other.
#[derive(Debug)]
pub(super) struct Forest {
    bias: i32,
    /// Each with the least log-odds that a name goes on with.
    blocks: Vec<(Block, i32)>,
    /// All trees without the splits that each of the [`USUAL`] comparisons answers: such names are seldom given up.
    usual: Vec<(NameFeaturesKnown, Block)>,
}

/// Trees in one block. Log-odds are in parts: see [`parts_of`].
#[derive(Debug)]
struct Block {
    /// What trees without a split say.
    always: i32,
    /// Each feature's thresholds, ascending, each once.
    thresholds: Vec<Vec<Threshold>>,
    /// Each feature's splits in the order of their thresholds.
    splits: Vec<Vec<Split>>,
    /// Answers of each tree's leaves from the lowest to the highest.
    leaves: Vec<Leaves>,
}

/// A comparison that is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'f> {
    /// What the model is asked about.
    pub(super) features: &'f NameFeatures,
    /// Any score under [`MATCH_SCORE_MIN`](super::MATCH_SCORE_MIN) is as good as the model's.
    pub(super) only_if_reported: bool,
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
        let given_up = GIVEN_UP.map(|(to, least)| (to, parts_of(least)));
        let mut blocks = Vec::with_capacity(given_up.len() + 1);
        let mut from = 0;
        for (to, least) in given_up.into_iter().chain([(usize::MAX, i32::MIN)]) {
            let to = to.min(model.trees.len());
            blocks.push((Block::of(&model.trees[from..to])?, least));
            from = to;
        }
        let knowing = |known: &NameFeaturesKnown| Some((*known, Block::of(&model.knowing(known).trees)?));
        let usual = USUAL.iter().map(knowing).collect::<Option<_>>()?;
        Some(Forest { bias: parts_of(model.bias), blocks, usual })
    }

    /// What each of these comparisons is worth, in order.
    pub(super) fn scores<'f>(&self, compared: impl Iterator<Item = Asked<'f>>) -> Vec<Score> {
        let compared: Vec<Asked<'f>> = compared.collect();
        if compared.is_empty() {
            return Vec::new();
        }
        let mut sums = vec![self.bias; compared.len()];
        let mut places: Vec<usize> = (0..compared.len()).collect();
        let all_are =
            |known: &NameFeaturesKnown| compared.iter().all(|asked| is_known(asked.features, known));
        if let Some((_, block)) = self.usual.iter().find(|(known, _)| all_are(known)) {
            block.add(&places, &compared, &mut sums);
        } else {
            for (block, least) in &self.blocks {
                block.add(&places, &compared, &mut sums);
                places.retain(|at| !compared[*at].only_if_reported || sums[*at] >= *least);
            }
        }
        let mut scores = vec![Score::ZERO; compared.len()];
        places.iter().for_each(|at| scores[*at] = score_of(sums[*at]));
        scores
    }
}

impl Block {
    /// `None` for more than [`TREES_MAX`] trees, or where one has more than [`LEAVES_MAX`] leaves.
    fn of(trees: &[Vec<Node>]) -> Option<Block> {
        if trees.len() > TREES_MAX {
            return None;
        }
        let mut found: Vec<Vec<(f32, u16, u16)>> = vec![Vec::new(); FEATURE_COUNT];
        let mut always = 0;
        let mut leaves = Vec::with_capacity(trees.len());
        for tree in trees {
            if let Node::Leaf { log_odds } = *tree.first()? {
                always += parts_of(log_odds);
                continue;
            }
            let mut reader = Reader { tree, leaves: [0; LEAVES_MAX], count: 0, splits: &mut found };
            reader.read(0, u16::try_from(leaves.len()).ok()?)?;
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
            let split = |(_, tree, kept): &(f32, u16, u16)| Split { kept: *kept, tree: *tree };
            splits.push(of_feature.iter().map(split).collect());
        }
        Some(Block { always, thresholds, splits, leaves })
    }

    /// Adds what these trees say of the comparisons at some places to the sums at the same places.
    fn add(&self, places: &[usize], compared: &[Asked<'_>], sums: &mut [i32]) {
        if places.len() <= SINGLE_MAX {
            places.iter().for_each(|at| sums[*at] = self.add_single(compared[*at].features, sums[*at]));
            return;
        }
        let mut left = vec![[u16::MAX; LANES]; self.leaves.len()];
        for (number, places) in places.chunks(LANES).enumerate() {
            if number > 0 {
                left.fill([u16::MAX; LANES]);
            }
            let mut features = [compared[places[0]].features; LANES];
            places.iter().zip(&mut features).for_each(|(at, features)| *features = compared[*at].features);
            self.rule_out(&features[..places.len()], &mut left);
            match places.len() {
                0..=3 => self.sum::<3>(places, &left, sums),
                4 => self.sum::<4>(places, &left, sums),
                5 => self.sum::<5>(places, &left, sums),
                6 => self.sum::<6>(places, &left, sums),
                7 => self.sum::<7>(places, &left, sums),
                _ => self.sum::<LANES>(places, &left, sums),
            }
        }
    }

    /// Adds what these trees say of one comparison to a sum.
    fn add_single(&self, features: &NameFeatures, mut sum: i32) -> i32 {
        sum += self.always;
        let mut left = [u16::MAX; TREES_MAX];
        for ((value, thresholds), splits) in features.iter().zip(&self.thresholds).zip(&self.splits) {
            let exceeded = thresholds.partition_point(|threshold| threshold.value < *value);
            let to = exceeded.checked_sub(1).map_or(0, |last| thresholds[last].to as usize);
            for split in &splits[..to] {
                left[usize::from(split.tree) % TREES_MAX] &= split.kept;
            }
        }
        for (left, leaves) in left.iter().zip(&self.leaves) {
            sum += leaves[first_left(*left)];
        }
        sum
    }

    /// Adds the answer of each tree, the first leaf that is left, for as many lanes as are taken.
    fn sum<const TAKEN: usize>(&self, places: &[usize], left: &[Lanes<u16>], sums: &mut [i32]) {
        let mut added = [self.always; TAKEN];
        for (left, leaves) in left.iter().zip(&self.leaves) {
            for lane in 0..TAKEN {
                added[lane] += leaves[first_left(left[lane])];
            }
        }
        places.iter().zip(added).for_each(|(at, added)| sums[*at] += added);
    }

    /// Takes the leaves away that these comparisons cannot end in. In one piece, so that lanes stay in a register.
    #[inline(never)]
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
                        left[lane] &= split.kept | all[lane];
                    }
                }
                from = to;
            }
        }
    }
}

/// The first leaf that is left: each tree keeps one. The last one if not, which the type needs.
fn first_left(left: u16) -> usize {
    (left | 1 << (LEAVES_MAX - 1)).trailing_zeros() as usize
}

/// Numbers the leaves of one tree from the lowest to the highest.
struct Reader<'m> {
    tree: &'m [Node],
    leaves: Leaves,
    count: usize,
    splits: &'m mut [Vec<(f32, u16, u16)>],
}

impl Reader<'_> {
    /// Reads what is below a node; `None` where that is more than fits.
    fn read(&mut self, at: usize, tree: u16) -> Option<()> {
        match *self.tree.get(at)? {
            Node::Leaf { log_odds } => {
                *self.leaves.get_mut(self.count)? = parts_of(log_odds);
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
    use crate::account::{Account, AccountId, Registry};
    use crate::matching::{FEATURE_COUNT, Index, MATCH_SCORE_MIN, Revision, nearest_names};

    proptest::proptest! {
        #[test]
        fn the_forest_says_what_the_model_says(
            compared in proptest::collection::vec(proptest::array::uniform23(-1.0f32..4.0), 1..30),
        ) {
            let compared: Vec<[f32; FEATURE_COUNT]> = compared;
            let model = NameModel::fitted();
            let expected: Vec<Score> = compared.iter().map(|features| model.score(features)).collect();
            let asked = compared.iter().map(|features| Asked { features, only_if_reported: false });
            proptest::prop_assert_eq!(Forest::fitted().scores(asked), expected);
        }
    }

    /// Labelled pairs of a typed name and an account's, and the names of the demo's accounts.
    const PAIRS: &str = include_str!("../../tests/data/match_cases.csv");
    const ACCOUNTS: &str = include_str!("../../examples/accounts.csv");

    fn column(text: &str, at: usize) -> Vec<String> {
        let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
    }

    #[test]
    fn a_name_is_given_up_early_only_where_the_whole_model_would_not_report_it() {
        let names: Vec<String> = column(PAIRS, 1).into_iter().chain(column(ACCOUNTS, 1)).collect();
        let account = |(at, name): (usize, &String)| {
            Account::new(AccountId::new(&format!("a{at:04}")).unwrap(), name.clone())
        };
        let accounts = names.iter().enumerate().map(account).collect();
        let index = Index::build(Registry { accounts, reps: Vec::new() }, Revision(1));
        // As typed, and short of their last letters or their first.
        let damaged = names.iter().flat_map(|name| {
            let kept = name.chars().count() * 2 / 3;
            [name.chars().take(kept).collect(), name.chars().skip(2).collect()]
        });
        // And companies that nobody has, made of the first words of one and the last of another.
        let absent = names.iter().zip(names.iter().skip(7)).map(|(one, other)| {
            [one.split(' ').next(), Some("Qxzzyq"), other.split(' ').next_back()]
                .map(Option::unwrap)
                .join(" ")
        });
        let leads: Vec<String> = column(PAIRS, 0).into_iter().chain(damaged).chain(absent).collect();
        let (mut reported, mut given_up) = (0, 0);
        for lead in &leads {
            let near = nearest_names(lead, &index);
            let asked = near.iter().map(|(_, features)| Asked { features, only_if_reported: true });
            for ((_, features), found) in near.iter().zip(Forest::fitted().scores(asked)) {
                let expected = NameModel::fitted().score(features);
                given_up += usize::from(found == Score::ZERO);
                if expected >= MATCH_SCORE_MIN {
                    reported += 1;
                    assert_eq!(found, expected, "{lead}");
                } else {
                    assert!(found < MATCH_SCORE_MIN, "{lead}");
                }
            }
        }
        assert!(reported > 1_000 && given_up > 200, "{reported} reported, {given_up} given up");
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
