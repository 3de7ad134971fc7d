//! `namesake import`: files into the registry in Redis.
//!
//! 1. Files are read, and the registry as it is;
//! 2. the plan says what would change, and is refused where it makes no good registry;
//! 3. changes go to the live epoch, or the whole into a new one that replaces it;
//! 4. a summary, and the rows that were left out.

mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::redis::{RedisArgs, warn_of_eviction, with_connection};
use super::{CliError, Output};
use crate::config::Environment;
use crate::registry::file::{Content, Listing};
use crate::registry::import::{Existing, Meaning, plan};
use crate::registry::redis::read::Contents;
use crate::registry::redis::{Connection, HomeError};
use summary::Summary;

/// Flags of `import`.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    redis: RedisArgs,
    /// Accounts, CSV or JSON Lines; give it again to add further files.
    #[arg(long, value_name = "FILE", required_unless_present = "reps")]
    accounts: Vec<PathBuf>,
    /// Reps, CSV or JSON Lines.
    #[arg(long, value_name = "FILE")]
    reps: Option<PathBuf>,
    /// The files are the whole registry: what they do not hold is deleted.
    #[arg(long, requires = "accounts")]
    replace: bool,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Leave rows that cannot be taken out of the import and write them here, with line and reason (CSV).
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Refuse a result in which two owners claim the same domain or name.
    #[arg(long)]
    strict: bool,
    /// Replace even if more than half the accounts or reps are lost.
    #[arg(long, requires = "replace")]
    force: bool,
    /// Wait until so many Redis replicas have the changes, 5 s at most, and say how many have.
    #[arg(long, value_name = "N")]
    wait_replicas: Option<u32>,
    /// How the summary is written.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    output: SummaryFormat,
}

/// How a summary is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SummaryFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Longest wait for replicas of Redis.
const WAIT_MAX_MS: u64 = 5_000;

pub(super) fn run(
    args: &ImportArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.redis.config(environment)?;
    let began = Instant::now();
    output.progress("reading the files");
    let accounts = args.accounts.iter().map(|path| content(path)).collect::<Result<Vec<_>, _>>()?;
    let reps = args.reps.as_deref().map(content).transpose()?;
    let result =
        with_connection(&config, async |home| import(args, &accounts, reps.as_ref(), home, output).await);
    output.progress_done();
    let mut summary = result?;
    summary.seconds = began.elapsed().as_secs_f64();
    summary.write(args.output, output)?;
    if summary.rejected == 0 { Ok(()) } else { Err(CliError::RowsRejected) }
}

fn content(path: &Path) -> Result<Content, CliError> {
    let bytes = fs::read(path).map_err(|source| CliError::Unreadable { path: path.to_owned(), source })?;
    Ok(Content { file: Arc::from(path.display().to_string()), bytes })
}

async fn import(
    args: &ImportArgs,
    accounts: &[Content],
    reps: Option<&Content>,
    home: &mut Connection,
    output: &mut Output,
) -> Result<Summary, CliError> {
    let read = home.contents(|count| output.progress(format_args!("reading Redis: {count} records"))).await;
    let before = match read {
        // The remedy for a damaged registry is to write all of it anew: that must not need the damaged one.
        Err(HomeError::Damaged { why }) if args.replace => {
            output.progress_done();
            output.remark(format_args!("warning: what is there is damaged ({why}) and counts as empty"));
            let nothing = std::collections::BTreeMap::new();
            Some(Contents { position: home.ruin().await?, accounts: nothing.clone(), reps: nothing })
        }
        read => read?,
    };
    output.progress("comparing");
    let nothing = Default::default();
    let existing = before.as_ref().map_or(Existing { accounts: &nothing, reps: &nothing }, |before| {
        Existing { accounts: &before.accounts, reps: &before.reps }
    });
    let meaning = Meaning { replace: args.replace, strict: args.strict, rejects: args.rejects.is_some() };
    let plan = plan(accounts, reps, existing, meaning)?;
    output.progress_done();
    if !plan.warnings.is_empty() {
        output.remark(Listing { problems: &plan.warnings, what: "warning" });
    }
    if !plan.conflicts.is_empty() {
        output.remark(Listing { problems: &plan.conflicts, what: "conflict" });
    }
    if let Some(path) = &args.rejects {
        summary::write_rejects(path, &plan.rejects)?;
    }
    if !args.force {
        plan.keeps_enough(existing)?;
    }
    // An empty import into an empty Redis still makes a registry.
    let idle = plan.account_counts.are_quiet() && plan.rep_counts.are_quiet() && before.is_some();
    let mut summary = Summary::of(&plan, args.dry_run);
    if !(args.dry_run || idle) {
        warn_of_eviction(home, output).await;
        let changes = plan.changes(existing);
        let progress = |done, total| output.progress(format_args!("writing: {done} of {total} records"));
        home.write_plan(&plan, &changes, before.as_ref(), args.replace, progress).await?;
        if let Some(replicas) = args.wait_replicas {
            summary.replicas_acked = Some(home.wait_for_replicas(replicas, WAIT_MAX_MS).await?);
        }
    }
    if let Some(position) = home.position().await? {
        summary.stands_at(&position);
    }
    Ok(summary)
}
