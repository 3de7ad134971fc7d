//! Is anybody there? A stream or connection on which nothing moves holds a place that others could have.
//!
//! Nothing is timed per lead: one timer a stream looks now and then whether anything came since it last looked. So a
//! stream without leads ends after one to two times the limit.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Looks whether leads still come.
pub(super) struct Idleness {
    limit: Duration,
    look: Pin<Box<Sleep>>,
    /// Leads that had come at the last look.
    seen: u64,
}

impl Idleness {
    /// Begins to look; a stream is idle after `limit` without a lead, at the latest after twice as long.
    pub(super) fn new(limit: Duration) -> Idleness {
        Idleness { limit, look: Box::pin(tokio::time::sleep(limit)), seen: 0 }
    }

    /// Ready, with the limit, once no lead has come for as long; `lead_count` have come so far. Ask while a lead is waited
    /// for, never while answers are.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, lead_count: u64) -> Poll<Duration> {
        loop {
            ready!(self.look.as_mut().poll(cx));
            if self.seen == lead_count {
                return Poll::Ready(self.limit);
            }
            self.seen = lead_count;
            self.look.as_mut().reset(Instant::now() + self.limit);
        }
    }
}

/// Moves with every call of a connection and every turn of its streams. Rides in the extensions of a request.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Something moves.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often something has moved.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds after which a stream ends to which leads come at these seconds; looked at ten times a second.
    async fn check(leads_at: &[u64], expected: std::ops::RangeInclusive<u64>) {
        tokio::time::pause();
        let begin = Instant::now();
        let mut idleness = Idleness::new(Duration::from_secs(10));
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        let ended = loop {
            ticks.tick().await;
            let elapsed = begin.elapsed().as_secs();
            let lead_count = leads_at.iter().filter(|at| **at <= elapsed).count();
            let asked = std::future::poll_fn(|cx| Poll::Ready(idleness.poll(cx, lead_count as u64))).await;
            if asked.is_ready() {
                break elapsed;
            }
        };
        assert!(expected.contains(&ended), "{leads_at:?}: {ended}");
    }

    #[tokio::test]
    async fn a_stream_without_a_lead_ends_after_the_limit() {
        check(&[], 10..=10).await;
    }

    #[tokio::test]
    async fn leads_keep_it_open_until_one_to_two_limits_after_the_last() {
        check(&[9, 18, 27], 37..=47).await;
    }
}
