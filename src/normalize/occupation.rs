//! What a job title says about people who do not buy for a company.

use std::sync::LazyLock;

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

/// The occupation that a job title names; `None` for every other title.
///
/// The words must end what the person is, before any "at", "of", "in" or punctuation: a "PhD student at Aalto" is
/// one, a "Student Success Manager" and a "Dean of Students" are not.
pub fn occupation(job_title: &str) -> Option<Occupation> {
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
}
