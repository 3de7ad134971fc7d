//! Protobuf as it goes over the wire, written from front to back into one buffer.
//!
//! Answers are written straight from the decision. Through the generated messages every text of an answer would be
//! copied once more, and every length reckoned at each level of nesting: a fifth of what a lead costs. What is written
//! is what prost writes, byte for byte: fields in the order of their numbers, those that are empty or 0 left out.

use prost::Message;

/// Wire types. <https://protobuf.dev/programming-guides/encoding/#structure>
const VARINT: u32 = 0;
const LENGTH_DELIMITED: u32 = 2;
/// Lengths under this take one byte.
const ONE_BYTE: usize = 0x80;
/// The most bytes that a number takes.
const VARINT_BYTES_MAX: usize = 10;

/// A message that is being written.
#[derive(Debug)]
pub(super) struct Wire {
    bytes: Vec<u8>,
}

impl Wire {
    /// An empty message behind `prefix` bytes that somebody else fills in. Most answers fit without growing.
    pub(super) fn behind(prefix: usize) -> Wire {
        const USUAL_BYTES: usize = 1_024;
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.resize(prefix, 0);
        Wire { bytes }
    }

    /// What `write` writes, on its own: for a message that goes to several places.
    pub(super) fn of(write: impl FnOnce(&mut Wire)) -> Wire {
        const USUAL_BYTES: usize = 256;
        let mut wire = Wire { bytes: Vec::with_capacity(USUAL_BYTES) };
        write(&mut wire);
        wire
    }

    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A number; nothing for 0.
    pub(super) fn number(&mut self, field: u32, value: i64) {
        if value != 0 {
            self.given_number(field, value);
        }
    }

    /// A number whose absence means something else than 0.
    pub(super) fn given_number(&mut self, field: u32, value: i64) {
        self.varint(u64::from(field << 3 | VARINT));
        self.varint(value.cast_unsigned());
    }

    /// A number of an enum, none of which is 0.
    pub(super) fn word(&mut self, field: u32, value: impl Into<i32>) {
        self.given_number(field, i64::from(value.into()));
    }

    /// Numbers of an enum in the fields from 1 on, at most 15, each under 128: two bytes each, written at once.
    pub(super) fn small_words<const N: usize>(&mut self, values: [u8; N]) {
        let mut pairs = [[0; 2]; N];
        for (pair, (field, value)) in pairs.iter_mut().zip((1..).zip(values)) {
            *pair = [field << 3 | VARINT as u8, value];
        }
        self.bytes.extend_from_slice(pairs.as_flattened());
    }

    /// Nothing for false.
    pub(super) fn flag(&mut self, field: u32, value: bool) {
        self.number(field, i64::from(value));
    }

    /// A text; nothing for an empty one.
    pub(super) fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.given_text(field, text);
        }
    }

    /// A text of a list, where an empty one counts too.
    pub(super) fn given_text(&mut self, field: u32, text: &str) {
        self.content(field, text.as_bytes());
    }

    /// A message that is written already.
    pub(super) fn written(&mut self, field: u32, message: &Wire) {
        self.content(field, &message.bytes);
    }

    fn content(&mut self, field: u32, content: &[u8]) {
        self.varint(u64::from(field << 3 | LENGTH_DELIMITED));
        self.varint(content.len() as u64);
        self.bytes.extend_from_slice(content);
    }

    /// Numbers of an enum, as one packed list; nothing for none.
    pub(super) fn words(&mut self, field: u32, values: impl ExactSizeIterator<Item = i32>) {
        if values.len() > 0 {
            self.message(field, |wire| {
                values.for_each(|value| wire.varint(i64::from(value).cast_unsigned()))
            });
        }
    }

    /// A message within the message, empty or not.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Wire)) {
        self.varint(u64::from(field << 3 | LENGTH_DELIMITED));
        let at = self.bytes.len();
        self.bytes.push(0);
        write(self);
        let end = self.bytes.len();
        let length = end - at - 1;
        if length < ONE_BYTE {
            self.bytes[at] = length as u8;
            return;
        }
        // The length takes more than the byte that was left for it: behind the message, whence it is turned to the front.
        self.varint(length as u64);
        let more = self.bytes.len() - end;
        let mut prefix = [0; VARINT_BYTES_MAX];
        prefix[..more].copy_from_slice(&self.bytes[end..]);
        self.bytes.copy_within(at + 1..end, at + more);
        self.bytes.truncate(end + more - 1);
        self.bytes[at..at + more].copy_from_slice(&prefix[..more]);
    }

    /// A generated message within the message.
    pub(super) fn generated(&mut self, field: u32, message: &impl Message) {
        self.message(field, |wire| message.encode_raw(&mut wire.bytes));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= ONE_BYTE as u64 {
            self.bytes.push(value as u8 | ONE_BYTE as u8);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1;

    fn written(write: impl FnOnce(&mut Wire)) -> Vec<u8> {
        let mut wire = Wire::behind(0);
        write(&mut wire);
        wire.into_bytes()
    }

    /// A lead's company in a lead in a request.
    #[track_caller]
    fn check(company: &str) {
        let lead = v1::Lead { company: company.into(), ..v1::Lead::default() };
        let expected = v1::RouteLeadRequest { lead: Some(lead) }.encode_to_vec();
        let found = written(|wire| wire.message(1, |wire| wire.text(2, company)));
        assert_eq!(found, expected, "{} bytes", company.len());
    }

    #[test]
    fn messages_of_every_length_are_as_prost_writes_them() {
        for length in [0, 1, 124, 125, 126, 127, 128, 129, 130, 16_370, 16_380, 16_384, 16_390, 70_000] {
            check(&"a".repeat(length));
        }
    }

    #[test]
    fn numbers_are_as_prost_writes_them() {
        for (seconds, nanos) in [(0, 0), (1, 127), (-1, 999_000_000), (i64::MAX, 128), (i64::MIN, -1)] {
            let expected = prost_types::Timestamp { seconds, nanos }.encode_to_vec();
            let found = written(|wire| {
                wire.number(1, seconds);
                wire.number(2, i64::from(nanos));
            });
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_list_of_words_is_packed_and_left_out_where_empty() {
        for notes in [vec![], vec![1, 5, 9]] {
            let expected =
                v1::RouteLeadResponse { notes: notes.clone(), ..Default::default() }.encode_to_vec();
            assert_eq!(written(|wire| wire.words(15, notes.into_iter())), expected);
        }
    }

    #[test]
    fn a_generated_message_is_one_among_others() {
        let message = v1::Grades { name: 1, phone: 4, ..v1::Grades::default() };
        let expected = v1::RouteLeadResponse { grades: Some(message), ..Default::default() }.encode_to_vec();
        assert_eq!(written(|wire| wire.generated(11, &message)), expected);
    }
}
