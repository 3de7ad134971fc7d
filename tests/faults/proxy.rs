//! A TCP proxy in front of one server, whose link can be made ill and well again, each direction by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes taken at a time.
const CHUNK: usize = 16 * 1024;
/// How often a slow link passes its share.
const TICK: Duration = Duration::from_millis(20);

/// What is wrong with one direction of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toxic {
    /// Everything comes this much later.
    Latency(Duration),
    /// Everything is taken and nothing arrives. What was swallowed is lost, so that healing resets the connection.
    BlackHole,
    /// Nothing is taken any more and nobody is told: no FIN, no RST. Healing lets everything through.
    HalfOpen,
    /// The next byte resets the connection.
    Reset,
    /// Every byte comes alone.
    Slices,
    /// One byte is changed, once, so many bytes from now on whatever connection they come.
    Corrupt { after: usize },
    /// Every connection ends after so many bytes.
    Cut { after: usize },
    /// So many bytes in a second.
    Slow { bytes_per_second: usize },
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

/// The state of the link.
#[derive(Clone, Debug, Default)]
struct Link {
    up: Option<Toxic>,
    down: Option<Toxic>,
    refuses: bool,
    /// Raised to reset every connection that there is.
    severed: u64,
    /// Whether the one byte of [`Toxic::Corrupt`] was changed.
    corrupted: Arc<AtomicBool>,
}

impl Link {
    fn of(&self, side: Side) -> Option<Toxic> {
        match side {
            Side::Up => self.up,
            Side::Down => self.down,
        }
    }
}

/// A running proxy; connections and all end when it is dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    link: watch::Sender<Link>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A healthy link to `upstream`, a port of this host.
    pub(crate) fn start(upstream: u16) -> Proxy {
        let listener = listening(bound(0));
        let port = listener.local_addr().unwrap().port();
        let link = watch::Sender::new(Link::default());
        let task = tokio::spawn(accept(listener, upstream, link.subscribe()));
        Proxy { port, link, task }
    }

    /// Puts a toxic into one direction, for the connections that there are and those to come.
    pub(crate) fn set(&self, side: Side, toxic: Toxic) {
        self.link.send_modify(|link| {
            link.corrupted = Arc::default();
            *(match side {
                Side::Up => &mut link.up,
                Side::Down => &mut link.down,
            }) = Some(toxic);
        });
    }

    /// Ends every connection with a reset and refuses others.
    pub(crate) fn refuse(&self) {
        self.link.send_modify(|link| {
            link.refuses = true;
            link.severed += 1;
        });
    }

    /// Ends every connection with a reset.
    pub(crate) fn sever(&self) {
        self.link.send_modify(|link| link.severed += 1);
    }

    /// Makes the link well.
    pub(crate) fn heal(&self) {
        self.link.send_modify(|link| *link = Link { severed: link.severed, ..Link::default() });
    }

    /// Whether the one byte of [`Toxic::Corrupt`] was changed.
    pub(crate) fn corrupted(&self) -> bool {
        self.link.borrow().corrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A socket that holds the port. As long as it does not listen, connections are refused.
fn bound(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(([127, 0, 0, 1], port).into()).unwrap();
    socket
}

fn listening(door: TcpSocket) -> TcpListener {
    door.listen(128).unwrap()
}

/// Carries connections for as long as it is polled; they end with it.
async fn accept(mut listener: TcpListener, upstream: u16, mut link: watch::Receiver<Link>) {
    let port = listener.local_addr().unwrap().port();
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(carry(client, upstream, link.clone()));
                while connections.try_join_next().is_some() {}
            }
            changed = link.changed() => {
                if changed.is_err() {
                    return;
                }
                if link.borrow_and_update().refuses {
                    // The port stays ours: the next socket is bound before the listener closes.
                    let next = bound(port);
                    drop(listener);
                    if link.wait_for(|link| !link.refuses).await.is_err() {
                        return;
                    }
                    listener = listening(next);
                }
            }
        }
    }
}

/// How a connection ends.
enum End {
    Closed,
    Reset,
}

async fn carry(mut client: TcpStream, upstream: u16, mut link: watch::Receiver<Link>) {
    let severed = link.borrow_and_update().severed;
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", upstream)).await else {
        let _ = client.set_zero_linger();
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            end = pump(from_client, to_server, link.clone(), Side::Up) => end,
            end = pump(from_server, to_client, link.clone(), Side::Down) => end,
            _ = link.wait_for(|link| link.severed != severed) => End::Reset,
        }
    };
    if matches!(end, End::Reset) {
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

/// Passes bytes in one direction until an end comes.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut link: watch::Receiver<Link>,
    side: Side,
) -> End {
    let mut buffer = vec![0; CHUNK];
    // Bytes seen since the link was changed last.
    let mut seen = 0;
    let mut swallowed = false;
    loop {
        let (toxic, corrupted) = {
            let link = link.borrow_and_update();
            (link.of(side), Arc::clone(&link.corrupted))
        };
        if swallowed && toxic != Some(Toxic::BlackHole) {
            return End::Reset;
        }
        let count = tokio::select! {
            biased;
            changed = link.changed() => match changed {
                Ok(()) => { seen = 0; continue }
                Err(_) => return End::Closed,
            },
            read = from.read(&mut buffer), if toxic != Some(Toxic::HalfOpen) => match read {
                Ok(0) | Err(_) => return End::Closed,
                Ok(count) => count,
            },
        };
        let bytes = &mut buffer[..count];
        match toxic {
            Some(Toxic::BlackHole) => {
                swallowed = true;
                continue;
            }
            Some(Toxic::Reset) => return End::Reset,
            Some(Toxic::Cut { after }) if seen + count >= after => {
                let _ = to.write_all(&bytes[..after - seen]).await;
                return End::Closed;
            }
            Some(Toxic::Corrupt { after })
                if seen + count > after && !corrupted.swap(true, Ordering::Relaxed) =>
            {
                bytes[after.saturating_sub(seen)] ^= 1;
            }
            _ => {}
        }
        seen += count;
        if pass(&mut to, bytes, toxic, &link).await.is_err() {
            return End::Closed;
        }
    }
}

/// Writes all the bytes, as slowly as the toxic says; at once when the link changes meanwhile.
async fn pass(
    to: &mut WriteHalf<'_>,
    bytes: &[u8],
    toxic: Option<Toxic>,
    link: &watch::Receiver<Link>,
) -> std::io::Result<()> {
    let changed = || link.has_changed().unwrap_or(true);
    let (piece, pause) = match toxic {
        Some(Toxic::Latency(pause)) => (bytes.len(), pause),
        Some(Toxic::Slices) => (1, Duration::ZERO),
        Some(Toxic::Slow { bytes_per_second }) => {
            let share = bytes_per_second * TICK.as_millis() as usize / 1_000;
            (share.max(1), TICK)
        }
        _ => (bytes.len(), Duration::ZERO),
    };
    for part in bytes.chunks(piece.max(1)) {
        if pause > Duration::ZERO && !changed() {
            tokio::time::sleep(pause).await;
        }
        to.write_all(part).await?;
    }
    Ok(())
}
