//! `namesake eval`: labelled leads in, figures out.

mod learn;
mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::source::{self, RegistryArgs};
use super::{CliError, Output};
use crate::config::Environment;
use crate::eval::{CaseSet, CasesError, Figures, Outcome, Report, SetReport, judge};
use crate::parallel;

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
        sets.push(CaseSet { name, sources: source::sources(&config)?, leads: leads.clone() });
    }
    if sets.is_empty() {
        let usage = "nothing to evaluate: add --cases DIR, or --accounts FILE and --leads FILE";
        return Err(CliError::Usage(usage.into()));
    }

    if let Some(file) = &args.fit {
        return learn::run(file, &args.learning, &sets, args.output, &config.policy, output);
    }
    let (now, threads) = (Timestamp::now(), parallel::threads());
    let mut reports = Vec::new();
    let mut everything: Vec<Outcome> = Vec::new();
    for set in &sets {
        output.progress(format_args!("{}: reading", set.name));
        let (index, leads) = set.load()?;
        output.progress(format_args!("{}: {} leads", set.name, leads.len()));
        let outcomes =
            parallel::map_in_order(&leads, threads, |lead| judge(lead, &index, &config.policy, now));
        reports.push(SetReport::of(&set.name, index.account_count(), &outcomes));
        everything.extend(outcomes);
    }
    output.progress_done();
    let all = Figures::of(&everything.iter().collect::<Vec<_>>());
    let report = Report { sets: reports, all };
    match args.output {
        Format::Text => text::write(&report, output.answers())?,
        Format::Json => {
            serde_json::to_writer_pretty(output.answers(), &report).map_err(std::io::Error::from)?;
            output.line("")?;
        }
    }
    Ok(())
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
