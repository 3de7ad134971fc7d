//! Takes legal forms off a name: behind, in front and inside, longest first, until none is left.
//!
//! Never down to nothing: something other than articles and prepositions always remains. A short Latin form in front
//! (AS, SIA, PT, UAB) may be a name (AS Roma, SIA Engineering), so it goes only if the rest is quoted, in another
//! script, or ends in a form that goes with it (PT … Tbk).

use unicode_normalization::char::is_combining_mark;

use super::legal_table::{LEGAL_FORMS, Places, Row, Spelled};
use super::{LegalForm, facts::Facts, words::Word};

/// The forms that were taken off, in reading order.
#[derive(Debug, Default)]
pub(super) struct Forms {
    front: Vec<LegalForm>,
    inside: Vec<LegalForm>,
    /// From the last to the first.
    behind: Vec<LegalForm>,
}

impl Forms {
    /// All of them in reading order.
    pub(super) fn into_vec(mut self) -> Vec<LegalForm> {
        self.behind.reverse();
        if self.front.is_empty() && self.inside.is_empty() {
            return self.behind;
        }
        self.front.append(&mut self.inside);
        self.front.append(&mut self.behind);
        self.front
    }
}

/// Which spelling of a word is compared with the table.
type Spelling = fn(&Word) -> &str;

/// Takes every legal form off `words`; true if any was found. `words` keeps at least one word if it had one.
pub(super) fn strip(words: &mut Vec<Word>, forms: &mut Forms) -> bool {
    let before = words.len();
    let mut changed = strip_by(words, forms, Word::key);
    if words.iter().any(|word| word.original.is_some()) {
        // A form may be Latin only once it is romanized.
        changed |= strip_by(words, forms, |word| &word.text);
    }
    changed || words.len() != before
}

fn strip_by(words: &mut Vec<Word>, forms: &mut Forms, spelling: Spelling) -> bool {
    let mut changed = false;
    while behind(words, forms, spelling) || front(words, forms, spelling) || inside(words, forms, spelling) {
        changed = true;
    }
    changed
}

fn behind(words: &mut Vec<Word>, forms: &mut Forms, spelling: Spelling) -> bool {
    let Some(last) = words.last() else { return false };
    let known = if last.facts.may(Facts::FORM_BEHIND) { LEGAL_FORMS.to(spelling(last)) } else { &[] };
    // "Limited" ends many forms of several words; the word in front of it is seldom one of theirs.
    let before = words.len().checked_sub(2).map(|at| &words[at]);
    let longest = if before.is_some_and(|word| word.facts.may(Facts::FORM_PART)) { words.len() } else { 1 };
    for Spelled { words: form, row } in known.iter().filter(|form| form.words.len() <= longest) {
        let start = words.len() - form.len();
        if !is_spelled(&words[start..], form, spelling) {
            continue;
        }
        if row.places.keep {
            return false;
        }
        if has_substance(texts(&words[..start])) {
            forms.behind.push(row.form);
            words.truncate(start);
            drop_dangling_and(words);
            return true;
        }
    }
    let Some((rest, form)) = glued(last, LEGAL_FORMS_BEHIND) else { return false };
    forms.behind.push(form);
    if let Some(last) = words.last_mut() {
        last.write(&rest);
        last.original = None;
    }
    true
}

fn front(words: &mut Vec<Word>, forms: &mut Forms, spelling: Spelling) -> bool {
    let Some(first) = words.first() else { return false };
    let known = if first.facts.may(Facts::FORM_IN_FRONT) { LEGAL_FORMS.from(spelling(first)) } else { &[] };
    for Spelled { words: form, row } in known {
        let count = form.len();
        if count >= words.len() || !is_spelled(&words[..count], form, spelling) {
            continue;
        }
        let Places { front, front_doubtful, .. } = row.places;
        let applies = front || (front_doubtful && is_corroborated(words, count, row, forms, spelling));
        if applies && has_substance(texts(&words[count..])) {
            forms.front.push(row.form);
            words.drain(..count);
            if words.first().is_some_and(|word| word.text == "and") && words.len() > 1 {
                words.remove(0);
            }
            return true;
        }
    }
    let Some((rest, form)) = glued(first, LEGAL_FORMS_FRONT) else { return false };
    forms.front.push(form);
    if let Some(first) = words.first_mut() {
        first.write(&rest);
        first.original = None;
    }
    true
}

fn inside(words: &mut Vec<Word>, forms: &mut Forms, spelling: Spelling) -> bool {
    for start in (1..words.len()).filter(|&at| words[at].facts.may(Facts::FORM_INSIDE)) {
        for Spelled { words: form, row } in LEGAL_FORMS.inside_from(spelling(&words[start])) {
            let end = start + form.len();
            if end <= words.len()
                && is_spelled(&words[start..end], form, spelling)
                && has_substance(texts(&words[..start]))
            {
                forms.inside.push(row.form);
                words.drain(start..end);
                return true;
            }
        }
    }
    false
}

/// Whether these words are the form's.
fn is_spelled(words: &[Word], form: &[String], spelling: Spelling) -> bool {
    words.iter().zip(form).all(|(word, expected)| spelling(word) == expected)
}

/// Whether the words after a doubtful form of `count` words show that it is one.
fn is_corroborated(words: &[Word], count: usize, row: &Row, forms: &Forms, spelling: Spelling) -> bool {
    let (form, rest) = words.split_at(count);
    let Some(next) = rest.first() else { return false };
    let in_other_script = |word: &Word| word.original.is_some() || !word.text.is_ascii();
    (next.quoted && !form[0].quoted)
        || (in_other_script(next) && spelling(&form[0]).is_ascii())
        || row.partners.split(',').any(|partner| forms.behind.iter().any(|behind| behind.form() == partner))
}

/// Whether something is said beyond the commonest function words; others may be names (Los, Das).
pub(super) fn has_substance<'w>(mut words: impl Iterator<Item = &'w str>) -> bool {
    words.any(|word| !matches!(word, "the" | "and" | "of" | "for"))
}

/// The comparable forms of words.
pub(super) fn texts(words: &[Word]) -> impl Iterator<Item = &str> {
    words.iter().map(|word| word.text.as_str())
}

/// Whether these words are a legal form and nothing else.
pub(super) fn is_form(words: &[Word]) -> bool {
    let joined = texts(words).collect::<Vec<_>>().join(" ");
    LEGAL_FORMS.row(&joined).is_some_and(|row| !row.places.keep)
}

/// `& Co.` leaves no "and" behind.
fn drop_dangling_and(words: &mut Vec<Word>) {
    while words.len() > 1 && words.last().is_some_and(|word| word.text == "and") {
        words.pop();
    }
}

type Glued = fn(&str) -> Option<(&str, LegalForm)>;
const LEGAL_FORMS_BEHIND: Glued = |word| LEGAL_FORMS.glued_behind(word);
const LEGAL_FORMS_FRONT: Glued = |word| LEGAL_FORMS.glued_front(word);

/// Scripts without spaces write the form against the name: only those can have one.
fn glued(word: &Word, find: Glued) -> Option<(String, LegalForm)> {
    if word.text.is_ascii() {
        return None;
    }
    find(&word.text)
        // A mark in front of the rest belongs to the last letter of what looked like a form.
        .filter(|(rest, _)| !rest.starts_with(is_combining_mark))
        .map(|(rest, form)| (rest.to_owned(), form))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::name::words::words;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_known_of_words_only_saves_looking(
            picked in prop::collection::vec((0..2_usize, any::<prop::sample::Index>()), 1..7),
        ) {
            let mut of_forms: Vec<&str> = LEGAL_FORMS.words().collect();
            of_forms.sort_unstable();
            let others = ["acme", "the", "and", "bank", "of"];
            let name: Vec<&str> = picked
                .iter()
                .map(|(list, at)| if *list == 0 { others[at.index(others.len())] } else { of_forms[at.index(of_forms.len())] })
                .chain(["limited"])
                .collect();
            let stripped = |look_up: fn(&mut Word)| {
                let (mut words, mut forms) = (words(&name.join(" ")), Forms::default());
                words.iter_mut().for_each(look_up);
                strip(&mut words, &mut forms);
                let texts: Vec<_> = words.into_iter().map(|word| word.text).collect();
                (texts, forms.into_vec())
            };
            prop_assert_eq!(stripped(Word::look_up), stripped(|_| ()), "{:?}", name);
        }
    }
}
