//! A new epoch beside the live one, the flip, the way back, and the end of old epochs.
//!
//! Filling touches nothing that is live. A filler that dies leaves an epoch that `unused` lists with the
//! generation at which it began; the next flip dooms it, since a flip demands the generation it began with,
//! and deletes it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::chain::Chain;
use super::connection::Connection;
use super::error::HomeError;
use super::keys::Epoch;
use super::read::Position;
use super::writer::Applied;

/// How often a taken epoch number is raised before giving up: importers that begin in one millisecond.
const ATTEMPTS_MAX: usize = 100;
/// A filling that began longer ago is dead: the largest registries take minutes.
const ABANDONED_AFTER_MS: u64 = 60 * 60 * 1_000;

/// An epoch that is being filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEpoch {
    /// Its number.
    pub epoch: Epoch,
    /// Its chain before the first change.
    pub seed: Chain,
    /// The registry when the work began; `None` where there was none.
    pub before: Option<Position>,
}

impl Connection {
    /// Begins an epoch beside the one at `before`, empty and not live.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn begin_epoch(&mut self, before: Option<Position>) -> Result<NewEpoch, HomeError> {
        let current = before.as_ref().map_or(0, |position| position.epoch.0);
        let first = (current + 1).max(now_ms());
        let import_id = import_id();
        for number in (first..).take(ATTEMPTS_MAX) {
            let epoch = Epoch(number);
            let mut keys = vec![self.keys().meta(), self.keys().unused()];
            keys.extend(self.keys().all_of(epoch));
            let mut call = self.scripts.begin.call(&keys);
            call.arg(number).arg(&import_id);
            match self.scripts.begin.run::<Vec<String>>(&mut self.redis, &call).await {
                Ok(answer) => {
                    let seed = answer.first().and_then(|chain| chain.parse().ok());
                    let why = || HomeError::Damaged { why: "begin.lua gave no chain".into() };
                    return Ok(NewEpoch { epoch, seed: seed.ok_or_else(why)?, before });
                }
                Err(error) if error.code() == Some("EPOCH_TAKEN") => {}
                Err(error) => return Err(self.error(&error)),
            }
        }
        Err(HomeError::RegistryChanged)
    }

    /// Makes a filled epoch the current one, if the registry is still where it was when the filling began.
    /// `filled` is what the last call gave, `None` for an epoch left empty. Gives the new generation.
    ///
    /// # Errors
    /// [`HomeError::RegistryChanged`] where it moved; then nothing is changed.
    pub async fn flip(&mut self, new: &NewEpoch, filled: Option<&Applied>) -> Result<u64, HomeError> {
        let (chain, count) = filled.map_or((new.seed, 0), |filled| (filled.chain, filled.count));
        self.flip_to(new.before.as_ref(), new.epoch, chain, count).await
    }

    /// Makes the previous epoch the current one, and the current one the previous. Gives the new generation
    /// and where the registry stands then.
    ///
    /// # Errors
    /// [`HomeError::NoPrevious`] where there is none.
    pub async fn rollback(&mut self) -> Result<Position, HomeError> {
        let before = self.position().await?.ok_or_else(|| self.no_registry())?;
        let previous = before.previous.ok_or(HomeError::NoPrevious)?;
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.keys().head(previous)).arg(&["chain", "count"]);
        let answer = ask.query_async(&mut self.redis).await;
        let (chain, count): (Option<String>, Option<u64>) = answer.map_err(|error| self.error(&error))?;
        let (Some(chain), Some(count)) = (chain, count) else {
            return Err(HomeError::NoEpoch { epoch: previous });
        };
        let chain = chain.parse().map_err(|why| HomeError::Damaged { why: format!("head chain {why}") })?;
        self.flip_to(Some(&before), previous, chain, count).await?;
        self.position().await?.ok_or_else(|| self.no_registry())
    }

    async fn flip_to(
        &mut self,
        before: Option<&Position>,
        epoch: Epoch,
        chain: Chain,
        count: u64,
    ) -> Result<u64, HomeError> {
        let old = before.map_or((0, Epoch(0), 0), |before| (before.generation, before.epoch, before.rev));
        let keys = self.keys();
        let old_head = keys.head(before.map_or(epoch, |before| before.epoch));
        let all =
            [keys.meta(), keys.unused(), old_head, keys.head(epoch), keys.accounts(epoch), keys.reps(epoch)];
        let mut call = self.scripts.flip.call(&all);
        call.arg(old.0).arg(old.1.0).arg(old.2).arg(epoch.0).arg(chain.as_str()).arg(count);
        let answer = self.scripts.flip.run::<Vec<u64>>(&mut self.redis, &call).await;
        let answer = answer.map_err(|error| self.error(&error))?;
        answer
            .first()
            .copied()
            .ok_or_else(|| HomeError::Damaged { why: "flip.lua gave no generation".into() })
    }

    /// Deletes an epoch that is neither current nor previous. Redis frees the memory in the background.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn delete_epoch(&mut self, epoch: Epoch) -> Result<(), HomeError> {
        // Not in MULTI, which Redis refuses where its memory is full. What is not listed as unused any more is gone.
        let mut both = redis::pipe();
        both.cmd("UNLINK").arg(&self.keys().all_of(epoch)).ignore();
        both.hdel(self.keys().unused(), epoch.0).ignore();
        both.query_async::<()>(&mut self.redis).await.map_err(|error| self.error(&error))
    }

    /// Deletes every unused epoch whose filling began before the current generation, or that was dropped
    /// then, since no flip can make it current; and every one that was begun an hour ago. Gives them.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn delete_unused_epochs(&mut self) -> Result<Vec<Epoch>, HomeError> {
        let position = self.position().await?;
        let generation = position.as_ref().map_or(0, |position| position.generation);
        let in_use = |epoch: Epoch| {
            position
                .as_ref()
                .is_some_and(|position| position.epoch == epoch || position.previous == Some(epoch))
        };
        let abandoned = |epoch: Epoch| epoch.0 < now_ms().saturating_sub(ABANDONED_AFTER_MS);
        let listed = redis::cmd("HGETALL").arg(self.keys().unused()).query_async(&mut self.redis).await;
        let listed: Vec<(u64, u64)> = listed.map_err(|error| self.error(&error))?;
        let doomed: Vec<Epoch> = listed
            .into_iter()
            .map(|(epoch, began)| (Epoch(epoch), began))
            .filter(|&(epoch, began)| (began < generation || abandoned(epoch)) && !in_use(epoch))
            .map(|(epoch, _)| epoch)
            .collect();
        for &epoch in &doomed {
            self.delete_epoch(epoch).await?;
        }
        Ok(doomed)
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A text that no other import has: time, process and a random number of the process.
fn import_id() -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::process::id());
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{nanos:x}-{:x}-{random:x}", std::process::id())
}
