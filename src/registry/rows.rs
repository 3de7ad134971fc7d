//! A file's bytes to records, each with its line: CSV as spreadsheets write it, or JSON Lines.
//!
//! Tolerated: a byte order mark, CRLF, `;` or tab for the comma, header names in any case and with spaces.
//! Not guessed at: another encoding than UTF-8, a record with too many or too few fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::problem::{Fault, Place, Problem, quoted};
use super::quotes::{OpenQuote, Quotes};
use super::record::{Record, Slot};

/// Reads every record of a file and hands it to `each` with its place. What cannot be read goes to
/// `problems`; reading goes on with the next record.
pub(super) fn read<R: Record>(
    file: &Arc<str>,
    bytes: &[u8],
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(Place, R, &mut Vec<Problem>),
) {
    let at = |line: u64| Place { file: Arc::clone(file), line };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // UTF-16 with its byte order mark: what Excel calls "Unicode text".
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        problems.push(Problem::new(at(0), "", Fault::NotUtf8));
        return;
    }
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => {
            let fault = Fault::EmptyFile { expected: R::REQUIRED.join(", ") };
            problems.push(Problem::new(at(0), "", fault));
        }
        Some(b'{' | b'[') => read_json_lines(bytes, &at, problems, &mut each),
        Some(_) => read_csv(bytes, &at, problems, &mut each),
    }
}

/// The records that begin on these lines, as they stand in the file, without the line feed at their end.
pub(super) fn raw(bytes: &[u8], wanted: &BTreeSet<u64>) -> BTreeMap<u64, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = |row: &[u8]| String::from_utf8_lossy(row).trim_matches(['\r', '\n']).to_owned();
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) {
        let lines = (1..).zip(bytes.split(|&byte| byte == b'\n'));
        return lines
            .filter(|(line, _)| wanted.contains(line))
            .map(|(line, row)| (line, text(row)))
            .collect();
    }
    let mut reader = csv_reader(bytes);
    let mut lines = Lines::new(bytes);
    let mut row = csv::ByteRecord::new();
    let mut found = BTreeMap::new();
    while reader.read_byte_record(&mut row).expect("reading from memory does not fail") {
        let start = row.position().map_or(0, |position| position.byte() as usize);
        let line = lines.of_record(start);
        if wanted.contains(&line) {
            found.insert(line, text(&bytes[start..reader.position().byte() as usize]));
        }
    }
    found
}

fn csv_reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(separator(bytes)).has_headers(false).flexible(true).from_reader(bytes)
}

/// A header cell as a column name: lower case, `_` for spaces and hyphens, without a byte order mark.
pub(crate) fn column_name(raw: &str) -> String {
    raw.trim_start_matches('\u{FEFF}').trim().to_lowercase().replace([' ', '-'], "_")
}

fn read_csv<R: Record>(
    bytes: &[u8],
    at: &impl Fn(u64) -> Place,
    problems: &mut Vec<Problem>,
    each: &mut impl FnMut(Place, R, &mut Vec<Problem>),
) {
    let mut reader = csv_reader(bytes);
    let mut lines = Lines::new(bytes);
    let mut row = csv::ByteRecord::new();
    let mut header: Option<Vec<String>> = None;
    // Rows before it are read, so that all that is wrong with them is told at once.
    let open_quote = Quotes::check(separator(bytes), bytes).err();

    while reader.read_byte_record(&mut row).expect("reading from memory does not fail") {
        let start = row.position().map_or(0, |position| position.byte() as usize);
        let end = reader.position().byte() as usize;
        let line = lines.of_record(start);
        let place = at(line);
        if let Some(OpenQuote { line: opens, sign }) = open_quote
            && opens < line + line_count(&bytes[start..end])
        {
            problems.push(Problem::new(at(opens), "", Fault::OpenQuote { sign }));
            return;
        }
        let Some(columns) = &header else {
            match read_header::<R>(&row, &place, problems) {
                Some(columns) => header = Some(columns),
                None => return,
            }
            continue;
        };
        if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue; // spreadsheets leave empty rows behind
        }
        if row.len() != columns.len() {
            let fault = Fault::FieldCount { found: row.len(), expected: columns.len() };
            problems.push(Problem::new(place, "", fault));
            continue;
        }
        let mut record = R::default();
        let mut readable = true;
        for (cell, column) in row.iter().zip(columns) {
            let Ok(text) = std::str::from_utf8(cell) else {
                problems.push(Problem::new(place.clone(), column, Fault::NotUtf8));
                readable = false;
                continue;
            };
            match record.slot(column) {
                Some(Slot::One(value)) => *value = text.trim().to_owned(),
                Some(Slot::Id(value)) => *value = text.to_owned(),
                Some(Slot::Many(values)) => *values = several(text),
                None => {}
            }
        }
        if readable {
            each(place, record, problems);
        }
    }
}

fn read_header<R: Record>(
    row: &csv::ByteRecord,
    place: &Place,
    problems: &mut Vec<Problem>,
) -> Option<Vec<String>> {
    let columns: Vec<String> = row.iter().map(|cell| column_name(&String::from_utf8_lossy(cell))).collect();
    let mut usable = true;
    for required in R::REQUIRED {
        if !columns.iter().any(|column| column == required) {
            let fault = Fault::MissingColumn { expected: R::REQUIRED.join(", ") };
            problems.push(Problem::new(place.clone(), required, fault));
            usable = false;
        }
    }
    for (at, column) in columns.iter().enumerate() {
        if !R::COLUMNS.contains(&column.as_str()) {
            // A column without a name is the empty margin of a spreadsheet.
            if !column.is_empty() {
                problems.push(Problem::new(place.clone(), &quoted(column), Fault::UnknownColumn));
            }
        } else if columns[..at].contains(column) {
            problems.push(Problem::new(place.clone(), column, Fault::RepeatedColumn));
            usable = false;
        }
    }
    usable.then_some(columns)
}

/// The separator that the first line uses most: spreadsheets in half of Europe write `;`.
pub(crate) fn separator(bytes: &[u8]) -> u8 {
    let first_line = bytes.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let count =
        |separator: u8| first_line.map_or(0, |line| line.iter().filter(|&&byte| byte == separator).count());
    // The comma comes last, since `max_by_key` gives the last of equals.
    [b'\t', b';', b','].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

/// Lines of a record, which may begin with the end of the one before.
fn line_count(record: &[u8]) -> u64 {
    1 + record.trim_ascii().iter().filter(|&&byte| byte == b'\n').count() as u64
}

fn several(text: &str) -> Vec<String> {
    text.split('|').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn read_json_lines<R: Record>(
    bytes: &[u8],
    at: &impl Fn(u64) -> Place,
    problems: &mut Vec<Problem>,
    each: &mut impl FnMut(Place, R, &mut Vec<Problem>),
) {
    let mut unknown: Vec<String> = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let place = at(number);
        let Ok(text) = std::str::from_utf8(line) else {
            problems.push(Problem::new(place, "", Fault::NotUtf8));
            continue;
        };
        let fields: serde_json::Map<String, Value> = match serde_json::from_str(text) {
            Ok(fields) => fields,
            Err(error) => {
                let why = error.to_string();
                problems.push(Problem::new(place, "", Fault::BadJson { why }));
                continue;
            }
        };
        let read = of_json(fields);
        for (column, fault) in read.faults {
            problems.push(Problem::new(place.clone(), &column, fault));
        }
        for column in read.unknown {
            if !unknown.contains(&column) {
                problems.push(Problem::new(place.clone(), &quoted(&column), Fault::UnknownColumn));
                unknown.push(column);
            }
        }
        if let Some(record) = read.record {
            each(place, record, problems);
        }
    }
}

/// What a JSON object holds.
pub(super) struct OfJson<R> {
    /// The record; `None` where a value is of the wrong type.
    pub(super) record: Option<R>,
    /// Those values, by column.
    pub(super) faults: Vec<(String, Fault)>,
    /// Columns that nobody reads.
    pub(super) unknown: Vec<String>,
}

/// The record that a JSON object holds.
pub(super) fn of_json<R: Record>(fields: serde_json::Map<String, Value>) -> OfJson<R> {
    let mut record = R::default();
    let (mut faults, mut unknown) = (Vec::new(), Vec::new());
    for (key, value) in fields {
        let column = column_name(&key);
        let filled = match record.slot(&column) {
            Some(Slot::One(slot)) => one_of_json(value)
                .map(|text| *slot = text.trim().to_owned())
                .ok_or("text, a number, true or false"),
            Some(Slot::Id(slot)) => one_of_json(value).map(|text| *slot = text).ok_or("text or a number"),
            Some(Slot::Many(slot)) => many_of_json(value).map(|texts| *slot = texts).ok_or("a list of texts"),
            None => {
                unknown.push(column);
                continue;
            }
        };
        if let Err(expected) = filled {
            faults.push((column, Fault::BadJsonValue { expected }));
        }
    }
    OfJson { record: faults.is_empty().then_some(record), faults, unknown }
}

fn one_of_json(value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn many_of_json(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::String(text) => Some(several(&text)),
        Value::Array(values) => {
            values.into_iter().map(one_of_json).filter(|value| value.as_deref() != Some("")).collect()
        }
        // `context` reads well as an object.
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| Some(format!("{key}={}", one_of_json(value)?))).collect()
        }
        Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Counts lines along a file, forwards only.
struct Lines<'a> {
    bytes: &'a [u8],
    counted_to: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Lines { bytes, counted_to: 0, line: 1 }
    }

    /// The line of the record that the CSV reader places at byte `start`, which may lie before the line
    /// feed of the record before, or before empty lines.
    fn of_record(&mut self, start: usize) -> u64 {
        let skipped = self.bytes[start..].iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count();
        let end = start + skipped;
        let passed = &self.bytes[self.counted_to.min(end)..end];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.counted_to = end;
        self.line
    }
}
