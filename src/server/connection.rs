//! One gRPC connection, from the first byte to the last.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::guard::Guard;
use super::limits;

/// Length of what every HTTP/2 client sends first. RFC 9113, section 3.4.
const PREFACE_BYTES: usize = 24;

/// Serves one connection until it ends, is too long silent, or `closing` is true and its calls are done.
pub(super) async fn serve(
    stream: TcpStream,
    service: Guard,
    preface_timeout: Duration,
    mut closing: watch::Receiver<bool>,
) {
    let read_bytes = Arc::new(AtomicUsize::new(0));
    let begun = || read_bytes.load(Ordering::Relaxed) >= PREFACE_BYTES;
    let io = TokioIo::new(Counted { stream, read_bytes: Arc::clone(&read_bytes) });
    let mut connection = pin!(builder().serve_connection(io, service));

    let mut preface = pin!(tokio::time::sleep(preface_timeout));
    let mut preface_checked = false;
    let mut age = pin!(tokio::time::sleep(jittered(limits::CONNECTION_AGE)));
    let mut aged = false;
    let mut closed = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "connection failed");
                }
                return;
            }
            () = &mut preface, if !preface_checked => {
                preface_checked = true;
                if !begun() {
                    tracing::debug!("connection closed: it began no HTTP/2");
                    return;
                }
            }
            () = &mut age, if !aged => {
                aged = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = closing.wait_for(|closing| *closing), if !closed => {
                closed = true;
                // hyper waits for the preface even when asked to shut down (hyper #4170).
                if !begun() {
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        // gRPC knows no Date: 37 bytes of every answer.
        .auto_date_header(false)
        .max_concurrent_streams(limits::CONNECTION_CALLS_MAX)
        .max_local_error_reset_streams(limits::LOCAL_RESETS_MAX)
        .max_pending_accept_reset_streams(limits::PENDING_RESETS_MAX)
        .max_header_list_size(limits::HEADER_LIST_BYTES_MAX)
        .keep_alive_interval(limits::PING_INTERVAL)
        .keep_alive_timeout(limits::PING_TIMEOUT);
    builder
}

/// `age`, up to a tenth more or less: clients that came together do not go together.
pub(super) fn jittered(age: Duration) -> Duration {
    let percent = RandomState::new().hash_one(()) % 21;
    age * (90 + u32::try_from(percent).expect("a remainder of 21 fits")) / 100
}

/// A stream that counts the bytes it has read.
struct Counted {
    stream: TcpStream,
    read_bytes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read_bytes.fetch_add(buf.filled().len() - before, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_varies_by_a_tenth_at_most() {
        for _ in 0..1_000 {
            let age = jittered(Duration::from_secs(100));
            assert!((90..=110).contains(&age.as_secs()), "{age:?}");
        }
    }
}
