//! Runs of single letters become one word: `B. V.`, `J T L`, `G M B H`.

use super::words::Word;

/// Joins neighboring single letters of `words`; true if any were joined.
pub(super) fn join_letters(words: &mut Vec<Word>) -> bool {
    let count = words.len();
    let mut in_run = false;
    let mut kept: Vec<Word> = Vec::new();
    if !words
        .windows(2)
        .any(|pair| pair[0].is_letter() && pair[1].is_letter() && pair[0].bracket == pair[1].bracket)
    {
        return false;
    }
    for word in words.drain(..) {
        let letter = word.is_letter();
        match kept.last_mut() {
            Some(last) if in_run && letter && last.bracket == word.bracket => last.append(&word),
            _ => kept.push(word),
        }
        in_run = letter;
    }
    *words = kept;
    words.len() < count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::name::words::words;

    fn check(text: &str, expected: &str) {
        let mut words = words(text);
        join_letters(&mut words);
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn single_letters_join() {
        check("Fenerbahce S. K.", "fenerbahce sk");
        check("foot G M B H", "foot gmbh");
        check("a b cde", "ab cde");
        check("a b c.d.", "ab cd");
        check("А О Ромашка", "ao romashka");
    }

    #[test]
    fn groups_and_lone_letters_stay() {
        check("a.b.c. b.v.", "abc bv");
        check("A & B Foods", "a and b foods");
        check("東 京", "東 京");
    }
}
