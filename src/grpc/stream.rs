//! `RouteLeads`: one answer per lead, in order.
//!
//! The answers are a [`Stream`] that pulls the next lead when the connection asks for the next answer. So
//! nothing is buffered here, a slow reader slows its own leads, and a client that drops the call drops this
//! value: there is no task to end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Sleep;
use tokio_stream::Stream;
use tonic::{Code, Status};

use super::idle::{Idleness, Pulse};
use super::routing::route_lead;
use super::wire::Wire;
use super::{method, status};
use crate::lead::{LEAD_ID_BYTES_MAX, LeadFields};
use crate::metrics::Inside;
use crate::serving::Serving;

/// Leads answered before other streams get their turn.
const TURN_LEADS_MAX: u32 = 16;
/// Time spent before other streams get their turn; the lead at hand is finished.
const TURN_TIME_MAX: Duration = Duration::from_micros(500);
/// How often we say "not now" at the end of a turn. Twice: tonic's encoder takes the first for the moment to hand on the
/// answers that it has gathered, and asks again at once; only the second reaches the thread's other tasks.
const TURN_END_POLLS: u8 = 2;

/// When the caller stops waiting. Rides in the extensions of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Instant);

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The answers of one call of `RouteLeads`.
pub(super) struct LeadStream<S> {
    leads: S,
    serving: Arc<Serving>,
    deadline: Option<Pin<Box<Sleep>>>,
    closing: Signal,
    idleness: Option<Idleness>,
    pulse: Pulse,
    turn_lead_count: u32,
    turn_began: Option<Instant>,
    /// Polls to be turned away before the next turn.
    polls_to_refuse: u8,
    /// No lead was there when we last looked.
    is_waiting: bool,
    /// How the stream ended; `None` while it is open.
    end: Option<Code>,
    opened: Instant,
    lead_count: u64,
    error_count: u64,
    _place: Place,
}

/// When a stream ends without its leads having ended.
#[derive(Debug)]
pub(super) struct Bounds {
    /// When the caller stops waiting.
    pub(super) deadline: Option<Deadline>,
    /// Time without a lead; `None` for any.
    pub(super) idle_timeout: Option<Duration>,
    /// True once the server goes away.
    pub(super) closing: watch::Receiver<bool>,
}

/// What a stream holds while it is open: its place among the streams, twice told.
pub(super) type Place = (OwnedSemaphorePermit, Inside);

impl<S> LeadStream<S> {
    /// Answers `leads` until they end, the deadline passes, or no lead waits and the server goes away or none has come
    /// for too long. `pulse` is the connection's.
    pub(super) fn new(
        leads: S,
        serving: Arc<Serving>,
        place: Place,
        bounds: Bounds,
        pulse: Pulse,
    ) -> LeadStream<S> {
        let Bounds { deadline, idle_timeout, mut closing } = bounds;
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
            idleness: idle_timeout.map(Idleness::new),
            pulse,
            turn_lead_count: 0,
            turn_began: None,
            polls_to_refuse: 0,
            is_waiting: false,
            end: None,
            opened: Instant::now(),
            lead_count: 0,
            error_count: 0,
            _place: place,
        }
    }

    /// A `RouteLeadsResponse`.
    fn answer(&mut self, lead: Option<LeadFields>) -> Bytes {
        self.lead_count += 1;
        let mut wire = Wire::behind(0);
        if let Some(lead) = &lead
            && lead.lead_id.len() <= LEAD_ID_BYTES_MAX
        {
            wire.text(1, &lead.lead_id);
        }
        match route_lead(&self.serving, lead) {
            Ok(answer) => wire.message(2, |wire| answer.write(wire)),
            Err(status) => {
                self.error_count += 1;
                wire.generated(3, &status::message(&status));
            }
        }
        wire.into_bytes().into()
    }

    fn fail(&mut self, status: Status) -> Poll<Option<Result<Bytes, Status>>> {
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
    S: Stream<Item = Result<Option<LeadFields>, Status>> + Unpin,
{
    type Item = Result<Bytes, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.end.is_some() {
            return Poll::Ready(None);
        }
        // Time counts from the first poll that is not refused: what others take is not our turn.
        if this.polls_to_refuse == 0 && this.turn_is_over() {
            this.end_turn();
            this.polls_to_refuse = TURN_END_POLLS;
        }
        if this.polls_to_refuse > 0 {
            this.polls_to_refuse -= 1;
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
            Poll::Ready(Some(Ok(lead))) => {
                this.is_waiting = false;
                // Once a turn is often enough here too.
                if this.turn_lead_count == 0 {
                    this.pulse.beat();
                }
                this.turn_lead_count += 1;
                Poll::Ready(Some(Ok(this.answer(lead))))
            }
            Poll::Ready(Some(Err(status))) => this.fail(status::from_transport(status)),
            Poll::Ready(None) => {
                this.end = Some(Code::Ok);
                Poll::Ready(None)
            }
            Poll::Pending => {
                // As at the end of a turn: only where no lead has come since the last look do others run.
                if this.is_waiting {
                    this.end_turn();
                }
                this.is_waiting = true;
                if this.closing.as_mut().poll(cx).is_ready() {
                    return this.fail(status::shutting_down());
                }
                if let Some(idleness) = &mut this.idleness
                    && let Poll::Ready(limit) = idleness.poll(cx, this.lead_count)
                {
                    this.serving.metrics().requests.streams_idle.inc();
                    return this.fail(status::stream_idle(limit));
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

    use hyper::body::Body;
    use jiff::Timestamp;
    use tokio::sync::Semaphore;
    use tonic::codec::EncodeBody;

    use super::*;
    use crate::account::Registry;
    use crate::grpc::codec::LeadCodec;
    use crate::matching::{Index, Revision};
    use crate::policy::Policy;
    use crate::serving::Freshness;

    fn stream_of(lead_count: usize) -> impl Stream<Item = Result<Bytes, Status>> + Unpin {
        let serving = Arc::new(Serving::new(Policy::default()));
        serving.publish(Index::build(Registry::default(), Revision(1)), Freshness::at(Timestamp::UNIX_EPOCH));
        let lead = LeadFields { company: "Acme".into(), ..LeadFields::default() };
        let leads = std::iter::repeat_n(Ok(Some(lead)), lead_count);
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let place = (permit, serving.metrics().requests.streams.enter());
        let closing = watch::Sender::new(false).subscribe();
        let bounds = Bounds { deadline: None, idle_timeout: None, closing };
        let leads = tokio_stream::iter(leads.collect::<Vec<_>>());
        LeadStream::new(leads, serving, place, bounds, Pulse::default())
    }

    /// Answers between two moments in which other tasks may run, as the connection sees them: encoded.
    fn runs_of(stream: impl Stream<Item = Result<Bytes, Status>> + Unpin) -> Vec<u32> {
        let mut body = Box::pin(EncodeBody::new_server(LeadCodec, stream, None, Default::default(), None));
        let mut cx = Context::from_waker(Waker::noop());
        let mut runs = vec![0];
        loop {
            match body.as_mut().poll_frame(&mut cx) {
                Poll::Ready(Some(frame)) => {
                    let data = frame.unwrap().into_data().unwrap_or_default();
                    *runs.last_mut().unwrap() += message_count(&data);
                }
                Poll::Pending => runs.push(0),
                Poll::Ready(None) => return runs,
            }
        }
    }

    /// Messages with their prefix: a flag, and the length in four bytes.
    fn message_count(mut data: &[u8]) -> u32 {
        let mut count = 0;
        while let Some((prefix, rest)) = data.split_first_chunk::<5>() {
            let length = u32::from_be_bytes(prefix[1..].try_into().unwrap());
            data = &rest[length as usize..];
            count += 1;
        }
        count
    }

    #[test]
    fn a_flood_of_leads_lets_other_tasks_run_after_at_most_sixteen() {
        let runs = runs_of(stream_of(100));
        assert_eq!(runs.iter().sum::<u32>(), 100);
        assert!(runs.iter().all(|run| *run <= TURN_LEADS_MAX), "{runs:?}");
    }
}
