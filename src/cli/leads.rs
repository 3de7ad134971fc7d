//! Reads leads from CSV, leniently: no lead is lost to a bad byte or a short row. A quote that is left open is refused: the
//! rows behind it would be one value of one lead.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::lead::LeadFields;
use crate::registry::{OpenQuote, Watched, column_name, separator};

/// What spreadsheets put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Leads of a file or of standard input, in order.
pub(super) struct Leads {
    path: PathBuf,
    reader: csv::Reader<Watched<BufReader<Box<dyn Read>>>>,
    columns: Vec<String>,
    row: csv::ByteRecord,
}

impl Leads {
    /// Opens `path`, `-` for standard input, and reads the header.
    pub(super) fn open(path: &Path) -> Result<Leads, CliError> {
        let input: Box<dyn Read> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(|source| unreadable(path, source))?)
        };
        let mut input = BufReader::with_capacity(1 << 16, input);
        let head = input.fill_buf().map_err(|source| unreadable(path, source))?;
        let separator = separator(head);
        if head.starts_with(BYTE_ORDER_MARK) {
            input.consume(BYTE_ORDER_MARK.len());
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(Watched::new(input, separator));
        let mut row = csv::ByteRecord::new();
        reader.read_byte_record(&mut row).map_err(|error| failed(path, error))?;
        let columns: Vec<String> =
            row.iter().map(|cell| column_name(&String::from_utf8_lossy(cell))).collect();
        const USABLE: [&str; 4] = ["company", "email", "website", "known_account_id"];
        if !columns.iter().any(|column| USABLE.contains(&column.as_str())) {
            let why = format!("the first line must name the columns, at least one of {}", USABLE.join(", "));
            return Err(CliError::BadLeads { path: path.to_owned(), why });
        }
        Ok(Leads { path: path.to_owned(), reader, columns, row })
    }

    /// The columns that no field of a lead is read from, as spelled here: `e_mail` where `email` was meant.
    pub(super) fn unread_columns(&self) -> Vec<&str> {
        let is_unread =
            |column: &&str| !column.is_empty() && LeadFields::default().field_mut(column).is_none();
        self.columns.iter().map(String::as_str).filter(is_unread).collect()
    }

    /// The next leads, at most `count`; none at the end.
    pub(super) fn next_batch(&mut self, count: usize) -> Result<Vec<LeadFields>, CliError> {
        let mut batch = Vec::new();
        while batch.len() < count {
            let more = self.reader.read_byte_record(&mut self.row);
            if !more.map_err(|error| failed(&self.path, error))? {
                break;
            }
            let mut lead = LeadFields::default();
            for (cell, column) in self.row.iter().zip(&self.columns) {
                if let Some(value) = lead.field_mut(column) {
                    *value = decoded(cell);
                }
            }
            batch.push(lead);
        }
        Ok(batch)
    }
}

/// The text of a cell. What is not UTF-8 is read as Latin-1, which every byte is: unlike a wrong guess in the
/// registry, one in a lead spoils nothing but itself.
fn decoded(cell: &[u8]) -> String {
    match std::str::from_utf8(cell) {
        Ok(text) => text.to_owned(),
        Err(_) => cell.iter().copied().map(char::from).collect(),
    }
}

fn unreadable(path: &Path, source: io::Error) -> CliError {
    CliError::Unreadable { path: path.to_owned(), source }
}

fn failed(path: &Path, error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => match source.downcast::<OpenQuote>() {
            Ok(open) => CliError::BadLeads { path: path.to_owned(), why: open.to_string() },
            Err(source) => unreadable(path, source),
        },
        // Flexible rows of bytes cannot fail in any other way.
        other => CliError::BadLeads { path: path.to_owned(), why: format!("is not CSV: {other:?}") },
    }
}
