//! A record as one line of JSON, in one spelling: keys sorted, nothing empty.
//!
//! Equal records have equal text, so that writing a record that is there already can be told from a change.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::problem::Fault;
use super::record::{AccountRecord, Record, RepRecord, Slot};
use super::rows;

/// Why a text is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}{}{fault}", if column.is_empty() { "" } else { " " })]
pub struct Unreadable {
    /// The column; empty where the whole is meant.
    pub column: String,
    /// What is wrong.
    pub fault: Fault,
}

/// A kind of record that is stored as text.
pub trait Stored: Sized {
    /// The one spelling of the record.
    fn text(&self) -> String;

    /// The record of a text. Keys that nobody knows are ignored: a later version may have written them.
    ///
    /// # Errors
    /// [`Unreadable`] where it is no JSON object, or a value is of the wrong type.
    fn of_text(text: &str) -> Result<Self, Unreadable>;

    /// Its id.
    fn id(&self) -> &str;
}

macro_rules! stored {
    ($name:ident) => {
        impl Stored for $name {
            fn text(&self) -> String {
                text(self)
            }

            fn of_text(text: &str) -> Result<Self, Unreadable> {
                of_text(text)
            }

            fn id(&self) -> &str {
                &self.id
            }
        }
    };
}
stored!(AccountRecord);
stored!(RepRecord);

fn text(record: &impl Serialize) -> String {
    // By way of `Value`, whose objects are sorted by key.
    let value = serde_json::to_value(record).expect("a record is texts and lists of texts");
    value.to_string()
}

fn of_text<R: Record>(text: &str) -> Result<R, Unreadable> {
    // Of a million records all but a few are spelled as we spell them.
    serde_json::from_str::<Usual<R>>(text).map_or_else(|_| of_any_text(text), |Usual(record)| Ok(record))
}

/// A record in the spelling of [`text`], or nearly: known keys, a text or a list of texts behind each. It is read without a
/// table of its values in between, which takes three times as long.
struct Usual<R>(R);

impl<'de, R: Record> Deserialize<'de> for Usual<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Usual<R>, D::Error> {
        deserializer.deserialize_map(Keys(PhantomData)).map(Usual)
    }
}

struct Keys<R>(PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for Keys<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<R, A::Error> {
        let mut record = R::default();
        while let Some(key) = fields.next_key::<&str>()? {
            match record.slot(key) {
                Some(Slot::One(slot)) => {
                    *slot = fields.next_value()?;
                    if slot.trim().len() < slot.len() {
                        *slot = slot.trim().to_owned();
                    }
                }
                Some(Slot::Id(slot)) => *slot = fields.next_value()?,
                Some(Slot::Many(slot)) => {
                    *slot = fields.next_value()?;
                    slot.retain(|value| !value.is_empty());
                }
                None => return Err(A::Error::custom("another key")),
            }
        }
        Ok(record)
    }
}

/// The record of a text in any spelling, or what is wrong with it.
fn of_any_text<R: Record>(text: &str) -> Result<R, Unreadable> {
    let fields: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(|error| Unreadable {
        column: String::new(),
        fault: Fault::BadJson { why: error.to_string() },
    })?;
    let read = rows::of_json(fields);
    match (read.record, read.faults.into_iter().next()) {
        (Some(record), None) => Ok(record),
        (_, Some((column, fault))) => Err(Unreadable { column, fault }),
        (None, None) => unreachable!("a record is missing only for a fault"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountRecord {
        AccountRecord {
            id: " a 1".into(),
            name: "Zoë \"Z\" GmbH".into(),
            aliases: vec!["b|c".into(), "a".into()],
            ..AccountRecord::default()
        }
    }

    #[test]
    fn keys_are_sorted_and_nothing_is_empty() {
        assert_eq!(account().text(), r#"{"aliases":["b|c","a"],"id":" a 1","name":"Zoë \"Z\" GmbH"}"#);
    }

    #[test]
    fn a_record_reads_back_as_itself() {
        assert_eq!(AccountRecord::of_text(&account().text()), Ok(account()));
        let rep = RepRecord {
            id: "r".into(),
            away: vec!["2026-07-01/2026-07-14@x".into()],
            ..RepRecord::default()
        };
        assert_eq!(RepRecord::of_text(&rep.text()), Ok(rep));
    }

    #[test]
    fn another_spelling_of_a_record_has_its_one_text() {
        let loose =
            r#"{ "name": "Zoë \"Z\" GmbH ", "id": " a 1", "aliases": ["b|c","a"], "phone": "", "new": 1 }"#;
        assert_eq!(AccountRecord::of_text(loose).unwrap().text(), account().text());
    }

    #[test]
    fn the_usual_spelling_is_read_as_any_other() {
        let texts = [
            account().text(),
            r#"{"aliases":["", " a "],"id":" a 1 ","name":" Acme ","name":"Ajax "}"#.into(),
            r#"{"id":"a","name":"\u0041\ud83d\ude00","context":["k=v"],"active":"false"}"#.into(),
        ];
        for text in texts {
            let usual = serde_json::from_str::<Usual<AccountRecord>>(&text).map(|Usual(record)| record);
            assert_eq!(usual.ok(), of_any_text(&text).ok(), "{text}");
        }
        for text in
            [r#"{"id":7}"#, r#"{"aliases":"a|b"}"#, r#"{"Name":"a"}"#, r#"{"id":"a"} x"#, r#"{"new":1}"#]
        {
            assert!(serde_json::from_str::<Usual<AccountRecord>>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_record_says_why() {
        let why = |text: &str| AccountRecord::of_text(text).unwrap_err().to_string();
        assert!(why("[1]").starts_with("is not a JSON object on one line"), "{}", why("[1]"));
        assert_eq!(why(r#"{"id": {}}"#), "id must be text or a number");
    }
}
