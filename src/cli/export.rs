//! `namesake export`: the registry in Redis as files, which `import` reads back without a change.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::redis::{RedisArgs, with_connection};
use super::{CliError, Output};
use crate::config::Environment;
use crate::registry::{account_columns, rep_columns};

/// Flags of `export`.
#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    redis: RedisArgs,
    /// How the files are written.
    #[arg(long, value_enum, default_value_t = FileFormat::Csv)]
    format: FileFormat,
    /// Where the accounts go.
    #[arg(long, value_name = "FILE", required_unless_present = "reps")]
    accounts: Option<PathBuf>,
    /// Where the reps go.
    #[arg(long, value_name = "FILE")]
    reps: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    /// Comma-separated, `|` between several values.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

pub(super) fn run(
    args: &ExportArgs,
    environment: &dyn Environment,
    output: &mut Output,
) -> Result<(), CliError> {
    let config = args.redis.config(environment)?;
    let contents = with_connection(&config, async |home| {
        let progress = |count| output.progress(format_args!("reading Redis: {count} records"));
        let contents = home.contents(progress).await?;
        Ok(contents.ok_or_else(|| home.no_registry())?)
    });
    output.progress_done();
    let contents = contents?;
    if let Some(path) = &args.accounts {
        write(path, args.format, &contents.accounts, account_columns())?;
    }
    if let Some(path) = &args.reps {
        write(path, args.format, &contents.reps, rep_columns())?;
    } else if !contents.reps.is_empty() {
        output.remark(format_args!("{} reps are not exported: name a file with --reps", contents.reps.len()));
    }
    let position = &contents.position;
    Ok(output.line(format_args!(
        "{} accounts and {} reps of epoch {}, revision {}",
        contents.accounts.len(),
        contents.reps.len(),
        position.epoch,
        position.rev
    ))?)
}

/// Writes beside the file and renames: nobody sees half of it.
fn write(
    path: &Path,
    format: FileFormat,
    records: &BTreeMap<String, String>,
    columns: &[&str],
) -> Result<(), CliError> {
    let unwritable = |why: String| CliError::Unwritable { path: path.to_owned(), why };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write_to(&part, format, records, columns)
        .and_then(|()| std::fs::rename(&part, path).map_err(|error| error.to_string()));
    written.map_err(|why| {
        let _ = std::fs::remove_file(&part);
        unwritable(why)
    })
}

fn write_to(
    path: &Path,
    format: FileFormat,
    records: &BTreeMap<String, String>,
    columns: &[&str],
) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    match format {
        FileFormat::Jsonl => {
            for text in records.values() {
                writeln!(file, "{text}").map_err(failed)?;
            }
            file.flush().map_err(failed)
        }
        FileFormat::Csv => write_csv(&mut file, records, columns),
    }
}

fn write_csv(
    file: &mut impl Write,
    records: &BTreeMap<String, String>,
    columns: &[&str],
) -> Result<(), String> {
    let failed = |error: csv::Error| error.to_string();
    let mut rows = csv::Writer::from_writer(file);
    rows.write_record(columns).map_err(failed)?;
    for (id, text) in records {
        let record: Value = serde_json::from_str(text)
            .map_err(|error| format!("record {id} in Redis is damaged: {error}; see `namesake verify`"))?;
        let cells: Vec<String> =
            columns.iter().map(|column| cell(id, &record[*column])).collect::<Result<_, _>>()?;
        rows.write_record(&cells).map_err(failed)?;
    }
    rows.flush().map_err(|error| error.to_string())
}

/// A value as CSV has it, if CSV can have it.
fn cell(id: &str, value: &Value) -> Result<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Value::Array(values) = value else { return Ok(text(value)) };
    let texts: Vec<String> = values.iter().map(text).collect();
    // What `import` would read back in another way must not look like an export.
    match texts.iter().find(|text| text.contains('|') || text.trim() != text.as_str()) {
        Some(text) => Err(format!("record {id} holds `{text}`, which CSV cannot hold: use --format jsonl")),
        None => Ok(texts.join("|")),
    }
}
