//! `namesake unmatched`: the companies that leads name and the registry lacks, as a server has counted them.

mod list;

use clap::{Args, ValueEnum};

use super::{CliError, Output, remote};
use crate::proto::v1;
use crate::proto::v1::registry_service_client::RegistryServiceClient;

pub(super) use list::List;

/// Flags of `unmatched`.
#[derive(Args, Debug)]
pub(super) struct UnmatchedArgs {
    /// The server, started with --registry-writes.
    #[arg(long, value_name = "URL")]
    server: String,
    /// At most this many companies, those seen most; 1,000 at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1_000))]
    top: i32,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// Comma-separated, with a header.
    Csv,
    /// One JSON document.
    Json,
}

pub(super) fn run(args: &UnmatchedArgs, output: &mut Output) -> Result<(), CliError> {
    let list = List::from(remote::runtime()?.block_on(ask(args))?);
    Ok(write!(output.answers(), "{}", list.told(args.output))?)
}

async fn ask(args: &UnmatchedArgs) -> Result<v1::ListUnmatchedCompaniesResponse, CliError> {
    let mut client = RegistryServiceClient::new(remote::connect(&args.server).await?);
    let request = v1::ListUnmatchedCompaniesRequest { top_count: args.top };
    let answer = client.list_unmatched_companies(request).await;
    Ok(answer.map_err(|status| CliError::Call(Box::new(status)))?.into_inner())
}
