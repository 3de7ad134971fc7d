//! The copy on the local disk: for a start while the home is out of reach.
//!
//! One file: a line that names the format, a header in JSON on one line, the records, and a checksum over all
//! of it. Accounts stand there as they were read too, so that a start of the same build reads no name again. Written beside its place, flushed to the disk and renamed, so that a reader finds the old file or the
//! new one, never a part. Read whole or refused whole.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::checked::Checked;
use super::held::{Held, Spelled};
use super::home::{Kind, Position};
use super::restore::Row;

/// The first line. Another format gets another line.
const MAGIC: &[u8] = b"namesake registry snapshot 2\n";
/// By what code and data the accounts were read: what another build made of them is not used.
const READING: &str = env!("NAMESAKE_READING");
/// Bytes of the checksum at the end.
const CHECKSUM_BYTES: usize = 8;

/// Everything but the records.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    namespace: String,
    generation: u64,
    epoch: u64,
    rev: u64,
    chain: String,
    /// Accounts and reps as the home counts them.
    count: u64,
    /// When the copy was last proven equal to the home, in milliseconds since 1970.
    confirmed_ms: i64,
    /// [`READING`] of the build that wrote it.
    reading: String,
}

/// What a file is written from.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Where the copy stands.
    pub position: Position,
    /// When it was proven.
    pub confirmed: Timestamp,
    /// Its records.
    pub checked: &'a Checked,
}

/// What a file holds.
#[derive(Debug)]
pub struct Restored {
    /// Where the copy stands.
    pub position: Position,
    /// Its records, checked; malformed ones with their last good versions.
    pub checked: Checked,
    /// When it was last proven equal to the home.
    pub confirmed: Timestamp,
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is no snapshot, or of another release.
    #[error("is not a snapshot of this release")]
    Format,
    /// It is of another registry.
    #[error("holds the namespace {found}, not {expected}")]
    Namespace {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// It is cut off or its bytes have changed.
    #[error("is damaged")]
    Damaged,
}

/// Writes everything that goes through it into the checksum as well.
struct Summed<W> {
    inner: W,
    sum: Xxh3,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes the file in one step; the one before stays until then.
///
/// # Errors
/// Whatever the disk says; a part that was written is removed.
pub fn write(path: &Path, namespace: &str, contents: &Contents<'_>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // One name per process: two servers that share a file by mistake do not write into each other's part.
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = write_part(&part, namespace, contents).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
        return written;
    }
    File::open(folder)?.sync_all()
}

fn write_part(part: &Path, namespace: &str, contents: &Contents<'_>) -> io::Result<()> {
    let file = File::create(part)?;
    let mut out = BufWriter::with_capacity(1 << 20, Summed { inner: file, sum: Xxh3::new() });
    let Position { generation, epoch, rev, chain, count } = contents.position;
    let (namespace, chain) = (namespace.to_owned(), chain.to_string());
    let confirmed_ms = contents.confirmed.as_millisecond();
    let reading = READING.to_owned();
    let header = Header { namespace, generation, epoch, rev, chain, count, confirmed_ms, reading };
    out.write_all(MAGIC)?;
    serde_json::to_writer(&mut out, &header)?;
    out.write_all(b"\n")?;
    for held in contents.checked.accounts().iter() {
        let good = held.meaning().filter(|_| contents.checked.is_flawless(Kind::Account, held.id()));
        let read = good.map(|account| account.to_stored());
        write_held(&mut out, 0, held, read.as_deref().unwrap_or_default())?;
    }
    contents.checked.reps().iter().try_for_each(|held| write_held(&mut out, 1, held, ""))?;
    out.flush()?;
    let Summed { inner: file, sum } = out.get_mut();
    file.write_all(&sum.digest().to_le_bytes())?;
    file.sync_all()
}

/// Kind, version, four lengths, then id, text, the last good text where that is another, and what was read.
fn write_held<T: Spelled>(out: &mut impl Write, kind: u8, held: &Held<T>, read: &str) -> io::Result<()> {
    let text = held.text();
    let good = if held.is_malformed() { held.good_text().unwrap_or_default() } else { Cow::default() };
    out.write_all(&[kind])?;
    out.write_all(&held.version().to_le_bytes())?;
    let parts = [held.id(), &text, &good, read];
    for part in parts {
        let length = u32::try_from(part.len()).map_err(|_| io::Error::other("a record over 4 GiB"))?;
        out.write_all(&length.to_le_bytes())?;
    }
    parts.iter().try_for_each(|part| out.write_all(part.as_bytes()))
}

/// Reads a file; `None` where there is none.
///
/// # Errors
/// [`Refused`], and nothing of the file is used.
pub fn read(path: &Path, namespace: &str) -> Result<Option<Restored>, Refused> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let rest = bytes.strip_prefix(MAGIC).ok_or(Refused::Format)?;
    let (content, sum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(Refused::Damaged)?;
    if xxhash_rust::xxh3::xxh3_64(content).to_le_bytes() != *sum {
        return Err(Refused::Damaged);
    }
    let rest = &rest[..rest.len() - CHECKSUM_BYTES];
    let end = rest.iter().position(|&byte| byte == b'\n').ok_or(Refused::Format)?;
    let header: Header = serde_json::from_slice(&rest[..end]).map_err(|_| Refused::Format)?;
    if header.namespace != namespace {
        return Err(Refused::Namespace { found: header.namespace, expected: namespace.to_owned() });
    }
    let Header { generation, epoch, rev, count, confirmed_ms, .. } = header;
    let confirmed = Timestamp::from_millisecond(confirmed_ms).map_err(|_| Refused::Format)?;
    let chain = header.chain.parse().map_err(|_| Refused::Format)?;
    let position = Position { generation, epoch, rev, chain, count };
    let mut rows = rows(&rest[end + 1..]).ok_or(Refused::Format)?;
    if header.reading != READING {
        rows.iter_mut().for_each(|row| row.read = "");
    }
    let checked = Checked::of_rows(&rows);
    if (checked.accounts().len() + checked.reps().len()) as u64 != position.count {
        return Err(Refused::Format);
    }
    Ok(Some(Restored { position, checked, confirmed }))
}

/// The records as they stand; `None` where they do not stand as they are written.
fn rows(mut bytes: &[u8]) -> Option<Vec<Row<'_>>> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let kind = match take::<1>(&mut bytes)? {
            [0] => Kind::Account,
            [1] => Kind::Rep,
            _ => return None,
        };
        let version = u64::from_le_bytes(take(&mut bytes)?);
        let lengths = [take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?];
        let lengths = lengths.map(u32::from_le_bytes);
        let mut texts = lengths.into_iter().map(|length| {
            let (text, rest) = bytes.split_at_checked(length as usize)?;
            bytes = rest;
            std::str::from_utf8(text).ok()
        });
        let (id, text, good, read) = (texts.next()??, texts.next()??, texts.next()??, texts.next()??);
        rows.push(Row { kind, version, id, text, good, read });
    }
    rows.is_sorted_by(|one, other| (one.kind, one.id) < (other.kind, other.id)).then_some(rows)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::super::copy::Changes;
    use super::super::home::{Key, Record};
    use super::*;

    const GOOD: &str = r#"{"id":"a1","name":"Acme"}"#;

    fn checked() -> Checked {
        let record = |version, text: &str| Some(Record { version, text: text.into() });
        let account = |id: &str| Key { kind: Kind::Account, id: id.into() };
        let mut checked = Checked::default();
        checked.take(Changes::from_iter([(account("a1"), record(1, GOOD))]));
        checked.take(Changes::from_iter([
            (account("a1"), record(2, "poison")),
            (account("a2"), record(3, r#"{"id":"a2","name":"Ajax"}"#)),
            (Key { kind: Kind::Rep, id: "r1".into() }, record(4, r#"{"id":"r1"}"#)),
        ]));
        checked
    }

    fn position() -> Position {
        let chain = "da39a3ee5e6b4b0d3255bfef95601890afd80709".parse().unwrap();
        Position { generation: 3, epoch: 7, rev: 4, chain, count: 3 }
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.snapshot");
        let contents =
            Contents { position: position(), confirmed: Timestamp::UNIX_EPOCH, checked: &checked() };
        write(&path, "default", &contents).unwrap();
        (folder, path)
    }

    #[test]
    fn what_is_written_is_read_back_with_the_last_good_versions() {
        let (folder, path) = written();
        let restored = read(&path, "default").unwrap().unwrap();
        assert_eq!(restored.position, position());
        let texts = |checked: &Checked| -> Vec<(u64, String, Option<String>)> {
            let of = |held: &Held<_>| {
                (held.version(), held.text().into_owned(), held.good_text().map(Cow::into_owned))
            };
            checked.accounts().iter().map(of).collect()
        };
        assert_eq!(texts(&restored.checked), texts(&checked()));
        assert!(restored.checked.versions().eq(checked().versions()));
        assert_eq!(restored.confirmed, Timestamp::UNIX_EPOCH);
        assert_eq!(restored.checked.malformed_count(), 1);
        assert_eq!(restored.checked.account_count(), 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no part is left behind");
    }

    /// The names in a file that was changed and then sealed again.
    #[track_caller]
    fn names_of(changed: impl Fn(&[u8]) -> Vec<u8>) -> Vec<String> {
        let (_folder, path) = written();
        let whole = fs::read(&path).unwrap();
        let mut content = changed(whole.split_last_chunk::<CHECKSUM_BYTES>().unwrap().0);
        content.extend(xxhash_rust::xxh3::xxh3_64(&content).to_le_bytes());
        fs::write(&path, content).unwrap();
        let restored = read(&path, "default").unwrap().unwrap();
        let good = restored.checked.accounts().iter().filter_map(Held::meaning);
        good.map(|account| account.name().to_owned()).collect()
    }

    #[test]
    fn what_was_read_is_taken_from_the_same_build_only() {
        let replace = |content: &[u8], one: &str, other: &str| {
            let at = content.windows(one.len()).rposition(|part| part == one.as_bytes()).unwrap();
            [&content[..at], other.as_bytes(), &content[at + one.len()..]].concat()
        };
        assert_eq!(names_of(<[u8]>::to_vec), ["Acme", "Ajax"]);
        // The last place is in what was read: the record before it still says Ajax.
        let name = format!("{}Ajax", '\u{4}');
        let other = format!("{}Ajas", '\u{4}');
        assert_eq!(names_of(|content| replace(content, &name, &other)), ["Acme", "Ajas"]);
        let reading = "0".repeat(READING.len());
        let elsewhere = |content: &[u8]| replace(&replace(content, &name, &other), READING, &reading);
        assert_eq!(names_of(elsewhere), ["Acme", "Ajax"]);
    }

    #[test]
    fn a_file_that_is_cut_off_or_changed_anywhere_is_refused_whole() {
        let (_folder, path) = written();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            fs::write(&path, &whole[..at]).unwrap();
            assert!(read(&path, "default").is_err(), "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            fs::write(&path, &changed).unwrap();
            assert!(read(&path, "default").is_err(), "changed at {at}");
        }
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(matches!(read(&path, "default"), Err(Refused::Damaged)));
    }

    #[test]
    fn a_file_of_another_namespace_is_refused_and_none_is_no_error() {
        let (_folder, path) = written();
        assert!(matches!(read(&path, "emea"), Err(Refused::Namespace { .. })));
        assert!(read(&path.with_extension("none"), "default").unwrap().is_none());
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_an_error_and_the_old_file_stays() {
        let (_folder, path) = written();
        let contents =
            Contents { position: position(), confirmed: Timestamp::UNIX_EPOCH, checked: &checked() };
        let nowhere = path.with_extension("none").join("x.snapshot");
        assert!(write(&nowhere, "default", &contents).is_err());
        assert!(read(&path, "default").unwrap().is_some());
    }
}
