//! The command line: one subcommand a file, one place that writes, one place that turns an error into an
//! exit code.

mod error;
mod leads;
mod matching;
mod output;
mod source;

use clap::{Parser, Subcommand};

pub use error::CliError;
pub use output::Output;

/// Says whose lead it is: routes leads to the owners of named accounts.
#[derive(Debug, Parser)]
#[command(name = "namesake", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 a negative answer or a failure; 2 wrong usage; 65 bad data (a registry or leads file); \
66 a file that cannot be read; 69 a server that cannot be reached; 74 output that cannot be written; \
78 bad configuration.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Match a file of leads: decisions out, one row a lead, in order.
    Match(matching::MatchArgs),
}

impl Cli {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// [`CliError`], which knows its exit code.
    pub fn run(self, output: &mut Output) -> Result<(), CliError> {
        match self.command {
            Command::Match(args) => matching::run(&args, output),
        }
    }
}
