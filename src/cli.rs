//! The command line: one subcommand a file, one place that writes, one place that turns an error into an
//! exit code.

mod check;
mod config;
mod error;
mod eval;
mod export;
mod health;
mod import;
mod leads;
mod matching;
mod output;
mod redis;
mod remote;
mod rollback;
mod route;
mod serve;
mod source;
mod spreadsheet;
mod status;
mod unmatched;
mod verify;

use clap::{Parser, Subcommand};

pub use error::CliError;
pub use output::Output;

use crate::config::Environment;

/// Says whose lead it is: routes leads to the owners of named accounts.
#[derive(Debug, Parser)]
#[command(name = "namesake", version, about, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Every setting can also be given by the environment or in namesake.toml: see `namesake config print`.

Exit codes: 0 done; 1 a negative answer or a failure; 2 wrong usage; 3 imported, but rows were rejected; 65 bad data \
(a registry or leads file); 66 a file that cannot be read; 69 a server or Redis that cannot be reached; 74 output \
that cannot be written; 75 the registry was changed meanwhile, try again; 77 Redis does not permit it; 78 bad \
configuration.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve gRPC until SIGTERM or SIGINT.
    Serve(serve::ServeArgs),
    /// Route one lead and explain the decision.
    Route(Box<route::RouteArgs>),
    /// Match a file of leads: decisions out, one row a lead, in order.
    Match(matching::MatchArgs),
    /// Import files into the registry in Redis.
    Import(Box<import::ImportArgs>),
    /// Export the registry in Redis as files.
    Export(Box<export::ExportArgs>),
    /// Go back to the registry before the last `import --replace`.
    Rollback(rollback::RollbackArgs),
    /// Check that everything stored in Redis fits together: exit code 0 if so, 1 if not.
    Verify(verify::VerifyArgs),
    /// Check the health of a registry, or what an account would collide with: exit code 1 if something is found.
    Check(Box<check::CheckArgs>),
    /// Say where the registry in Redis stands.
    Status(status::StatusArgs),
    /// List companies that leads named and a server's registry lacks, those seen most first.
    Unmatched(unmatched::UnmatchedArgs),
    /// Measure the matcher on labelled leads.
    Eval(Box<eval::EvalArgs>),
    /// Check or print the configuration.
    Config(config::ConfigArgs),
    /// Ask a server whether it serves: exit code 0 if so, 1 if not.
    Health(health::HealthArgs),
}

impl Cli {
    /// Runs the subcommand; settings that no flag gives are read from `environment`.
    ///
    /// # Errors
    /// [`CliError`], which knows its exit code.
    pub fn run(self, environment: &dyn Environment, output: &mut Output) -> Result<(), CliError> {
        match self.command {
            Command::Serve(args) => serve::run(&args, environment, output),
            Command::Route(args) => route::run(*args, environment, output),
            Command::Match(args) => matching::run(&args, environment, output),
            Command::Import(args) => import::run(&args, environment, output),
            Command::Export(args) => export::run(&args, environment, output),
            Command::Rollback(args) => rollback::run(&args, environment, output),
            Command::Verify(args) => verify::run(&args, environment, output),
            Command::Check(args) => check::run(&args, environment, output),
            Command::Status(args) => status::run(&args, environment, output),
            Command::Unmatched(args) => unmatched::run(&args, output),
            Command::Eval(args) => eval::run(&args, environment, output),
            Command::Config(args) => config::run(&args, environment, output),
            Command::Health(args) => health::run(&args, environment, output),
        }
    }
}
