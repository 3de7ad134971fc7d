//! Everything a subcommand can fail with, and the exit code of each.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::ConfigErrors;
use crate::registry::LoadError;
use crate::registry::import::Loss;
use crate::registry::redis::HomeError;
use crate::registry::redis::writer::Interrupted;
use crate::server::telemetry::TelemetryError;

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
    /// Redis did not do it.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Redis did not do all of it.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The import is done but for rows that are in the file of rejects.
    #[error("")]
    RowsRejected,
    /// A replacement that loses more than half.
    #[error("{0}: if that is meant, add --force")]
    Shrinks(#[from] Loss),
    /// A file cannot be written.
    #[error("cannot write {}: {why}", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The configuration is bad.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Logs cannot be set up as configured.
    #[error("log.filter: {0}")]
    Telemetry(#[from] TelemetryError),
    /// The port cannot be had.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The process lacks something it needs from the system.
    #[error("cannot start: {0}")]
    Start(#[source] io::Error),
    /// The server ended by itself.
    #[error("the server ended without being asked to")]
    ServerEnded,
    /// No connection to a server.
    #[error("cannot reach {server}: {why}; is `namesake serve` running there?")]
    Unreachable {
        /// Which.
        server: String,
        /// Why.
        why: String,
    },
    /// A server refused the call.
    #[error("the server answered {:?}: {}", .0.code(), .0.message())]
    Call(Box<tonic::Status>),
    /// A lead that cannot be routed.
    #[error("{0}")]
    InvalidLead(String),
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
            CliError::Registry(_) | CliError::BadLeads { .. } | CliError::InvalidLead(_) => 65,
            CliError::RowsRejected => 3,
            CliError::Home(error) => home_exit_code(error),
            CliError::Interrupted(interrupted) => home_exit_code(&interrupted.error),
            CliError::Shrinks(_) => 1,
            CliError::Unwritable { .. } => 74,
            CliError::Unreachable { .. } => 69,
            CliError::Config(_) | CliError::Telemetry(_) => 78,
            CliError::Bind { .. } | CliError::Start(_) | CliError::ServerEnded | CliError::Call(_) => 1,
            CliError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            CliError::Output(_) => 74,
        })
    }

    /// True where there is nothing left to say: the reader has gone, or the answer is already written.
    pub fn is_silent(&self) -> bool {
        match self {
            CliError::Negative | CliError::RowsRejected => true,
            CliError::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

fn home_exit_code(error: &HomeError) -> u8 {
    match error {
        HomeError::RegistryChanged | HomeError::VersionConflict { .. } => 75,
        HomeError::LoginRefused { .. } | HomeError::NotPermitted { .. } => 77,
        HomeError::Unreachable { .. } | HomeError::NotReady { .. } | HomeError::NotMaster { .. } => 69,
        HomeError::Damaged { .. } | HomeError::LogAhead { .. } => 65,
        HomeError::BadCertificates { .. } => 78,
        HomeError::OutOfMemory { .. }
        | HomeError::WrongType { .. }
        | HomeError::NoRegistry { .. }
        | HomeError::NoEpoch { .. }
        | HomeError::NoPrevious
        | HomeError::Other { .. } => 1,
    }
}
