//! Mailboxes that a department reads, not a person.

use std::sync::LazyLock;

use hashbrown::HashSet;

static ROLES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let text = include_str!("../../../data/role_mailboxes.txt");
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// True for the local part of a mailbox that stands for a role: `info`, `sales`, `no-reply`, `kontakt`.
///
/// Case, a tag after `+`, digits at the end and `.`, `-`, `_` between words do not matter (`No_Reply`, `info2`,
/// `info+web`). A place after the role does not make it a person: `sales-uk`, `info.emea`.
pub fn is_role_mailbox(local_part: &str) -> bool {
    let local_part = local_part.split('+').next().unwrap_or_default().to_lowercase();
    let base = local_part.trim_end_matches(|c: char| c.is_ascii_digit() || is_separator(c));
    let joined: String = base.chars().filter(|&c| !is_separator(c)).collect();
    if ROLES.contains(joined.as_str()) {
        return true;
    }
    match base.rsplit_once(is_separator) {
        Some((role, place)) => is_place(place) && ROLES.contains(without_separators(role).as_str()),
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
}
