//! `namesake config`: what is set, and whether it may be.

use clap::{Args, Subcommand};

use super::source::RegistryArgs;
use super::{CliError, Output};
use crate::config::{Config, Environment};

/// Flags of `config`.
#[derive(Args, Debug)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the configuration in effect, or every bad key: then the exit code is 78.
    Check(RegistryArgs),
    /// Print the default configuration as a file, every setting explained and commented out.
    Print,
}

pub(super) fn run(
    args: &ConfigArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let text = match &args.action {
        Action::Check(registry) => {
            let config = registry.config(environment)?;
            for warning in config.warnings() {
                output.remark(format_args!("warning: {warning}"));
            }
            config.effective_file()
        }
        Action::Print => Config::default_file(),
    };
    Ok(output.line(text.trim_end())?)
}
