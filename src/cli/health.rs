//! `namesake health`: does the server serve? For containers, which have no other client at hand.

use clap::Args;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::remote::{self, DEFAULT_SERVER};
use super::{CliError, Output};

/// Flags of `health`.
#[derive(Args, Debug)]
pub(super) struct HealthArgs {
    /// The server to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_SERVER)]
    server: String,
}

pub(super) fn run(args: &HealthArgs, output: &mut Output) -> Result<(), CliError> {
    match remote::runtime()?.block_on(ask(&args.server)) {
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
