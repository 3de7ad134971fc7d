//! `namesake match`: a file of leads in, decisions out, one row a lead, in order.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use super::leads::Leads;
use super::source::{self, RegistryArgs};
use super::{CliError, Output};
use crate::config::Environment;
use crate::lead::{Lead, LeadFields};
use crate::parallel;
use crate::routing::{self, Decision, Route};

/// Leads read, decided and written at a time: bounds memory for input of any length.
const BATCH: usize = 4_096;

/// Flags of `match`.
#[derive(Args, Debug)]
pub(super) struct MatchArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// Leads, CSV with the columns of the contract; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    leads: PathBuf,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line; values that are not there are null.
    Jsonl,
}

/// One row of the answer; the fields are its columns, in order.
#[derive(Debug, Default, Serialize)]
struct Row {
    lead_id: String,
    /// `owner`, `review`, `nurture` or `invalid`.
    route: &'static str,
    do_not_round_robin: Option<bool>,
    account_id: Option<String>,
    account_name: Option<String>,
    owner_id: Option<String>,
    acting_rep_id: Option<String>,
    tier: Option<&'static str>,
    score_bps: Option<u16>,
    /// Why review or nurture, or what makes the lead invalid.
    reason: Option<String>,
    best_account_id: Option<String>,
    best_score_bps: Option<u16>,
    runner_up_account_id: Option<String>,
    runner_up_score_bps: Option<u16>,
}

const COLUMNS: [&str; 14] = [
    "lead_id",
    "route",
    "do_not_round_robin",
    "account_id",
    "account_name",
    "owner_id",
    "acting_rep_id",
    "tier",
    "score_bps",
    "reason",
    "best_account_id",
    "best_score_bps",
    "runner_up_account_id",
    "runner_up_score_bps",
];

/// Decides on every lead of the file.
pub(super) fn run(
    args: &MatchArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.registry.config(environment)?;
    let mut leads = Leads::open(&args.leads)?;
    let index = source::index(&config, output)?;
    let policy = config.policy;
    let now = Timestamp::now();
    let threads = parallel::threads();
    let decide = |fields: &LeadFields| match Lead::new(fields.clone()) {
        // A fault of ours costs one row, not the file.
        Ok(lead) => catch_unwind(AssertUnwindSafe(|| routing::route(&lead, &index, &policy, now)))
            .map(|decision| row(&decision, lead.lead_id))
            .unwrap_or_else(|_| invalid_row(fields, "a fault of namesake itself: please report it".into())),
        Err(invalid) => invalid_row(fields, invalid.to_string()),
    };

    let started = Instant::now();
    let mut tally = Tally::default();
    if args.output == Format::Csv {
        write_csv(output, |writer| writer.write_record(COLUMNS))?;
    }
    loop {
        let batch = leads.next_batch(BATCH)?;
        if batch.is_empty() {
            break;
        }
        let rows = parallel::map_in_order(&batch, threads, decide);
        for row in &rows {
            tally.add(row.route);
        }
        match args.output {
            Format::Csv => write_csv(output, |writer| rows.iter().try_for_each(|row| writer.serialize(row)))?,
            Format::Jsonl => write_json_lines(output, &rows)?,
        }
        output.progress(format_args!("{tally}"));
    }
    output.flush()?;
    output.progress_done();
    let seconds = started.elapsed().as_secs_f64();
    output.remark(format_args!("{tally} in {seconds:.1} s against {} accounts", index.account_count()));
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

fn row(decision: &Decision, lead_id: String) -> Row {
    let mut row = Row {
        lead_id,
        route: decision.route_name(),
        do_not_round_robin: Some(decision.do_not_round_robin),
        tier: decision.tier.map(|tier| tier.as_str()),
        score_bps: Some(decision.score.bps()),
        best_account_id: decision.best.as_ref().map(|best| best.account_id.to_string()),
        best_score_bps: decision.best.as_ref().map(|best| best.score.bps()),
        runner_up_account_id: decision.runner_ups.first().map(|next| next.account_id.to_string()),
        runner_up_score_bps: decision.runner_ups.first().map(|next| next.score.bps()),
        ..Row::default()
    };
    match &decision.route {
        Route::Owner(owner) => {
            row.account_id = Some(owner.account.account_id.to_string());
            row.account_name = Some(owner.account.account_name.clone());
            row.owner_id = Some(owner.owner.rep_id.to_string());
            row.acting_rep_id = Some(owner.acting.rep.rep_id.to_string());
        }
        Route::Review(review) => row.reason = Some(review.reason.as_str().to_owned()),
        Route::Nurture(nurture) => row.reason = Some(nurture.reason.as_str().to_owned()),
    }
    row
}

fn invalid_row(fields: &LeadFields, reason: String) -> Row {
    Row { lead_id: fields.lead_id.clone(), route: "invalid", reason: Some(reason), ..Row::default() }
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
