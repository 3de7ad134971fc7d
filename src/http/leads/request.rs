//! From the body of a request to the core's fields: a JSON object or a form, flat, with the contract's field names.
//!
//! Names are read as in a file of leads: any case, `_`, `-` or a space between words. What is called otherwise is not
//! read, since webhooks send fields that they cannot leave out; the answer names it, since it may be a slip (`e_mail`).

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, header};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::grpc::{malformed, unsupported};
use crate::lead::LeadFields;
use crate::registry::column_name;

/// Names of unread fields that an answer tells, and the longest of them in bytes.
const UNREAD_NAMES_MAX: usize = 16;
const UNREAD_NAME_BYTES_MAX: usize = 64;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `{"company": "Acme", …}`
    Json,
    /// `company=Acme&…`
    Urlencoded,
}

/// A lead as sent, nothing checked yet.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) fields: LeadFields,
    pub(super) unread: Unread,
}

/// Fields of a request that are not a lead's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// Those that look like names. What does not may be the lead itself, sent in the wrong place.
    pub(super) names: Vec<String>,
    count: usize,
}

impl Unread {
    fn note(&mut self, name: &str) {
        self.count += 1;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. []".contains(&byte);
        let is_name = !name.is_empty() && name.len() <= UNREAD_NAME_BYTES_MAX && name.bytes().all(plain);
        if is_name && self.names.len() < UNREAD_NAMES_MAX {
            self.names.push(name.to_owned());
        }
    }

    /// Says of a lead with nothing usable that there were fields, without a word of them.
    pub(super) fn hint(&self, status: Status) -> Status {
        let details = status.get_error_details();
        let is_nothing = details.error_info().is_some_and(|info| info.reason == "NOTHING_USABLE");
        if self.count == 0 || !is_nothing {
            return status;
        }
        let text = format!(
            "{}; {} in the body that a lead does not have: see /openapi.json for the names",
            status.message(),
            if self.count == 1 { "a field is".to_owned() } else { format!("{} fields are", self.count) },
        );
        Status::with_error_details(Code::InvalidArgument, text, details)
    }
}

/// How the body is written, by the headers. Without a word it is taken for JSON.
pub(super) fn form_of(headers: &HeaderMap) -> Result<Form, Status> {
    const ACCEPTED: &str = "send application/json or application/x-www-form-urlencoded";
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unsupported("the body is compressed: send it as it is"));
    }
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(Form::Json) };
    let content_type = content_type.to_str().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" | "text/json" => Ok(Form::Json),
        "application/x-www-form-urlencoded" => Ok(Form::Urlencoded),
        essence if essence.starts_with("application/") && essence.ends_with("+json") => Ok(Form::Json),
        _ => Err(unsupported(format!("the content type is not one that is read here: {ACCEPTED}"))),
    }
}

/// Reads a body.
pub(super) fn read(body: &[u8], form: Form) -> Result<Read, Status> {
    let body = body.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(body);
    let first = body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match (form, first) {
        (_, None) => Err(malformed(None, "the body is empty: send the lead's fields".into())),
        (Form::Urlencoded, Some(b'{')) => Err(malformed(
            None,
            "the body is JSON and its content type says form: send content-type application/json".into(),
        )),
        (Form::Urlencoded, Some(_)) => Ok(urlencoded(body)),
        (Form::Json, Some(b'{')) => json(body),
        (Form::Json, Some(b'[')) => {
            Err(malformed(None, "the body is a list: send one lead a request, as one JSON object".into()))
        }
        (Form::Json, Some(_)) => Err(malformed(
            None,
            "the body is not a JSON object: send one such as {\"company\": \"…\"}, or say in content-type that it \
             is a form"
                .into(),
        )),
    }
}

fn json(body: &[u8]) -> Result<Read, Status> {
    // The text of the error itself may quote the body.
    let object: Object = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = match error.classify() {
            serde_json::error::Category::Eof => "the body is not whole: the JSON ends too early".into(),
            _ => format!("the body is not JSON: look at line {line}, column {column}"),
        };
        malformed(None, text)
    })?;
    match object.wrong {
        None => Ok(object.read),
        Some((field, kind)) => {
            Err(malformed(Some(&field), format!("{field} is {kind}: send a text, or leave it out")))
        }
    }
}

/// A lead in an object, with the first field of it that is no text.
#[derive(Default)]
struct Object {
    read: Read,
    wrong: Option<(String, &'static str)>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some(Name(name)) = members.next_key()? {
                    let known = canonical(&name);
                    match object.read.fields.field_mut(&known) {
                        None => {
                            members.next_value::<IgnoredAny>()?;
                            object.read.unread.note(&name);
                        }
                        Some(field) => match members.next_value()? {
                            Text::Given(text) => *field = text,
                            Text::Wrong(kind) => drop(object.wrong.get_or_insert((known.into_owned(), kind))),
                        },
                    }
                }
                Ok(object)
            }
        }
        from.deserialize_map(Members)
    }
}

/// A field's name as the contract has it, if it is one.
fn canonical(name: &str) -> Cow<'_, str> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_plain { Cow::Borrowed(name) } else { Cow::Owned(column_name(name)) }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name<'de>, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        from.deserialize_str(Borrowed)
    }
}

/// A member's value: a text, or a number, which forms make of postal codes and ids; null is not given.
enum Text {
    Given(String),
    /// Of another kind, which is named.
    Wrong(&'static str),
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::Given(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
                Ok(Text::Given(text))
            }

            fn visit_unit<E: Error>(self) -> Result<Text, E> {
                Ok(Text::Given(String::new()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text::Given(number.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text::Given(number.to_string()))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Text, E> {
                Ok(Text::Wrong("a number with a fraction or of over 19 digits"))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Text, E> {
                Ok(Text::Wrong("true or false"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::Wrong("a list"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Text, A::Error> {
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::Wrong("an object"))
            }
        }
        from.deserialize_any(Any)
    }
}

/// As browsers send forms; the WHATWG URL Standard, section 5.1. Nothing is malformed there: a `%` without two digits is
/// itself.
fn urlencoded(body: &[u8]) -> Read {
    let mut read = Read::default();
    for pair in body.trim_ascii().split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        let name = unescaped(name);
        match read.fields.field_mut(&canonical(&name)) {
            Some(field) => *field = unescaped(value),
            None => read.unread.note(&name),
        }
    }
    read
}

/// A text without its escapes; what is not UTF-8 is read as Latin-1, as in a file of leads.
fn unescaped(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        rest = match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                &after[2..]
            }
            None => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                after
            }
        };
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
