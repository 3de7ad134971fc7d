//! `namesake verify`: does everything that is stored in Redis fit together?

use clap::Args;

use super::redis::{RedisArgs, with_connection};
use super::{CliError, Output};
use crate::config::Environment;

/// Flags of `verify`.
#[derive(Args, Debug)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    redis: RedisArgs,
}

/// Differences that are named; the count says how many there are.
const LISTED_MAX: usize = 100;

pub(super) fn run(
    args: &VerifyArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.redis.config(environment)?;
    let verified = with_connection(&config, async |home| {
        let progress = |count| output.progress(format_args!("reading Redis: {count} accounts"));
        let verified = home.verify(progress).await?;
        Ok(verified.ok_or_else(|| home.no_registry())?)
    });
    output.progress_done();
    let verified = verified?;
    let position = &verified.position;
    output.line(format_args!(
        "epoch {}, revision {}, chain {}\n{} accounts, {} reps, {} log entries\nsum {}",
        position.epoch,
        position.rev,
        position.chain,
        verified.account_count,
        verified.rep_count,
        verified.logged_count,
        verified.sum
    ))?;
    let count = verified.differences.len();
    if count == 0 {
        return Ok(output.line("everything fits")?);
    }
    output.line(format_args!("{count} {}", if count == 1 { "difference" } else { "differences" }))?;
    for difference in verified.differences.iter().take(LISTED_MAX) {
        output.line(format_args!("  {difference}"))?;
    }
    if count > LISTED_MAX {
        output.line(format_args!("  … and {} more", count - LISTED_MAX))?;
    }
    output.line(
        "write the whole registry anew with `namesake import --replace`, or go back with `namesake rollback`",
    )?;
    Err(CliError::Negative)
}
