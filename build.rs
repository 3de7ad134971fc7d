//! proto -> Rust, in pure Rust: nobody needs protoc; and the mark of what account texts are read by.

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// All that decides what an account's texts are read as: a snapshot file tells by it whether they were read alike.
const READING: [&str; 6] =
    ["src/account.rs", "src/matching", "src/normalize", "src/registry", "data", "Cargo.lock"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut reading = DefaultHasher::new();
    for path in READING {
        println!("cargo::rerun-if-changed={path}");
        hash(Path::new(path), &mut reading)?;
    }
    println!("cargo::rustc-env=NAMESAKE_READING={:016x}", reading.finish());
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(["namesake/v1/registry.proto", "namesake/v1/routing.proto"])?;

    // What reflection serves, comments included: a person who browses the API wants to read them.
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(out.join("namesake.bin"), compiler.encode_file_descriptor_set())?;

    tonic_prost_build::configure()
        // The one foreign message, google.rpc.Status, comes with the error details that ride in it.
        .extern_path(".google.rpc", "::tonic_types::pb")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Hashes a file, or all files of a folder in the order of their names.
fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if !path.is_dir() {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut inside: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    inside.sort();
    inside.iter().try_for_each(|path| hash(path, hasher))
}
