//! proto -> Rust, in pure Rust: nobody needs protoc.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(["namesake/v1/registry.proto", "namesake/v1/routing.proto"])?;

    // What reflection serves, comments included: a person who browses the API wants to read them.
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("namesake.bin"), compiler.encode_file_descriptor_set())?;

    tonic_prost_build::configure()
        // The one foreign message, google.rpc.Status, comes with the error details that ride in it.
        .extern_path(".google.rpc", "::tonic_types::pb")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
