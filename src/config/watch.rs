//! The configuration file while a server runs: a changed `[policy]` is put in force, whole or not at all.
//!
//! The file is read at every look and compared as text, so that neither an edit that keeps size and time nor a file
//! that took its name goes unseen. A change is taken once it has been quiet for a look, or at once when somebody asks.
//! A file with anything wrong in it, or one that has gone, changes nothing: the last good policy stays, and the reasons
//! are logged once, until the file changes again. Settings outside `[policy]` need a restart, which the log says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};

use super::layers::{ConfigFile, Layers};
use super::settings::SETTINGS;
use super::{Config, ConfigErrors, Environment, Flags, print};
use crate::serving::{Serving, policy_digest};

/// What the file holds; `None` where it cannot be read.
type Text = Option<String>;

/// A configuration file that is looked at again and again. Written by its one task.
#[derive(Debug)]
pub struct PolicyWatch {
    flags: Flags,
    environment: Remembered,
    file: ConfigFile,
    /// What the server runs with, its policy the last that was put in force.
    running: Config,
    /// What was last taken or refused: nothing to do while the file holds it.
    settled: Text,
    /// Settings that differ from those the server runs with, as last told.
    told: Vec<&'static str>,
}

/// The variables that are read, as they were at the start: a process's environment does not change.
struct Remembered(BTreeMap<&'static str, String>);

impl Environment for Remembered {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

impl fmt::Debug for Remembered {
    /// Without values: some are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl PolicyWatch {
    /// Reads the configuration as [`Config::load`] does, and remembers how, so that it can be read again.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong.
    pub fn begin(flags: Flags, environment: &dyn Environment) -> Result<PolicyWatch, ConfigErrors> {
        let given = Layers::variables().filter_map(|name| Some((name, environment.get(name)?)));
        let environment = Remembered(given.collect());
        let file = ConfigFile::find(&flags, &environment);
        let settled = file.read()?;
        let running = Config::of_text(&file, settled.as_deref(), &flags, &environment)?;
        Ok(PolicyWatch { flags, environment, file, running, settled, told: Vec::new() })
    }

    /// The configuration as it was read.
    pub fn config(&self) -> &Config {
        &self.running
    }

    /// Keeps the policy of `serving` equal to the file's, looking every `interval`, and at once when `asked`.
    /// Cancel-safe.
    pub async fn run(mut self, interval: Duration, asked: Arc<Notify>, serving: Arc<Serving>) {
        let mut ticks = tokio::time::interval_at(Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = self.settled.clone();
        loop {
            let at_once = tokio::select! {
                _ = ticks.tick() => false,
                () = asked.notified() => true,
            };
            let file = self.file.clone();
            // It fails only where the runtime goes down.
            let Ok(now) = tokio::task::spawn_blocking(move || file.read()).await else { return };
            let now = now.ok().flatten();
            if now != self.settled && (at_once || now == seen) {
                self.take(now.clone(), &serving);
            }
            seen = now;
        }
    }

    /// Takes or refuses what the file holds now.
    fn take(&mut self, text: Text, serving: &Serving) {
        self.settled = text;
        let path = self.file.path.display();
        let Some(text) = self.settled.as_deref() else {
            serving.metrics().policy_reloads.refused();
            tracing::error!("{path} cannot be read: the last good policy stays");
            return;
        };
        let next = match Config::of_text(&self.file, Some(text), &self.flags, &self.environment) {
            Ok(next) => next,
            Err(errors) => {
                serving.metrics().policy_reloads.refused();
                tracing::error!("the changed configuration is refused, the last good policy stays: {errors}");
                return;
            }
        };
        serving.metrics().policy_reloads.taken();
        let waiting = differing(&self.running, &next);
        if waiting != self.told && !waiting.is_empty() {
            tracing::warn!("{path} has changed, and these settings need a restart: {}", waiting.join(", "));
        }
        self.told = waiting;
        if next.policy == self.running.policy {
            tracing::info!("{path} has changed, and the policy in force is the same");
            return;
        }
        let digest = policy_digest(&next.policy);
        serving.set_policy(next.policy.clone());
        self.running.policy = next.policy;
        tracing::info!(policy_digest = digest, "the changed policy is in force");
    }
}

/// The keys outside `[policy]` whose values differ. A password in a file of its own is not compared.
fn differing(one: &Config, other: &Config) -> Vec<&'static str> {
    let keys = SETTINGS.iter().map(|setting| setting.key);
    keys.filter(|key| print::value_in(one, key) != print::value_in(other, key)).collect()
}
