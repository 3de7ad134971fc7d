//! What an import did, and the rows that it left out.

use std::path::Path;

use super::SummaryFormat;
use crate::cli::source::counted;
use crate::cli::{CliError, Output};
use crate::registry::import::{Counts, Plan, Reject};
use crate::registry::redis::read::Position;

/// What an import did, or would do.
#[derive(Debug, serde::Serialize)]
pub(super) struct Summary {
    dry_run: bool,
    accounts: Counts,
    reps: Counts,
    /// Rows left out.
    pub(super) rejected: usize,
    warnings: usize,
    conflicts: usize,
    /// Where the registry stands now; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<u64>,
    /// How many Redis replicas have the changes, where somebody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replicas_acked: Option<u32>,
    /// How long it took.
    pub(super) seconds: f64,
}

impl Summary {
    pub(super) fn of(plan: &Plan, dry_run: bool) -> Summary {
        Summary {
            dry_run,
            accounts: plan.account_counts,
            reps: plan.rep_counts,
            rejected: plan.rejects.len(),
            warnings: plan.warnings.len(),
            conflicts: plan.conflicts.len(),
            generation: None,
            epoch: None,
            rev: None,
            replicas_acked: None,
            seconds: 0.0,
        }
    }

    pub(super) fn stands_at(&mut self, position: &Position) {
        self.generation = Some(position.generation);
        self.epoch = Some(position.epoch.0);
        self.rev = Some(position.rev);
    }

    pub(super) fn write(&self, format: SummaryFormat, output: &mut Output) -> Result<(), CliError> {
        if format == SummaryFormat::Json {
            let text = serde_json::to_string(self).expect("numbers and names");
            return Ok(output.line(text)?);
        }
        let would = if self.dry_run { "would be " } else { "" };
        for (what, counts) in [("accounts", self.accounts), ("reps", self.reps)] {
            let Counts { added, changed, deleted, unchanged } = counts;
            output.line(format_args!(
                "{what:8} {added} {would}added, {changed} changed, {deleted} deleted, {unchanged} unchanged"
            ))?;
        }
        if self.rejected > 0 {
            output.line(format_args!("rejected {}", counted(self.rejected, "row")))?;
        }
        let (warnings, conflicts) = (counted(self.warnings, "warning"), counted(self.conflicts, "conflict"));
        output.line(format_args!("found    {warnings}, {conflicts}"))?;
        if let (Some(generation), Some(epoch), Some(rev)) = (self.generation, self.epoch, self.rev) {
            output.line(format_args!("registry generation {generation}, epoch {epoch}, revision {rev}"))?;
        }
        if let Some(replicas) = self.replicas_acked {
            output.line(format_args!("replicas {replicas} have it"))?;
        }
        Ok(output.line(format_args!("took     {:.1} s", self.seconds))?)
    }
}

/// Writes the rows that were left out, also where there are none: a file of an earlier import would mislead.
pub(super) fn write_rejects(path: &Path, rejects: &[Reject]) -> Result<(), CliError> {
    let unwritable =
        |error: csv::Error| CliError::Unwritable { path: path.to_owned(), why: error.to_string() };
    let mut file = csv::Writer::from_path(path).map_err(unwritable)?;
    file.write_record(["line", "column", "reason", "file", "record"]).map_err(unwritable)?;
    for Reject { problem, row } in rejects {
        let (line, reason) = (problem.place.line.to_string(), problem.fault.to_string());
        let fields = [line.as_str(), &problem.column, &reason, &problem.place.file, row];
        file.write_record(fields).map_err(unwritable)?;
    }
    file.flush().map_err(|error| unwritable(error.into()))
}
