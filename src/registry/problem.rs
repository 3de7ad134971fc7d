//! What is wrong with a record, and where: every problem names file, line, column and remedy.

use std::fmt;
use std::sync::Arc;

use super::quotes::Sign;
use crate::normalize::DomainProblem;

/// A line of a file. Lines count from 1, as editors do; a record over several lines is at its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// The line; 0 where the file as a whole is meant.
    pub line: u64,
}

impl Place {
    /// A record in a home without lines: `account a1`.
    pub(crate) fn record(kind: &str, id: &str) -> Place {
        Place { file: Arc::from(format!("{kind} {}", quoted(id))), line: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// One thing that is wrong with a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The column; empty where the record as a whole is meant.
    pub column: String,
    /// What, and what to do about it.
    pub fault: Fault,
}

impl Problem {
    pub(crate) fn new(place: Place, column: &str, fault: Fault) -> Problem {
        Problem { place, column: column.to_owned(), fault }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.column.is_empty() {
            write!(f, "{} ", self.column)?;
        }
        write!(f, "{}", self.fault)
    }
}

/// What can be wrong. [`Fault::refuses`] tells errors from warnings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A required value is empty.
    #[error("is missing: every record needs one")]
    Missing,
    /// A required column is not in the header.
    #[error("is not among the columns: the first line must name them, {expected}")]
    MissingColumn {
        /// The columns that must be there.
        expected: String,
    },
    /// A column appears twice.
    #[error("appears twice in the header: keep one of the two columns")]
    RepeatedColumn,
    /// An id was used before.
    #[error("`{id}` is already the id of the record at {first}: ids are unique over all files")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it was first used.
        first: Place,
    },
    /// A word that is not in the list.
    #[error("`{value}` is not known: use {expected}")]
    UnknownWord {
        /// The word.
        value: String,
        /// The words that are.
        expected: &'static str,
    },
    /// An owner who is not among the reps.
    #[error("`{value}` is not the id of a rep in {reps}: add the rep there or correct the id")]
    UnknownOwner {
        /// The owner's id.
        value: String,
        /// The file of reps.
        reps: Arc<str>,
    },
    /// Too many values.
    #[error("{count} {what}, the most is {max}: split the account or drop some")]
    TooMany {
        /// How many there are.
        count: usize,
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// Too many bytes.
    #[error("the record has {bytes} bytes, the most is {max}: shorten it, or close a quote left open")]
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        max: usize,
    },
    /// A leave that cannot be read.
    #[error("`{value}` is not a leave: write 2026-07-01/2026-07-14, the last day included, and @delegate")]
    BadAway {
        /// The text.
        value: String,
    },
    /// A leave that ends before it begins.
    #[error("`{value}` ends before it begins: put the first day first")]
    AwayBackwards {
        /// The text.
        value: String,
    },
    /// A time zone that is not in the IANA database.
    #[error("`{value}` is not a time zone: use an IANA name such as Europe/Berlin")]
    BadTimeZone {
        /// The text.
        value: String,
    },
    /// A record with more or fewer fields than the header.
    #[error("the record has {found} fields, the header {expected}: a separator inside a value needs quotes")]
    FieldCount {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// A quote that is not closed where it should be: what follows in the file cannot be told apart.
    #[error("{sign}")]
    OpenQuote {
        /// What gives it away.
        sign: Sign,
    },
    /// Bytes that are not UTF-8. Not guessed at: a name read in the wrong code page matches nothing, and
    /// nobody would notice.
    #[error("is not UTF-8 text: save it as UTF-8 (in Excel: \"CSV UTF-8\")")]
    NotUtf8,
    /// JSON that cannot be read.
    #[error("is not a JSON object on one line: {why}")]
    BadJson {
        /// What the parser says.
        why: String,
    },
    /// A JSON value of the wrong type.
    #[error("must be {expected}")]
    BadJsonValue {
        /// What it should be.
        expected: &'static str,
    },
    /// Nothing in the file.
    #[error("the file is empty: the first line must name the columns, {expected}")]
    EmptyFile {
        /// The columns that must be there.
        expected: String,
    },

    /// A column nobody reads.
    #[error("is not a known column: ignored")]
    UnknownColumn,
    /// Not a country.
    #[error("`{value}` is not an ISO 3166 country code: ignored")]
    BadCountry {
        /// The text.
        value: String,
    },
    /// Not a domain.
    #[error("`{value}` {problem}: ignored")]
    BadDomain {
        /// The text.
        value: String,
        /// Why not.
        problem: DomainProblem,
    },
    /// A link to something that is not there.
    #[error("`{value}` is not in the registry: ignored")]
    Dangling {
        /// The id.
        value: String,
    },
    /// A chain of parents that leads back.
    #[error("leads back to the account itself, {chain}: ignored")]
    ParentCycle {
        /// The ids on the way, in short.
        chain: String,
    },
    /// A merged id that belongs to somebody else.
    #[error("`{value}` is also {whose}: ignored")]
    MergedIdTaken {
        /// The id.
        value: String,
        /// Who has it.
        whose: String,
    },
    /// A number that is none.
    #[error("`{value}` is not a whole number: ignored")]
    BadNumber {
        /// The text.
        value: String,
    },
    /// A context entry without a key.
    #[error("`{value}` is not key=value: ignored")]
    BadContext {
        /// The text.
        value: String,
    },
    /// A name without a letter or digit.
    #[error("`{value}` has no letter or digit, so no lead can match it by name")]
    NothingToCompare {
        /// The text.
        value: String,
    },
}

impl Fault {
    /// True for an error, which refuses the whole registry; false for a warning, where the value is ignored.
    pub fn refuses(&self) -> bool {
        !matches!(
            self,
            Fault::UnknownColumn
                | Fault::BadCountry { .. }
                | Fault::BadDomain { .. }
                | Fault::Dangling { .. }
                | Fault::ParentCycle { .. }
                | Fault::MergedIdTaken { .. }
                | Fault::BadNumber { .. }
                | Fault::BadContext { .. }
                | Fault::NothingToCompare { .. }
        )
    }
}

/// The value as quoted in a message: at most 60 characters, control characters blanked.
pub(crate) fn quoted(value: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut text: String =
        value.chars().take(CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(CHARS_MAX).is_some() {
        text.push('…');
    }
    text
}
