//! The registry's homes: where accounts and reps are stored and how they get into the core's types.
//!
//! 1. [`record`]: a record as stored, all text, in CSV or JSON Lines;
//! 2. `rows`: a file's bytes to records, each with its line;
//! 3. `check`: a record to the core's [`crate::account::Account`] or [`crate::account::Rep`];
//! 4. `whole` and `links`: what only the whole can tell: unknown owners, dangling parents, cycles;
//! 5. [`conflicts`]: two owners who claim the same name or domain;
//! 6. [`mod@file`]: all of these in order, over the files on disk; [`watch`] repeats it when they change;
//! 7. [`redis`]: the shared home of replicas; [`stored`]: a record as its one line of JSON;
//! 8. [`health`]: what is doubtful in a whole registry, and what a new account would collide with;
//! 9. [`import`]: files against what is there, record by record.
//!
//! A registry is taken whole or refused whole, and a refusal names every bad line, not the first.

mod back;
mod check;
pub mod conflicts;
mod digest;
pub mod file;
pub mod health;
pub mod import;
mod links;
pub mod one;
mod owners;
pub mod problem;
mod quotes;
pub mod record;
pub mod redis;
pub mod replica;
mod respelled;
mod rows;
pub mod stored;
pub mod watch;
mod whole;

pub use conflicts::Conflict;
pub use digest::Digest;
pub use file::{Content, LoadError, Loaded, Sources, load, load_contents};
pub use problem::{Fault, Place, Problem};
pub use quotes::Sign;
pub(crate) use quotes::{OpenQuote, Quotes, Watched};
pub(crate) use rows::{column_name, separator};

/// The columns of a file of accounts, in the order of the documentation.
pub(crate) fn account_columns() -> &'static [&'static str] {
    <record::AccountRecord as record::Record>::COLUMNS
}

/// The columns of a file of reps, in the order of the documentation.
pub(crate) fn rep_columns() -> &'static [&'static str] {
    <record::RepRecord as record::Record>::COLUMNS
}
