//! `namesake rollback`: back to the registry before the last `import --replace`.

use clap::Args;

use super::redis::{RedisArgs, warn_of_eviction, with_connection};
use super::{CliError, Output};
use crate::config::Environment;

/// Flags of `rollback`.
#[derive(Args, Debug)]
pub(super) struct RollbackArgs {
    #[command(flatten)]
    redis: RedisArgs,
}

pub(super) fn run(
    args: &RollbackArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.redis.config(environment)?;
    let position = with_connection(&config, async |home| {
        warn_of_eviction(home, output).await;
        Ok(home.rollback().await?)
    })?;
    let was = position.previous.map_or_else(|| "none".into(), |epoch| epoch.to_string());
    Ok(output.line(format_args!(
        "back at epoch {}, revision {}, {} records; generation {}; epoch {was} is kept: `namesake rollback` again \
         leads back to it",
        position.epoch, position.rev, position.count, position.generation
    ))?)
}
