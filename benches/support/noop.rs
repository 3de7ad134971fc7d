//! A tonic server that does nothing: it never looks at a lead, and answers with bytes that the real server once gave.
//!
//! What a call of it costs is the price of gRPC itself, on this machine and in this run. tonic's own server with its own
//! settings, the same allocator, the same number of threads; not even the message is decoded or the answer encoded.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes};
use namesake::proto::v1;
use prost::Message;
use tokio::net::TcpSocket;
use tokio::runtime::Builder;
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};
use tower::Service;

/// Writes what [`serve`] answers with.
pub(crate) fn write_answers(file: &Path, answers: &[v1::RouteLeadResponse]) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    for answer in answers {
        let encoded = answer.encode_to_vec();
        bytes.extend(u32::try_from(encoded.len()).expect("answers are small").to_le_bytes());
        bytes.extend(encoded);
    }
    std::fs::write(file, bytes)
}

/// Serves for ever, on a free port which it prints, with the answers of `file` in turn: on one runtime of many threads, as
/// tonic's users do, or on a thread a processor, each with a listener of its own.
pub(crate) fn serve(file: &Path, per_core: bool) {
    let noop = Noop { answers: Arc::new(Answers::read(file)) };
    if !per_core {
        let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(async {
            let incoming = listen("127.0.0.1:0".parse().unwrap());
            println!("listening on {}", incoming.local_addr().unwrap());
            serve_on(incoming, noop).await;
        });
    }
    let mut address = "127.0.0.1:0".parse().unwrap();
    let mut threads = Vec::new();
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let incoming = runtime.block_on(async { listen(address) });
        address = incoming.local_addr().unwrap();
        let noop = noop.clone();
        threads.push(std::thread::spawn(move || runtime.block_on(serve_on(incoming, noop))));
    }
    println!("listening on {address}");
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn listen(address: SocketAddr) -> TcpIncoming {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    TcpIncoming::from(socket.listen(1_024).unwrap()).with_nodelay(Some(true))
}

async fn serve_on(incoming: TcpIncoming, noop: Noop) {
    tonic::transport::Server::builder().add_service(noop).serve_with_incoming(incoming).await.unwrap();
}

struct Answers {
    unary: Vec<Bytes>,
    stream: Vec<Bytes>,
    next: AtomicUsize,
}

impl Answers {
    fn read(file: &Path) -> Answers {
        let mut bytes = Bytes::from(std::fs::read(file).unwrap());
        let mut unary = Vec::new();
        while bytes.has_remaining() {
            let length = bytes.get_u32_le() as usize;
            unary.push(bytes.split_to(length));
        }
        let in_a_stream = |answer: &Bytes| {
            let decision = v1::RouteLeadResponse::decode(answer.clone()).unwrap();
            let lead_id = decision.lead_id.clone();
            let result = Some(v1::route_leads_response::Result::Decision(decision));
            Bytes::from(v1::RouteLeadsResponse { lead_id, result }.encode_to_vec())
        };
        let stream = unary.iter().map(in_a_stream).collect();
        Answers { unary, stream, next: AtomicUsize::new(0) }
    }

    fn next(&self, of: &[Bytes]) -> Bytes {
        of[self.next.fetch_add(1, Ordering::Relaxed) % of.len()].clone()
    }
}

#[derive(Clone)]
struct Noop {
    answers: Arc<Answers>,
}

impl NamedService for Noop {
    const NAME: &'static str = "namesake.v1.RoutingService";
}

impl Service<http::Request<Body>> for Noop {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let noop = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(Raw);
            Ok(match request.uri().path() {
                "/namesake.v1.RoutingService/RouteLead" => grpc.unary(noop, request).await,
                "/namesake.v1.RoutingService/RouteLeads" => grpc.streaming(noop, request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

impl UnaryService<Bytes> for Noop {
    type Response = Bytes;
    type Future = Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        ready(Ok(Response::new(self.answers.next(&self.answers.unary))))
    }
}

impl StreamingService<Bytes> for Noop {
    type Response = Bytes;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let answers = Arc::clone(&self.answers);
        let stream = request.into_inner().map(move |lead| lead.map(|_| answers.next(&answers.stream)));
        ready(Ok(Response::new(Box::pin(stream))))
    }
}

/// Bytes as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
