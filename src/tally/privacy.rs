//! What the tally may keep of a lead: nothing that repeats the local part of its e-mail address.
//!
//! People type their address or their own name where a form asks for the company, and sole traders have a domain of
//! their own name. We cannot know every person's name, but we know the one in the address.

use crate::normalize::{EmailAddress, label_key};

/// Longest spelling that is kept, in characters; longer ones are cut.
pub const SPELLING_CHARS_MAX: usize = 80;

/// Shortest local part that is looked for inside words: "it" is in many.
const INSIDE_CHARS_MIN: usize = 4;

/// A company's name as it is kept: without controls and marks that change the direction of text, and cut.
pub(super) fn spelling(company: &str) -> impl Iterator<Item = char> {
    let shown = company.chars().filter(|c| !c.is_control() && !turns_text(*c));
    shown.take(SPELLING_CHARS_MAX)
}

/// Unicode Standard Annex #9, table 1: they make a terminal show another text than is there.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The name holds an address, or repeats the local part or a word of it.
pub(super) fn company_repeats(company: &str, local_part: &str) -> bool {
    if company.contains(['@', '\u{FF20}', '\u{FE6B}']) {
        return true;
    }
    let company_words = words(company);
    let company = company_words.concat();
    names_in(local_part).any(|name| match name.chars().count() {
        0 | 1 => false,
        INSIDE_CHARS_MIN.. => company.contains(&name),
        _ => company_words.contains(&name),
    })
}

/// The domain is named after whoever the address is. So may a company's be that has a mailbox of its own name
/// (`acme@acme.com`): it is kept from the first address on that is another one.
pub(super) fn domain_repeats(email: &EmailAddress) -> bool {
    let label = label_key(&email.domain);
    names_in(&email.local_part).map(|name| any_ascii::any_ascii(&name).to_lowercase()).any(|name| {
        !name.is_empty() && (label == name || (name.len() >= INSIDE_CHARS_MIN && label.contains(&name)))
    })
}

/// The local part in one, and its words.
fn names_in(local_part: &str) -> impl Iterator<Item = String> {
    let words = words(local_part);
    std::iter::once(words.concat()).chain(words)
}

/// Runs of letters and digits, lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::email_address;

    #[track_caller]
    fn check(company: &str, address: &str, name_stays: bool, domain_stays: bool) {
        let email = email_address(address).unwrap();
        let stays = (!company_repeats(company, &email.local_part), !domain_repeats(&email));
        assert_eq!(stays, (name_stays, domain_stays), "{company:?} {address}");
    }

    #[test]
    fn a_person_in_place_of_the_company_goes() {
        check("Jane Smith", "jane.smith@bluesky.com", false, true);
        check("Smith, Jane", "jane.smith@bluesky.com", false, true);
        check("Jane's Bakery", "jane@bluesky.com", false, true);
        check("JaneSmith Consulting", "janesmith@bluesky.com", false, true);
        check("jane.smith@bluesky.com", "j@bluesky.com", false, true);
        check("Jörg Möller", "jörg.möller@bluesky.com", false, true);
    }

    #[test]
    fn a_domain_of_ones_own_name_goes() {
        check("Blue Sky", "jane.smith@jane-smith.com", true, false);
        check("Blue Sky", "jane@janebakes.com", true, false);
        check("Blue Sky", "al@al.com", true, false);
        check("Zq Canary", "person-zqcanary+web@zqcanary.de", false, false);
    }

    #[test]
    fn a_company_stays() {
        check("Infosys", "it@infosys.com", true, true);
        check("Blue Sky Consulting", "jane.smith@bluesky.com", true, true);
        check("株式会社カネカ", "tanaka@kaneka.co.jp", true, true);
    }

    #[test]
    fn a_spelling_is_cut_and_cannot_steer_a_terminal() {
        assert_eq!(spelling("Blue\u{1b}[2J\u{202e}Sky\n").collect::<String>(), "Blue[2JSky");
        assert_eq!(spelling(&"é".repeat(500)).count(), SPELLING_CHARS_MAX);
    }
}
