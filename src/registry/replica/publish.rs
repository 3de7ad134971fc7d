//! Builds and publishes: updates to accounts and reps, these to an index, the index to whoever asks.
//!
//! One build at a time, on a thread that may block. What comes meanwhile is gathered and built next, after a pause that
//! grows with what the build took: changes that keep coming cost the leads a share of the processors, never all of them.
//! A change that comes while nothing is built waits for nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::Settings;
use super::checked::{Checked, Taken};
use super::desk::{Desk, Outcome, Update};
use super::home::Position;
use super::shrink::Shrink;
use super::snapshot_file::{self, Contents};
use super::status::{Board, Rejection, Stamp};
use crate::matching::{Index, Revision};
use crate::memory::{self, Leftovers};
use crate::registry::file::Listing;
use crate::registry::health::Loading;

/// How often the age of the last proof is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// The pause after a build as a multiple of what it took: nine, so that a tenth of the time is spent on builds at most. Where
/// the build before took less, that counts: now and then a table grows, and all of it is filled again.
const PAUSE_SHARE: u32 = 9;
/// The least pause between two builds: a batch costs hardly more than a change.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// The longest: past it a change is seen late for the sake of leads that are hardly slowed.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Everything that is built from. Moved to the thread that builds, and back.
#[derive(Debug)]
pub struct Workshop {
    /// Shared with the thread that writes the snapshot file, while one does.
    checked: Arc<Checked>,
    shrink: Option<Shrink>,
    accept_shrink: bool,
    revision: Revision,
    /// What was built last: the next is built from it where only owners and the like changed.
    built: Option<Index>,
    /// What is wrong with what was built last.
    loading: Loading,
    /// Where `checked` stands and when that was proven; `None` while it is refused.
    sound: Option<(Position, Stamp)>,
}

impl Workshop {
    /// Nothing taken yet.
    pub fn new(accept_shrink: bool) -> Workshop {
        let (checked, revision, loading) = (Arc::default(), Revision(0), Loading::default());
        Workshop { checked, shrink: None, accept_shrink, revision, built: None, loading, sound: None }
    }

    /// What is checked so far.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Begins with what a snapshot file held. Gives its index, and what is wrong with it.
    pub fn begin_with(
        &mut self,
        checked: Checked,
        position: Position,
        confirmed: Timestamp,
    ) -> (Index, Loading) {
        self.checked = Arc::new(checked);
        self.sound = Some((position, Stamp { at: Instant::now(), time: confirmed }));
        self.shrink = Some(Shrink::new(self.checked.account_count(), Instant::now()));
        (self.index(), self.loading.clone())
    }

    /// Takes an update: checks what changed and builds, unless the loss is too great to be believed.
    pub fn take(&mut self, update: Update, board: &Board) -> Outcome {
        let Update { whole, changes, ahead, position, proven } = update;
        let ahead = ahead.unwrap_or_default();
        let taken = Arc::make_mut(&mut self.checked).take_read(whole, changes, &ahead);
        let malformed = &taken.malformed;
        if !malformed.is_empty() {
            board.reject(Rejection::Malformed, malformed.len());
            tracing::error!("malformed records keep their last good version: {}", listing(malformed));
        }
        let now = Instant::now();
        let count = self.checked.account_count();
        let degraded = self.checked.malformed_count();
        let refused = match &self.shrink {
            _ if self.accept_shrink => None,
            _ if count == 0 => Some(Rejection::Empty),
            Some(shrink) if shrink.refuses(count) => Some(Rejection::Shrunk),
            _ => None,
        };
        if refused.is_some() {
            if self.sound.take().is_some() || self.revision == Revision(0) {
                tracing::error!(
                    accounts = count,
                    "the registry has lost more than half its accounts, or all: refused, the last good one stays; \
                     restart with --accept-shrink to take it"
                );
            }
            return Outcome { index: None, loading: None, refused, degraded };
        }
        match &mut self.shrink {
            Some(shrink) if self.accept_shrink => shrink.forced(count, now),
            Some(shrink) => shrink.took(count, now),
            None => self.shrink = Some(Shrink::new(count, now)),
        }
        // A registry that is believed again is built again, for the index is of an older one.
        let sound = self.sound.replace((position, proven)).is_some();
        let build = taken.changed || !sound;
        let replaced = if sound { self.replaced(&taken) } else { None };
        let whole = build && replaced.is_none();
        let index = replaced.or_else(|| build.then(|| self.index()));
        if !whole && (!malformed.is_empty() || degraded != self.loading.malformed_count()) {
            self.loading = self.checked.with_malformed(std::mem::take(&mut self.loading));
        }
        Outcome { index, loading: Some(self.loading.clone()), refused, degraded }
    }

    /// The index with the accounts that changed, where nothing else did: it costs what they do.
    fn replaced(&mut self, taken: &Taken) -> Option<Index> {
        let before = self.built.as_ref().filter(|_| taken.changed)?;
        let accounts = Arc::make_mut(&mut self.checked).replacements(before, taken)?;
        let revision = Revision(self.revision.0 + 1);
        let index = Index::build_replacing(before, accounts, revision)?;
        self.revision = revision;
        self.built = Some(index.clone());
        Some(index)
    }

    fn index(&mut self) -> Index {
        self.revision = Revision(self.revision.0 + 1);
        let (registry, loading) = Arc::make_mut(&mut self.checked).registry();
        self.loading = loading;
        let index = match &self.built {
            Some(before) => Index::build_after(before, registry, self.revision),
            None => Index::build(registry, self.revision),
        };
        self.built = Some(index.clone());
        tracing::debug!(
            revision = self.revision.0,
            accounts = index.account_count(),
            reps = index.rep_count(),
            "registry built"
        );
        index
    }

    /// What a snapshot file would hold now; `None` while what is checked is refused.
    fn keepsake(&self) -> Option<Keepsake> {
        let (position, proven) = self.sound?;
        Some(Keepsake { position, confirmed: proven.time, checked: Arc::clone(&self.checked) })
    }
}

/// What is written to the snapshot file while updates are taken: the first of them copies what both need.
#[derive(Debug)]
struct Keepsake {
    position: Position,
    confirmed: Timestamp,
    checked: Arc<Checked>,
}

impl Keepsake {
    fn write(&self, path: &Path, settings: &Settings, board: &Board) {
        let Keepsake { position, confirmed, checked } = self;
        let contents = Contents { position: *position, confirmed: *confirmed, checked };
        match snapshot_file::write(path, &settings.namespace, &contents) {
            Ok(()) => board.write(|status| status.persisted = Some(Stamp::now().time)),
            Err(error) => {
                board.reject(Rejection::SnapshotWrite, 1);
                tracing::error!("cannot write the snapshot {}: {error}", path.display());
            }
        }
    }
}

fn listing(problems: &[crate::registry::Problem]) -> String {
    Listing { problems, what: "error" }.to_string()
}

/// Publishes what is put on the desk, keeps the snapshot file and watches the clock, for as long as it is
/// polled.
pub async fn run(desk: Arc<Desk>, board: Arc<Board>, settings: Arc<Settings>, mut workshop: Workshop) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut persisted = workshop.sound.map(|(position, _)| (position, Instant::now()));
    let mut writing: Option<JoinHandle<()>> = None;
    let mut leftovers = Leftovers::just_now();
    let mut took_before = PAUSE_MAX;
    loop {
        tokio::select! {
            () = desk.update_waits() => {}
            () = written(&mut writing) => {}
            _ = looks.tick() => desk.look(),
        }
        while let Some(update) = desk.begin() {
            let began = Instant::now();
            let (board, publisher) = (Arc::clone(&board), Arc::clone(&desk));
            let building = tokio::task::spawn_blocking(move || {
                let outcome = workshop.take(update, &board);
                publisher.finish(outcome);
                workshop
            });
            workshop = done(watched(building, &desk, &mut looks).await).await;
            leftovers = Leftovers::just_now();
            let took = began.elapsed();
            let usual = took.min(std::mem::replace(&mut took_before, took));
            if desk.waits() {
                let pause = (usual * PAUSE_SHARE).clamp(PAUSE_MIN, PAUSE_MAX);
                watched(tokio::time::sleep(pause), &desk, &mut looks).await;
            }
        }
        if writing.is_none() && leftovers.are_due() {
            tokio::task::spawn_blocking(memory::give_back);
        }
        let due = match (persisted, workshop.sound) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some((position, at)), Some((now, _))) => {
                position != now && at.elapsed() >= settings.persist_interval
            }
        };
        let keepsake = if due && writing.is_none() { workshop.keepsake() } else { None };
        if let (Some(keepsake), Some(path)) = (keepsake, settings.snapshot_file.clone()) {
            persisted = Some((keepsake.position, Instant::now()));
            let (board, settings) = (Arc::clone(&board), Arc::clone(&settings));
            writing = Some(tokio::task::spawn_blocking(move || keepsake.write(&path, &settings, &board)));
        }
    }
}

/// The end of writing the snapshot file; never where nobody writes.
async fn written(writing: &mut Option<JoinHandle<()>>) {
    match writing {
        Some(handle) => {
            let ended = handle.await;
            *writing = None;
            done(ended).await;
        }
        None => std::future::pending().await,
    }
}

/// What comes of `work`, the clock being watched meanwhile.
async fn watched<T>(work: impl Future<Output = T>, desk: &Desk, looks: &mut Interval) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = looks.tick() => desk.look(),
        }
    }
}

/// The result of blocking work that has ended.
async fn done<T>(ended: Result<T, JoinError>) -> T {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(result) => result,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // Only a runtime that is going down cancels blocking work; then nobody waits for this either.
        Err(Err(_)) => std::future::pending().await,
    }
}
