//! Quotes of CSV that nobody closed, found where they open.
//!
//! A reader of CSV takes all that follows such a quote for one value, up to the next quote or the end of the file, and
//! reports nothing: rows are gone. Two signs tell: the file ends inside quotes; or a quoted value runs over the end of a
//! line, and what follows its last quote is no separator, since that quote was to open another value. Within one line
//! both are forgiven, as readers do (`"Acme" GmbH`): there the rest of the row tells.

use std::fmt;
use std::io::{self, Read};

/// Longest quoted value, in bytes. What is longer than any record of ours by a hundred times is an open quote, and
/// whoever reads a file as it comes need not hold all of it to find out.
const QUOTED_BYTES_MAX: usize = 1024 * 1024;

/// A quote that is not closed as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenQuote {
    /// The line on which it opens, counted from 1.
    pub(crate) line: u64,
    /// What gives it away.
    pub(crate) sign: Sign,
}

/// What gives an open quote away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The file ends.
    Never,
    /// The next quote, on this line, does not end a value.
    Within(u64),
    /// The value is too long.
    TooLong,
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quoted value begins here and ")?;
        match self {
            Sign::Never => f.write_str("never ends")?,
            Sign::Within(line) => write!(f, "ends inside another on line {line}")?,
            Sign::TooLong => write!(f, "is longer than {QUOTED_BYTES_MAX} bytes")?,
        }
        f.write_str(": close the quote, or double a quote that is meant")
    }
}

impl fmt::Display for OpenQuote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.sign)
    }
}

impl std::error::Error for OpenQuote {}

/// Follows the quotes of a file as its bytes go by, a byte order mark left out.
#[derive(Debug)]
pub(crate) struct Quotes {
    separator: u8,
    /// The line of the next byte.
    line: u64,
    /// The byte that went by last.
    last: u8,
    inside: Inside,
}

#[derive(Clone, Copy, Debug)]
enum Inside {
    Nothing,
    Quotes(Opened),
    /// Behind a quote inside quotes: the end of the value, or the first half of a doubled one.
    Doubt(Opened),
}

#[derive(Clone, Copy, Debug)]
struct Opened {
    line: u64,
    /// Bytes since.
    length: usize,
    /// A line has ended since.
    runs_on: bool,
}

impl Quotes {
    pub(crate) fn new(separator: u8) -> Quotes {
        Quotes { separator, line: 1, last: b'\n', inside: Inside::Nothing }
    }

    /// The quotes of a whole file.
    pub(crate) fn check(separator: u8, bytes: &[u8]) -> Result<(), OpenQuote> {
        let mut quotes = Quotes::new(separator);
        quotes.pass(bytes)?;
        quotes.end()
    }

    /// The next bytes of the file.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), OpenQuote> {
        while let Some(&first) = bytes.first() {
            if let Inside::Doubt(opened) = self.inside {
                if first == b'"' {
                    self.go_by(&bytes[..1]);
                    bytes = &bytes[1..];
                    self.inside = Inside::Quotes(opened);
                    continue;
                }
                if opened.runs_on && !self.ends_a_value(first) {
                    return Err(OpenQuote { line: opened.line, sign: Sign::Within(self.line) });
                }
                self.inside = Inside::Nothing;
            }
            let quote = bytes.iter().position(|&byte| byte == b'"');
            let (before, after) = bytes.split_at(quote.unwrap_or(bytes.len()));
            self.go_by(before);
            if let Inside::Quotes(opened) = &mut self.inside {
                opened.length += before.len();
                opened.runs_on |= before.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
                if opened.length > QUOTED_BYTES_MAX {
                    return Err(OpenQuote { line: opened.line, sign: Sign::TooLong });
                }
            }
            let Some((quote, rest)) = after.split_first() else { return Ok(()) };
            self.inside = match self.inside {
                Inside::Quotes(opened) => Inside::Doubt(opened),
                // Elsewhere than at the beginning of a value it is a quote like any letter: an inch mark.
                _ if self.ends_a_value(self.last) => {
                    Inside::Quotes(Opened { line: self.line, length: 0, runs_on: false })
                }
                _ => Inside::Nothing,
            };
            self.last = *quote;
            bytes = rest;
        }
        Ok(())
    }

    /// The file is at its end.
    pub(crate) fn end(&self) -> Result<(), OpenQuote> {
        match self.inside {
            Inside::Quotes(opened) => Err(OpenQuote { line: opened.line, sign: Sign::Never }),
            Inside::Nothing | Inside::Doubt(_) => Ok(()),
        }
    }

    fn go_by(&mut self, bytes: &[u8]) {
        self.line += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    fn ends_a_value(&self, byte: u8) -> bool {
        byte == self.separator || matches!(byte, b'\n' | b'\r')
    }
}

/// A reader that fails, with [`OpenQuote`] as the source, where it reads past one.
#[derive(Debug)]
pub(crate) struct Watched<R> {
    reader: R,
    quotes: Quotes,
}

impl<R> Watched<R> {
    /// `reader` stands behind the byte order mark, if there was one.
    pub(crate) fn new(reader: R, separator: u8) -> Watched<R> {
        Watched { reader, quotes: Quotes::new(separator) }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let passed = if count == 0 { self.quotes.end() } else { self.quotes.pass(&buffer[..count]) };
        passed.map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line on which a quote is left open, and the sign; the same whole and byte by byte.
    fn check(text: &str, expected: Option<(u64, Sign)>) {
        let expected = expected.map_or(Ok(()), |(line, sign)| Err(OpenQuote { line, sign }));
        assert_eq!(Quotes::check(b',', text.as_bytes()), expected, "{text:?}");
        let mut quotes = Quotes::new(b',');
        let bytewise = text.as_bytes().chunks(1).try_for_each(|byte| quotes.pass(byte));
        assert_eq!(bytewise.and_then(|()| quotes.end()), expected, "{text:?} byte by byte");
    }

    #[test]
    fn good_quotes_are_none_of_our_business() {
        for text in [
            "",
            "a,b\n1,2\n",
            "\"a\",\"b\"\r\n\"1\",\"\"\n",
            "a\n\"two\nlines\",\"three\n\nlines\"\n",
            "a\n\"a \"\"doubled\"\" one\nover lines\"",
            "a\n\"\"\"\n\"\"\"\n",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_sloppy_within_a_line_is_forgiven() {
        check("a\n\"Acme\" GmbH,12\" pipe,\"5\"x\n", None);
        check("a\nPipes 12\",x\n", None);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found_where_it_opens() {
        check("a,b\n1,x\n2,\"y\n3,z\n", Some((3, Sign::Never)));
        check("a,b\n1,\"two\nlines\"\n2,\"y", Some((4, Sign::Never)));
        check("\"a,b\n1,x\n", Some((1, Sign::Never)));
    }

    #[test]
    fn a_quote_that_the_next_value_closes_is_found_too() {
        check("a,b\n1,\"y\n2,z\n3,\"w, x\"\n4,v\n", Some((2, Sign::Within(4))));
        // As many fields as there should be: nobody else would notice.
        check("a,b\n1,\"y\n2,\"z\"\n", Some((2, Sign::Within(3))));
    }

    #[test]
    fn a_value_without_end_is_given_up_on() {
        check(&format!("a\n\"{}", "x\n".repeat(QUOTED_BYTES_MAX)), Some((2, Sign::TooLong)));
    }
}
