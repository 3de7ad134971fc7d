//! Many records at once: gathered, checked as files are, and written as `namesake import` writes them.

use std::sync::Arc;

use tonic::{Status, Streaming};

use super::door::Door;
use super::failure;
use crate::proto::v1;
use crate::registry::import::{Existing, Meaning, Plan, plan};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::stored::Stored;
use crate::registry::{Content, LoadError, Problem};

/// Most bytes of records in one import: 8,000 of the largest, some 200,000 of usual ones.
const IMPORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most problems and conflicts that an answer names.
const NAMED_MAX: usize = 1_000;

/// What problems call the accounts and the reps of an import.
const ACCOUNTS: &str = "accounts";
const REPS: &str = "reps";

/// Records as they came, one line of JSON each, so that they are checked exactly as a file is.
#[derive(Default)]
struct Gathered {
    options: v1::ImportOptions,
    accounts: Vec<u8>,
    reps: Vec<u8>,
}

impl Gathered {
    async fn of(mut parts: Streaming<v1::ImportRegistryRequest>) -> Result<Gathered, Status> {
        let mut gathered = Gathered::default();
        let mut first = true;
        while let Some(part) = parts.message().await? {
            match part.options {
                Some(options) if first => gathered.options = options,
                Some(_) => return Err(failure::invalid("options", "belong into the first message only")),
                None => {}
            }
            first = false;
            let accounts = part.accounts.into_iter().map(|account| AccountRecord::from(account).text());
            accounts.for_each(|text| line(&mut gathered.accounts, &text));
            let reps = part.reps.into_iter().map(|rep| RepRecord::from(rep).text());
            reps.for_each(|text| line(&mut gathered.reps, &text));
            if gathered.accounts.len() + gathered.reps.len() > IMPORT_BYTES_MAX {
                return Err(failure::too_large(IMPORT_BYTES_MAX));
            }
        }
        if gathered.accounts.is_empty() && gathered.reps.is_empty() {
            return Err(failure::invalid(ACCOUNTS, "are not given, and no reps either: send some"));
        }
        Ok(gathered)
    }
}

fn line(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
}

pub(super) async fn import(
    door: &Door,
    parts: Streaming<v1::ImportRegistryRequest>,
) -> Result<v1::ImportRegistryResponse, Status> {
    let Gathered { options, accounts, reps } = Gathered::of(parts).await?;
    if options.replace && accounts.is_empty() {
        return Err(failure::invalid(ACCOUNTS, "are not given: a registry without accounts is refused"));
    }
    let content = |file: &str, bytes: Vec<u8>| Content { file: Arc::from(file), bytes };
    let accounts: Vec<Content> = Some(accounts)
        .filter(|bytes| !bytes.is_empty())
        .map(|bytes| content(ACCOUNTS, bytes))
        .into_iter()
        .collect();
    let reps = Some(reps).filter(|bytes| !bytes.is_empty()).map(|bytes| content(REPS, bytes));

    let (mut open, _) = door.open().await.map_err(|error| failure::home(&error))?;
    let before = open.connection().contents(|_| {}).await.map_err(|error| failure::home(&error))?;
    let meaning = Meaning { replace: options.replace, strict: options.strict, rejects: options.skip_invalid };
    let planned = tokio::task::spawn_blocking(move || {
        let nothing = Default::default();
        let existing = before.as_ref().map_or(Existing { accounts: &nothing, reps: &nothing }, |before| {
            Existing { accounts: &before.accounts, reps: &before.reps }
        });
        let plan = plan(&accounts, reps.as_ref(), existing, meaning).map_err(|error| refused(&error))?;
        if !options.force {
            plan.keeps_enough(existing).map_err(|loss| failure::shrinks(&loss))?;
        }
        let changes = plan.changes(existing);
        Ok::<_, Status>((plan, changes, before))
    });
    let (plan, changes, before): (Plan, _, _) =
        planned.await.map_err(|_| super::super::status::internal())??;

    let quiet = changes.is_empty() && before.is_some();
    if !options.dry_run && !quiet {
        let connection = open.connection();
        let done = connection.write_plan(&plan, &changes, before.as_ref(), options.replace, |_, _| {}).await;
        done.map_err(|interrupted| failure::home(&interrupted.error))?;
    }
    let position = open.connection().position().await.map_err(|error| failure::home(&error))?;
    Ok(answer(&plan, position.map_or(0, |position| position.rev as i64)))
}

fn answer(plan: &Plan, revision: i64) -> v1::ImportRegistryResponse {
    let sum = |of: fn(&crate::registry::import::Counts) -> usize| {
        (of(&plan.account_counts) + of(&plan.rep_counts)) as i64
    };
    let rejected = plan.rejects.iter().map(|reject| &reject.problem);
    let problems = rejected.chain(&plan.warnings).take(NAMED_MAX).map(problem).collect();
    v1::ImportRegistryResponse {
        added_count: sum(|counts| counts.added),
        changed_count: sum(|counts| counts.changed),
        deleted_count: sum(|counts| counts.deleted),
        unchanged_count: sum(|counts| counts.unchanged),
        rejected_count: plan.rejects.len() as i64,
        problems,
        conflicts: plan.conflicts.iter().take(NAMED_MAX).map(ToString::to_string).collect(),
        revision,
    }
}

fn problem(problem: &Problem) -> v1::RecordProblem {
    v1::RecordProblem {
        place: format!("{} {}", problem.place.file, problem.place.line),
        column: problem.column.clone(),
        description: problem.fault.to_string(),
        refused: problem.fault.refuses(),
    }
}

/// Why an import is refused, each record named.
fn refused(error: &LoadError) -> Status {
    match error {
        LoadError::Refused { problems } => {
            let violations = problems.iter().take(NAMED_MAX).map(|one| {
                let v1::RecordProblem { place, column, description, .. } = problem(one);
                (format!("{place} {column}").trim_end().to_owned(), description)
            });
            failure::records_invalid(problems.len(), violations)
        }
        LoadError::Conflicts { conflicts } => {
            let violations =
                conflicts.iter().take(NAMED_MAX).map(|one| (ACCOUNTS.to_owned(), one.to_string()));
            failure::records_invalid(conflicts.len(), violations)
        }
        LoadError::Unreadable { .. } => super::super::status::internal(),
    }
}
