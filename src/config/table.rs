//! A table of the configuration file, read key by key: what is not asked for is an unknown key.

use toml::{Table, Value};

use super::error::suggestion;
use super::{ConfigError, Origin};

/// A table, its path, and where complaints go.
pub(super) struct Section<'a> {
    path: String,
    table: Option<&'a Table>,
    origin: &'a Origin,
    known: Vec<String>,
}

impl<'a> Section<'a> {
    /// The section that `value` holds; an absent one has no keys.
    pub(super) fn new(
        path: impl Into<String>,
        value: Option<&'a Value>,
        origin: &'a Origin,
        errors: &mut Vec<ConfigError>,
    ) -> Section<'a> {
        let path = path.into();
        let table = value.and_then(Value::as_table);
        let section = Section { path, table, origin, known: Vec::new() };
        if let (Some(value), None) = (value, table) {
            errors.push(section.complaint("", value, "write a table"));
        }
        section
    }

    /// A section inside this one.
    pub(super) fn section(&mut self, key: &str, errors: &mut Vec<ConfigError>) -> Section<'a> {
        let value = self.get(key);
        Section::new(self.key(key), value, self.origin, errors)
    }

    /// The keys that stand in the file.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        self.table.into_iter().flat_map(|table| table.keys().map(String::as_str)).collect()
    }

    /// The value of `key`, which from now on is known.
    pub(super) fn get(&mut self, key: &str) -> Option<&'a Value> {
        self.known.push(key.to_owned());
        self.table?.get(key)
    }

    /// What `read` makes of the value of `key`; a value it cannot read is a complaint.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        expected: &str,
        errors: &mut Vec<ConfigError>,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let meaning = read(value);
        if meaning.is_none() {
            errors.push(self.complaint(key, value, expected));
        }
        meaning
    }

    /// A value of `key` that does not fit.
    pub(super) fn complaint(&self, key: &str, value: &Value, expected: &str) -> ConfigError {
        ConfigError::BadValue {
            origin: self.origin.clone(),
            key: self.key(key),
            found: value.to_string(),
            expected: expected.to_owned(),
        }
    }

    /// A required key that is not there.
    pub(super) fn missing(&self, key: &str, expected: &str) -> ConfigError {
        ConfigError::MissingKey {
            origin: self.origin.clone(),
            key: self.key(key),
            expected: expected.to_owned(),
        }
    }

    /// Complains about every key that was not asked for.
    pub(super) fn finish(self, errors: &mut Vec<ConfigError>) {
        for key in self.keys() {
            if !self.known.iter().any(|known| known == key) {
                let likely = suggestion(key, self.known.iter().map(String::as_str));
                errors.push(ConfigError::UnknownKey {
                    origin: self.origin.clone(),
                    key: self.key(key),
                    suggestion: likely.map(|known| self.key(&known)),
                });
            }
        }
    }

    fn key(&self, key: &str) -> String {
        if key.is_empty() {
            return self.path.clone();
        }
        // A domain as a key holds dots, so it is written as TOML would.
        if key.contains('.') { format!("{}.\"{key}\"", self.path) } else { format!("{}.{key}", self.path) }
    }
}
