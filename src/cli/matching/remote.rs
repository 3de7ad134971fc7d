//! Leads decided by a running server, over the stream `RouteLeads`: one stream a batch, answers in order.

use tokio::runtime::Runtime;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::super::{CliError, remote};
use super::row::{Row, invalid_row, remote_row};
use crate::lead::LeadFields;
use crate::proto::v1;
use crate::proto::v1::route_leads_response::Result as Answer;
use crate::proto::v1::routing_service_client::RoutingServiceClient;

/// A connection to a server and the runtime that drives it.
#[derive(Debug)]
pub(super) struct Remote {
    runtime: Runtime,
    client: RoutingServiceClient<Channel>,
}

impl Remote {
    pub(super) fn connect(server: &str) -> Result<Remote, CliError> {
        let runtime = remote::runtime()?;
        let client = RoutingServiceClient::new(runtime.block_on(remote::connect(server))?);
        Ok(Remote { runtime, client })
    }

    /// One row a lead, in order. A lead that the server cannot route is a row; a stream that breaks off is an
    /// error, since the leads behind it were not decided.
    pub(super) fn decide(&mut self, leads: &[LeadFields]) -> Result<Vec<Row>, CliError> {
        let client = &mut self.client;
        self.runtime.block_on(stream(client, leads)).map_err(|status| CliError::Call(Box::new(status)))
    }
}

async fn stream(
    client: &mut RoutingServiceClient<Channel>,
    leads: &[LeadFields],
) -> Result<Vec<Row>, Status> {
    let requests: Vec<v1::RouteLeadsRequest> =
        leads.iter().map(|fields| v1::RouteLeadsRequest { lead: Some(message(fields)) }).collect();
    let mut answers = client.route_leads(tokio_stream::iter(requests)).await?.into_inner();
    let mut rows = Vec::with_capacity(leads.len());
    for fields in leads {
        let answer = answers.message().await?.and_then(|response| response.result);
        rows.push(match answer {
            Some(Answer::Decision(decision)) => remote_row(decision, fields.lead_id.clone()),
            Some(Answer::Error(status)) if status.code == i32::from(Code::InvalidArgument) => {
                invalid_row(fields, status.message)
            }
            Some(Answer::Error(status)) => return Err(Status::new(Code::from(status.code), status.message)),
            None => return Err(Status::data_loss("the stream ended before every lead had an answer")),
        });
    }
    Ok(rows)
}

fn message(fields: &LeadFields) -> v1::Lead {
    let fields = fields.clone();
    v1::Lead {
        lead_id: fields.lead_id,
        company: fields.company,
        email: fields.email,
        website: fields.website,
        country: fields.country,
        region: fields.region,
        postal_code: fields.postal_code,
        phone: fields.phone,
        source: fields.source,
        job_title: fields.job_title,
        known_account_id: fields.known_account_id,
    }
}
