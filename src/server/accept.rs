//! Accepting connections: never more than may be open, and never in a spin.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::limits;

/// A listener with a bound on open connections.
#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    /// Until when accepting rests after a failure. Kept here, so that dropping [`Acceptor::next`] does not
    /// cut the rest short.
    rest_until: Option<Instant>,
    /// When a failure was last logged. At the limit failures and successes alternate.
    warned: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, connections_max: usize) -> Acceptor {
        let permits = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        Acceptor { listener, permits, rest_until: None, warned: None }
    }

    /// The next connection, with the permit that it holds while it is open.
    ///
    /// Cancel-safe: no connection is lost.
    pub(super) async fn next(&mut self) -> (TcpStream, OwnedSemaphorePermit) {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        loop {
            if let Some(rest_until) = self.rest_until {
                tokio::time::sleep_until(rest_until).await;
                self.rest_until = None;
            }
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // Answers are small and whole: waiting to fill a packet only delays them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY on a connection");
                    }
                    return (stream, permit);
                }
                Err(error) if is_about_one_connection(&error) => {}
                // EMFILE and its like stay until somebody leaves; asking again at once would take a core.
                Err(error) => self.rest(&error),
            }
        }
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
