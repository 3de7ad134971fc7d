//! A server in this process on a port of its own, and clients for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, Rep, RepId};
use namesake::grpc::Access;
use namesake::matching::{Index, Revision};
use namesake::normalize::website_domain;
use namesake::policy::Policy;
use namesake::proto::v1;
use namesake::proto::v1::routing_service_client::RoutingServiceClient;
use namesake::server::{Ended, Listeners, Settings, run};
use namesake::serving::{Freshness, Serving};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Longer than anything here takes on a busy machine: a wait that reaches it is a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result of `future`, which must come in time.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("should have happened by now")
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) serving: Arc<Serving>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Ended>,
}

impl TestServer {
    /// A server of [`registry`] with the default settings.
    pub(crate) async fn start() -> TestServer {
        TestServer::start_with(Settings::default()).await
    }

    pub(crate) async fn start_with(settings: Settings) -> TestServer {
        let server = TestServer::start_empty(settings).await;
        server.publish(Revision(1));
        server
    }

    /// A server of [`registry`] that gives callers access to it.
    pub(crate) async fn start_with_access(access: Access) -> TestServer {
        let server = TestServer::launch(access, Settings::default()).await;
        server.publish(Revision(1));
        server
    }

    /// A server before the first publication.
    pub(crate) async fn start_empty(settings: Settings) -> TestServer {
        TestServer::launch(Access::default(), settings).await
    }

    /// A server before the first publication that answers operators over HTTP, and where.
    pub(crate) async fn start_with_http(access: Access, settings: Settings) -> (TestServer, SocketAddr) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (TestServer::launch_on(None, Some(listener), access, settings).await, address)
    }

    /// A server before the first publication that answers leads over HTTP/JSON, and where.
    pub(crate) async fn start_with_json(settings: Settings) -> (TestServer, SocketAddr) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (TestServer::launch_on(Some(listener), None, Access::default(), settings).await, address)
    }

    async fn launch(access: Access, settings: Settings) -> TestServer {
        TestServer::launch_on(None, None, access, settings).await
    }

    async fn launch_on(
        json: Option<TcpListener>,
        http: Option<TcpListener>,
        access: Access,
        settings: Settings,
    ) -> TestServer {
        let grpc = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = grpc.local_addr().unwrap();
        let listeners = Listeners { grpc, json, http };
        let serving = Arc::new(Serving::new(Policy::default()));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or_default() };
        let ended = tokio::spawn(run(listeners, Arc::clone(&serving), access, settings, shutdown));
        TestServer { address, serving, stop, ended }
    }

    pub(crate) fn publish(&self, revision: Revision) {
        self.serving.publish(Index::build(registry(), revision), Freshness::at(Timestamp::now()));
    }

    /// Publishes accounts of these ids, which nobody owns.
    pub(crate) fn publish_accounts(&self, ids: &[String]) {
        let account = |id: &String| Account::new(AccountId::new(id).unwrap(), format!("Company {id}"));
        let registry = Registry { accounts: ids.iter().map(account).collect(), reps: Vec::new() };
        self.serving.publish(Index::build(registry, Revision(2)), Freshness::at(Timestamp::now()));
    }

    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(format!("http://{}", self.address)).unwrap();
        within(endpoint.connect()).await.unwrap()
    }

    pub(crate) async fn client(&self) -> RoutingServiceClient<Channel> {
        RoutingServiceClient::new(self.channel().await)
    }

    /// A connection on which a test decides about every frame.
    pub(crate) async fn http2(&self) -> SendRequest<Bytes> {
        let stream = within(TcpStream::connect(self.address)).await.unwrap();
        let (client, connection) = within(h2::client::handshake(stream)).await.unwrap();
        tokio::spawn(connection);
        within(client.ready()).await.unwrap()
    }

    /// Tells the server to stop and awaits that it has.
    pub(crate) async fn stop(self) -> Ended {
        self.stop.send(()).expect("the server runs");
        within(self.ended).await.unwrap()
    }
}

/// One account with an owner and all that a lead can match.
pub(crate) fn registry() -> Registry {
    let owner = RepId::new("R1").unwrap();
    let account = Account {
        domains: vec![website_domain("acme.com").unwrap()],
        owner_id: Some(owner.clone()),
        ..Account::new(AccountId::new("A1").unwrap(), "Acme Instruments Inc.")
    };
    Registry { accounts: vec![account], reps: vec![Rep::new(owner)] }
}

pub(crate) fn lead(lead_id: &str, company: &str) -> v1::Lead {
    v1::Lead { lead_id: lead_id.into(), company: company.into(), ..v1::Lead::default() }
}

/// Begins a call of `RouteLead` without sending its message.
pub(crate) fn begin_call(client: &mut SendRequest<Bytes>) -> (ResponseFuture, SendStream<Bytes>) {
    let request = http::Request::post("http://localhost/namesake.v1.RoutingService/RouteLead")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap();
    client.send_request(request, false).unwrap()
}

/// The status of a call that failed before any answer.
pub(crate) async fn failure(response: ResponseFuture) -> Status {
    let response: http::Response<RecvStream> = within(response).await.unwrap();
    Status::from_header_map(response.headers()).expect("a failure has its status in the headers")
}

/// The details of a status, which must have this code and reason.
pub(crate) fn details(status: &Status, code: Code, reason: &str) -> ErrorDetails {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_eq!((status.code(), info.reason.as_str()), (code, reason), "{status:?}");
    assert_eq!(info.domain, "namesake");
    details
}
