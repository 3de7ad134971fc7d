//! Clients that keep a server busy in a closed loop, and what it cost the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use namesake::proto::v1;
use namesake::proto::v1::route_leads_response::Result as LeadResult;
use namesake::proto::v1::routing_service_client::RoutingServiceClient;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use super::mix::Asked;
use super::server_process::ServerProcess;

/// How leads are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Unary calls over so many connections, so many in flight on each.
    Unary { connections: usize, in_flight: usize },
    /// `RouteLeads`, each stream on a connection of its own, one lead a message, [`WINDOW`] of them unanswered.
    Streams { count: usize },
    /// Unary calls as above that are measured, while so many streams are busy.
    Beside { connections: usize, in_flight: usize, streams: usize },
}

/// Leads of a stream that are sent and not yet answered.
pub(crate) const WINDOW: usize = 64;

/// One round. What a stream beside unary calls does is in `leads` and `cpu`, not in `latencies`.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) leads: u64,
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// Sorted.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) unexpected: u64,
}

/// What the clients of a round share.
struct Shared {
    leads: Arc<Vec<Asked>>,
    next: AtomicUsize,
    /// Whether answers are compared with what they must be: not those of the server that does nothing.
    checked: bool,
    measuring: AtomicBool,
    stopped: AtomicBool,
    answered: AtomicU64,
    unexpected: AtomicU64,
}

/// Drives `server` for `time`, after a warm-up of a fifth of it. Panics where a call fails.
pub(crate) async fn round(
    server: &ServerProcess,
    shape: Shape,
    leads: &Arc<Vec<Asked>>,
    checked: bool,
    time: Duration,
) -> Round {
    let shared = Arc::new(Shared {
        leads: Arc::clone(leads),
        next: AtomicUsize::new(0),
        checked,
        measuring: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
        answered: AtomicU64::new(0),
        unexpected: AtomicU64::new(0),
    });
    let (connections, in_flight, streams) = match shape {
        Shape::Unary { connections, in_flight } => (connections, in_flight, 0),
        Shape::Streams { count } => (0, 0, count),
        Shape::Beside { connections, in_flight, streams } => (connections, in_flight, streams),
    };
    let mut timed = JoinSet::new();
    let mut untimed = JoinSet::new();
    for _ in 0..connections {
        let client = connect(server).await;
        for _ in 0..in_flight {
            timed.spawn(unary(client.clone(), Arc::clone(&shared)));
        }
    }
    for _ in 0..streams {
        let stream = stream(connect(server).await, Arc::clone(&shared));
        if connections == 0 {
            timed.spawn(stream)
        } else {
            untimed.spawn(stream)
        };
    }
    tokio::time::sleep(time / 5).await;
    let (cpu, began, answered) = (server.cpu(), Instant::now(), shared.answered.load(Ordering::Relaxed));
    shared.measuring.store(true, Ordering::Relaxed);
    tokio::time::sleep(time).await;
    let leads = shared.answered.load(Ordering::Relaxed) - answered;
    let (cpu, wall) = (server.cpu().since(&cpu), began.elapsed());
    shared.measuring.store(false, Ordering::Relaxed);
    shared.stopped.store(true, Ordering::Relaxed);
    untimed.join_all().await;
    let mut latencies: Vec<Duration> = timed.join_all().await.into_iter().flatten().collect();
    latencies.sort_unstable();
    Round { leads, cpu, wall, latencies, unexpected: shared.unexpected.load(Ordering::Relaxed) }
}

/// The server's answers to `leads`, one after the other.
pub(crate) async fn answers(server: &ServerProcess, leads: &[Asked]) -> Vec<v1::RouteLeadResponse> {
    let mut client = connect(server).await;
    let mut answers = Vec::new();
    for Asked { lead, .. } in leads {
        let request = v1::RouteLeadRequest { lead: Some(lead.clone()) };
        answers.push(client.route_lead(request).await.unwrap().into_inner());
    }
    answers
}

async fn connect(server: &ServerProcess) -> RoutingServiceClient<Channel> {
    let endpoint = Channel::from_shared(server.url.clone()).unwrap();
    RoutingServiceClient::new(endpoint.connect().await.unwrap())
}

async fn unary(mut client: RoutingServiceClient<Channel>, shared: Arc<Shared>) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while !shared.stopped.load(Ordering::Relaxed) {
        let at = shared.take();
        let request = v1::RouteLeadRequest { lead: Some(shared.leads[at].lead.clone()) };
        let sent = Instant::now();
        let answer = client.route_lead(request).await.unwrap_or_else(|status| panic!("{status}"));
        shared.note(&mut latencies, sent);
        shared.check(at, answer.get_ref());
    }
    latencies
}

async fn stream(mut client: RoutingServiceClient<Channel>, shared: Arc<Shared>) -> Vec<Duration> {
    let mut latencies = Vec::new();
    let (sender, receiver) = mpsc::channel(WINDOW);
    let mut open = std::collections::VecDeque::with_capacity(WINDOW);
    let send = |open: &mut std::collections::VecDeque<(usize, Instant)>| {
        let at = shared.take();
        open.push_back((at, Instant::now()));
        let lead = Some(shared.leads[at].lead.clone());
        sender.try_send(v1::RouteLeadsRequest { lead }).expect("no more unanswered than the channel holds");
    };
    for _ in 0..WINDOW {
        send(&mut open);
    }
    let mut answers = client.route_leads(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    while !shared.stopped.load(Ordering::Relaxed) {
        let answer = answers.message().await.unwrap().expect("the server ended a stream");
        let (at, sent) = open.pop_front().expect("an answer to a lead that was sent");
        shared.note(&mut latencies, sent);
        match &answer.result {
            Some(LeadResult::Decision(decision)) => shared.check(at, decision),
            other => panic!("{other:?}"),
        }
        send(&mut open);
    }
    latencies
}

impl Shared {
    fn take(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed) % self.leads.len()
    }

    fn note(&self, latencies: &mut Vec<Duration>, sent: Instant) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if self.measuring.load(Ordering::Relaxed) {
            latencies.push(sent.elapsed());
        }
    }

    fn check(&self, at: usize, answer: &v1::RouteLeadResponse) {
        let Asked { lead, expected } = &self.leads[at];
        if !self.checked {
            return;
        }
        assert_eq!(answer.lead_id, lead.lead_id, "an answer to another lead");
        if !expected.is_met_by(answer) {
            self.unexpected.fetch_add(1, Ordering::Relaxed);
        }
    }
}
