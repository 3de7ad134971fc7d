//! Accepting connections: never more than may be open, and never in a spin.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::limits;

/// Listeners with one bound on open connections, each behind a door `D`.
#[derive(Debug)]
pub(super) struct Acceptor<D> {
    /// The next to be asked first, so that a busy door does not shut another.
    listeners: Vec<(D, TcpListener)>,
    permits: Arc<Semaphore>,
    /// Until when accepting rests after a failure. Kept here, so that dropping [`Acceptor::next`] does not
    /// cut the rest short.
    rest_until: Option<Instant>,
    /// When a failure was last logged. At the limit failures and successes alternate.
    warned: Option<Instant>,
}

impl<D: Copy> Acceptor<D> {
    pub(super) fn new(listeners: Vec<(D, TcpListener)>, connections_max: usize) -> Acceptor<D> {
        let permits = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        Acceptor { listeners, permits, rest_until: None, warned: None }
    }

    /// The next connection and its door, with the permit that it holds while it is open.
    ///
    /// Cancel-safe: no connection is lost.
    pub(super) async fn next(&mut self) -> (D, TcpStream, OwnedSemaphorePermit) {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        loop {
            if let Some(rest_until) = self.rest_until {
                tokio::time::sleep_until(rest_until).await;
                self.rest_until = None;
            }
            match poll_fn(|cx| self.poll_accept(cx)).await {
                Ok((door, stream)) => {
                    // Answers are small and whole: waiting to fill a packet only delays them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY on a connection");
                    }
                    return (door, stream, permit);
                }
                Err(error) if is_about_one_connection(&error) => {}
                // EMFILE and its like stay until somebody leaves; asking again at once would take a core.
                Err(error) => self.rest(&error),
            }
        }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(D, TcpStream)>> {
        for at in 0..self.listeners.len() {
            let (door, listener) = &self.listeners[at];
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                let door = *door;
                self.listeners.rotate_left(at + 1);
                return Poll::Ready(accepted.map(|(stream, _)| (door, stream)));
            }
        }
        Poll::Pending
    }

    fn rest(&mut self, error: &io::Error) {
        let now = Instant::now();
        if self.warned.is_none_or(|warned| now - warned >= limits::ACCEPT_WARNING_INTERVAL) {
            self.warned = Some(now);
            tracing::warn!(%error, "cannot accept connections for now: allow the process more open files");
        }
        self.rest_until = Some(now + limits::ACCEPT_BACK_OFF);
    }
}

/// The client left before we came; the listener is well.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw_os_error: i32, expected: bool) {
        assert_eq!(is_about_one_connection(&io::Error::from_raw_os_error(raw_os_error)), expected);
    }

    #[tokio::test]
    async fn a_busy_door_does_not_shut_another() {
        let busy = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let quiet = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addresses = [busy.local_addr().unwrap(), quiet.local_addr().unwrap()];
        let mut acceptor = Acceptor::new(vec![("busy", busy), ("quiet", quiet)], 8);
        let mut clients = Vec::new();
        for at in [0, 0, 0, 1] {
            clients.push(TcpStream::connect(addresses[at]).await.unwrap());
        }
        let mut doors = Vec::new();
        for _ in 0..4 {
            doors.push(acceptor.next().await.0);
        }
        assert_eq!(doors, ["busy", "quiet", "busy", "busy"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn running_out_of_descriptors_is_not_about_one_connection() {
        const ECONNABORTED: i32 = 103;
        const EMFILE: i32 = 24;
        const ENFILE: i32 = 23;
        check(ECONNABORTED, true);
        check(EMFILE, false);
        check(ENFILE, false);
    }
}
