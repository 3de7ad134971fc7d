//! The hash chain over the changes of an epoch: equal revision and equal chain mean equal history.
//!
//! Redis reports neither a trimmed stream nor writes lost in a failover. A chain value depends on every
//! change before it, so a replica that computes the next one itself notices both. SHA-1, because it is the
//! hash that Redis offers to scripts; it guards against accidents, not against somebody who may write.

use std::fmt;
use std::str::FromStr;

use sha1_smol::Sha1;

use super::keys::{Epoch, RecordKind};

/// The chain after some change: 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chain([u8; 40]);

impl Chain {
    /// The chain of an epoch before its first change.
    pub fn seed(epoch: Epoch, import_id: &str) -> Chain {
        Chain::of(&[b"namesake\n", epoch.to_string().as_bytes(), b"\n", import_id.as_bytes()])
    }

    /// The chain after one more change. `value` is the record, empty for a deletion.
    #[must_use]
    pub fn next(&self, rev: u64, operation: Operation, kind: RecordKind, id: &str, value: &str) -> Chain {
        // The length of the id keeps apart what an id ends with and what a value begins with.
        let head = format!("\n{rev}\n{}\n{}\n{}\n", operation.as_str(), kind.as_str(), id.len());
        Chain::of(&[&self.0, head.as_bytes(), id.as_bytes(), value.as_bytes()])
    }

    fn of(parts: &[&[u8]]) -> Chain {
        let mut hash = Sha1::new();
        parts.iter().for_each(|part| hash.update(part));
        let text = hash.digest().to_string();
        Chain(text.as_bytes().try_into().expect("SHA-1 has 40 hexadecimal digits"))
    }

    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({self})")
    }
}

/// The text is no chain: not 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no chain: 40 hexadecimal digits are expected")]
pub struct NoChain;

impl FromStr for Chain {
    type Err = NoChain;

    fn from_str(text: &str) -> Result<Chain, NoChain> {
        let digits: [u8; 40] = text.as_bytes().try_into().map_err(|_| NoChain)?;
        let lower = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if lower { Ok(Chain(digits)) } else { Err(NoChain) }
    }
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Writes a record.
    Put,
    /// Deletes a record.
    Delete,
}

impl Operation {
    /// `put` or `del`.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Put => "put",
            Operation::Delete => "del",
        }
    }
}

impl FromStr for Operation {
    type Err = ();

    fn from_str(text: &str) -> Result<Operation, ()> {
        match text {
            "put" => Ok(Operation::Put),
            "del" => Ok(Operation::Delete),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_the_one_of_the_documentation() {
        // printf 'namesake\n7\nabc' | sha1sum
        let seed = Chain::seed(Epoch(7), "abc");
        assert_eq!(seed.as_str(), Sha1::from("namesake\n7\nabc").digest().to_string());
        let next = seed.next(1, Operation::Put, RecordKind::Rep, "ü", "{}");
        assert_eq!(next.as_str(), Sha1::from(format!("{seed}\n1\nput\nrep\n2\nü{{}}")).digest().to_string());
        assert_eq!(next.to_string().parse(), Ok(next));
    }

    #[test]
    fn the_border_between_id_and_value_counts() {
        let seed = Chain::seed(Epoch(1), "");
        let one = seed.next(1, Operation::Put, RecordKind::Account, "a", "bc");
        let other = seed.next(1, Operation::Put, RecordKind::Account, "ab", "c");
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        for bad in ["", "abc", &"g".repeat(40), &"A".repeat(40), &"0".repeat(41)] {
            assert_eq!(bad.parse::<Chain>(), Err(NoChain));
        }
    }
}
