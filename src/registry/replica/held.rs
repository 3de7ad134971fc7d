//! A record as a replica holds it: what it means, and its text only where that cannot be made again from the meaning.

use std::borrow::Cow;
use std::sync::Arc;

use crate::account::Rep;
use crate::matching::PreparedAccount;
use crate::registry::record::RepRecord;
use crate::registry::respelled::{self, Spelling};
use crate::registry::stored::Stored;

/// What records mean, and how it is spelled.
pub trait Spelled {
    /// The id of the record.
    fn id(&self) -> &str;

    /// How to make a text again that means this; `None` where that cannot be done.
    fn spelling_of(&self, text: &str) -> Option<Spelling>;

    /// The text in a spelling.
    fn spell(&self, spelling: Spelling) -> String;
}

impl Spelled for Arc<PreparedAccount> {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn spelling_of(&self, text: &str) -> Option<Spelling> {
        respelled::spelling_of(self, text)
    }

    fn spell(&self, spelling: Spelling) -> String {
        respelled::spell(self, spelling)
    }
}

impl Spelled for Rep {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn spelling_of(&self, text: &str) -> Option<Spelling> {
        Some(Spelling::Full).filter(|spelling| self.spell(*spelling) == text)
    }

    fn spell(&self, _: Spelling) -> String {
        RepRecord::from(self).text()
    }
}

/// A record and what it means. Made for millions: 24 bytes where the meaning is a reference.
#[derive(Clone, Debug)]
pub struct Held<T> {
    /// The revision of its last change, and in the last bit how its last good text is spelled.
    mark: u64,
    /// What its last good text means; `None` where none ever made sense.
    good: Option<T>,
    /// What cannot be made again.
    texts: Option<Box<Texts>>,
}

/// Texts that are kept.
#[derive(Clone, Debug)]
enum Texts {
    /// A good one, in another spelling than ours.
    Other(Box<str>),
    /// One that makes no sense, and the last good one where that is in another spelling than ours.
    Malformed { text: Box<str>, good: Option<Box<str>> },
    /// One that makes no sense, of a record that never made any.
    Senseless { id: Box<str>, text: Box<str> },
}

/// What was read out of a text that makes sense.
#[derive(Debug, PartialEq)]
pub(super) struct Good<T> {
    meaning: T,
    spelling: Spelling,
    /// The text, where it cannot be made again.
    other: Option<Box<str>>,
}

impl<T: Spelled> Good<T> {
    /// What a text means.
    pub(super) fn of(text: &str, meaning: T) -> Good<T> {
        let spelling = meaning.spelling_of(text);
        let other = if spelling.is_some() { None } else { Some(text.into()) };
        Good { meaning, spelling: spelling.unwrap_or(Spelling::Full), other }
    }

    pub(super) fn meaning(&self) -> &T {
        &self.meaning
    }
}

impl<T: Spelled> Held<T> {
    /// A record that makes sense.
    pub(super) fn of(version: u64, good: Good<T>) -> Held<T> {
        let Good { meaning, spelling, other } = good;
        let texts = other.map(|text| Box::new(Texts::Other(text)));
        Held { mark: mark(version, spelling), good: Some(meaning), texts }
    }

    /// A record that makes no sense, and never did.
    pub(super) fn senseless(id: &str, version: u64, text: &str) -> Held<T> {
        let texts = Some(Box::new(Texts::Senseless { id: id.into(), text: text.into() }));
        Held { mark: mark(version, Spelling::Full), good: None, texts }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match (&self.good, self.texts.as_deref()) {
            (Some(meaning), _) => meaning.id(),
            (None, Some(Texts::Senseless { id, .. })) => id,
            (None, _) => unreachable!("a record without a meaning is senseless"),
        }
    }

    /// Takes a text that makes no sense; the last good version stays.
    pub(super) fn spoil(&mut self, version: u64, text: &str) {
        self.set_version(version);
        let text = text.into();
        self.texts = Some(Box::new(match self.texts.take().map(|texts| *texts) {
            Some(Texts::Senseless { id, .. }) => Texts::Senseless { id, text },
            Some(Texts::Other(good)) => Texts::Malformed { text, good: Some(good) },
            Some(Texts::Malformed { good, .. }) => Texts::Malformed { text, good },
            None => Texts::Malformed { text, good: None },
        }));
    }

    /// The revision of its last change.
    pub fn version(&self) -> u64 {
        self.mark >> 1
    }

    pub(super) fn set_version(&mut self, version: u64) {
        self.mark = mark(version, self.spelling());
    }

    fn spelling(&self) -> Spelling {
        if self.mark & 1 == 0 { Spelling::Full } else { Spelling::WithoutClass }
    }

    /// What it means; `None` where it never made sense.
    pub fn meaning(&self) -> Option<&T> {
        self.good.as_ref()
    }

    pub(super) fn into_meaning(self) -> Option<T> {
        self.good
    }

    /// The text, as the home holds it.
    pub fn text(&self) -> Cow<'_, str> {
        match self.texts.as_deref() {
            Some(Texts::Other(text) | Texts::Malformed { text, .. } | Texts::Senseless { text, .. }) => {
                Cow::Borrowed(text)
            }
            None => self.respelled().unwrap_or_default(),
        }
    }

    /// The last text that made sense; `None` where none ever did.
    pub(super) fn good_text(&self) -> Option<Cow<'_, str>> {
        match self.texts.as_deref() {
            Some(Texts::Other(good) | Texts::Malformed { good: Some(good), .. }) => Some(Cow::Borrowed(good)),
            _ => self.respelled(),
        }
    }

    fn respelled(&self) -> Option<Cow<'_, str>> {
        self.good.as_ref().map(|meaning| Cow::Owned(meaning.spell(self.spelling())))
    }

    /// Whether its text makes no sense now.
    pub(super) fn is_malformed(&self) -> bool {
        matches!(self.texts.as_deref(), Some(Texts::Malformed { .. } | Texts::Senseless { .. }))
    }

    /// Whether this is its text.
    pub(super) fn says(&self, text: &str) -> bool {
        match (self.texts.as_deref(), &self.good) {
            (None, Some(meaning)) => meaning.spelling_of(text) == Some(self.spelling()),
            _ => self.text() == text,
        }
    }
}

fn mark(version: u64, spelling: Spelling) -> u64 {
    version << 1 | u64::from(spelling == Spelling::WithoutClass)
}
