//! Accounts read while others are still on their way from the home: a first copy waits for the home more than for anything
//! else, and leaves the processors idle meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use dashmap::DashMap;
use foldhash::fast::FixedState;
use tokio::task::JoinHandle;

use super::held::Good;
use super::home::{Key, Kind, Record};
use super::meaning;
use crate::matching::PreparedAccount;
use crate::parallel;
use crate::registry::problem::Problem;

/// The most records that room is made for in advance: the count is the home's word, and may be wrong.
const ROOM_MAX: usize = 1 << 22;

/// What was read of a text.
#[derive(Debug)]
struct Reading {
    text: Arc<str>,
    account: Option<Good<Arc<PreparedAccount>>>,
    /// What is wrong with it.
    problems: Vec<Problem>,
}

/// What accounts mean, by id.
#[derive(Debug, Default)]
pub struct ReadAhead(DashMap<Arc<str>, Reading, FixedState>);

impl ReadAhead {
    /// The account of a text, with what is wrong with it: as it was read before, else read now.
    pub(super) fn account(
        &self,
        id: &str,
        text: &Arc<str>,
        problems: &mut Vec<Problem>,
    ) -> Option<Good<Arc<PreparedAccount>>> {
        match self.0.remove_if(id, |_, reading| reading.text == *text) {
            Some((_, reading)) => {
                problems.extend(reading.problems);
                reading.account
            }
            None => good(id, text, problems),
        }
    }
}

fn good(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Good<Arc<PreparedAccount>>> {
    meaning::account(id, text, problems).map(|account| Good::of(text, account))
}

/// Reads records as they come, on threads beside.
#[derive(Debug)]
pub struct Reader {
    found: Arc<ReadAhead>,
    /// As many as there are processors at most.
    tasks: VecDeque<JoinHandle<()>>,
}

impl Reader {
    /// For so many records.
    pub(super) fn new(count: u64) -> Reader {
        let room = usize::try_from(count).unwrap_or(ROOM_MAX).min(ROOM_MAX);
        let found = DashMap::with_capacity_and_hasher(room, FixedState::default());
        Reader { found: Arc::new(ReadAhead(found)), tasks: VecDeque::new() }
    }

    /// Begins to read the accounts among records; waits where earlier ones take all processors.
    pub(super) async fn begin(&mut self, records: &[(Key, Record)]) {
        if self.tasks.len() >= parallel::threads() {
            self.wait().await;
        }
        let accounts = records.iter().filter(|(key, _)| key.kind == Kind::Account);
        let texts: Vec<(Arc<str>, Arc<str>)> =
            accounts.map(|(key, record)| (Arc::clone(&key.id), Arc::clone(&record.text))).collect();
        let found = Arc::clone(&self.found);
        self.tasks.push_back(tokio::task::spawn_blocking(move || {
            for (id, text) in texts {
                let mut problems = Vec::new();
                let account = good(&id, &text, &mut problems);
                found.0.insert(id, Reading { text, account, problems });
            }
        }));
    }

    /// All that was read.
    pub(super) async fn done(mut self) -> Arc<ReadAhead> {
        while !self.tasks.is_empty() {
            self.wait().await;
        }
        self.found
    }

    async fn wait(&mut self) {
        if let Some(task) = self.tasks.pop_front() {
            // What a task left unread is read where it is asked for.
            let _ = task.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_read_ahead_is_what_reading_gives_and_another_text_is_read_anew() {
        let record = |id: &str, text: &str| {
            (Key { kind: Kind::Account, id: id.into() }, Record { version: 1, text: text.into() })
        };
        let records = [
            record("a1", r#"{"id":"a1","name":"Acme"}"#),
            record("a2", r#"{"country":"Atlantis","id":"a2","name":"Ajax"}"#),
            record("a3", "poison"),
        ];
        let mut reader = Reader::new(3);
        reader.begin(&records).await;
        let ahead = reader.done().await;
        assert_eq!(ahead.0.len(), 3);
        let newer: Arc<str> = r#"{"id":"a1","name":"Sorrel"}"#.into();
        let asked = records.iter().map(|(key, record)| (&key.id, &record.text));
        for (id, text) in [(&records[0].0.id, &newer)].into_iter().chain(asked) {
            let (mut problems, mut expected) = (Vec::new(), Vec::new());
            let account = ahead.account(id, text, &mut problems);
            assert_eq!((account, problems), (good(id, text, &mut expected), expected));
        }
        assert!(ahead.0.is_empty());
    }
}
