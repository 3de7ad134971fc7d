//! Many short texts in one: an account has some twenty, most of them empty, and one allocation each with its pointer, its
//! length and its room takes more memory than the texts do.
//!
//! A piece is its length in bytes and then its text; a list is a piece of pieces. Lengths are written as characters, so
//! that the whole is a text too and nothing needs to be checked when a part of it is read.

/// Numbers below this fit one character with two bytes, and with one below 128.
const DIGIT: usize = 1 << 10;

/// Writes pieces.
#[derive(Debug, Default)]
pub(super) struct Packer {
    text: String,
    /// Where it ends but for empty pieces, which need not be written at the end.
    end: usize,
}

impl Packer {
    /// Appends a number.
    pub(super) fn number(&mut self, number: usize) {
        push_number(&mut self.text, number);
        self.end = self.text.len();
    }

    /// Appends a piece.
    pub(super) fn piece(&mut self, text: &str) {
        push_number(&mut self.text, text.len());
        self.append(text);
    }

    /// Appends a list, or whatever `fill` writes, as one piece.
    pub(super) fn list(&mut self, fill: impl FnOnce(&mut Packer)) {
        let mut inner = Packer::default();
        fill(&mut inner);
        self.piece(&inner.text);
    }

    /// Appends a list of texts.
    pub(super) fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        let mut texts = texts.into_iter().peekable();
        if texts.peek().is_none() {
            self.piece("");
        } else {
            self.list(|list| texts.for_each(|text| list.piece(text)));
        }
    }

    /// Appends what was packed elsewhere.
    pub(super) fn append(&mut self, packed: &str) {
        if !packed.is_empty() {
            self.text.push_str(packed);
            self.end = self.text.len();
        }
    }

    /// All that was written, empty pieces at the end aside: they read as nothing either way.
    pub(super) fn packed(self) -> Box<str> {
        // Exactly as much memory as the text needs.
        Box::from(&self.text[..self.end])
    }
}

fn push_number(text: &mut String, mut number: usize) {
    // The digits of a number in front of its last have `DIGIT` added.
    while number >= DIGIT {
        text.extend(char::from_u32((DIGIT + number % DIGIT) as u32));
        number /= DIGIT;
    }
    text.extend(char::from_u32(number as u32));
}

/// The number that stands for one of a list of values.
///
/// # Panics
/// Where it is none of them: lists name every value of their type.
pub(super) fn number_of<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|known| known == one).expect("every value is listed")
}

/// Reads pieces in the order in which they were written. What was not written reads as nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pieces<'a>(&'a str);

impl<'a> Pieces<'a> {
    /// The pieces of a packed text.
    pub(super) fn of(packed: &'a str) -> Pieces<'a> {
        Pieces(packed)
    }

    /// The next number; 0 behind the last.
    #[inline]
    pub(super) fn number(&mut self) -> usize {
        match self.0.as_bytes() {
            // Nearly all.
            [digit @ 0..0x80, ..] => {
                self.0 = self.0.get(1..).unwrap_or_default();
                usize::from(*digit)
            }
            _ => self.large_number(),
        }
    }

    fn large_number(&mut self) -> usize {
        let (mut number, mut place) = (0usize, 1usize);
        let mut characters = self.0.chars();
        for digit in characters.by_ref().map(|character| u32::from(character) as usize) {
            number = number.saturating_add((digit % DIGIT).saturating_mul(place));
            place = place.saturating_mul(DIGIT);
            if digit < DIGIT {
                break;
            }
        }
        self.0 = characters.as_str();
        number
    }

    /// The next piece; empty behind the last.
    #[inline]
    pub(super) fn piece(&mut self) -> &'a str {
        let length = self.number();
        let (piece, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest;
        piece
    }

    /// The next piece as pieces.
    pub(super) fn list(&mut self) -> Pieces<'a> {
        Pieces(self.piece())
    }

    /// Leaves pieces out.
    pub(super) fn skip_pieces(mut self, count: usize) -> Pieces<'a> {
        (0..count).for_each(|_| {
            self.piece();
        });
        self
    }

    /// True behind the last piece.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }
}

/// Piece by piece to the end.
impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        (!self.is_empty()).then(|| self.piece())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn pieces_read_back_as_they_were_written(
            texts in proptest::collection::vec(".{0,40}", 0..8),
            long in 0usize..3_000_000,
        ) {
            let mut packer = Packer::default();
            packer.piece("first");
            packer.texts(texts.iter().map(String::as_str));
            packer.number(long);
            packer.piece("last");
            let packed = packer.packed();
            let mut pieces = Pieces::of(&packed);
            proptest::prop_assert_eq!(pieces.skip_pieces(1).list().collect::<Vec<_>>(), texts);
            proptest::prop_assert_eq!(pieces.piece(), "first");
            pieces.list();
            proptest::prop_assert_eq!((pieces.number(), pieces.piece(), pieces.is_empty()), (long, "last", true));
        }

        #[test]
        fn a_text_that_nobody_packed_is_read_without_harm(text in ".{0,60}") {
            let mut pieces = Pieces::of(&text);
            let read: usize = pieces.by_ref().map(str::len).sum();
            proptest::prop_assert!(read <= text.len());
            proptest::prop_assert_eq!(pieces.piece(), "");
        }
    }

    #[test]
    fn a_long_text_reads_back() {
        let long = "ä".repeat(70_000);
        let mut packer = Packer::default();
        packer.texts(["", &long]);
        let packed = packer.packed();
        assert_eq!(Pieces::of(&packed).list().collect::<Vec<_>>(), ["", &long]);
    }
}
