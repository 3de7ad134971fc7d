//! Strangers' texts in a CSV that people open in a spreadsheet, which takes some of them for formulas and runs them: a lead
//! may call its company `=HYPERLINK(…)`.
//!
//! A text that would be one gets a `'` in front, which spreadsheets take for "this is text" (OWASP, CSV Injection). Only
//! CSV that is read by people: `export` and `import --rejects` write what `import` reads, and JSON is opened by none.

use std::borrow::Cow;

/// What a formula begins with: OWASP's list, with the wide forms that East Asian spreadsheets take too.
const FORMULA_BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A stranger's text as a cell.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_BEGINS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A stranger's id as a cell. Programs look rows up by ids, so one that can do no harm stays as it is: random ids begin
/// with `-` too, and a sign before letters, digits, `_`, `-` and `.` calls nothing. At worst it is shown as a difference.
pub(super) fn id(id: &str) -> Cow<'_, str> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    match id.strip_prefix(['+', '-', '@']) {
        Some(rest) if rest.bytes().all(harmless) => Cow::Borrowed(id),
        _ => text(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cell: &str, as_text: &str, as_id: &str) {
        assert_eq!((text(cell).as_ref(), id(cell).as_ref()), (as_text, as_id), "{cell:?}");
    }

    #[test]
    fn what_a_spreadsheet_would_run_becomes_text() {
        for formula in [
            "=HYPERLINK(\"http://x\")",
            "=A1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(1+1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1+1",
        ] {
            let marked = format!("'{formula}");
            check(formula, &marked, &marked);
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for good in ["", "Acme Inc.", "7-Eleven", "a=b", "'t Hooft", " =1"] {
            check(good, good, good);
        }
    }

    #[test]
    fn an_id_that_can_do_no_harm_stays_as_it_is() {
        check("-V1StGXR8_Z5j", "'-V1StGXR8_Z5j", "-V1StGXR8_Z5j");
        check("-42.5", "'-42.5", "-42.5");
        check("@home", "'@home", "@home");
    }
}
