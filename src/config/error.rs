//! What is wrong with a configuration, and where it came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Variable(&'static str),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Variable(name) | Origin::Flag(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{}: is not TOML: {source}", path.display())]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A key that nobody reads.
    #[error("{origin}: {key} is not a setting{}", hint(suggestion))]
    UnknownKey {
        /// Where it is.
        origin: Origin,
        /// The key with its path.
        key: String,
        /// A key that looks like it.
        suggestion: Option<String>,
    },
    /// A key that must be there and is not.
    #[error("{origin}: {key} is missing: {expected}")]
    MissingKey {
        /// Where it should be.
        origin: Origin,
        /// The key with its path.
        key: String,
        /// What to write.
        expected: String,
    },
    /// A value that does not fit.
    #[error("{origin}: {key} is {found}: {expected}")]
    BadValue {
        /// Where it is.
        origin: Origin,
        /// The key with its path.
        key: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
}

fn hint(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(key) => format!("; did you mean {key}?"),
        None => "; `namesake config print` lists them all".into(),
    }
}

/// Everything that is wrong; never empty.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bad configuration")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> ConfigErrors {
        ConfigErrors(vec![error])
    }
}

/// The known key that a misspelt one resembles most, if any does.
pub(super) fn suggestion<'a>(key: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // 0.8: one or two slips in a key of usual length; unrelated keys stay under 0.7.
    const LIKENESS_MIN: f64 = 0.8;
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(key, known), known))
        .filter(|&(likeness, _)| likeness >= LIKENESS_MIN)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known.to_owned())
}
