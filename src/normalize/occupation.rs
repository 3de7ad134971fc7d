//! What a job title says about people who do not buy for a company.

use std::sync::LazyLock;

use hashbrown::HashSet;

/// Somebody who is at a company for another reason than its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occupation {
    /// Learns.
    Student,
    /// Looks for a job.
    JobSeeker,
}

/// Kinds with the words that tell them; see the head of the data file.
static WORDS: LazyLock<Vec<(Occupation, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("../../data/occupations.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(kind, words)| match kind {
            "student" => (Occupation::Student, words),
            _ => (Occupation::JobSeeker, words),
        })
        .collect()
});

/// The last of each kind's words.
static LAST_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WORDS.iter().filter_map(|(_, words)| words.rsplit(' ').next()).collect());

/// Longest of [`LAST_WORDS`], in bytes.
const LAST_WORD_BYTES_MAX: usize = 16;

/// The occupation that a job title names; `None` for every other title.
///
/// The words must end what the person is, before any "at", "of", "in" or punctuation: a "PhD student at Aalto" is
/// one, a "Student Success Manager" and a "Dean of Students" are not.
pub fn occupation(job_title: &str) -> Option<Occupation> {
    if job_title.is_ascii() && !may_name_one(job_title) {
        return None;
    }
    any_occupation(job_title)
}

/// Whether what the person is, in an ASCII job title, ends with a word that some kind's words end with: few do.
fn may_name_one(job_title: &str) -> bool {
    let bytes = job_title.as_bytes();
    let mut last = &bytes[..0];
    let mut from = 0;
    while from < bytes.len() {
        let len = bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let word = &bytes[from..from + len];
        if [&b"at"[..], b"of", b"in"].iter().any(|stop| word.eq_ignore_ascii_case(stop)) {
            break;
        }
        if len > 0 {
            last = word;
        }
        if matches!(bytes.get(from + len), Some(b',' | b'|' | b'(' | b'/' | b';' | b'-' | b'@')) {
            break;
        }
        from += len + 1;
    }
    let mut lower = [0; LAST_WORD_BYTES_MAX];
    let Some(lower) = lower.get_mut(..last.len()).filter(|lower| !lower.is_empty()) else { return false };
    lower.copy_from_slice(last);
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).is_ok_and(|word| LAST_WORDS.contains(word))
}

/// The occupation that a job title in any letters names.
fn any_occupation(job_title: &str) -> Option<Occupation> {
    let lower = job_title.to_lowercase();
    let clause = lower.split([',', '|', '(', '/', ';', '–', '-', '@']).next().unwrap_or_default();
    let mut head = String::with_capacity(clause.len());
    for word in clause.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if matches!(word, "at" | "of" | "in") {
            break;
        }
        head.push(' ');
        head.push_str(word);
    }
    let ends_with = |words: &str| head.strip_suffix(words).is_some_and(|rest| rest.ends_with(' '));
    WORDS.iter().find(|(_, words)| ends_with(words)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(job_title: &str, expected: Option<Occupation>) {
        assert_eq!(occupation(job_title), expected, "{job_title}");
    }

    #[test]
    fn a_student_is_one_wherever() {
        check("Student", Some(Occupation::Student));
        check("PhD student at Aalto University", Some(Occupation::Student));
        check("Law Student, third year", Some(Occupation::Student));
        check("Étudiante", Some(Occupation::Student));
    }

    #[test]
    fn those_who_work_with_students_are_not() {
        check("Student Success Manager", None);
        check("Dean of Students", None);
        check("Head of Studentin Services", None);
    }

    #[test]
    fn somebody_who_looks_for_a_job_is_one() {
        check("Job seeker", Some(Occupation::JobSeeker));
        check("Engineer, unemployed", None);
        check("Currently looking for a job", Some(Occupation::JobSeeker));
    }

    #[test]
    fn an_empty_or_odd_title_says_nothing() {
        check("", None);
        check("!!!", None);
        check("CEO", None);
    }

    #[test]
    fn no_last_word_is_longer_than_is_read() {
        assert!(LAST_WORDS.iter().all(|word| word.len() <= LAST_WORD_BYTES_MAX));
    }

    proptest! {
        #[test]
        fn a_plain_title_is_told_as_any_other(
            words in prop::collection::vec("(PhD )?Student|job seeker|Seeking|opportunities|at|OF|in|d|emploi|etudiante|[a-z0-9]{0,20}|[,|(/;@ .&-]{1,2}", 0..7),
            separator in "[ ,|(/;@.&-]?",
        ) {
            let title = words.join(&separator);
            prop_assert_eq!(occupation(&title), any_occupation(&title), "{}", title);
        }
    }
}
