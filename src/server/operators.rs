//! Connections of the operators' door: few, short, and closed with the server.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::accept::Acceptor;
use super::limits::HTTP_REQUEST_WAIT;

/// Connections open at once; more wait in the listen queue. A probe, a scraper or two, and somebody who looks.
const CONNECTIONS_MAX: usize = 64;

/// Serves connections for as long as it is polled; dropping the future cuts them.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let mut acceptor = Acceptor::new(vec![((), listener)], CONNECTIONS_MAX);
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = open.join_next() => {}
            ((), stream, permit) = acceptor.next() => {
                let router = router.clone();
                open.spawn(async move {
                    connection(stream, router).await;
                    drop(permit);
                });
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTP_REQUEST_WAIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = connection.await {
        tracing::trace!(%error, "HTTP connection failed");
    }
}
