//! What is known of single words: abbreviations, generic words, articles and prepositions.

use std::sync::LazyLock;

use compact_str::CompactString;
use hashbrown::{HashMap, HashSet};

use super::{Token, TokenKind, facts::Facts, words::Word};

static ABBREVIATIONS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/abbreviations.tsv")).filter_map(|line| line.split_once('\t')).collect()
});

/// Generic words; true for the places among them.
static GENERIC_WORDS: LazyLock<HashMap<&'static str, bool>> = LazyLock::new(|| {
    let rows = rows(include_str!("../../../data/generic_words.tsv"));
    rows.filter_map(|line| line.split_once('\t')).map(|(word, what)| (word, what == "place")).collect()
});

static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/function_words.tsv")).filter_map(first_column).collect()
});

fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn first_column(line: &'static str) -> Option<&'static str> {
    line.split('\t').next()
}

/// Every abbreviation.
pub(super) fn abbreviations() -> impl Iterator<Item = &'static str> {
    ABBREVIATIONS.keys().copied()
}

/// Every generic word, places included.
pub(super) fn generic_words() -> impl Iterator<Item = &'static str> {
    GENERIC_WORDS.keys().copied()
}

/// Every article, preposition and conjunction.
pub(super) fn function_words() -> impl Iterator<Item = &'static str> {
    FUNCTION_WORDS.iter().copied()
}

/// Whether a word carries almost no evidence; abbreviations count as what they stand for.
pub(super) fn is_generic(text: &str) -> bool {
    GENERIC_WORDS.get(ABBREVIATIONS.get(text).copied().unwrap_or(text)) == Some(&false)
}

/// Whether a word is an article, a preposition or a conjunction.
pub(super) fn is_function(text: &str) -> bool {
    FUNCTION_WORDS.contains(text)
}

/// Writes abbreviations and the two numbers of a generic word (solution, solutions) in one form; true if any changed.
pub(super) fn expand(words: &mut [Word]) -> bool {
    let mut changed = false;
    for word in words.iter_mut().filter(|word| word.facts.may(Facts::ABBREVIATION)) {
        if let Some(&full) = ABBREVIATIONS.get(word.text.as_str()) {
            word.write(full);
            word.variant = None;
            changed = true;
        }
    }
    changed
}

/// The tokens of a key with their kinds. A key of function words alone consists of plain words ("The The").
pub(super) fn tokens(
    words: impl ExactSizeIterator<Item = (CompactString, Option<String>, Facts)>,
) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(words.len());
    let (mut only_function, mut has_generic) = (true, false);
    for (text, variant, facts) in words {
        let may_be_generic = facts.may(Facts::GENERIC);
        let kind = if has_number(&text) {
            TokenKind::Number
        } else if facts.may(Facts::FUNCTION) && is_function(&text) {
            TokenKind::Function
        } else if may_be_generic && GENERIC_WORDS.get(text.as_str()) == Some(&false) {
            TokenKind::Generic
        } else {
            TokenKind::Word
        };
        only_function &= kind == TokenKind::Function;
        has_generic |= may_be_generic;
        let variant = variant.filter(|variant| *variant != text);
        tokens.push(Token { variant, text, kind });
    }
    if only_function {
        tokens.iter_mut().for_each(|token| token.kind = TokenKind::Word);
    }
    if has_generic {
        place_behind_a_name_is_weak(&mut tokens);
    }
    doubtful_form_is_weak(&mut tokens);
    tokens
}

fn has_number(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().any(|byte| byte.is_ascii_digit())
    } else {
        text.chars().any(char::is_numeric)
    }
}

/// A country says which part of a company (Acme Ireland), unless it is all there is to say (Bank of Ireland).
fn place_behind_a_name_is_weak(tokens: &mut [Token]) {
    let is_place = |token: &Token| GENERIC_WORDS.get(token.text.as_str()) == Some(&true);
    let Some(name) = tokens.iter().position(|token| token.kind == TokenKind::Word && !is_place(token)) else {
        return;
    };
    tokens[name + 1..]
        .iter_mut()
        .filter(|token| is_place(token))
        .for_each(|token| token.kind = TokenKind::Generic);
}

/// Short legal forms of markets that write them in front, where nothing told form from name (UAB Vilniaus Duona):
/// they stay in the key without weight, unless the rest could not identify anybody (SIA Engineering).
fn doubtful_form_is_weak(tokens: &mut [Token]) {
    if let [first, rest @ ..] = tokens
        && matches!(first.text.as_str(), "uab" | "sia" | "pt" | "oou" | "tov" | "cty" | "zao" | "oao")
        && rest.iter().any(|token| token.kind == TokenKind::Word)
    {
        first.kind = TokenKind::Generic;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_abbreviation_leads_to_another() {
        for (short, full) in ABBREVIATIONS.iter() {
            assert!(!ABBREVIATIONS.contains_key(full), "{short} -> {full} goes on");
        }
    }

    #[test]
    fn generic_words_are_in_their_final_form() {
        for word in GENERIC_WORDS.keys() {
            assert!(!ABBREVIATIONS.contains_key(word), "{word} is never seen");
            assert!(!FUNCTION_WORDS.contains(word), "{word} is a function word");
        }
    }
}
