//! `RouteLead` the short way. Most calls are alike: one plain message that came whole. Such a call is read and answered
//! here in one step, without the layers that tonic lays over a body in either direction; they cost as much as a decision.
//! Any other call, a broken one above all, goes to tonic with every byte that was read, so that its answer is tonic's.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderValue, Method, Request, Response, Version, header};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codec::EncodeBody;
use tonic::metadata::GRPC_CONTENT_TYPE;

use super::codec::LeadCodec;
use super::decode::lead_of;
use super::routing::{Outcome, ROUTE_LEAD, route_lead};
use super::wire::Wire;
use super::{ANSWER_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::lead::LeadFields;
use crate::serving::Serving;

/// In front of a message: a flag that says whether it is compressed, and its length in four bytes.
const PREFIX_BYTES: usize = 5;

/// True for a call that may go the short way.
pub fn is_for(call: &Request<Incoming>) -> bool {
    call.uri().path() == ROUTE_LEAD
        && call.method() == Method::POST
        && !call.headers().contains_key("grpc-encoding")
}

/// The lead of a call that is like most; else the call as it came.
pub async fn read(call: Request<Incoming>) -> Result<Option<LeadFields>, Request<Again>> {
    let (head, mut body) = call.into_parts();
    let mut whole: Option<Bytes> = None;
    let odd = loop {
        match poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            None => break None,
            Some(Ok(frame)) => match frame.into_data() {
                // The end may come in an empty frame of its own.
                Ok(data) if data.is_empty() => {}
                Ok(data) if whole.is_none() && message(&data).is_some() => whole = Some(data),
                Ok(data) => break Some(Ok(Frame::data(data))),
                Err(frame) => break Some(Ok(frame)),
            },
            Some(Err(error)) => break Some(Err(error)),
        }
    };
    let lead = whole.as_deref().and_then(message).filter(|_| odd.is_none());
    match lead.and_then(|lead| lead_of(lead).ok()) {
        Some(lead) => Ok(lead),
        None => {
            let read = whole.map(|data| Ok(Frame::data(data))).into_iter().chain(odd).collect();
            Err(Request::from_parts(head, Again { read, rest: body }))
        }
    }
}

/// The message of a frame that holds one, no more and no less, and not compressed.
fn message(data: &[u8]) -> Option<&[u8]> {
    let (&[flag, length @ ..], message) = data.split_first_chunk::<PREFIX_BYTES>()?;
    let is_whole = flag == 0 && u32::from_be_bytes(length) as usize == message.len();
    (is_whole && message.len() <= MESSAGE_BYTES_MAX).then_some(message)
}

/// Whose lead it is, as a response, with what a log line may say about it.
pub fn answer(serving: &Serving, lead: Option<LeadFields>) -> (Response<Body>, Option<Outcome>) {
    match route_lead(serving, lead) {
        Ok(answer) => {
            let mut wire = Wire::behind(PREFIX_BYTES);
            answer.write(&mut wire);
            let mut response = Response::new(body_of(wire.into_bytes()));
            *response.version_mut() = Version::HTTP_2;
            response.headers_mut().insert(header::CONTENT_TYPE, GRPC_CONTENT_TYPE);
            (response, Some(answer.outcome()))
        }
        Err(status) => (status.into_http(), None),
    }
}

/// The body that sends what stands behind a prefix yet to be filled in.
fn body_of(mut answer: Vec<u8>) -> Body {
    let length = answer.len() - PREFIX_BYTES;
    if length > ANSWER_BYTES_MAX {
        // tonic knows what to say of that.
        let once = tokio_stream::once(Ok(Bytes::from(answer).split_off(PREFIX_BYTES)));
        let max = Some(ANSWER_BYTES_MAX);
        return Body::new(EncodeBody::new_server(LeadCodec, once, None, Default::default(), max));
    }
    let length = u32::try_from(length).expect("under the largest answer");
    answer[1..PREFIX_BYTES].copy_from_slice(&length.to_be_bytes());
    Body::new(Answer { message: Some(answer.into()), is_ended: false })
}

/// One message, then the trailers that say OK.
struct Answer {
    message: Option<Bytes>,
    is_ended: bool,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match self.message.take() {
            Some(message) => Some(Frame::data(message)),
            None if self.is_ended => None,
            None => {
                self.is_ended = true;
                let mut trailers = HeaderMap::with_capacity(1);
                trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
                Some(Frame::trailers(trailers))
            }
        };
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.is_ended
    }
}

/// The body of a call of which a part was read: that part again, then the rest.
#[derive(Debug)]
pub struct Again {
    read: VecDeque<Result<Frame<Bytes>, hyper::Error>>,
    rest: Incoming,
}

impl HttpBody for Again {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.read.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.read.is_empty() { self.rest.size_hint() } else { SizeHint::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(frame: &[u8], expected: Option<&[u8]>) {
        assert_eq!(message(frame), expected, "{frame:?}");
    }

    #[test]
    fn a_frame_holds_a_message_where_its_prefix_says_so_to_the_byte() {
        check(&[0, 0, 0, 0, 2, 7, 8], Some(&[7, 8]));
        check(&[0, 0, 0, 0, 0], Some(&[]));
        check(&[0, 0, 0, 0, 3, 7, 8], None);
        check(&[0, 0, 0, 0, 1, 7, 8], None);
        check(&[0, 0, 0], None);
    }

    #[test]
    fn a_compressed_message_and_one_that_is_too_long_are_left_to_tonic() {
        check(&[1, 0, 0, 0, 2, 7, 8], None);
        let length = MESSAGE_BYTES_MAX + 1;
        let mut long = vec![0; PREFIX_BYTES + length];
        long[1..PREFIX_BYTES].copy_from_slice(&(length as u32).to_be_bytes());
        check(&long, None);
    }
}
