//! Runs of single letters become one word: `B. V.`, `J T L`, `G M B H`.

use super::words::Word;

/// Words that `readings` takes for a mark between two names. Letters that happen to spell one stay apart: joined, the
/// key would be read as two names the next time.
const MARKS: [&str; 4] = ["aka", "dba", "fka", "nka"];

/// Joins neighboring single letters of `words`; true if any were joined.
pub(super) fn join_letters(words: &mut Vec<Word>) -> bool {
    let in_run =
        |pair: &[Word]| pair[0].bracket == pair[1].bracket && pair[0].is_letter() && pair[1].is_letter();
    if !words.windows(2).any(in_run) {
        return false;
    }
    let count = words.len();
    let mut kept: Vec<Word> = Vec::with_capacity(count);
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let in_run = |word: &&Word| word.is_letter() && word.bracket == first.bracket;
        let (run, after) = rest.split_at(rest.iter().take_while(in_run).count().max(1));
        let spelled: String = run.iter().map(|word| word.text.as_str()).collect();
        if MARKS.contains(&spelled.as_str()) {
            kept.extend_from_slice(run);
        } else {
            let mut joined = first.clone();
            run[1..].iter().for_each(|letter| joined.append(letter));
            kept.push(joined);
        }
        rest = after;
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
    fn letters_that_spell_a_mark_between_names_stay() {
        check("a k a and b", "a k a and b");
        check("a k a b", "akab");
    }

    #[test]
    fn groups_and_lone_letters_stay() {
        check("a.b.c. b.v.", "abc bv");
        check("A & B Foods", "a and b foods");
        check("東 京", "東 京");
    }
}
