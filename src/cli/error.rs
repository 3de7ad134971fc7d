//! Everything a subcommand can fail with, and the exit code of each.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::registry::LoadError;

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer is no; it is already written.
    #[error("")]
    Negative,
    /// Options that do not go together.
    #[error("{0}")]
    Usage(String),
    /// The registry is refused.
    #[error(transparent)]
    Registry(#[from] LoadError),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of leads makes no sense.
    #[error("{}: {why}", path.display())]
    BadLeads {
        /// Which.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// The answer cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// The exit code: those above 2 are the `EX_` values of BSD's sysexits.h.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            CliError::Negative => 1,
            CliError::Usage(_) => 2,
            CliError::Registry(LoadError::Unreadable { .. }) | CliError::Unreadable { .. } => 66,
            CliError::Registry(_) | CliError::BadLeads { .. } => 65,
            CliError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            CliError::Output(_) => 74,
        })
    }

    /// True where there is nothing left to say: the reader has gone, or the answer is already written.
    pub fn is_silent(&self) -> bool {
        match self {
            CliError::Negative => true,
            CliError::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}
