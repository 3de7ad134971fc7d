//! Messages on their way in and out of tonic: of requests their lead, answers as the bytes that they already are.

use hyper::body::Bytes;
use prost::bytes::{Buf, BufMut};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use super::decode::lead_of;
use crate::lead::LeadFields;

/// Reads the lead of a request, writes an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeadCodec;

impl Codec for LeadCodec {
    type Encode = Bytes;
    type Decode = Option<LeadFields>;
    type Encoder = LeadCodec;
    type Decoder = LeadCodec;

    fn encoder(&mut self) -> LeadCodec {
        LeadCodec
    }

    fn decoder(&mut self) -> LeadCodec {
        LeadCodec
    }
}

impl Encoder for LeadCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, answer: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&answer);
        Ok(())
    }
}

impl Decoder for LeadCodec {
    type Item = Option<LeadFields>;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Option<LeadFields>>, Status> {
        let length = message.remaining();
        // In one piece already, as a rule.
        let read = match message.chunk() {
            whole if whole.len() == length => lead_of(whole),
            _ => lead_of(&message.copy_to_bytes(length)),
        };
        message.advance(message.remaining());
        // As tonic's own decoder says it.
        read.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
