//! Parts of a word that only its capitals separate: ciscoSystems, SiemensAG.
//!
//! Most such words are one name (DigitalOcean, McDonald, eBay, PayPal), typed in other capitals as often as not, so a
//! word is cut only before a legal form in its usual capitals or before a long generic word. Where that is wrong, the
//! glued key of the matcher still meets both spellings.

use super::vocabulary;

/// Legal forms as written against a name. AB, AS, SA, SE, NV and CO are left out: they end names too (PetroSA).
const GLUED_FORMS: [&str; 13] =
    ["AG", "GmbH", "Inc", "LLC", "Ltd", "Corp", "BV", "PLC", "Plc", "KG", "KGaA", "SRL", "Limited"];

/// 5: shorter generic words (Tech, Bank, Lab) are halves of names: BioTech, FinTech, MetLab.
const GENERIC_CHARS_MIN: usize = 5;

/// Whether a capital follows a small letter anywhere, without which a word has one part.
pub(super) fn is_glued(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    // Most words have no capital but their first letter.
    bytes.iter().skip(1).any(u8::is_ascii_uppercase)
        && bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// The parts of `raw` in order; usually one.
pub(super) fn parts(raw: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(1);
    let mut rest = raw;
    while let Some(at) = last_cut(rest) {
        parts.push(&rest[at..]);
        rest = &rest[..at];
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// Where the last part of `raw` begins, if it is a legal form or a generic word.
fn last_cut(raw: &str) -> Option<usize> {
    let bytes = raw.as_bytes();
    if bytes.len() < 4 {
        return None;
    }
    let boundary = |at: usize| bytes[at - 1].is_ascii_lowercase() && bytes[at].is_ascii_uppercase();
    (2..bytes.len().saturating_sub(1)).rev().filter(|&at| boundary(at)).find(|&at| {
        let tail = &raw[at..];
        GLUED_FORMS.contains(&tail)
            || (tail.len() >= GENERIC_CHARS_MIN
                && tail.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
                && vocabulary::is_generic(&tail.to_ascii_lowercase()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &[&str]) {
        assert_eq!(parts(raw), expected);
    }

    #[test]
    fn forms_and_generic_words_are_cut_off() {
        check("ciscoSystems", &["cisco", "Systems"]);
        check("SiemensAG", &["Siemens", "AG"]);
        check("AcmeSolutionsGmbH", &["Acme", "Solutions", "GmbH"]);
    }

    #[test]
    fn other_capitals_are_one_name() {
        for name in [
            "DigitalOcean",
            "McDonald",
            "eBay",
            "iPhone",
            "PayPal",
            "PetroSA",
            "BioTech",
            "VMware",
            "ÉcoleAG",
        ] {
            if name != "ÉcoleAG" {
                check(name, &[name]);
            }
        }
        check("ÉcoleAG", &["École", "AG"]);
    }
}
