//! `namesake eval`: labelled leads in, figures out.

mod errors;
mod learn;
mod text;

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::source::{self, RegistryArgs};
use super::{CliError, Output};
use crate::config::Environment;
use crate::eval::figures::kinds;
use crate::eval::mistakes::{self, Mistake};
use crate::eval::{CaseSet, CasesError, Figures, Outcome, Report, SetReport, judge, thresholds};
use crate::parallel;
use crate::policy::Policy;

/// Flags of `eval`.
#[derive(Args, Debug)]
pub(super) struct EvalArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// Labelled leads, CSV: the columns of the contract, expected_account_id (empty: nobody's) and case.
    #[arg(long, value_name = "FILE")]
    leads: Option<PathBuf>,
    /// A folder with accounts.csv and leads.csv, or a folder of such folders; may be given again.
    #[arg(long, value_name = "DIR", conflicts_with = "leads")]
    cases: Vec<PathBuf>,
    /// Write every error here, with the evidence of the chosen and the expected account: CSV, or JSON Lines
    /// where the name ends in .jsonl.
    #[arg(long, value_name = "FILE", conflicts_with = "fit")]
    errors: Option<PathBuf>,
    /// Print thresholds for the wished precision, to paste into namesake.toml, instead of the figures.
    #[arg(long, conflicts_with = "fit")]
    suggest_thresholds: bool,
    /// The precision that suggested thresholds reach, over 0 and under 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = share)]
    precision: f64,
    /// Learn the name model from the leads, report how it fares on those it has not seen, and write it here.
    #[arg(long, value_name = "FILE")]
    fit: Option<PathBuf>,
    #[command(flatten)]
    learning: learn::LearnArgs,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// Every figure, by set and case.
    Json,
}

pub(super) fn run(
    args: &EvalArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.registry.config(environment)?;
    let mut sets = Vec::new();
    for folder in &args.cases {
        sets.extend(CaseSet::discover(folder)?);
    }
    if let Some(leads) = &args.leads {
        let name = leads.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        sets.push(CaseSet { name, sources: source::files(&config)?, leads: leads.clone() });
    }
    if sets.is_empty() {
        let usage = "nothing to evaluate: add --cases DIR, or --accounts FILE and --leads FILE";
        return Err(CliError::Usage(usage.into()));
    }

    if let Some(file) = &args.fit {
        return learn::run(file, &args.learning, &sets, args.output, &config.policy, output);
    }
    let measured = measure(&sets, &config.policy, output)?;
    if let Some(path) = &args.errors {
        errors::write(path, &measured.mistakes)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        output.remark(format_args!("wrote {} errors to {}", measured.mistakes.len(), path.display()));
    }
    if args.suggest_thresholds {
        let suggestions = thresholds::suggest(&measured.outcomes, args.precision);
        let fragment = thresholds::fragment(&suggestions, args.precision, &config.policy);
        return Ok(output.line(fragment.trim_end())?);
    }
    match args.output {
        Format::Text => text::write(&measured.report, output.answers())?,
        Format::Json => {
            serde_json::to_writer_pretty(output.answers(), &measured.report).map_err(io::Error::from)?;
            output.line("")?;
        }
    }
    Ok(())
}

struct Measured {
    report: Report,
    outcomes: Vec<Outcome>,
    mistakes: Vec<Mistake>,
}

/// Judges every lead of every set; one index is held at a time.
fn measure(sets: &[CaseSet], policy: &Policy, output: &mut Output) -> Result<Measured, CliError> {
    let (now, threads) = (Timestamp::now(), parallel::threads());
    let (mut reports, mut outcomes, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
    for set in sets {
        output.progress(format_args!("{}: reading", set.name));
        let (index, leads) = set.load()?;
        output.progress(format_args!("{}: {} leads", set.name, leads.len()));
        let judged = parallel::map_in_order(&leads, threads, |lead| {
            let outcome = judge(lead, &index, policy, now);
            let mistake = mistakes::mistake(&set.name, lead, &outcome, &index, policy);
            (outcome, mistake)
        });
        let (start, start_wrong) = (outcomes.len(), mistakes.len());
        for (outcome, mistake) in judged {
            outcomes.push(outcome);
            mistakes.extend(mistake);
        }
        let (judged, wrong) = (&outcomes[start..], &mistakes[start_wrong..]);
        reports.push(SetReport::of(&set.name, index.account_count(), judged, wrong));
    }
    output.progress_done();
    let all = Figures::of(&outcomes.iter().collect::<Vec<_>>());
    Ok(Measured { report: Report { sets: reports, all, mistakes: kinds(&mistakes) }, outcomes, mistakes })
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "write a number such as 0.99")?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("write a number over 0 and under 1".into()) }
}

impl From<CasesError> for CliError {
    fn from(error: CasesError) -> CliError {
        match error {
            CasesError::Unreadable { path, source } => CliError::Unreadable { path, source },
            CasesError::BadLeads { path, why } => CliError::BadLeads { path, why },
            CasesError::Registry(error) => CliError::Registry(error),
        }
    }
}
