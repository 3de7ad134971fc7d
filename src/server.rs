//! The server: takes bound listeners and a shutdown future, and ends whatever its clients do.
//!
//! [`run`] wires the parts: the routing service, health and reflection, behind the guard of every request,
//! on connections that are counted and watched; beside it, where it is asked for, the same over HTTP/JSON, and the
//! HTTP door of the operators. Binding, configuration and signals are the caller's.
//!
//! We accept connections ourselves and give them to hyper, since tonic's own server turns in circles when
//! file descriptors run out, keeps silent connections for ever, waits for them at shutdown, queues without
//! bound, and reports a passed deadline as CANCELLED.

mod accept;
mod admission;
mod connection;
mod examination;
mod guard;
mod json;
mod limits;
mod operators;
mod readiness;
pub mod telemetry;
mod workers;

use std::pin::pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::service::{Routes, RoutesBuilder};

use crate::grpc::{Access, Registry, Routing};
use crate::http::{self, Readiness};
use crate::metrics::Gate;
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::serving::Serving;
use accept::Acceptor;
use admission::Shared;
use connection::{Patience, jittered};
use guard::Guard;
use json::JsonGuard;
use readiness::Health;
use workers::Workers;

pub(crate) use limits::EVENT_INTERVAL;
pub use limits::{Runtime, Settings};

/// Where a server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For gRPC.
    pub grpc: TcpListener,
    /// For leads over HTTP/JSON; `None` serves none.
    pub json: Option<TcpListener>,
    /// For the operators' HTTP; `None` serves none.
    pub http: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(grpc: TcpListener) -> Listeners {
        Listeners { grpc, json: None, http: None }
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every connection was closed in good order.
    Drained,
    /// The grace ended with connections open; they were cut.
    Cut {
        /// How many.
        connection_count: usize,
    },
}

/// Serves `serving` on `listeners`, and the registry as far as `access` goes, until `shutdown` resolves, then drains for at most
/// [`Settings::shutdown_grace`] and returns.
///
/// Health says NOT_SERVING, and `/readyz` 503, before the first publication, while the registry is older than
/// [`Settings::max_staleness`], and from `shutdown` on. Then, after
/// [`Settings::shutdown_notice`], the listeners close, clients are told to go, streams end once the leads
/// they have sent are answered, and what is still open when the grace ends is cut. The operators' door closes last.
/// Dropping the future cuts every connection at once.
pub async fn run(
    listeners: impl Into<Listeners>,
    serving: Arc<Serving>,
    access: Access,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Ended {
    let Listeners { grpc, json, http: http_listener } = listeners.into();
    let closing = watch::Sender::new(false);
    let (health, health_service) = Health::begin().await;
    let mut beside = JoinSet::new();
    if let Some(listener) = http_listener {
        let board = access.board.clone();
        let router = http::router(Arc::clone(&serving), board, health.readiness(), settings.max_staleness);
        beside.spawn(operators::serve(listener, router));
        beside.spawn(examination::run(Arc::clone(&serving)));
    }

    let mut routes = Routes::builder();
    routes.add_service(health_service);
    let Settings { streams_max, stream_idle_timeout, .. } = settings;
    let routing = Routing::new(Arc::clone(&serving), streams_max, stream_idle_timeout, closing.subscribe());
    routes.add_service(routing);
    routes.add_service(Registry::new(Arc::clone(&serving), access).into_server());
    if settings.reflection {
        add_reflection(&mut routes);
    }
    let routes: Routes = routes.routes().prepare();
    let requests = &serving.metrics().requests;
    requests.in_flight.limit(settings.requests_max);
    requests.streams.limit(settings.streams_max);
    requests.connections.limit(settings.connections_max);
    let shared = Shared::new(routes, Arc::clone(&serving), settings.requests_max, settings.request_timeout);
    let json_guard = JsonGuard::new(shared.with(()));
    let mut listening = vec![(Door::Grpc, grpc)];
    listening.extend(json.map(|json| (Door::Json, json)));

    let mut connections = Connections {
        acceptor: Acceptor::new(listening, settings.connections_max),
        workers: Workers::start(settings.runtime),
        open: JoinSet::new(),
        guard: Guard::new(shared),
        json_guard,
        gate: requests.connections.clone(),
        settings,
        closing,
    };
    let ready_until_shutdown = async {
        tokio::select! {
            () = shutdown => {}
            () = health.follow(&serving, settings.max_staleness) => {}
        }
    };
    connections.accept_until(ready_until_shutdown).await;
    health.tell(Readiness::Stopping).await;
    connections.accept_until(tokio::time::sleep(settings.shutdown_notice)).await;

    let Connections { acceptor, open, closing, workers: _workers, .. } = connections;
    drop(acceptor);
    closing.send_replace(true);
    health.forget().await;
    let ended = drain(open, settings).await;
    beside.shutdown().await;
    ended
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug)]
enum Door {
    Grpc,
    Json,
}

struct Connections {
    acceptor: Acceptor<Door>,
    workers: Workers,
    open: JoinSet<()>,
    guard: Guard,
    json_guard: JsonGuard,
    gate: Gate,
    settings: Settings,
    closing: watch::Sender<bool>,
}

impl Connections {
    async fn accept_until(&mut self, until: impl Future<Output = ()>) {
        let mut until = pin!(until);
        loop {
            tokio::select! {
                biased;
                () = &mut until => return,
                Some(_) = self.open.join_next() => {}
                (door, stream, permit) = self.acceptor.next() => {
                    let closing = self.closing.subscribe();
                    let place = (self.gate.enter(), permit);
                    match door {
                        Door::Grpc => {
                            let guard = self.guard.of_connection();
                            let patience = Patience::of(&self.settings);
                            self.workers.serve(&mut self.open, stream, async move |stream| {
                                let _place = place;
                                connection::serve(stream, guard, patience, closing).await;
                            });
                        }
                        Door::Json => {
                            let guard = self.json_guard.of_connection();
                            let patience = (jittered(limits::CONNECTION_AGE), limits::HTTP_LEAVE);
                            self.workers.serve(&mut self.open, stream, async move |stream| {
                                let _place = place;
                                json::serve(stream, guard, patience, closing).await;
                            });
                        }
                    }
                }
            }
        }
    }
}

/// Waits for the connections to end, and cuts what is left after the grace.
async fn drain(mut connections: JoinSet<()>, settings: Settings) -> Ended {
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.shutdown_grace, all_ended).await.is_ok() {
        return Ended::Drained;
    }
    let connection_count = connections.len();
    tracing::warn!(connection_count, "the shutdown grace has ended: connections are cut");
    connections.shutdown().await;
    Ended::Cut { connection_count }
}

fn add_reflection(routes: &mut RoutesBuilder) {
    let configured = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    const VALID: &str = "descriptors made at build time are valid";
    routes.add_service(configured().build_v1().expect(VALID));
    routes.add_service(configured().build_v1alpha().expect(VALID));
}
