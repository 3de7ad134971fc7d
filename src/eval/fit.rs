//! Learns the name model from questions, and says how well it answers those that it has not seen.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;

use super::boost::{Example, Growth, fit};
use super::figures::Ranking;
use super::questions::{CANDIDATES, Question, QuestionSet};
use crate::matching::NameModel;
use crate::parallel::threads;
use crate::score::Score;

/// A model with what it was fitted on and how it fares.
#[derive(Clone, Debug, Serialize)]
pub struct Fitted {
    /// Fitted on every question.
    #[serde(skip)]
    pub model: NameModel,
    /// How it grew.
    #[serde(skip)]
    pub growth: Growth,
    /// Sets and how many leads of each the fit saw.
    pub sets: Vec<SetCount>,
    /// One half of the accounts, answered by a model fitted on the other half.
    pub held_out: Vec<Comparison>,
    /// Each set, answered by a model fitted on the others; empty where that was not asked for.
    pub left_out: Vec<Comparison>,
}

/// Leads of a set that the fit saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetCount {
    /// The set's name.
    pub name: String,
    /// Leads with an account.
    pub with_account: usize,
    /// Leads without one.
    pub absent: usize,
}

/// Answers of two models to the same questions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The set.
    pub set: String,
    /// The model that the service has now. What it was fitted on may include these very questions.
    pub installed: Ranking,
    /// A model that has not seen them.
    pub fitted: Ranking,
}

/// Fits a model on all questions; models for comparison on parts of them.
pub fn learn(
    sets: &[QuestionSet],
    growth: Growth,
    leave_one_out: bool,
    mut progress: impl FnMut(&str),
) -> Fitted {
    let part = |set: &QuestionSet, half: Option<bool>| -> Vec<Question> {
        set.questions
            .iter()
            .filter(|question| half.is_none_or(|half| question.half == half))
            .cloned()
            .collect()
    };
    progress("fitting on one half of the accounts");
    let seen: Vec<Vec<Question>> = sets.iter().map(|set| part(set, Some(false))).collect();
    let model = fit(&examples(&seen), growth);
    let held_out = sets.iter().map(|set| compare(&set.name, &part(set, Some(true)), &model)).collect();

    let mut left_out = Vec::new();
    if leave_one_out && sets.len() > 1 {
        progress("fitting without each of the sets");
        left_out = each_left_out(sets, growth);
    }
    progress("fitting on everything");
    let all: Vec<Vec<Question>> = sets.iter().map(|set| set.questions.clone()).collect();
    let count = |set: &QuestionSet| {
        let with_account = set.questions.iter().filter(|question| question.has_account).count();
        SetCount { name: set.name.clone(), with_account, absent: set.questions.len() - with_account }
    };
    Fitted {
        model: fit(&examples(&all), growth),
        growth,
        sets: sets.iter().map(count).collect(),
        held_out,
        left_out,
    }
}

/// Each set, answered by a fit on the others; the fits run on all cores.
fn each_left_out(sets: &[QuestionSet], growth: Growth) -> Vec<Comparison> {
    let answer = |at: usize| {
        let others: Vec<Vec<Question>> = sets
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, other)| other.questions.clone())
            .collect();
        compare(&sets[at].name, &sets[at].questions, &fit(&examples(&others), growth))
    };
    let next = AtomicUsize::new(0);
    let run = || {
        let taken = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        taken.take_while(|at| *at < sets.len()).map(|at| (at, answer(at))).collect::<Vec<_>>()
    };
    let mut done: Vec<(usize, Comparison)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads().min(sets.len())).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, comparison)| comparison).collect()
}

/// Every candidate of every question. A lead's candidates share one weight, and every set weighs the same,
/// however many leads it has; the mean weight is 1, as the limits of a leaf expect.
fn examples(sets: &[Vec<Question>]) -> Vec<Example> {
    let mut examples = Vec::new();
    for questions in sets {
        let asked = questions.iter().filter(|question| !question.candidates.is_empty()).count();
        for question in questions {
            let weight = 1.0 / (asked * question.candidates.len()) as f32;
            let example = |choice: &super::questions::Choice| Example {
                features: choice.features,
                right: choice.right,
                weight,
            };
            examples.extend(question.candidates.iter().map(example));
        }
    }
    let total: f64 = examples.iter().map(|example| f64::from(example.weight)).sum();
    let scale = (examples.len() as f64 / total) as f32;
    examples.iter_mut().for_each(|example| example.weight *= scale);
    examples
}

fn compare(set: &str, questions: &[Question], model: &NameModel) -> Comparison {
    let ranking = |answer: &dyn Fn(&Question) -> (Score, bool)| {
        Ranking::of_scores(questions.iter().map(|question| {
            let (score, right) = answer(question);
            (question.has_account, score.bps(), right)
        }))
    };
    Comparison {
        set: set.to_owned(),
        installed: ranking(&|question| question.installed),
        fitted: ranking(&|question| question.answer(model)),
    }
}

impl Fitted {
    /// The model as its data file: first what it comes from, then the trees. `source` says where a set comes
    /// from and under which licence.
    pub fn file(&self, date: &str, source: impl Fn(&str) -> Option<String>) -> String {
        let Growth { trees, leaves, rate, ridge, leaf_min } = self.growth;
        let mut text = format!(
            "# What a comparison of two names is worth: trees whose answers add up to the log-odds that they are \
             one company's.\n\
             # Written by `namesake eval --fit` on {date}; do not edit, run `make calibrate`.\n\
             # Holds no name and no lead: thresholds and answers only.\n\
             # Fitted on the company names of labelled leads, each with the {CANDIDATES} accounts of the nearest names; every \
             set weighs the same:\n"
        );
        for set in &self.sets {
            let source = source(&set.name).unwrap_or_else(|| "source not given".to_owned());
            let SetCount { name, with_account, absent } = set;
            let _ = writeln!(
                text,
                "#   {name}: {with_account} leads with an account, {absent} without; {source}"
            );
        }
        let _ = writeln!(
            text,
            "# Growth: {trees} trees of at most {leaves} leaves, rate {rate}, ridge {ridge}, least curvature of a \
             leaf {leaf_min}."
        );
        text.push_str(
            "# Held out, one half of the accounts answered by a fit on the other half: recall at 1, right and \
             wrong at 1 % false\n# matches; behind the bar the model before this one, which may have seen them:\n",
        );
        self.held_out.iter().for_each(|set| set.line("#   ", &mut text));
        if !self.left_out.is_empty() {
            text.push_str("# Each set answered by a fit on the other sets:\n");
            self.left_out.iter().for_each(|set| set.line("#   ", &mut text));
        }
        text + &self.model.to_string()
    }
}

impl Comparison {
    /// One line for a table: the fitted model, then the installed one.
    pub fn line(&self, indent: &str, text: &mut String) {
        let figures = |ranking: &Ranking| {
            let share = |share: super::wilson::Share| share.share;
            format!(
                "{:.3} {:.3} {:.3}",
                share(ranking.recall_at_1),
                share(ranking.right_at_threshold),
                share(ranking.wrong_at_threshold)
            )
        };
        let Comparison { set, installed, fitted } = self;
        if fitted.with_account > 0 {
            let _ = writeln!(text, "{indent}{set:<28} {} | {}", figures(fitted), figures(installed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::questions::Choice;
    use crate::matching::FEATURE_COUNT;

    /// Two candidates a lead; the right one has the higher feature 2, but the service answers with the other.
    fn toy(leads: usize) -> QuestionSet {
        let choice = |feature: f32, right: bool| {
            let mut features = [0.0; FEATURE_COUNT];
            features[2] = feature;
            Choice { features, right }
        };
        let question = |at: usize| {
            let has_account = !at.is_multiple_of(4);
            let high = if has_account { 0.8 + (at % 7) as f32 / 70.0 } else { 0.3 };
            let low = (at % 11) as f32 / 30.0;
            let candidates = vec![choice(low, false), choice(high, has_account)];
            Question { has_account, half: at.is_multiple_of(2), candidates, installed: (Score::MAX, false) }
        };
        QuestionSet { name: "toy".into(), questions: (0..leads).map(question).collect() }
    }

    fn growth() -> Growth {
        Growth { trees: 20, leaf_min: 1.0, ..Growth::default() }
    }

    #[test]
    fn a_fit_on_one_half_answers_the_other_better_than_before() {
        let fitted = learn(&[toy(400)], growth(), false, |_| {});
        let [comparison] = &fitted.held_out[..] else { panic!("{:?}", fitted.held_out) };
        assert_eq!(comparison.installed.recall_at_1.share, 0.0);
        assert_eq!(comparison.fitted.recall_at_1.share, 1.0);
        assert_eq!(comparison.fitted.right_at_threshold.share, 1.0);
        assert_eq!(comparison.fitted.with_account + comparison.fitted.absent, 200);
    }

    #[test]
    fn each_set_is_answered_by_a_fit_on_the_others() {
        let sets = [toy(200), QuestionSet { name: "other".into(), ..toy(300) }];
        let fitted = learn(&sets, growth(), true, |_| {});
        assert_eq!(fitted.left_out.len(), 2);
        assert!(fitted.left_out.iter().all(|set| set.fitted.recall_at_1.share == 1.0));
    }

    #[test]
    fn every_set_weighs_the_same_and_the_mean_weight_is_one() {
        let examples = examples(&[toy(30).questions, toy(300).questions]);
        let weight = |part: &[Example]| part.iter().map(|example| example.weight).sum::<f32>();
        let (small, large) = examples.split_at(60);
        assert!((weight(small) - weight(large)).abs() < 0.1, "{} {}", weight(small), weight(large));
        assert!((weight(&examples) - examples.len() as f32).abs() < 0.1);
    }

    #[test]
    fn the_file_names_its_sets_and_is_read_again() {
        let fitted = learn(&[toy(100)], growth(), false, |_| {});
        let file = fitted.file("2026-11-21", |name| Some(format!("made up for {name}, CC0")));
        assert!(file.contains("# Written by `namesake eval --fit` on 2026-11-21"), "{file}");
        assert!(file.contains("toy: 75 leads with an account, 25 without; made up for toy, CC0"), "{file}");
        assert_eq!(NameModel::parse(&file), Ok(fitted.model));
    }
}
