//! `RouteLead` the short way. Most calls are alike: one plain message that came whole. Such a call is read and answered
//! here in one step, without the layers that tonic lays over a body in either direction; they cost as much as a decision.
//! Any other call, a broken one above all, goes to tonic with every byte that was read, so that its answer is tonic's.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderValue, Method, Request, Response, Version, header};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use prost::Message;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::EncodeBody;
use tonic::metadata::GRPC_CONTENT_TYPE;
use tonic_prost::ProstEncoder;

use super::routing::route_lead;
use super::{ANSWER_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::proto::v1;
use crate::serving::Serving;

/// In front of a message: a flag that says whether it is compressed, and its length in four bytes.
const PREFIX_BYTES: usize = 5;

/// True for a call that may go the short way.
pub fn is_for(call: &Request<Incoming>) -> bool {
    call.uri().path() == "/namesake.v1.RoutingService/RouteLead"
        && call.method() == Method::POST
        && !call.headers().contains_key("grpc-encoding")
}

/// The request of a call that is like most; else the call as it came.
pub async fn read(call: Request<Incoming>) -> Result<v1::RouteLeadRequest, Request<Again>> {
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
    match lead.and_then(|lead| v1::RouteLeadRequest::decode(lead).ok()) {
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

/// Whose lead it is, as a response.
pub fn answer(serving: &Serving, request: v1::RouteLeadRequest) -> Response<Body> {
    match route_lead(serving, request.lead) {
        Ok((answer, outcome)) => {
            let mut response = Response::new(body_of(answer));
            *response.version_mut() = Version::HTTP_2;
            response.headers_mut().insert(header::CONTENT_TYPE, GRPC_CONTENT_TYPE);
            response.extensions_mut().insert(outcome);
            response
        }
        Err(status) => status.into_http(),
    }
}

fn body_of(answer: v1::RouteLeadResponse) -> Body {
    let length = answer.encoded_len();
    let Some(prefix) = u32::try_from(length).ok().filter(|_| length <= ANSWER_BYTES_MAX) else {
        let encoder = ProstEncoder::<v1::RouteLeadResponse>::new(Default::default());
        let once = tokio_stream::once(Ok(answer));
        let max = Some(ANSWER_BYTES_MAX);
        return Body::new(EncodeBody::new_server(encoder, once, None, Default::default(), max));
    };
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + length);
    bytes.push(0);
    bytes.extend(prefix.to_be_bytes());
    answer.encode_raw(&mut bytes);
    Body::new(Answer { message: Some(bytes.into()), is_ended: false })
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
