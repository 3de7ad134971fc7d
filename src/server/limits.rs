//! What a server lets its clients do, with the reasons.

use std::time::Duration;

/// On which threads connections are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    /// All on the runtime of the process, whose threads take work from each other.
    Shared,
    /// Each on one thread of several, one a processor, which share nothing. A call is cheaper by a third; the figures are
    /// in `docs/performance.md`.
    #[default]
    PerCore,
}

/// What an operator may set. The defaults suit one replica behind a few gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// On which threads connections are served.
    pub runtime: Runtime,
    /// Serve gRPC reflection (v1 and v1alpha). Off by default: it publishes the contract to anybody who can
    /// connect.
    pub reflection: bool,
    /// Connections of callers open at once, through either door; more wait in the listen queue.
    pub connections_max: usize,
    /// Unary requests in flight at once, over all connections of either door; more get RESOURCE_EXHAUSTED, or 503.
    pub requests_max: usize,
    /// `RouteLeads` streams open at once, over all connections; more get RESOURCE_EXHAUSTED.
    pub streams_max: usize,
    /// The longest that a unary request may take, its message included; the caller's deadline may be shorter.
    pub request_timeout: Duration,
    /// How long a new connection may take to send the 24 bytes that begin HTTP/2.
    pub preface_timeout: Duration,
    /// How long a `RouteLeads` stream may go without a lead: at least so long, at most twice. A connection that was asked to
    /// go is cut once nothing has moved on it for two to four times as long, or one to two times the longest that a unary
    /// call may take where that is more. `None` lets both wait for ever.
    pub stream_idle_timeout: Option<Duration>,
    /// The age of the registry past which the server says that it is not ready, though it still answers: at least
    /// twice the time that a proof of equality counts. `None`, the default, routes from the last good registry for ever and is
    /// ready to; then a load balancer cannot turn a lost Redis into lost leads.
    pub max_staleness: Option<Duration>,
    /// How long health says NOT_SERVING before the listener closes: the time that load balancers take to
    /// notice. Zero by default, which suits one that watches.
    pub shutdown_notice: Duration,
    /// How long open connections may take to finish after that.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            runtime: Runtime::default(),
            reflection: false,
            // A file descriptor each; the usual limit of a process is 1 024 soft and the registry needs a few.
            connections_max: 900,
            // A request computes for microseconds; a thousand at once are requests whose message is late.
            requests_max: 1_024,
            streams_max: 256,
            // Three times the deadline that callers are advised to set (300 ms), rounded up.
            request_timeout: Duration::from_secs(1),
            preface_timeout: Duration::from_secs(5),
            // The age at which connections are asked to go anyway.
            stream_idle_timeout: Some(Duration::from_secs(600)),
            max_staleness: None,
            shutdown_notice: Duration::ZERO,
            // Under the 30 s after which Kubernetes kills.
            shutdown_grace: Duration::from_secs(20),
        }
    }
}

/// Calls open at once on one connection; advertised, so that clients queue on their side.
pub(crate) const CONNECTION_CALLS_MAX: u32 = 256;
/// Streams reset by us for a peer's protocol errors before the connection is closed: CVE-2025-8671
/// (MadeYouReset). hyper's own default; stated because tonic's server switches it off.
pub(crate) const LOCAL_RESETS_MAX: usize = 1_024;
/// Streams reset by the peer before we accepted them: CVE-2023-44487 (rapid reset). h2's own default.
pub(crate) const PENDING_RESETS_MAX: usize = 20;
/// Largest header list that is read, in bytes. Ours are under 1 KiB; a trace context fits.
pub(crate) const HEADER_LIST_BYTES_MAX: u32 = 8 * 1024;
/// How long an HTTP/1 connection may take to send a request, the first or the next: who comes less often connects anew.
pub(crate) const HTTP_REQUEST_WAIT: Duration = Duration::from_secs(30);
/// How often a quiet connection is pinged, and how long an answer may take: a peer that vanished is noticed
/// within 40 s.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(30);
/// See [`PING_INTERVAL`].
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection is asked to reconnect after about this time, so that new replicas get their share.
pub(crate) const CONNECTION_AGE: Duration = Duration::from_secs(600);
/// How long an HTTP/1 connection may take to go when it is asked to: its request has the server's own limit, and an answer
/// that is not read in this time is not read at all.
pub(crate) const HTTP_LEAVE: Duration = HTTP_REQUEST_WAIT;
/// How long accepting rests when the process or the machine is out of file descriptors.
pub(crate) const ACCEPT_BACK_OFF: Duration = Duration::from_millis(100);
/// How often a failure to accept is logged at most.
pub(crate) const ACCEPT_WARNING_INTERVAL: Duration = Duration::from_secs(60);
/// Tasks that a thread runs between two looks at its sockets and timers. tokio's own 61 suits tasks of a few microseconds;
/// the turn of a stream is up to 500 of them, so that a call beside busy streams would wait 30 ms to be read.
pub(crate) const EVENT_INTERVAL: u32 = 8;
