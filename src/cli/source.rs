//! The flags that say where the registry is, shared by every subcommand that needs one.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Output};
use crate::matching::{Index, Revision};
use crate::registry::{self, Sources, file::Listing};

/// Where the registry is.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct RegistryArgs {
    /// Accounts, CSV or JSON Lines; give it again to add further files.
    #[arg(long, value_name = "FILE")]
    pub(super) accounts: Vec<PathBuf>,
    /// Reps, CSV or JSON Lines; without it every owner is an active rep.
    #[arg(long, value_name = "FILE")]
    pub(super) reps: Option<PathBuf>,
    /// Refuse a registry in which two owners claim the same domain or name.
    #[arg(long)]
    pub(super) strict: bool,
}

impl RegistryArgs {
    pub(super) fn sources(&self) -> Result<Sources, CliError> {
        if self.accounts.is_empty() {
            return Err(CliError::Usage("no registry given: add --accounts FILE".into()));
        }
        Ok(Sources { accounts: self.accounts.clone(), reps: self.reps.clone(), strict: self.strict })
    }

    /// Loads the registry, remarks on what is doubtful in it, and builds the index.
    pub(super) fn index(&self, output: &mut Output) -> Result<Index, CliError> {
        output.progress("reading the registry");
        let loaded = registry::load(&self.sources()?)?;
        output.progress("building the index");
        let index = Index::build(loaded.registry, Revision(1));
        output.progress_done();
        if !loaded.warnings.is_empty() {
            output.remark(Listing { problems: &loaded.warnings, what: "warning" });
        }
        if !loaded.conflicts.is_empty() {
            output.remark(Listing { problems: &loaded.conflicts, what: "conflict" });
        }
        Ok(index)
    }
}
