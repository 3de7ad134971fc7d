//! `namesake check`: the health of a registry, or what one account would collide with.

mod text;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::source::{self, RegistryArgs};
use super::{CliError, Output};
use crate::account::AccountId;
use crate::config::Environment;
use crate::matching::Index;
use crate::registry::health::{self, Severity};
use crate::registry::one;
use crate::registry::record::AccountRecord;

/// Flags of `check`.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    registry: RegistryArgs,
    /// The least severity for which the exit code is 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Severity::Error)]
    fail_on: Severity,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    account: AccountArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// The whole report as one JSON object.
    Json,
}

/// An account that is to be added or changed. With these flags it alone is looked at.
#[derive(Args, Debug)]
#[command(next_help_heading = "An account to be added or changed")]
struct AccountArgs {
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// Which account of the registry is to be changed: what no flag gives stays as it is.
    #[arg(long, value_name = "ID", requires = "name")]
    id: Option<String>,
    /// An e-mail domain; give it again to add others.
    #[arg(long, value_name = "DOMAIN", requires = "name")]
    domain: Vec<String>,
    /// Its country: ISO code or English name.
    #[arg(long, requires = "name")]
    country: Option<String>,
    /// The rep who is to own it.
    #[arg(long, value_name = "REP", requires = "name")]
    owner: Option<String>,
    /// Its class: strategic, major, named or standard.
    #[arg(long, requires = "name")]
    class: Option<String>,
}

/// Stands in for the id of an account that has none yet.
const NEW_ID: &str = "the new account";

pub(super) fn run(
    args: &CheckArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.registry.config(environment)?;
    let examined = source::examined(&config, output)?;
    let report = match &args.account.name {
        None => health::check(&examined.index, &examined.loading, &config.policy, Timestamp::now()),
        Some(name) => {
            let record = record(name, &args.account, &examined.index)?;
            let (account, ignored) = one::account(&record).map_err(|error| {
                let problems: Vec<String> = error
                    .problems
                    .iter()
                    .map(|problem| format!("{} {}", problem.column, problem.fault))
                    .collect();
                CliError::Usage(problems.join("; "))
            })?;
            health::lint(&examined.index, &config.policy, account, &ignored)
        }
    };
    match args.output {
        Format::Text => text::write(&report, args.account.name.as_deref(), output.answers())?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&report).expect("a report is numbers and texts");
            output.line(text)?;
        }
    }
    if report.reaches(args.fail_on) { Err(CliError::Negative) } else { Ok(()) }
}

/// The record as it would be.
fn record(name: &str, args: &AccountArgs, index: &Index) -> Result<AccountRecord, CliError> {
    let mut record = match &args.id {
        None => AccountRecord { id: NEW_ID.into(), ..AccountRecord::default() },
        Some(id) => {
            let account = AccountId::new(id).and_then(|id| index.account(&id));
            let none = || CliError::Usage(format!("--id: there is no account {id} in the registry"));
            AccountRecord::from(account.ok_or_else(none)?)
        }
    };
    record.name = name.into();
    if !args.domain.is_empty() {
        record.domains.clone_from(&args.domain);
    }
    for (given, slot) in [
        (&args.country, &mut record.country),
        (&args.owner, &mut record.owner_id),
        (&args.class, &mut record.class),
    ] {
        if let Some(value) = given {
            slot.clone_from(value);
        }
    }
    Ok(record)
}
