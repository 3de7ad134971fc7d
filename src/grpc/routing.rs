//! `namesake.v1.RoutingService`.

use std::convert::Infallible;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body as HttpBody, Bytes};
use jiff::Timestamp;
use prost::Message;
use tokio::sync::{Semaphore, watch};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status, Streaming};
use tower::{Service, service_fn};

use super::codec::LeadCodec;
use super::idle::Pulse;
use super::stream::{Bounds, Deadline, LeadStream};
use super::wire::Wire;
use super::{ANSWER_BYTES_MAX, MESSAGE_BYTES_MAX, encode, status};
use crate::lead::{Lead, LeadFields};
use crate::proto::v1;
use crate::proto::v1::routing_service_server::SERVICE_NAME;
use crate::routing::{self, Decision};
use crate::serving::{InForce, Serving};

/// The method of a single lead.
pub(super) const ROUTE_LEAD: &str = "/namesake.v1.RoutingService/RouteLead";
type Leads = Streaming<Option<LeadFields>>;

const ROUTE_LEADS: &str = "/namesake.v1.RoutingService/RouteLeads";
const EXPLAIN_LEAD: &str = "/namesake.v1.RoutingService/ExplainLead";

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
    idle_timeout: Option<Duration>,
    closing: watch::Receiver<bool>,
}

impl Routing {
    /// Answers from `serving`. At most `streams_max` streams at once; they end soon after `closing` is true, or
    /// when no lead has come for `idle_timeout`.
    pub fn new(
        serving: Arc<Serving>,
        streams_max: usize,
        idle_timeout: Option<Duration>,
        closing: watch::Receiver<bool>,
    ) -> Routing {
        let streams = Arc::new(Semaphore::new(streams_max.min(Semaphore::MAX_PERMITS)));
        Routing { serving, streams, streams_max, idle_timeout, closing }
    }

    fn route_lead(&self, lead: Option<LeadFields>) -> Result<Response<Bytes>, Status> {
        let answer = route_lead(&self.serving, lead)?;
        let mut wire = Wire::behind(0);
        answer.write(&mut wire);
        Ok(with_outcome(wire, answer.outcome()))
    }

    fn route_leads(&self, request: Request<Leads>) -> Result<Response<LeadStream<Leads>>, Status> {
        let gate = &self.serving.metrics().requests.streams;
        let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned() else {
            gate.refuse();
            return Err(status::overloaded("streams", self.streams_max));
        };
        if self.serving.load().is_none() {
            return Err(status::index_not_loaded());
        }
        let deadline = request.extensions().get::<Deadline>().copied();
        let pulse = request.extensions().get::<Pulse>().cloned().unwrap_or_default();
        let leads = request.into_inner();
        let serving = Arc::clone(&self.serving);
        let place = (permit, gate.enter());
        let bounds = Bounds { deadline, idle_timeout: self.idle_timeout, closing: self.closing.clone() };
        Ok(Response::new(LeadStream::new(leads, serving, place, bounds, pulse)))
    }

    fn explain_lead(&self, lead: Option<LeadFields>) -> Result<Response<Bytes>, Status> {
        let (answer, outcome) = explain(&self.serving, lead)?;
        Ok(with_outcome(answer, outcome))
    }
}

/// The service itself, in place of the generated one, which wants answers as messages: ours are written as bytes.
impl<B> Service<http::Request<B>> for Routing
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: http::Request<B>) -> Self::Future {
        let own = self.clone();
        Box::pin(async move {
            Ok(match call.uri().path() {
                ROUTE_LEAD => {
                    let one = |lead: Request<_>| ready(own.route_lead(lead.into_inner()));
                    grpc().unary(service_fn(one), call).await
                }
                ROUTE_LEADS => {
                    let many = |leads: Request<_>| ready(own.route_leads(leads));
                    grpc().streaming(service_fn(many), call).await
                }
                EXPLAIN_LEAD => {
                    let one = |lead: Request<_>| ready(own.explain_lead(lead.into_inner()));
                    grpc().unary(service_fn(one), call).await
                }
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

impl NamedService for Routing {
    const NAME: &'static str = SERVICE_NAME;
}

/// tonic's part of a call, with the limits on message sizes.
fn grpc() -> Grpc<LeadCodec> {
    Grpc::new(LeadCodec)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(ANSWER_BYTES_MAX)
}

/// A lead's decision, and what it was made from.
pub(crate) struct Answer {
    pub(crate) decision: Decision,
    pub(crate) lead_id: String,
    pub(crate) in_force: InForce,
    now: Timestamp,
}

impl Answer {
    /// Writes it as a `RouteLeadResponse`.
    pub(super) fn write(&self, wire: &mut Wire) {
        encode::answer(wire, &self.decision, &self.lead_id, &self.in_force, self.now);
    }

    /// What a log line may say about it.
    pub(crate) fn outcome(&self) -> Outcome {
        outcome(&self.decision, &self.in_force)
    }
}

/// Whose lead it is, as of now: the way of every lead, alone or in a stream, through whichever door.
pub(crate) fn route_lead(serving: &Serving, lead: Option<LeadFields>) -> Result<Answer, Status> {
    decide(serving, lead).inspect_err(|status| serving.metrics().requests.lead_failed(status.code()))
}

fn decide(serving: &Serving, lead: Option<LeadFields>) -> Result<Answer, Status> {
    let began = Instant::now();
    let (in_force, lead) = prepare(serving, lead)?;
    let now = Timestamp::now();
    let policy = &in_force.policy.policy;
    let (decision, found) = guarded(|| routing::route_and_found(&lead, &in_force.index, policy, now))?;
    serving.metrics().decisions.count(&decision, began.elapsed());
    serving.tally().note(&lead, &found, &decision, now);
    drop(found);
    Ok(Answer { decision, lead_id: lead.lead_id, in_force, now })
}

/// The same for whoever asks without a server: why a lead is whose it is.
///
/// # Errors
/// Those of the method `ExplainLead`.
pub fn explain_lead(serving: &Serving, lead: v1::Lead) -> Result<v1::ExplainLeadResponse, Status> {
    explained_lead(serving, lead.into()).map(|(answer, _)| answer)
}

/// The same with what a log line may say about it.
pub(crate) fn explained_lead(
    serving: &Serving,
    lead: LeadFields,
) -> Result<(v1::ExplainLeadResponse, Outcome), Status> {
    let (answer, outcome) = explain(serving, Some(lead))?;
    let answer = v1::ExplainLeadResponse::decode(&answer.into_bytes()[..]);
    Ok((answer.expect("what we write can be read"), outcome))
}

fn explain(serving: &Serving, lead: Option<LeadFields>) -> Result<(Wire, Outcome), Status> {
    let (in_force, lead) = prepare(serving, lead)?;
    let now = Timestamp::now();
    let explanation = guarded(|| routing::explain(&lead, &in_force.index, &in_force.policy.policy, now))?;
    let mut wire = Wire::behind(0);
    encode::explanation(&mut wire, &explanation, &lead.lead_id, &in_force, now);
    Ok((wire, outcome(&explanation.decision, &in_force)))
}

fn prepare(serving: &Serving, lead: Option<LeadFields>) -> Result<(InForce, Lead), Status> {
    let in_force = serving.load().ok_or_else(status::index_not_loaded)?;
    let fields = lead.ok_or_else(status::lead_missing)?;
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

fn with_outcome(answer: Wire, outcome: Outcome) -> Response<Bytes> {
    let mut response = Response::new(answer.into_bytes().into());
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
