//! Reads leads from CSV, leniently: no lead is lost to a bad byte or a short row.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::lead::LeadFields;
use crate::registry::column_name;

/// What of a lead a column holds. The names are those of the contract.
fn field<'a>(lead: &'a mut LeadFields, column: &str) -> Option<&'a mut String> {
    Some(match column {
        "lead_id" => &mut lead.lead_id,
        "company" => &mut lead.company,
        "email" => &mut lead.email,
        "website" => &mut lead.website,
        "country" => &mut lead.country,
        "region" => &mut lead.region,
        "postal_code" => &mut lead.postal_code,
        "phone" => &mut lead.phone,
        "source" => &mut lead.source,
        "job_title" => &mut lead.job_title,
        "known_account_id" => &mut lead.known_account_id,
        _ => return None,
    })
}

/// Leads of a file or of standard input, in order.
pub(super) struct Leads {
    path: PathBuf,
    reader: csv::Reader<Box<dyn Read>>,
    columns: Vec<String>,
    row: csv::ByteRecord,
}

impl Leads {
    /// Opens `path`, `-` for standard input, and reads the header.
    pub(super) fn open(path: &Path) -> Result<Leads, CliError> {
        let input: Box<dyn Read> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            let unreadable = |source| CliError::Unreadable { path: path.to_owned(), source };
            Box::new(File::open(path).map_err(unreadable)?)
        };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
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
                if let Some(value) = field(&mut lead, column) {
                    *value = String::from_utf8_lossy(cell).into_owned();
                }
            }
            batch.push(lead);
        }
        Ok(batch)
    }
}

fn failed(path: &Path, error: csv::Error) -> CliError {
    let path = path.to_owned();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => CliError::Unreadable { path, source },
        // Flexible rows of bytes cannot fail in any other way.
        other => CliError::BadLeads { path, why: format!("is not CSV: {other:?}") },
    }
}
