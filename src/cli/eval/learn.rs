//! `namesake eval --fit`: the name model learnt from labelled leads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Format;
use crate::cli::{CliError, Output};
use crate::eval::boost::Growth;
use crate::eval::{CaseSet, Fitted, QuestionSet, learn};
use crate::policy::Policy;

/// Flags that go with `--fit`.
#[derive(Args, Debug)]
pub(super) struct LearnArgs {
    /// Leave out each set in turn too, and report how a fit on the others answers it.
    #[arg(long, requires = "fit")]
    leave_one_out: bool,
    /// Trees of the model.
    #[arg(long, value_name = "COUNT", requires = "fit", value_parser = clap::value_parser!(u16).range(1..=2_000))]
    trees: Option<u16>,
    /// Leaves of a tree, at most.
    #[arg(long, value_name = "COUNT", requires = "fit", value_parser = clap::value_parser!(u16).range(2..=128))]
    leaves: Option<u16>,
    /// The date to write into the model's head [default: today].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "fit")]
    date: Option<Date>,
    /// Where sets come from, for the model's head: lines of a set's name, a tab, its source and licence.
    #[arg(long, value_name = "FILE", requires = "fit")]
    sources: Option<PathBuf>,
}

pub(super) fn run(
    file: &Path,
    args: &LearnArgs,
    sets: &[CaseSet],
    format: Format,
    policy: &Policy,
    output: &mut Output,
) -> Result<(), CliError> {
    let sources = match &args.sources {
        Some(path) => fs::read_to_string(path)
            .map_err(|source| CliError::Unreadable { path: path.to_owned(), source })?,
        None => String::new(),
    };
    let mut questions = Vec::new();
    for set in sets {
        output.progress(format_args!("{}: reading", set.name));
        let (index, leads) = set.load()?;
        let asked = QuestionSet::ask(&set.name, &leads, &index, policy);
        // A set of which no account could be found by name teaches the model nothing but noes.
        if asked.questions.iter().any(|question| question.has_account) {
            questions.push(asked);
        }
    }
    if questions.is_empty() {
        let usage = "--fit needs leads with a company name and an expected_account_id, and there are none";
        return Err(CliError::Usage(usage.into()));
    }
    let mut growth = Growth::default();
    growth.trees = args.trees.map_or(growth.trees, usize::from);
    growth.leaves = args.leaves.map_or(growth.leaves, usize::from);
    let fitted = learn(&questions, growth, args.leave_one_out, |text| output.progress(text));
    output.progress_done();
    let date = args.date.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date());
    let text = fitted.file(&date.to_string(), |set| source_of(set, &sources));
    fs::write(file, text)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))?;
    match format {
        Format::Text => write_text(&fitted, output)?,
        Format::Json => {
            serde_json::to_writer_pretty(output.answers(), &fitted).map_err(io::Error::from)?;
            output.line("")?;
        }
    }
    output.remark(format_args!("wrote {}", file.display()));
    Ok(())
}

fn source_of(set: &str, sources: &str) -> Option<String> {
    sources.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let (name, source) = line.split_once('\t')?;
        (name == set).then(|| source.to_owned())
    })
}

fn write_text(fitted: &Fitted, output: &mut Output) -> io::Result<()> {
    let head = "recall at 1, right and wrong at 1 % false matches: fitted | installed";
    let mut text = format!("One half of the accounts, answered by a fit on the other half; {head}\n");
    fitted.held_out.iter().for_each(|set| set.line("  ", &mut text));
    if !fitted.left_out.is_empty() {
        text.push_str("Each set, answered by a fit on the others\n");
        fitted.left_out.iter().for_each(|set| set.line("  ", &mut text));
    }
    output.line(text.trim_end())
}
