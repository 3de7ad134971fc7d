//! The command line of Namesake: parse, run, turn an error into an exit code.

use std::process::ExitCode;

use clap::Parser;
use namesake::cli::{Cli, Output};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::of_process();
    let result = cli.run(&mut output).and_then(|()| Ok(output.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is_silent() {
                output.remark(&error);
            }
            error.exit_code()
        }
    }
}
