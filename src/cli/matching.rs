//! `namesake match`: a file of leads in, decisions out, one row a lead, in order.

mod remote;
mod row;

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::leads::Leads;
use super::source::{self, RegistryArgs, Remarks};
use super::{CliError, Output, unmatched};
use crate::config::Environment;
use crate::lead::{Lead, LeadFields};
use crate::parallel;
use crate::routing;
use crate::tally::{COMPANIES_MAX, Tally as Unmatched};
use row::{COLUMNS, Row, invalid_row, row};

/// Leads read, decided and written at a time: bounds memory for input of any length.
const BATCH: usize = 4_096;

/// Flags of `match`.
#[derive(Args, Debug)]
pub(super) struct MatchArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// Ask a running server instead of reading files.
    #[arg(long, value_name = "URL", conflicts_with_all = ["accounts", "reps", "strict", "config", "redis", "namespace"])]
    server: Option<String>,
    /// Leads, CSV with the columns of the contract; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    leads: PathBuf,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    output: Format,
    /// Also write the companies that leads name and the registry lacks, those seen most first: CSV, or JSON where the
    /// name ends in .json.
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    unmatched: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line; values that are not there are null.
    Jsonl,
}

/// Decides on every lead of the file, here or through a server.
pub(super) fn run(
    args: &MatchArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    if let Some(server) = &args.server {
        let leads = Leads::open(&args.leads)?;
        let mut remote = remote::Remote::connect(server)?;
        return answer(leads, args.output, output, &format!("through {server}"), |batch| {
            remote.decide(batch)
        });
    }
    let config = args.registry.config(environment)?;
    let leads = Leads::open(&args.leads)?;
    let index = source::index(&config, Remarks::Listed, output)?;
    let policy = config.policy;
    let now = Timestamp::now();
    let threads = parallel::threads();
    // A file's leads come without a time of their own: all are seen now.
    let tally = Unmatched::default();
    let decide = |fields: &LeadFields| match Lead::new(fields.clone()) {
        // A fault of ours costs one row, not the file.
        Ok(lead) => catch_unwind(AssertUnwindSafe(|| {
            let (decision, found) = routing::route_and_found(&lead, &index, &policy, now);
            tally.note(&lead, &found, &decision, now);
            decision
        }))
        .map(|decision| row(&decision, lead.lead_id))
        .unwrap_or_else(|_| invalid_row(fields, "a fault of namesake itself: please report it".into())),
        Err(invalid) => invalid_row(fields, invalid.to_string()),
    };
    let place = format!("against {} accounts", index.account_count());
    answer(leads, args.output, output, &place, |batch| Ok(parallel::map_in_order(batch, threads, decide)))?;
    if let Some(path) = &args.unmatched {
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let format = if is_json { unmatched::Format::Json } else { unmatched::Format::Csv };
        let list = unmatched::List::of(&tally, COMPANIES_MAX, &index, &policy);
        std::fs::write(path, list.told(format))
            .map_err(|error| CliError::Unwritable { path: path.clone(), why: error.to_string() })?;
    }
    Ok(())
}

/// Reads leads, has them decided and writes the rows, batch by batch.
fn answer(
    mut leads: Leads,
    format: Format,
    output: &mut Output,
    place: &str,
    mut decide: impl FnMut(&[LeadFields]) -> Result<Vec<Row>, CliError>,
) -> Result<(), CliError> {
    let unread = leads.unread_columns();
    if !unread.is_empty() {
        output.remark(format_args!("columns of the leads that are not read: {}", unread.join(", ")));
    }
    let started = Instant::now();
    let mut tally = Tally::default();
    if format == Format::Csv {
        write_csv(output, |writer| writer.write_record(COLUMNS))?;
    }
    loop {
        let batch = leads.next_batch(BATCH)?;
        if batch.is_empty() {
            break;
        }
        let mut rows = decide(&batch)?;
        for row in &rows {
            tally.add(row.route);
        }
        match format {
            Format::Csv => {
                rows.iter_mut().for_each(Row::make_safe_for_spreadsheets);
                write_csv(output, |writer| rows.iter().try_for_each(|row| writer.serialize(row)))?;
            }
            Format::Jsonl => write_json_lines(output, &rows)?,
        }
        output.progress(format_args!("{tally}"));
    }
    output.flush()?;
    output.progress_done();
    let seconds = started.elapsed().as_secs_f64();
    output.remark(format_args!("{tally} in {seconds:.1} s {place}"));
    Ok(())
}

fn write_csv(
    output: &mut Output,
    write: impl FnOnce(&mut csv::Writer<&mut dyn Write>) -> csv::Result<()>,
) -> Result<(), CliError> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(output.answers());
    write(&mut writer).map_err(io::Error::from)?;
    Ok(writer.flush()?)
}

fn write_json_lines(output: &mut Output, rows: &[Row]) -> Result<(), CliError> {
    for row in rows {
        serde_json::to_writer(output.answers(), row).map_err(io::Error::from)?;
        output.line("")?;
    }
    Ok(())
}

/// How many leads took which route.
#[derive(Debug, Default)]
struct Tally {
    owner: u64,
    review: u64,
    nurture: u64,
    invalid: u64,
}

impl Tally {
    fn add(&mut self, route: &str) {
        match route {
            "owner" => self.owner += 1,
            "review" => self.review += 1,
            "nurture" => self.nurture += 1,
            _ => self.invalid += 1,
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { owner, review, nurture, invalid } = self;
        let leads = owner + review + nurture + invalid;
        write!(f, "{leads} leads: {owner} owner, {review} review, {nurture} nurture, {invalid} invalid")
    }
}
