//! `namesake route`: one lead, explained; from files, or by a running server.
//!
//! Both ways give the contract's answer, from the same service: without a server its code is called in this
//! process. So what is printed does not depend on where the decision was made.

mod text;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use tonic::{Code, Response, Status};

use super::source::{self, RegistryArgs, Remarks};
use super::{CliError, Output, remote};
use crate::config::Environment;
use crate::grpc::explain_lead;
use crate::http::explanation;
use crate::proto::v1;
use crate::proto::v1::routing_service_client::RoutingServiceClient;
use crate::serving::{Freshness, Serving, Source};

/// Flags of `route`.
#[derive(Args, Debug)]
pub(super) struct RouteArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// Ask a running server instead of reading files.
    #[arg(long, value_name = "URL", conflicts_with_all = ["accounts", "reps", "strict", "config", "redis", "namespace"])]
    server: Option<String>,
    #[command(flatten)]
    lead: LeadArgs,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// The whole answer of ExplainLead.
    Json,
}

/// The lead, as typed; give at least one of company, e-mail, website and known account id.
#[derive(Args, Debug)]
#[command(next_help_heading = "Lead")]
struct LeadArgs {
    /// Company name.
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// E-mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Website: a host or a URL.
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// Country: ISO code or English name.
    #[arg(long)]
    country: Option<String>,
    /// State or province.
    #[arg(long)]
    region: Option<String>,
    /// Postal code.
    #[arg(long, value_name = "CODE")]
    postal_code: Option<String>,
    /// Phone number.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Where the lead came from.
    #[arg(long)]
    source: Option<String>,
    /// What the person does.
    #[arg(long, value_name = "TITLE")]
    job_title: Option<String>,
    /// The account that the lead is known to belong to.
    #[arg(long, value_name = "ID")]
    known_account_id: Option<String>,
    /// The caller's own id of the lead.
    #[arg(long, value_name = "ID")]
    lead_id: Option<String>,
}

impl From<LeadArgs> for v1::Lead {
    fn from(lead: LeadArgs) -> v1::Lead {
        v1::Lead {
            lead_id: lead.lead_id.unwrap_or_default(),
            company: lead.company.unwrap_or_default(),
            email: lead.email.unwrap_or_default(),
            website: lead.website.unwrap_or_default(),
            country: lead.country.unwrap_or_default(),
            region: lead.region.unwrap_or_default(),
            postal_code: lead.postal_code.unwrap_or_default(),
            phone: lead.phone.unwrap_or_default(),
            source: lead.source.unwrap_or_default(),
            job_title: lead.job_title.unwrap_or_default(),
            known_account_id: lead.known_account_id.unwrap_or_default(),
        }
    }
}

pub(super) fn run(
    args: RouteArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let answer = match &args.server {
        Some(server) => remote::runtime()?.block_on(ask(server, args.lead.into()))?,
        None => {
            let config = args.registry.config(environment)?;
            let serving = Serving::new(config.policy.clone());
            let index = source::index(&config, Remarks::Counted, output)?;
            let source = match source::home(&config)? {
                source::Home::Files(_) => Source::File,
                source::Home::Redis => Source::Redis,
            };
            serving.publish(index, Freshness { source, ..Freshness::at(Timestamp::now()) });
            explain_lead(&serving, args.lead.into()).map_err(refusal)?
        }
    };
    match args.output {
        Format::Text => text::write(&answer, output.answers())?,
        Format::Json => {
            let answer = explanation::explanation(&answer);
            output.line(format_args!("{answer:#}"))?;
        }
    }
    Ok(())
}

async fn ask(server: &str, lead: v1::Lead) -> Result<v1::ExplainLeadResponse, CliError> {
    let mut client = RoutingServiceClient::new(remote::connect(server).await?);
    let request = v1::ExplainLeadRequest { lead: Some(lead) };
    client.explain_lead(request).await.map(Response::into_inner).map_err(refusal)
}

fn refusal(status: Status) -> CliError {
    match status.code() {
        Code::InvalidArgument => CliError::InvalidLead(status.message().to_owned()),
        _ => CliError::Call(Box::new(status)),
    }
}
