//! A connection to a running server, for the subcommands that ask one.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use super::CliError;

/// Longest that connecting may take; a server on the same network answers in milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest that one question may take: far over the 300 ms that callers are advised to wait.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// A runtime for a few calls.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Start)
}

/// Connects to `server`: a URL, or a host and port.
pub(super) async fn connect(server: &str) -> Result<Channel, CliError> {
    let url = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let unreachable = |why: String| CliError::Unreachable { server: server.to_owned(), why };
    let endpoint = Endpoint::from_shared(url).map_err(|error| unreachable(error.to_string()))?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT).timeout(CALL_TIMEOUT);
    endpoint.connect().await.map_err(|error| unreachable(root(&error)))
}

/// Where a server that listens on `address` can be called from its own machine: an unspecified address is none
/// to call.
pub(super) fn callable(address: SocketAddr) -> SocketAddr {
    match address {
        _ if !address.ip().is_unspecified() => address,
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
    }
}

/// The innermost cause, which is the one that says something: `Connection refused`.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
