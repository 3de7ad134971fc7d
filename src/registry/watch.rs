//! Keeps a server's index equal to the registry's files.
//!
//! Every interval the files' sizes, times and identities are looked at. A change is taken once it has been
//! quiet for one more interval and did not move while it was read, so that half an edit is never loaded. A
//! registry that is refused changes nothing: the last good one keeps answering, marked stale, and the
//! reasons are logged once, until the files change again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior};

use super::file::{Listing, LoadError, Loaded, Sources, load};
use super::health::Loading;
use super::{Digest, file};
use crate::matching::{Index, Revision};
use crate::memory::{self, Leftovers};
use crate::serving::{Freshness, Serving};

/// Looks between two comparisons of the files' whole content: for an edit that kept size and time.
const LOOKS_PER_PROOF: u32 = 60;

/// What a file looks like from outside; `None` where it is not there.
type Stamp = Option<(SystemTime, u64, u64)>;

/// A registry in files that is looked at again and again. Written by its one task.
#[derive(Debug)]
pub struct FileWatch {
    sources: Sources,
    interval: Duration,
    revision: Revision,
    account_count: usize,
    /// Of the content that was published.
    digest: Digest,
    /// The files when they were last taken or refused: nothing to do while they look the same.
    settled: Vec<Stamp>,
    /// Whether that was a refusal.
    refused: bool,
}

impl FileWatch {
    /// Loads the files for the first time, publishes them and looks at them every `interval` from then on,
    /// with [`FileWatch::run`].
    ///
    /// # Errors
    /// [`LoadError`] where there is nothing to publish.
    pub async fn begin(
        sources: Sources,
        interval: Duration,
        serving: &Serving,
    ) -> Result<FileWatch, LoadError> {
        let settled = stamps(&sources).await;
        let read = sources.clone();
        let (index, loading, digest) = blocking(move || build(&read, Revision(1))).await?;
        let account_count = index.account_count();
        publish(serving, index, loading);
        Ok(FileWatch {
            sources,
            interval,
            revision: Revision(1),
            account_count,
            digest,
            settled,
            refused: false,
        })
    }

    /// Keeps `serving` equal to the files for as long as it is polled. Cancel-safe.
    pub async fn run(mut self, serving: Arc<Serving>) {
        let mut ticks = tokio::time::interval_at(Instant::now() + self.interval, self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = self.settled.clone();
        let mut looks = 0;
        let (mut leftovers, mut built) = (Leftovers::just_now(), self.revision);
        loop {
            ticks.tick().await;
            if built != self.revision {
                (leftovers, built) = (Leftovers::just_now(), self.revision);
            } else if leftovers.are_due() {
                blocking(memory::give_back).await;
            }
            let now = stamps(&self.sources).await;
            looks = (looks + 1) % LOOKS_PER_PROOF;
            let quiet = now == seen;
            if now == self.settled && looks != 0 {
                if !self.refused {
                    serving.confirm(Timestamp::now());
                }
            } else if quiet {
                self.take(now.clone(), &serving).await;
            }
            seen = now;
        }
    }

    /// Takes or refuses what the files hold now, unless they move meanwhile.
    async fn take(&mut self, before: Vec<Stamp>, serving: &Serving) {
        let (sources, published, refused) = (self.sources.clone(), self.digest, self.refused);
        let same = blocking(move || file::digest(&sources).is_ok_and(|digest| digest == published)).await;
        if same {
            if refused {
                tracing::info!(revision = self.revision.0, "the registry is as it was last published");
            }
            self.settled = before;
            self.refused = false;
            if refused {
                serving.metrics().registry_reloads.taken();
            }
            serving.confirm(Timestamp::now());
            return;
        }
        let sources = self.sources.clone();
        let next = Revision(self.revision.0 + 1);
        let result = blocking(move || build(&sources, next)).await;
        if stamps(&self.sources).await != before {
            return; // still being written: looked at again when it is quiet
        }
        let already = self.refused && before == self.settled;
        self.settled = before;
        match result {
            // A file cut off between two lines is a registry too, so a sudden loss needs a restart to be
            // believed.
            Ok((index, ..)) if index.account_count() < self.account_count / 2 => {
                if !already {
                    tracing::error!(
                        accounts = index.account_count(),
                        accounts_before = self.account_count,
                        "the registry has lost more than half its accounts: refused, the last good one \
                         stays; restart to take it"
                    );
                }
                self.refuse(serving, already);
            }
            Ok((index, loading, digest)) => {
                self.account_count = index.account_count();
                self.revision = next;
                self.digest = digest;
                self.refused = false;
                serving.metrics().registry_reloads.taken();
                publish(serving, index, loading);
            }
            Err(error) => {
                if !already {
                    tracing::error!("the registry is refused, the last good one stays: {error}");
                }
                self.refuse(serving, already);
            }
        }
    }

    fn refuse(&mut self, serving: &Serving, already: bool) {
        if !already {
            serving.metrics().registry_reloads.refused();
        }
        self.refused = true;
        serving.set_stale();
    }
}

fn build(sources: &Sources, revision: Revision) -> Result<(Index, Loading, Digest), LoadError> {
    let Loaded { registry, warnings, conflicts, digest } = load(sources)?;
    if !warnings.is_empty() {
        tracing::warn!("{}", Listing { problems: &warnings, what: "warning" });
    }
    if !conflicts.is_empty() {
        tracing::warn!("{}", Listing { problems: &conflicts, what: "conflict" });
    }
    Ok((Index::build(registry, revision), Loading::of(&warnings), digest))
}

fn publish(serving: &Serving, index: Index, loading: Loading) {
    tracing::info!(
        revision = index.revision().0,
        accounts = index.account_count(),
        reps = index.rep_count(),
        "registry published"
    );
    serving.publish_examined(index, Freshness::at(Timestamp::now()), loading);
}

async fn stamps(sources: &Sources) -> Vec<Stamp> {
    let paths: Vec<PathBuf> = sources.paths().map(PathBuf::from).collect();
    blocking(move || {
        let stamp = |path: &PathBuf| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.modified().ok()?, file.len(), identity(&file)))
        };
        paths.iter().map(stamp).collect()
    })
    .await
}

/// Tells a file from another that took its name.
#[cfg(unix)]
fn identity(file: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> u64 {
    0
}

/// `work` on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is going down cancels blocking work; then nobody waits for this either.
            Err(_) => std::future::pending().await,
        },
    }
}
