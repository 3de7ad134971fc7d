//! Records as stored: all text, one shape for CSV and JSON Lines.
//!
//! A column of several values is a list here: `|` between them in CSV, an array in JSON. Whether a text
//! means anything is decided by `check`, so that every bad value can be named with its place.

use serde::Serialize;

/// The most bytes of values in one record.
pub const RECORD_BYTES_MAX: usize = 8 * 1024;
/// The most names of one account, the current one included.
pub const NAMES_MAX: usize = 100;
/// The most declared domains of one account.
pub const DOMAINS_MAX: usize = 200;
/// The most context entries of one account.
pub const CONTEXT_MAX: usize = 16;

/// Where the value of a column goes.
#[derive(Debug)]
pub(crate) enum Slot<'a> {
    /// A single value; surrounding white space is dropped.
    One(&'a mut String),
    /// The id of an account, kept exactly as spelled.
    Id(&'a mut String),
    /// Several values.
    Many(&'a mut Vec<String>),
}

/// A kind of record that rows of a file can be read into.
pub(crate) trait Record: Default {
    /// Columns without which the file makes no sense.
    const REQUIRED: &'static [&'static str];
    /// Every column, in the order of the documentation.
    const COLUMNS: &'static [&'static str];

    /// Where the value of `column` goes; `None` for a column nobody reads.
    fn slot(&mut self, column: &str) -> Option<Slot<'_>>;
}

/// What can stand in a column: one text or several.
trait Value {
    fn is_absent(&self) -> bool;
    fn bytes(&self) -> usize;
}

impl Value for String {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Value for Vec<String> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn bytes(&self) -> usize {
        self.iter().map(String::len).sum()
    }
}

macro_rules! record {
    (
        $(#[$doc:meta])* $name:ident requires $required:expr;
        $($(#[$field_doc:meta])* $field:ident: $kind:ident,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(skip_serializing_if = "Value::is_absent")]
                pub $field: record!(@type $kind),
            )*
        }

        impl Record for $name {
            const REQUIRED: &'static [&'static str] = &$required;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn slot(&mut self, column: &str) -> Option<Slot<'_>> {
                match column {
                    $(stringify!($field) => Some(Slot::$kind(&mut self.$field)),)*
                    _ => None,
                }
            }
        }

        impl $name {
            /// Bytes of all values together.
            pub(crate) fn bytes(&self) -> usize {
                0 $(+ self.$field.bytes())*
            }
        }
    };
    (@type One) => { String };
    (@type Id) => { String };
    (@type Many) => { Vec<String> };
}

record! {
    /// An account as stored. Empty text or an empty list is a value that was not given.
    AccountRecord requires ["id", "name"];
    /// Identifies the account; required.
    id: Id,
    /// The name in use; required.
    name: One,
    /// Other names in use.
    aliases: Many,
    /// Names given up.
    former_names: Many,
    /// Names that shops or product lines trade under.
    trading_names: Many,
    /// E-mail domains.
    domains: Many,
    /// The website on file.
    website: One,
    /// ISO 3166 alpha-2; alpha-3 and English names are understood.
    country: One,
    /// State or province.
    region: One,
    /// Postal code.
    postal_code: One,
    /// Phone number.
    phone: One,
    /// The account this one belongs to.
    parent_id: Id,
    /// `own`, `parent` or `ultimate`.
    roll_up: One,
    /// `strategic`, `major`, `named` or `standard`; `named` if empty.
    class: One,
    /// The one rep who is accountable.
    owner_id: One,
    /// Who gets a copy: `rep:role`.
    team: Many,
    /// `now`, `digest` or `silent`.
    alert: One,
    /// Where the account is found in the CRM.
    crm_url: One,
    /// What the rep keeps on file: `key=value`.
    context: Many,
    /// Accounts of other owners that share a name or domain on purpose.
    acknowledged_conflicts: Many,
    /// Ids of accounts merged into this one.
    merged_ids: Many,
    /// `true` or `false`; `true` if empty.
    active: One,
}

record! {
    /// A rep as stored. Empty text or an empty list is a value that was not given.
    RepRecord requires ["id"];
    /// Identifies the rep; required.
    id: One,
    /// The name colleagues use; the id if empty.
    name: One,
    /// Where alerts go.
    email: One,
    /// `true` or `false`; `true` if empty.
    active: One,
    /// Leaves: `2026-07-01/2026-07-14@delegate`, both days included, the delegate optional.
    away: Many,
    /// IANA name; `UTC` if empty.
    time_zone: One,
    /// Who acts while the rep is away.
    delegate_id: One,
    /// Who acts when the delegate cannot.
    manager_id: One,
    /// The most named accounts the rep should own.
    account_cap: One,
}
