//! Holds the source to the rules that no compiler checks: the core stays pure, files stay one idea long, and
//! nothing of a developer's machine or of unfinished work stays behind.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, in lines: near it, look for the second idea.
const LINES_MAX: usize = 400;

/// The pure core: files, and directories with everything in them.
const CORE: [&str; 11] = [
    "src/account.rs",
    "src/lead.rs",
    "src/policy.rs",
    "src/policy",
    "src/score.rs",
    "src/normalize.rs",
    "src/normalize",
    "src/matching.rs",
    "src/matching",
    "src/routing.rs",
    "src/routing",
];

/// Words that the core's code does not use: it runs to the end at once, reads no clock, writes no log, knows no
/// wire format, and gets chance, files and settings from nobody.
const IMPURE_WORDS: [&str; 15] = [
    "async",
    "await",
    "Instant",
    "SystemTime",
    "tracing",
    "serde",
    "serde_json",
    "prost",
    "tonic",
    "tokio",
    "redis",
    "rand",
    "println",
    "eprintln",
    "thread",
];

/// Paths that the core's code does not use: clocks, the outside world, and the shells around the core.
const IMPURE_PATHS: [&str; 14] = [
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::env",
    "std::net",
    "std::io",
    "std::process",
    "crate::cli",
    "crate::config",
    "crate::grpc",
    "crate::http",
    "crate::proto",
    "crate::registry",
    "crate::server",
];

#[derive(Debug)]
struct Source {
    path: String,
    text: String,
}

/// Files under a directory of the repository, or the file itself, whose name ends in one of `endings`.
fn sources(roots: &[&str], endings: &[&str]) -> Vec<Source> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open: Vec<PathBuf> = roots.iter().map(|root| repository.join(root)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) && path.exists() {
            let text = fs::read_to_string(&path).unwrap();
            found.push(Source { path: path.strip_prefix(repository).unwrap().display().to_string(), text });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Lines of the code proper with their numbers: without comments, and without the tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = (usize, String)> {
    let own = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    own.enumerate().map(|(at, line)| (at + 1, without_comment(line)))
}

fn without_comment(line: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '/' if !quoted && line[at..].starts_with("//") => return line[..at].to_owned(),
            _ => {}
        }
    }
    line.to_owned()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[track_caller]
fn check(what: &str, offenses: Vec<String>) {
    assert!(offenses.is_empty(), "{what}:\n  {}", offenses.join("\n  "));
}

#[test]
fn the_core_is_pure() {
    let core = sources(&CORE, &[".rs"]);
    assert!(core.len() > 15, "the core was not found: {core:?}");
    let mut offenses = Vec::new();
    for source in &core {
        for (number, line) in code(&source.text) {
            let word = words(&line).find(|word| IMPURE_WORDS.contains(word));
            let path = IMPURE_PATHS.iter().find(|path| line.contains(**path)).copied();
            if let Some(found) = word.or(path) {
                offenses.push(format!("{}:{number}: {found}", source.path));
            }
        }
    }
    check("the core may not use these; take the value as an argument, or move the code to a shell", offenses);
}

#[test]
fn a_file_is_one_idea() {
    let files = sources(&["src", "tests", "benches", "build.rs"], &[".rs"]);
    let long = files.iter().map(|source| (source, source.text.lines().count()));
    let long = long.filter(|(_, lines)| *lines > LINES_MAX);
    check("files over 400 lines", long.map(|(source, lines)| format!("{}: {lines}", source.path)).collect());
}

#[test]
fn nothing_unfinished_and_no_tab_stays_behind() {
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK")];
    let mut offenses = Vec::new();
    for source in sources(&["src", "tests", "benches", "proto", "build.rs"], &[".rs", ".proto", ".lua"]) {
        for (number, line) in source.text.lines().enumerate() {
            if line.contains('\t') || words(line).any(|word| unfinished.contains(&word)) {
                offenses.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    check("tabs and unfinished work", offenses);
}

#[test]
fn no_machine_is_named() {
    // Assembled, so that this file does not name them.
    let places = [concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/tm", "p/"), concat!("/Us", "ers/")];
    let endings =
        [".rs", ".proto", ".toml", ".md", ".py", ".sh", ".lua", ".yaml", ".yml", ".txt", ".tsv", "Makefile"];
    let roots =
        ["src", "tests", "benches", "proto", "scripts", "data", "examples", "docs", "Makefile", "README.md"];
    let mut offenses = Vec::new();
    for source in sources(&roots, &endings) {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(place) = places.iter().find(|place| line.contains(**place)) {
                offenses.push(format!("{}:{}: {place}", source.path, number + 1));
            }
        }
    }
    check("paths of a machine", offenses);
}

#[test]
fn every_data_file_says_where_it_comes_from_and_when() {
    let files = sources(&["data"], &[".txt", ".tsv"]);
    assert!(files.len() > 5, "the data files were not found");
    let notices =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("THIRD_PARTY_DATA.md")).unwrap();
    let offenses = files.iter().filter(|source| {
        let head: Vec<&str> = source.text.lines().take_while(|line| line.starts_with('#')).collect();
        let dated = head.iter().any(|line| words(line).any(|word| word.len() == 4 && word.starts_with("20")));
        head.len() < 2 || !dated || !notices.contains(&source.path)
    });
    check(
        "data files without source and date in # lines at the head, or not in THIRD_PARTY_DATA.md",
        offenses.map(|source| source.path.clone()).collect(),
    );
}

#[test]
fn comments_and_strings_are_told_apart() {
    assert_eq!(without_comment("let a = \"http://x\"; // async"), "let a = \"http://x\"; ");
    assert_eq!(without_comment("/// serde"), "");
}
