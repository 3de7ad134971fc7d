//! Tells one content of files from another.

use std::fmt;

/// A 64-bit digest of bytes in order: equal content has an equal digest. It detects edits, not malice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(u64);

impl Digest {
    /// The digest of nothing. FNV-1a: offset basis and prime from draft-eastlake-fnv.
    pub const EMPTY: Digest = Digest(0xcbf2_9ce4_8422_2325);

    /// The digest of what came before, followed by `bytes`.
    #[must_use]
    pub fn and(self, bytes: &[u8]) -> Digest {
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let mixed = bytes.iter().fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        // The length ends each part, so that moving a line from one file to the next is a change.
        Digest((mixed ^ bytes.len() as u64).wrapping_mul(PRIME))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_moves_to_the_next_file_is_a_change() {
        let one = Digest::EMPTY.and(b"a\nb\n").and(b"c\n");
        let other = Digest::EMPTY.and(b"a\n").and(b"b\nc\n");
        assert_ne!(one, other);
        assert_eq!(one, Digest::EMPTY.and(b"a\nb\n").and(b"c\n"));
    }
}
