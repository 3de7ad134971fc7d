//! `namesake status`: where the registry in Redis stands, or a server's copy of it.

mod home;
mod server;

use clap::{Args, ValueEnum};

use super::redis::RedisArgs;
use super::{CliError, Output};
use crate::config::Environment;

/// Flags of `status`.
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    redis: RedisArgs,
    /// Ask this server about its copy instead of Redis.
    #[arg(long, value_name = "URL", conflicts_with_all = ["redis", "namespace"])]
    server: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    output: StatusFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

pub(super) fn run(
    args: &StatusArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    match &args.server {
        Some(server) => server::run(server, args.output, output),
        None => home::run(&args.redis.config(environment)?, args.output, output),
    }
}
