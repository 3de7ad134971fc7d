//! The further names that a name holds: brackets, "dba", "formerly", "a division of".
//!
//! The first reading is the name as a whole, or its main part where the rest is plainly another name.

use super::legal_table::LEGAL_FORMS;
use super::{facts::Facts, initials::join_letters, legal, vocabulary::is_function, words::Word};

/// Most readings of one name: whole, main part and two more.
pub(super) const READINGS_MAX: usize = 4;

/// Words between two names of one company, or of a company and the one it belongs to; longest first where one begins
/// another.
const MARKERS: [&[&str]; 34] = [
    &["doing", "business", "as"],
    &["formerly", "doing", "business", "as"],
    &["formerly", "known", "as"],
    &["formerly", "called"],
    &["formerly"],
    &["previously", "known", "as"],
    &["previously"],
    &["also", "known", "as"],
    &["now", "known", "as"],
    &["also", "trading", "as"],
    &["trading", "as"],
    &["operating", "as"],
    &["on", "behalf", "of"],
    &["dba"],
    &["aka"],
    &["fka"],
    &["nka"],
    &["formally", "known", "as"],
    &["an", "affiliate", "of"],
    &["a", "subsidiary", "of"],
    &["a", "division", "of"],
    &["a", "business", "unit", "of"],
    &["a", "unit", "of"],
    &["a", "part", "of"],
    &["a", "member", "of"],
    &["a", "brand", "of"],
    &["a", "branch", "of"],
    &["a", "wholly", "owned", "subsidiary", "of"],
    &["subsidiary", "of"],
    &["division", "of"],
    &["part", "of"],
    &["vormals"],
    &["anciennement"],
    &["antes"],
];

/// Markers of letters joined over a slash.
const SLASHED: [&str; 8] = ["ta", "oa", "co", "dba", "aka", "fka", "nka", "obo"];

/// Places that people put in brackets and that look like an acronym.
const PLACES: [&str; 24] = [
    "uk", "us", "usa", "uae", "eu", "emea", "apac", "hk", "sg", "prc", "rsa", "ksa", "nz", "uki", "dach",
    "india", "asia", "china", "japan", "korea", "north", "south", "east", "west",
];

/// The readings of `words`, at least one, each with at least one word if `words` has one.
pub(super) fn readings(mut words: Vec<Word>) -> Vec<Vec<Word>> {
    join_letters(&mut words);
    drop_messrs(&mut words);
    words.iter_mut().for_each(Word::look_up);
    // As nearly every name.
    if !words.is_empty() && words.iter().all(|word| word.bracket == 0) && marker(&words, 1).is_none() {
        return vec![words];
    }
    open_form_brackets(&mut words);
    let mut extra = Vec::new();
    let (main, doubtful) = close_brackets(words, &mut extra);
    let mut readings = Vec::with_capacity(1);
    for name in doubtful.into_iter().chain([main]).chain(extra) {
        let (head, further) = split_markers(name);
        readings.push(head);
        readings.extend(further);
    }
    readings.retain(|reading| !reading.is_empty());
    readings.iter_mut().flatten().for_each(|word| word.bracket = 0);
    readings
}

/// `M/s` is Indian for Messrs: a form of address, not a name.
fn drop_messrs(words: &mut Vec<Word>) {
    if words.len() > 1 && words[0].slashed && words[0].text == "ms" {
        words.remove(0);
    }
}

/// `(Pty) Ltd`, `(株)`, `UG (haftungsbeschränkt)`: what a legal form puts in brackets is no further name.
fn open_form_brackets(words: &mut Vec<Word>) {
    let most = words.iter().map(|word| word.bracket).max().unwrap_or_default();
    for bracket in 1..=most {
        let mut inside = words.iter().filter(|word| word.bracket == bracket).peekable();
        let is_article = inside.clone().all(|word| word.text == "the");
        if inside.peek().is_some() && is_article {
            if words.iter().any(|word| word.bracket != bracket) {
                words.retain(|word| word.bracket != bracket);
            }
        } else if inside.all(|word| LEGAL_FORMS.knows(word.key())) {
            words.iter_mut().filter(|word| word.bracket == bracket).for_each(|word| word.bracket = 0);
        }
    }
}

/// Takes the brackets out: what is in them and is another name goes to `extra`; the rest makes the name doubtful, and
/// both the whole and the part outside are readings.
fn close_brackets(words: Vec<Word>, extra: &mut Vec<Vec<Word>>) -> (Vec<Word>, Option<Vec<Word>>) {
    let most = words.iter().map(|word| word.bracket).max().unwrap_or_default();
    if most == 0 || words.iter().all(|word| word.bracket != 0) {
        return (words, None);
    }
    let outside: Vec<Word> = words.iter().filter(|word| word.bracket == 0).cloned().collect();
    let mut whole = words;
    for bracket in 1..=most {
        let inside: Vec<Word> = whole.iter().filter(|word| word.bracket == bracket).cloned().collect();
        if inside.is_empty() {
            continue;
        }
        if let Some(alias) = alias_in_bracket(inside, &outside) {
            extra.push(alias);
            whole.retain(|word| word.bracket != bracket);
        }
    }
    let is_doubtful = whole.len() > outside.len();
    (outside, is_doubtful.then_some(whole))
}

/// The other name that a bracket holds, if it does: after a marker, with a legal form, or an acronym.
fn alias_in_bracket(inside: Vec<Word>, outside: &[Word]) -> Option<Vec<Word>> {
    if let Some((0, count)) = marker(&inside, 0) {
        let rest = inside[count..].to_vec();
        return (!rest.is_empty()).then_some(rest);
    }
    let mut stripped = inside.clone();
    join_letters(&mut stripped);
    if legal::strip(&mut stripped, &mut legal::Forms::default()) {
        return Some(inside);
    }
    let [word] = inside.as_slice() else { return None };
    let length = word.text.chars().count();
    if !word.upper || !(2..=6).contains(&length) || PLACES.contains(&word.text.as_str()) {
        return None;
    }
    let initials: String = outside
        .iter()
        .filter(|word| !is_function(&word.text))
        .filter_map(|word| word.text.chars().next())
        .collect();
    let spelled =
        initials.starts_with(word.text.as_str()) || word.text.starts_with(&initials) && initials.len() > 1;
    // In a name typed all in capitals any word looks like an acronym.
    let stands_out = length > 2 && outside.iter().any(|word| !word.upper);
    (spelled || stands_out).then_some(inside)
}

/// The part before the first marker, and the parts after the markers.
fn split_markers(words: Vec<Word>) -> (Vec<Word>, Vec<Vec<Word>>) {
    if marker(&words, 1).is_none() {
        return (words, Vec::new());
    }
    let mut parts = Vec::new();
    let mut rest = words;
    let mut from = 1;
    while let Some((at, count)) = marker(&rest, from) {
        if at + count >= rest.len()
            || !legal::has_substance(legal::texts(&rest[..at]))
            || !legal::has_substance(legal::texts(&rest[at + count..]))
        {
            from = at + 1;
            continue;
        }
        let tail = rest.split_off(at + count);
        rest.truncate(at);
        if parts.len() + 1 == READINGS_MAX {
            // What comes behind the last reading is not read: left in the key it would be read the next time.
            break;
        }
        parts.push(rest);
        (rest, from) = (tail, 1);
    }
    parts.push(rest);
    let mut parts = parts.into_iter();
    let head = parts.next().unwrap_or_default();
    (head, parts.collect())
}

/// Where the first marker at or after `from` begins, and its length in words.
fn marker(words: &[Word], from: usize) -> Option<(usize, usize)> {
    (from..words.len()).find_map(|at| {
        let tail = &words[at..];
        if !tail[0].facts.may(Facts::MARKER) && !tail[0].slashed {
            return None;
        }
        let spelled = MARKERS
            .iter()
            .filter(|marker| {
                tail.len() >= marker.len() && marker.iter().zip(tail).all(|(m, word)| *m == word.text)
            })
            .map(|marker| marker.len())
            .max();
        let slashed = tail[0].slashed && SLASHED.contains(&tail[0].text.as_str());
        spelled.or(slashed.then_some(1)).map(|count| (at, count)).or_else(|| owned_by(words, at))
    })
}

/// The first words of [`MARKERS`], the articles of [`owned_by`] among them.
pub(super) fn first_words_of_markers() -> impl Iterator<Item = &'static str> {
    MARKERS.iter().filter_map(|marker| marker.first().copied())
}

/// `Slack, a Salesforce company`: the article is the marker, the other name ends with the noun.
fn owned_by(words: &[Word], at: usize) -> Option<(usize, usize)> {
    use super::words::Before;
    let article = &words[at];
    let is_article = article.before == Before::Comma && matches!(article.text.as_str(), "a" | "an");
    let noun = words.last()?;
    let is_noun =
        matches!(noun.text.as_str(), "company" | "business" | "subsidiary" | "division" | "brand" | "unit");
    (is_article && is_noun && at + 2 < words.len()).then_some((at, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::name::words::words;

    fn check(text: &str, expected: &[&str]) {
        let read: Vec<String> = readings(words(text))
            .iter()
            .map(|reading| reading.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn markers_separate_names() {
        check("Acme LLC dba Roadrunner", &["acme llc", "roadrunner"]);
        check("Acme LLC d/b/a Roadrunner", &["acme llc", "roadrunner"]);
        check("Acme t/a Roadrunner", &["acme", "roadrunner"]);
        check("Acme, a division of Foo Inc", &["acme", "foo inc"]);
        check("X Corp formerly Twitter", &["x corp", "twitter"]);
        check("Formerly Blue", &["formerly blue"]);
    }

    #[test]
    fn a_named_owner_is_a_further_reading() {
        check("Slack, a Salesforce company", &["slack", "salesforce company"]);
    }

    #[test]
    fn brackets_hold_other_names() {
        check("Foo (Client Trust + Foo, Inc.)", &["foo", "client trust and foo inc"]);
        check("X Corp (formerly Twitter)", &["x corp", "twitter"]);
        check("International Business Machines (IBM)", &["international business machines", "ibm"]);
        check("Spuerkeess (BCEE)", &["spuerkeess", "bcee"]);
    }

    #[test]
    fn brackets_with_a_place_leave_both_readings() {
        check("Bank of China (Hong Kong)", &["bank of china hong kong", "bank of china"]);
        check("MORTEX (INDIA) LLC", &["mortex india llc", "mortex llc"]);
    }

    #[test]
    fn brackets_of_a_legal_form_are_no_name() {
        check("Foo (Pty) Ltd", &["foo pty ltd"]);
        check("(株)ABC", &["株 abc"]);
        check("Boeing Company (The)", &["boeing company"]);
        check("(Foo)", &["foo"]);
    }
}
