//! Where the registry in Redis stands.

use jiff::Timestamp;
use serde::Serialize;

use super::StatusFormat;
use crate::cli::redis::with_connection;
use crate::cli::{CliError, Output};
use crate::config::Config;

/// What is told, in this order.
#[derive(Debug, Serialize)]
struct Status {
    redis: String,
    /// A connection to anything else fails.
    role: &'static str,
    namespace: String,
    memory_policy: Option<String>,
    generation: u64,
    epoch: u64,
    previous_epoch: Option<u64>,
    rev: u64,
    chain: String,
    accounts: u64,
    reps: u64,
    log_entries: u64,
    created_time: String,
    changed_time: String,
    changed_seconds_ago: i64,
}

pub(super) fn run(config: &Config, format: StatusFormat, output: &mut Output) -> Result<(), CliError> {
    let status = with_connection(config, async |home| {
        let position = home.position().await?.ok_or_else(|| home.no_registry())?;
        let (accounts, reps, log_entries) = home.lengths(position.epoch).await?;
        let ago_ms = Timestamp::now().as_millisecond() - position.changed_ms;
        Ok(Status {
            redis: home.server().to_owned(),
            role: "master",
            namespace: home.keys().namespace().to_string(),
            memory_policy: home.memory_policy().await,
            generation: position.generation,
            epoch: position.epoch.0,
            previous_epoch: position.previous.map(|epoch| epoch.0),
            rev: position.rev,
            chain: position.chain.to_string(),
            accounts,
            reps,
            log_entries,
            created_time: time(position.created_ms),
            changed_time: time(position.changed_ms),
            changed_seconds_ago: ago_ms.max(0) / 1_000,
        })
    })?;
    if format == StatusFormat::Json {
        return Ok(output.line(serde_json::to_string(&status).expect("numbers and texts"))?);
    }
    let unknown = || "unknown (INFO is not permitted)".to_owned();
    let previous = status.previous_epoch.map_or_else(|| "none".to_owned(), |epoch| epoch.to_string());
    Ok(output.line(format_args!(
        "redis       {}, {}, namespace {}\nmemory      maxmemory-policy {}\nregistry    generation {}, epoch {}, \
         revision {}\nprevious    {previous}\nholds       {} accounts, {} reps\nlog         {} entries\n\
         begun       {}\nchanged     {}, {} s ago",
        status.redis,
        status.role,
        status.namespace,
        status.memory_policy.clone().unwrap_or_else(unknown),
        status.generation,
        status.epoch,
        status.rev,
        status.accounts,
        status.reps,
        status.log_entries,
        status.created_time,
        status.changed_time,
        status.changed_seconds_ago
    ))?)
}

fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| "unknown".into(), |time| time.to_string())
}
