//! Any bytes as a file of accounts, alone and beside a file of reps: no panic, a refusal names lines of the file,
//! and what is taken can be indexed.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use namesake::matching::{Index, Revision};
use namesake::registry::problem::Fault;
use namesake::registry::{Content, LoadError, load_contents};

const REPS: &str = "id,name\nann,Ann\nbob,Bob\n";

fuzz_target!(|bytes: &[u8]| {
    let accounts = [Content { file: Arc::from("accounts.csv"), bytes: bytes.to_vec() }];
    let reps = Content { file: Arc::from("reps.csv"), bytes: REPS.into() };
    check(&accounts, None);
    check(&accounts, Some(&reps));
    check(&accounts, Some(&accounts[0]));
});

fn check(accounts: &[Content; 1], reps: Option<&Content>) {
    let bytes = &accounts[0].bytes;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count() + 1;
    match load_contents(accounts, reps, false) {
        Ok(loaded) => {
            let registry = loaded.registry;
            assert!(loaded.warnings.iter().all(|problem| !problem.fault.refuses()));
            let count = registry.accounts().len();
            assert_eq!(Index::build(registry, Revision(1)).account_count(), count);
        }
        Err(LoadError::Refused { problems }) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                let line = usize::try_from(problem.place.line).expect("a line fits");
                // Only what is wrong with a file as a whole has no line to name: that it is empty, or UTF-16.
                let whole = match problem.fault {
                    Fault::EmptyFile { .. } => true,
                    Fault::NotUtf8 => [b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| text.starts_with(*mark)),
                    _ => false,
                };
                assert!((1..=lines).contains(&line) || (whole && line == 0), "{problem}");
            }
        }
        Err(error) => panic!("nothing else refuses bytes that were read: {error}"),
    }
}
