//! The command line of Namesake: parse, run, turn an error into an exit code.

use std::process::ExitCode;

use clap::Parser;
use namesake::cli::{Cli, Output};
use namesake::config::Environment;

/// Index and answers are many small strings, made on many threads: what this allocator is for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The environment of the process; the only place that reads it.
struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

fn main() -> ExitCode {
    namesake::registry::redis::install_crypto_provider();
    let cli = Cli::parse();
    let mut output = Output::of_process();
    let result = cli.run(&ProcessEnvironment, &mut output).and_then(|()| Ok(output.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What was answered before the failure stays answered.
            let _ = output.flush();
            if !error.is_silent() {
                output.remark(&error);
            }
            error.exit_code()
        }
    }
}
