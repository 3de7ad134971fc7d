//! `namesake health`: does the server serve? For containers, which have no other client at hand.

use std::path::PathBuf;

use clap::Args;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::{CliError, Output, remote};
use crate::config::{Config, Environment, Flags};

/// Flags of `health`.
#[derive(Args, Debug)]
pub(super) struct HealthArgs {
    /// The server to ask [default: the one that this configuration would start].
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Configuration file [default: namesake.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(
    args: &HealthArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let server = match &args.server {
        Some(server) => server.clone(),
        None => {
            let mut flags = Flags::default();
            flags.file.clone_from(&args.config);
            remote::callable(Config::load(&flags, environment)?.listen).to_string()
        }
    };
    match remote::runtime()?.block_on(ask(&server)) {
        Ok(ServingStatus::Serving) => Ok(output.line("serving")?),
        Ok(_) => {
            output.line("not serving")?;
            Err(CliError::Negative)
        }
        Err(error) => {
            output.remark(error);
            Err(CliError::Negative)
        }
    }
}

async fn ask(server: &str) -> Result<ServingStatus, CliError> {
    let mut client = HealthClient::new(remote::connect(server).await?);
    let request = HealthCheckRequest { service: String::new() };
    let answer = client.check(request).await.map_err(|status| CliError::Call(Box::new(status)))?;
    Ok(answer.into_inner().status())
}
