//! Mailboxes that a department reads, not a person.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

/// Longest role, in bytes.
const ROLE_BYTES_MAX: usize = 32;

/// Longest place behind a role, in bytes: `benelux`.
const PLACE_BYTES_MAX: usize = 7;

static ROLES: LazyLock<HashSet<&'static [u8], FixedState>> = LazyLock::new(|| {
    let lines = include_str!("../../../data/role_mailboxes.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::as_bytes).collect()
});

/// True for the local part of a mailbox that stands for a role: `info`, `sales`, `no-reply`, `kontakt`.
///
/// Case, a tag after `+`, digits at the end and `.`, `-`, `_` between words do not matter (`No_Reply`, `info2`,
/// `info+web`). A place after the role does not make it a person: `sales-uk`, `info.emea`.
pub fn is_role_mailbox(local_part: &str) -> bool {
    let tag = local_part.bytes().position(|byte| byte == b'+');
    let local_part = &local_part[..tag.unwrap_or(local_part.len())];
    if local_part.is_ascii() { is_plain_role(local_part) } else { is_role(&local_part.to_lowercase()) }
}

/// [`is_role`] of ASCII in any case: reads it once and allocates nothing.
fn is_plain_role(local_part: &str) -> bool {
    let counts = |byte: u8| !byte.is_ascii_digit() && !is_separator(char::from(byte));
    let base = &local_part[..local_part.bytes().rposition(counts).map_or(0, |last| last + 1)];
    let mut joined = [0; ROLE_BYTES_MAX];
    let mut len = 0;
    // How much is joined in front of the last separator, and where what follows it begins.
    let mut last_separator = None;
    for (at, byte) in base.bytes().enumerate() {
        if is_separator(char::from(byte)) {
            last_separator = Some((len, at + 1));
        } else {
            if let Some(free) = joined.get_mut(len) {
                *free = byte.to_ascii_lowercase();
            }
            len += 1;
        }
    }
    let is_listed = |len: usize| joined.get(..len).is_some_and(|text| ROLES.contains(text));
    is_listed(len)
        || last_separator.is_some_and(|(len, place)| {
            let place = &base[place..];
            place.len() <= PLACE_BYTES_MAX && is_listed(len) && is_place(&place.to_ascii_lowercase())
        })
}

/// Whether a local part without a tag, in lower case, stands for a role.
fn is_role(local_part: &str) -> bool {
    let base = local_part.trim_end_matches(|c: char| c.is_ascii_digit() || is_separator(c));
    let is_listed = |text: &str| ROLES.contains(without_separators(text).as_bytes());
    if is_listed(base) {
        return true;
    }
    match base.rsplit_once(is_separator) {
        Some((role, place)) => is_place(place) && is_listed(role),
        None => false,
    }
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|&c| !is_separator(c)).collect()
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_')
}

/// A country's code or one of the regions that companies divide the world into.
fn is_place(text: &str) -> bool {
    matches!(
        text,
        "emea" | "apac" | "latam" | "dach" | "eu" | "uk" | "usa" | "nordics" | "benelux" | "global"
    ) || rust_iso3166::from_alpha2(&text.to_ascii_uppercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(local_parts: &str, is_role: bool) {
        for local_part in local_parts.split_whitespace() {
            assert_eq!(is_role_mailbox(local_part), is_role, "{local_part}");
        }
    }

    #[test]
    fn departments_are_told_in_every_spelling() {
        check(
            "info INFO sales contact office hello admin support noreply kontakt postmaster webmaster",
            true,
        );
        check(
            "no-reply no_reply do.not.reply customer-service info2 info+web sales-uk info.emea marketing.de",
            true,
        );
    }

    #[test]
    fn people_are_left_alone() {
        check(
            "jane j.doe info.graphics.lover admirable salesh mark.etting joe-sales+info contactlens 42 +",
            false,
        );
        check("ana.it sales.jane", false);
    }

    #[test]
    fn no_role_is_longer_than_is_read() {
        assert!(ROLES.iter().all(|role| role.len() <= ROLE_BYTES_MAX));
    }

    proptest! {
        #[test]
        fn plain_local_parts_are_told_as_any_other(
            words in prop::collection::vec("info|Sales|no|reply|customer|service|uk|EMEA|de|jane|[a-z]{1,40}|[0-9]{1,2}|[._-]{1,2}", 0..6),
            separator in "[._-]?",
        ) {
            let local_part = words.join(&separator);
            prop_assert_eq!(is_plain_role(&local_part), is_role(&local_part.to_lowercase()), "{}", local_part);
        }
    }
}
