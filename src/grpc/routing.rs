//! `namesake.v1.RoutingService`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tonic::{Request, Response, Status, Streaming};

use super::stream::{Deadline, LeadStream};
use super::{ANSWER_BYTES_MAX, MESSAGE_BYTES_MAX, encode, status};
use crate::lead::{Lead, LeadFields};
use crate::proto::v1;
use crate::proto::v1::routing_service_server::{RoutingService, RoutingServiceServer};
use crate::routing::{self, Decision};
use crate::serving::{InForce, Serving};

/// What a log line may say about an answer. Rides in the extensions of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `owner`, `review` or `nurture`.
    pub route: &'static str,
    /// The tier's name; `-` where nothing matched.
    pub tier: &'static str,
    /// The index revision.
    pub revision: u64,
}

/// The service, as cheap to clone as its parts.
#[derive(Clone, Debug)]
pub struct Routing {
    serving: Arc<Serving>,
    streams: Arc<Semaphore>,
    streams_max: usize,
    closing: watch::Receiver<bool>,
}

impl Routing {
    /// Answers from `serving`. At most `streams_max` streams at once; they end soon after `closing` is true.
    pub fn new(serving: Arc<Serving>, streams_max: usize, closing: watch::Receiver<bool>) -> Routing {
        let streams = Arc::new(Semaphore::new(streams_max.min(Semaphore::MAX_PERMITS)));
        Routing { serving, streams, streams_max, closing }
    }

    /// The service with its limits on message sizes, ready to be served.
    pub fn into_server(self) -> RoutingServiceServer<Routing> {
        RoutingServiceServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(ANSWER_BYTES_MAX)
    }
}

#[tonic::async_trait]
impl RoutingService for Routing {
    async fn route_lead(
        &self,
        request: Request<v1::RouteLeadRequest>,
    ) -> Result<Response<v1::RouteLeadResponse>, Status> {
        let (answer, outcome) = route_lead(&self.serving, request.into_inner().lead)?;
        Ok(with_outcome(answer, outcome))
    }

    type RouteLeadsStream = LeadStream<Streaming<v1::RouteLeadsRequest>>;

    async fn route_leads(
        &self,
        request: Request<Streaming<v1::RouteLeadsRequest>>,
    ) -> Result<Response<Self::RouteLeadsStream>, Status> {
        let gate = &self.serving.metrics().requests.streams;
        let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned() else {
            gate.refuse();
            return Err(status::overloaded("streams", self.streams_max));
        };
        if self.serving.load().is_none() {
            return Err(status::index_not_loaded());
        }
        let deadline = request.extensions().get::<Deadline>().copied();
        let leads = request.into_inner();
        let serving = Arc::clone(&self.serving);
        let place = (permit, gate.enter());
        Ok(Response::new(LeadStream::new(leads, serving, place, deadline, self.closing.clone())))
    }

    async fn explain_lead(
        &self,
        request: Request<v1::ExplainLeadRequest>,
    ) -> Result<Response<v1::ExplainLeadResponse>, Status> {
        let lead = request.into_inner().lead;
        let (in_force, lead) = prepare(&self.serving, lead)?;
        let now = Timestamp::now();
        let explanation = guarded(|| routing::explain(&lead, &in_force.index, &in_force.policy.policy, now))?;
        let outcome = outcome(&explanation.decision, &in_force);
        let envelope = encode::envelope(&in_force, now);
        Ok(with_outcome(encode::explanation(explanation, lead.lead_id, envelope), outcome))
    }
}

/// Whose lead it is, as of now: the way of every lead, alone or in a stream.
pub(super) fn route_lead(
    serving: &Serving,
    lead: Option<v1::Lead>,
) -> Result<(v1::RouteLeadResponse, Outcome), Status> {
    decide(serving, lead).inspect_err(|status| serving.metrics().requests.lead_failed(status.code()))
}

fn decide(serving: &Serving, lead: Option<v1::Lead>) -> Result<(v1::RouteLeadResponse, Outcome), Status> {
    let began = Instant::now();
    let (in_force, lead) = prepare(serving, lead)?;
    let now = Timestamp::now();
    let policy = &in_force.policy.policy;
    let (decision, found) = guarded(|| routing::route_and_found(&lead, &in_force.index, policy, now))?;
    serving.metrics().decisions.count(&decision, began.elapsed());
    serving.tally().note(&lead, &found, &decision, now);
    let outcome = outcome(&decision, &in_force);
    Ok((encode::response(decision, lead.lead_id, encode::envelope(&in_force, now)), outcome))
}

fn prepare(serving: &Serving, lead: Option<v1::Lead>) -> Result<(InForce, Lead), Status> {
    let in_force = serving.load().ok_or_else(status::index_not_loaded)?;
    let fields = LeadFields::from(lead.ok_or_else(status::lead_missing)?);
    let lead = Lead::new(fields).map_err(|error| status::invalid_lead(&error))?;
    Ok((in_force, lead))
}

/// Runs the core. Should it panic, this lead fails and no other: the core shares nothing that a panic could
/// leave half done, the index being immutable.
fn guarded<T>(decide: impl FnOnce() -> T) -> Result<T, Status> {
    catch_unwind(AssertUnwindSafe(decide)).map_err(|_| status::internal())
}

fn outcome(decision: &Decision, in_force: &InForce) -> Outcome {
    Outcome {
        route: decision.route_name(),
        tier: decision.tier.map_or("-", |tier| tier.as_str()),
        revision: in_force.index.revision().0,
    }
}

fn with_outcome<T>(answer: T, outcome: Outcome) -> Response<T> {
    let mut response = Response::new(answer);
    response.extensions_mut().insert(outcome);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::StatusExt;

    #[test]
    fn a_panic_of_the_core_is_an_internal_error_that_says_nothing() {
        let status = guarded::<()>(|| panic!("jane@acme.com")).unwrap_err();
        assert_eq!(status.code(), tonic::Code::Internal);
        assert_eq!(status.get_details_error_info().unwrap().reason, "INTERNAL");
        assert!(!format!("{status:?}").contains("jane"));
    }
}
