//! Names of the registry's keys, and the numbers in them.
//!
//! All keys of a namespace carry one hash tag, `{namespace}`, so that they lie in one slot of a cluster and a
//! script may touch them together.

use std::fmt;
use std::str::FromStr;

/// Longest namespace, in bytes: enough for `team.product.environment`, and keys stay short.
pub const NAMESPACE_BYTES_MAX: usize = 64;

/// Tells registries in one Redis apart: 1 to 64 of `A-Z a-z 0-9 _ . -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// The namespace as spelled, or `None` where a character is none of those or there are too many.
    pub fn new(raw: &str) -> Option<Namespace> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let length_fits = (1..=NAMESPACE_BYTES_MAX).contains(&raw.len());
        (length_fits && raw.bytes().all(fits)).then(|| Namespace(raw.to_owned()))
    }

    /// As spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Namespace {
    fn default() -> Namespace {
        Namespace("default".into())
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One history of the registry: a full import begins a new one. Never used twice, since it is at least the
/// time in milliseconds at which it began. Under 2^53, so that Lua's numbers hold it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Epoch {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Epoch, Self::Err> {
        text.parse().map(Epoch)
    }
}

/// The names of the keys of one namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    namespace: Namespace,
}

impl Keys {
    /// The keys of a namespace.
    pub fn new(namespace: Namespace) -> Keys {
        Keys { namespace }
    }

    /// Whose keys these are.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Hash: `generation`, `epoch`, `previous`, `schema`. Without it there is no registry.
    pub fn meta(&self) -> String {
        format!("namesake:{{{}}}:meta", self.namespace)
    }

    /// Hash: epochs that are neither current nor previous, each with the generation at which it began to be
    /// filled or was dropped. Its keys wait to be deleted, unless it is being filled.
    pub fn unused(&self) -> String {
        format!("namesake:{{{}}}:unused", self.namespace)
    }

    /// Hash: `rev`, `chain`, `count`, `created_at`, `changed_at`.
    pub fn head(&self, epoch: Epoch) -> String {
        self.of(epoch, "head")
    }

    /// Hash: account id to record.
    pub fn accounts(&self, epoch: Epoch) -> String {
        self.of(epoch, "accounts")
    }

    /// Hash: rep id to record.
    pub fn reps(&self, epoch: Epoch) -> String {
        self.of(epoch, "reps")
    }

    /// Hash: `account:<id>` or `rep:<id>` to the rev of its last change.
    pub fn versions(&self, epoch: Epoch) -> String {
        self.of(epoch, "versions")
    }

    /// Stream of changes, ids `<epoch>-<rev>`.
    pub fn log(&self, epoch: Epoch) -> String {
        self.of(epoch, "log")
    }

    /// Head, accounts, reps, versions, log: every key of an epoch, in the order that the scripts take.
    pub fn all_of(&self, epoch: Epoch) -> [String; 5] {
        [self.head(epoch), self.accounts(epoch), self.reps(epoch), self.versions(epoch), self.log(epoch)]
    }

    fn of(&self, epoch: Epoch, part: &str) -> String {
        format!("namesake:{{{}}}:{epoch}:{part}", self.namespace)
    }
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// An account.
    Account,
    /// A rep.
    Rep,
}

impl RecordKind {
    /// `account` or `rep`.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordKind::Account => "account",
            RecordKind::Rep => "rep",
        }
    }

    /// The field of the versions hash for a record of this kind.
    pub fn version_field(self, id: &str) -> String {
        format!("{}:{id}", self.as_str())
    }

    /// Kind and id of a field of the versions hash; ids may hold colons.
    pub fn of_version_field(field: &str) -> Option<(RecordKind, &str)> {
        let (kind, id) = field.split_once(':')?;
        Some((kind.parse().ok()?, id))
    }
}

impl FromStr for RecordKind {
    type Err = ();

    fn from_str(text: &str) -> Result<RecordKind, ()> {
        match text {
            "account" => Ok(RecordKind::Account),
            "rep" => Ok(RecordKind::Rep),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_namespace_has_its_hash_tag() {
        let keys = Keys::new(Namespace::new("eu.prod-1").unwrap());
        let all = keys.all_of(Epoch(7));
        assert_eq!(all[0], "namesake:{eu.prod-1}:7:head");
        let tagged = |key: &String| key.starts_with("namesake:{eu.prod-1}:");
        assert!(all.iter().chain([&keys.meta(), &keys.unused()]).all(tagged));
    }

    #[test]
    fn a_namespace_that_could_break_out_of_its_tag_is_refused() {
        for bad in ["", "a}b", "{", "a b", "a:b", "ä", &"x".repeat(65)] {
            assert_eq!(Namespace::new(bad), None, "{bad}");
        }
        assert_eq!(Namespace::default().as_str(), "default");
        assert!(Namespace::new(&"x".repeat(64)).is_some());
    }

    #[test]
    fn ids_with_colons_survive_the_versions_hash() {
        let field = RecordKind::Account.version_field("fdb:BYW.F");
        assert_eq!(RecordKind::of_version_field(&field), Some((RecordKind::Account, "fdb:BYW.F")));
        assert_eq!(RecordKind::of_version_field("lead:1"), None);
    }
}
