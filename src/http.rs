//! The doors over HTTP: `leads` for callers that cannot speak gRPC, and here the one for operators: is the process
//! alive, is it ready, and how does it fare.
//!
//! - `GET /livez`: 200 while the process runs;
//! - `GET /readyz`: 200 from the first published registry to the beginning of the shutdown, unless the registry is older
//!   than is allowed; else 503 with the reason: the same value that gRPC health tells;
//! - `GET /metrics`: [`Metrics`](crate::metrics::Metrics) and what is looked up for them, in Prometheus' text format.
//!
//! The operators' routes answer nothing about a lead, an account or a rep; so they have a port of their own, which more
//! people may reach than may ask whose lead it is. Connections and their limits are the server's.

pub(crate) mod explanation;
pub(crate) mod leads;
mod scrape;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::watch;

use crate::registry::replica::status::Board;
use crate::serving::Serving;
use scrape::Scrape;

/// Whether leads should be sent here. Written by the server, told by gRPC health and `/readyz` alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Nothing is published yet.
    Loading,
    /// Leads are routed.
    Ready,
    /// The registry is older than is allowed. Leads are routed all the same.
    Outdated,
    /// The server is going away.
    Stopping,
}

#[derive(Clone, Debug)]
struct Door {
    readiness: watch::Receiver<Readiness>,
    scrape: Arc<Scrape>,
}

/// The routes. `board` tells of the replica of the registry in Redis; `None` where the registry is in files;
/// `max_staleness` of the age past which `readiness` fails.
pub fn router(
    serving: Arc<Serving>,
    board: Option<Arc<Board>>,
    readiness: watch::Receiver<Readiness>,
    max_staleness: Option<Duration>,
) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(|| async { (StatusCode::NOT_FOUND, "here are /livez, /readyz and /metrics\n") })
        .with_state(Door { readiness, scrape: Arc::new(Scrape::new(serving, board, max_staleness)) })
}

async fn readyz(State(door): State<Door>) -> impl IntoResponse {
    match *door.readiness.borrow() {
        Readiness::Ready => (StatusCode::OK, "ready\n"),
        Readiness::Loading => (StatusCode::SERVICE_UNAVAILABLE, "the first registry is not loaded yet\n"),
        Readiness::Outdated => {
            (StatusCode::SERVICE_UNAVAILABLE, "the registry here is older than max_staleness_ms allows\n")
        }
        Readiness::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down\n"),
    }
}

async fn metrics(State(door): State<Door>) -> impl IntoResponse {
    let ready = *door.readiness.borrow() == Readiness::Ready;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], door.scrape.text(ready))
}
