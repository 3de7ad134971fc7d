//! `RouteLeads`: one answer per lead, in order.
//!
//! The answers are a [`Stream`] that pulls the next lead when the connection asks for the next answer. So
//! nothing is buffered here, a slow reader slows its own leads, and a client that drops the call drops this
//! value: there is no task to end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Sleep;
use tokio_stream::Stream;
use tonic::{Code, Status};

use super::routing::route_lead;
use super::{method, status};
use crate::lead::LEAD_ID_BYTES_MAX;
use crate::metrics::Inside;
use crate::proto::v1;
use crate::proto::v1::route_leads_response::Result as LeadResult;
use crate::serving::Serving;

/// Leads answered before other streams get their turn.
const TURN_LEADS_MAX: u32 = 16;
/// Time spent before other streams get their turn; the lead at hand is finished.
const TURN_TIME_MAX: Duration = Duration::from_micros(500);

/// When the caller stops waiting. Rides in the extensions of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Instant);

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The answers of one call of `RouteLeads`.
pub struct LeadStream<S> {
    leads: S,
    serving: Arc<Serving>,
    deadline: Option<Pin<Box<Sleep>>>,
    closing: Signal,
    turn_lead_count: u32,
    turn_began: Option<Instant>,
    /// How the stream ended; `None` while it is open.
    end: Option<Code>,
    opened: Instant,
    lead_count: u64,
    error_count: u64,
    _place: Place,
}

/// What a stream holds while it is open: its place among the streams, twice told.
pub(super) type Place = (OwnedSemaphorePermit, Inside);

impl<S> LeadStream<S> {
    /// Answers `leads` until they end, `deadline` passes or `closing` is true and no lead waits.
    pub(super) fn new(
        leads: S,
        serving: Arc<Serving>,
        place: Place,
        deadline: Option<Deadline>,
        mut closing: watch::Receiver<bool>,
    ) -> LeadStream<S> {
        LeadStream {
            leads,
            serving,
            deadline: deadline.map(|Deadline(at)| Box::pin(tokio::time::sleep_until(at.into()))),
            closing: Box::pin(async move {
                if closing.wait_for(|closing| *closing).await.is_err() {
                    // Whoever would have told us has gone without telling: serve on.
                    std::future::pending::<()>().await;
                }
            }),
            turn_lead_count: 0,
            turn_began: None,
            end: None,
            opened: Instant::now(),
            lead_count: 0,
            error_count: 0,
            _place: place,
        }
    }

    fn answer(&mut self, request: v1::RouteLeadsRequest) -> v1::RouteLeadsResponse {
        self.lead_count += 1;
        let lead_id = match &request.lead {
            Some(lead) if lead.lead_id.len() <= LEAD_ID_BYTES_MAX => lead.lead_id.clone(),
            _ => String::new(),
        };
        let result = match route_lead(&self.serving, request.lead) {
            Ok((decision, _)) => LeadResult::Decision(decision),
            Err(status) => {
                self.error_count += 1;
                LeadResult::Error(status::message(&status))
            }
        };
        v1::RouteLeadsResponse { lead_id, result: Some(result) }
    }

    fn fail(&mut self, status: Status) -> Poll<Option<Result<v1::RouteLeadsResponse, Status>>> {
        self.end = Some(status.code());
        Poll::Ready(Some(Err(status)))
    }

    /// True when it is others' turn.
    fn turn_is_over(&mut self) -> bool {
        let began = *self.turn_began.get_or_insert_with(Instant::now);
        self.turn_lead_count >= TURN_LEADS_MAX || began.elapsed() >= TURN_TIME_MAX
    }

    fn end_turn(&mut self) {
        self.turn_lead_count = 0;
        self.turn_began = None;
    }
}

impl<S> Stream for LeadStream<S>
where
    S: Stream<Item = Result<v1::RouteLeadsRequest, Status>> + Unpin,
{
    type Item = Result<v1::RouteLeadsResponse, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.end.is_some() {
            return Poll::Ready(None);
        }
        if this.turn_is_over() {
            this.end_turn();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // Once a turn is often enough: a turn is 500 us at most.
        if this.turn_lead_count == 0
            && let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return this.fail(status::deadline_exceeded(None));
        }
        match Pin::new(&mut this.leads).poll_next(cx) {
            Poll::Ready(Some(Ok(request))) => {
                this.turn_lead_count += 1;
                Poll::Ready(Some(Ok(this.answer(request))))
            }
            Poll::Ready(Some(Err(status))) => this.fail(status::from_transport(status)),
            Poll::Ready(None) => {
                this.end = Some(Code::Ok);
                Poll::Ready(None)
            }
            Poll::Pending => {
                this.end_turn();
                if this.closing.as_mut().poll(cx).is_ready() {
                    return this.fail(status::shutting_down());
                }
                Poll::Pending
            }
        }
    }
}

impl<S> Drop for LeadStream<S> {
    fn drop(&mut self) {
        let code = self.end.unwrap_or(Code::Cancelled);
        self.serving.metrics().requests.ended(method::STREAM, code);
        tracing::debug!(
            method = "RouteLeads",
            code = ?code,
            micros = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX),
            lead_count = self.lead_count,
            error_count = self.error_count,
            "stream ended",
        );
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use jiff::Timestamp;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::account::Registry;
    use crate::matching::{Index, Revision};
    use crate::policy::Policy;
    use crate::serving::Freshness;

    fn stream_of(lead_count: usize) -> impl Stream<Item = Result<v1::RouteLeadsResponse, Status>> + Unpin {
        let serving = Arc::new(Serving::new(Policy::default()));
        serving.publish(Index::build(Registry::default(), Revision(1)), Freshness::at(Timestamp::UNIX_EPOCH));
        let lead = v1::Lead { company: "Acme".into(), ..v1::Lead::default() };
        let leads = std::iter::repeat_n(Ok(v1::RouteLeadsRequest { lead: Some(lead) }), lead_count);
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let place = (permit, serving.metrics().requests.streams.enter());
        let closing = watch::Sender::new(false).subscribe();
        LeadStream::new(tokio_stream::iter(leads.collect::<Vec<_>>()), serving, place, None, closing)
    }

    #[test]
    fn a_flood_of_leads_yields_after_at_most_sixteen() {
        let mut stream = stream_of(100);
        let mut cx = Context::from_waker(Waker::noop());
        let (mut answers, mut run, mut longest_run) = (0, 0, 0);
        loop {
            match Pin::new(&mut stream).poll_next(&mut cx) {
                Poll::Ready(Some(answer)) => {
                    answer.unwrap();
                    answers += 1;
                    run += 1;
                    longest_run = longest_run.max(run);
                }
                Poll::Pending => run = 0,
                Poll::Ready(None) => break,
            }
        }
        assert_eq!(answers, 100);
        assert!(longest_run <= TURN_LEADS_MAX, "{longest_run}");
    }
}
