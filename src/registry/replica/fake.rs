//! A home in memory that suffers every fault on demand, also in the middle of being read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hashbrown::HashMap;

use super::home::{Home, HomeError, Key, Kind, LogEntry, Operation, Page, Position, Record};
use crate::registry::redis::{self, Chain};

/// Something that happens to a home.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Time passes.
    Nothing,
    /// A record is written; number of the id, and what it says.
    Put(u8, u8),
    /// A record is deleted.
    Delete(u8),
    /// A record is written that makes no sense.
    Poison(u8),
    /// The log keeps so many changes only.
    Trim(u8),
    /// The last writes are lost, as a failover does; what is written next is another history.
    LoseWrites(u8),
    /// Everything is as it was so many events ago.
    Restore(u8),
    /// Everything is gone.
    Flush,
    /// Another import takes the registry's place, with these records.
    Flip(Vec<(u8, u8)>),
    /// The import before takes it back.
    Rollback,
    /// The connection ends.
    Disconnect,
    /// The next changes are delivered twice.
    Duplicate,
    /// The next changes are delivered in the wrong order.
    Reorder,
    /// The next change is delivered with another text.
    Garble,
    /// A version is written by another hand.
    Tamper(u8),
}

/// Numbers of ids.
pub(super) const IDS: u8 = 12;

type Records = BTreeMap<Key, Record>;

/// Texts by key: what a registry says.
pub(super) type Says = BTreeMap<Key, Arc<str>>;

#[derive(Clone, Debug)]
struct Era {
    rev: u64,
    chain: Chain,
    records: Records,
    log: VecDeque<LogEntry>,
}

#[derive(Clone, Debug, Default)]
struct Data {
    /// Generation, epoch, the epoch before.
    meta: Option<(u64, u64, Option<u64>)>,
    eras: BTreeMap<u64, Era>,
}

/// All that ever was.
#[derive(Debug, Default)]
pub(super) struct World {
    data: Data,
    past: Vec<Data>,
    /// Numbers that were given out: epochs, generations, and what makes two histories differ.
    given_out: u64,
    /// What every state said, by what identifies it.
    pub(super) history: HashMap<(u64, u64, Chain), Says>,
    /// Events that happen one by one while the home is read.
    pub(super) coming: VecDeque<Event>,
    disconnected: bool,
    duplicate: bool,
    reorder: bool,
    garble: bool,
    /// Where the home last said that it stands.
    pub(super) answered: Option<Position>,
}

pub(super) fn key(number: u8) -> Key {
    // One in four is a rep.
    let kind = if number % 4 == 3 { Kind::Rep } else { Kind::Account };
    Key { kind, id: format!("id{number:02}").into() }
}

/// In the upper half of what can be said few names differ, and much else does.
fn text(number: u8, what: u8) -> Arc<str> {
    let id = key(number).id;
    let Some(more) = what.checked_sub(128) else {
        return format!(r#"{{"id":"{id}","name":"Company {what}"}}"#).into();
    };
    let other = key(more / 8 % IDS).id;
    let field = match more % 8 {
        0 => format!(r#""owner_id":"{other}""#),
        1 => r#""owner_id":"id03""#.into(),
        2 => r#""owner_id":"ann""#.into(),
        3 => format!(r#""parent_id":"{other}""#),
        4 => format!(r#""team":["{other}:overlay"]"#),
        5 => format!(r#""merged_ids":["{other}","old{other}"]"#),
        6 => r#""country":"Atlantis""#.into(),
        _ => format!(r#""phone":"{more}""#),
    };
    format!(r#"{{"id":"{id}","name":"Company {}",{field}}}"#, more / 64).into()
}

impl World {
    fn era(&mut self) -> Option<&mut Era> {
        let (_, epoch, _) = self.data.meta?;
        self.data.eras.get_mut(&epoch)
    }

    fn number(&mut self) -> u64 {
        self.given_out += 1;
        self.given_out
    }

    /// Where the registry stands.
    pub(super) fn position(&self) -> Option<Position> {
        let (generation, epoch, _) = self.data.meta?;
        let era = self.data.eras.get(&epoch)?;
        let count = era.records.len() as u64;
        Some(Position { generation, epoch, rev: era.rev, chain: era.chain, count })
    }

    /// What the registry says.
    pub(super) fn says(&self) -> Option<Says> {
        let (_, epoch, _) = self.data.meta?;
        Some(says(&self.data.eras.get(&epoch)?.records))
    }

    fn note(&mut self) {
        if let (Some(at), Some(says)) = (self.position(), self.says()) {
            self.history.insert((at.epoch, at.rev, at.chain), says);
        }
    }

    fn write(&mut self, key: Key, operation: Operation) {
        let Some((_, epoch, _)) = self.data.meta else { return };
        let Some(era) = self.era() else { return };
        let same = match &operation {
            Operation::Put(text) => era.records.get(&key).is_some_and(|record| record.text == *text),
            Operation::Delete => !era.records.contains_key(&key),
        };
        if same {
            return;
        }
        let rev = era.rev + 1;
        let mut entry =
            LogEntry { epoch, rev, key: key.clone(), operation, previous: era.chain, chain: era.chain };
        entry.chain = entry.chain_after(era.chain);
        (era.rev, era.chain) = (rev, entry.chain);
        match &entry.operation {
            Operation::Put(text) => {
                era.records.insert(key, Record { version: rev, text: Arc::clone(text) });
            }
            Operation::Delete => {
                era.records.remove(&key);
            }
        }
        era.log.push_back(entry);
    }

    fn flip(&mut self, records: &[(u8, u8)]) {
        let (generation, before) = match self.data.meta {
            Some((generation, epoch, _)) => (generation + 1, Some(epoch)),
            None => (1, None),
        };
        let epoch = self.number();
        let mut chain: Chain = format!("{epoch:040x}").parse().expect("40 digits");
        let mut filled = Records::new();
        let mut rev = 0;
        for &(number, what) in records {
            rev += 1;
            let (key, text) = (key(number), text(number, what));
            chain = chain.next(rev, redis::Operation::Put, key.kind, &key.id, &text);
            filled.insert(key, Record { version: rev, text });
        }
        self.data.eras.insert(epoch, Era { rev, chain, records: filled, log: VecDeque::new() });
        self.data.meta = Some((generation, epoch, before));
    }

    /// Lets an event happen.
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Nothing => {}
            Event::Put(number, what) => self.write(key(number), Operation::Put(text(number, what))),
            Event::Delete(number) => self.write(key(number), Operation::Delete),
            Event::Poison(number) => {
                let nonsense = format!("nonsense {}", self.number()).into();
                self.write(key(number), Operation::Put(nonsense));
            }
            Event::Trim(kept) => {
                if let Some(era) = self.era() {
                    let gone = era.log.len().saturating_sub(usize::from(kept));
                    era.log.drain(..gone);
                }
            }
            Event::LoseWrites(count) => {
                if let Some(at) = self.past.len().checked_sub(usize::from(count).max(1)) {
                    let meta = self.data.meta;
                    if self.past[at].meta == meta {
                        self.data = self.past[at].clone();
                    }
                }
            }
            Event::Restore(count) => {
                if let Some(at) = self.past.len().checked_sub(usize::from(count).max(1)) {
                    self.data = self.past[at].clone();
                }
            }
            Event::Flush => self.data = Data::default(),
            Event::Flip(records) => self.flip(&records),
            Event::Rollback => {
                if let Some((generation, epoch, Some(before))) = self.data.meta {
                    self.data.meta = Some((generation + 1, before, Some(epoch)));
                }
            }
            Event::Disconnect => self.disconnected = true,
            Event::Duplicate => self.duplicate = true,
            Event::Reorder => self.reorder = true,
            Event::Garble => self.garble = true,
            Event::Tamper(number) => {
                if let Some(record) = self.era().and_then(|era| era.records.get_mut(&key(number))) {
                    record.version += 1_000;
                }
            }
        }
        self.past.push(self.data.clone());
        self.note();
    }

    fn step(&mut self) -> Result<(), HomeError> {
        if let Some(event) = self.coming.pop_front() {
            // Nothing goes back while a connection stands: a restart ends it, a demotion is told by the next
            // position.
            self.disconnected |= matches!(event, Event::LoseWrites(_) | Event::Restore(_));
            self.happen(event);
        }
        if std::mem::take(&mut self.disconnected) {
            return Err(HomeError::Lost("the connection has ended".into()));
        }
        Ok(())
    }

    fn deliver(&mut self, epoch: u64, after: u64, count: usize) -> Vec<LogEntry> {
        let Some(era) = self.data.eras.get(&epoch) else { return Vec::new() };
        let due = era.log.iter().filter(|entry| entry.rev > after).take(count);
        let mut entries: Vec<LogEntry> = due.cloned().collect();
        if entries.is_empty() {
            return entries;
        }
        if std::mem::take(&mut self.duplicate) {
            entries = entries.iter().flat_map(|entry| [entry.clone(), entry.clone()]).collect();
        }
        if std::mem::take(&mut self.reorder) {
            entries.reverse();
        }
        if std::mem::take(&mut self.garble) {
            entries[0].operation = Operation::Put(r#"{"id":"garbled","name":"Garbled"}"#.into());
        }
        entries
    }
}

fn says(records: &Records) -> Says {
    records.iter().map(|(key, record)| (key.clone(), Arc::clone(&record.text))).collect()
}

/// A connection to the world.
#[derive(Clone, Debug, Default)]
pub(super) struct Fake(pub(super) Arc<Mutex<World>>);

impl Fake {
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Three numbers of ids a page, in this order whatever comes and goes.
    fn page<T>(
        &self,
        epoch: u64,
        cursor: u64,
        read: impl Fn(&Key, &Record) -> T,
    ) -> Result<Page<T>, HomeError> {
        let numbers = (cursor as u8)..(cursor as u8 + 3).min(IDS);
        let next = if numbers.end == IDS { 0 } else { u64::from(numbers.end) };
        self.with(|world| {
            world.step()?;
            let era = world.data.eras.get(&epoch);
            let found = numbers.map(key).filter_map(|key| Some(read(&key, era?.records.get(&key)?)));
            Ok(Page { next, found: found.collect() })
        })
    }
}

impl Home for Fake {
    async fn position(&mut self) -> Result<Option<Position>, HomeError> {
        self.with(|world| {
            world.step()?;
            world.answered = world.position();
            Ok(world.answered)
        })
    }

    async fn scan(&mut self, epoch: u64, cursor: u64) -> Result<Page<(Key, Record)>, HomeError> {
        self.page(epoch, cursor, |key, record| (key.clone(), record.clone()))
    }

    async fn versions(&mut self, epoch: u64, cursor: u64) -> Result<Page<(Key, u64)>, HomeError> {
        self.page(epoch, cursor, |key, record| (key.clone(), record.version))
    }

    async fn log(&mut self, epoch: u64, after: u64, count: usize) -> Result<Vec<LogEntry>, HomeError> {
        self.with(|world| {
            world.step()?;
            Ok(world.deliver(epoch, after, count))
        })
    }

    async fn tail(
        &mut self,
        epoch: u64,
        after: u64,
        count: usize,
        _block: Duration,
    ) -> Result<Vec<LogEntry>, HomeError> {
        self.log(epoch, after, count).await
    }
}
