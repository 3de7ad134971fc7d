//! Accepting connections: never more than may be open, and never in a spin.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits;

/// A listener with a bound on open connections.
#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    /// True from the first failure to the next success: each is logged once.
    failing: bool,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, connections_max: usize) -> Acceptor {
        let permits = Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS)));
        Acceptor { listener, permits, failing: false }
    }

    /// The next connection, with the permit that it holds while it is open.
    ///
    /// Cancel-safe: no connection is lost.
    pub(super) async fn next(&mut self) -> (TcpStream, OwnedSemaphorePermit) {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if std::mem::take(&mut self.failing) {
                        tracing::info!("accepting connections again");
                    }
                    // Answers are small and whole: waiting to fill a packet only delays them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY on a connection");
                    }
                    return (stream, permit);
                }
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    // EMFILE and its like stay until somebody leaves; asking again at once would take a core.
                    if !std::mem::replace(&mut self.failing, true) {
                        tracing::warn!(%error, "cannot accept connections; trying again");
                    }
                    tokio::time::sleep(limits::ACCEPT_BACK_OFF).await;
                }
            }
        }
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
