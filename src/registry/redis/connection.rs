//! A connection to the master, found directly or through Sentinel.
//!
//! Timeouts are explicit, since the library's default answers "timed out" after half a second, and a dead
//! peer is noticed by keepalive. `ROLE` must say master: a demoted master answers reads that look fine.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::{TcpSettings, socket2};
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo,
    TlsCertificates, TlsMode, Value,
};

use super::error::HomeError;
use super::keys::Keys;
use super::scripts::Scripts;
use super::settings::{RedisSettings, Secret};

/// First keepalive probe after 10 s of silence, then every 5 s, three of them: a dead peer is noticed in
/// less than half a minute even where nothing is sent.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_PROBES: u32 = 3;
/// Longest that sent bytes may stay unacknowledged before the connection counts as dead.
const USER_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes TLS possible: the library panics at the first `rediss://` where no provider is installed. Call it
/// first thing in `main`; a second call does nothing.
pub fn install_crypto_provider() {
    // The error is a provider that is installed already, which serves as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A connection to the registry of one namespace.
#[derive(Debug)]
pub struct Connection {
    pub(super) redis: MultiplexedConnection,
    pub(super) scripts: Scripts,
    keys: Keys,
    server: String,
}

impl Connection {
    /// A connection with the timeouts of the settings.
    ///
    /// # Errors
    /// [`HomeError`] where nobody answers, the login fails or the server is no master.
    pub async fn open(settings: &RedisSettings) -> Result<Connection, HomeError> {
        Ok(Connection {
            redis: connect(settings, settings.response_timeout).await?,
            scripts: Scripts::new(),
            keys: Keys::new(settings.namespace.clone()),
            server: settings.to_string(),
        })
    }

    /// The names of the namespace's keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Where Redis is, for messages.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The meaning of an error of the library on this connection.
    pub(super) fn error(&self, error: &redis::RedisError) -> HomeError {
        HomeError::of(&self.server, error)
    }

    /// There is no registry here.
    pub fn no_registry(&self) -> HomeError {
        let namespace = self.keys.namespace().to_string();
        HomeError::NoRegistry { server: self.server.clone(), namespace }
    }
}

/// A connection of the library to the master, on which an answer may take `response_timeout`: blocking
/// commands need a connection of their own, with a timeout longer than they block.
///
/// # Errors
/// [`HomeError`] where nobody answers, the login fails or the server is no master.
pub async fn connect(
    settings: &RedisSettings,
    response_timeout: Duration,
) -> Result<MultiplexedConnection, HomeError> {
    let server = settings.to_string();
    let failed = |error: &redis::RedisError| HomeError::of(&server, error);
    let client =
        if settings.sentinels.is_empty() { direct(settings)? } else { through_sentinel(settings).await? };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect_timeout))
        .set_response_timeout(Some(response_timeout));
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    let mut connection = connecting.await.map_err(|error| failed(&error))?;
    let role: Value =
        redis::cmd("ROLE").query_async(&mut connection).await.map_err(|error| failed(&error))?;
    match role_name(&role).as_str() {
        "master" => Ok(connection),
        role => {
            let role = if role == "slave" { "replica".into() } else { role.to_owned() };
            Err(HomeError::NotMaster { server, role })
        }
    }
}

/// The first part of what `ROLE` gives; the rest differs from role to role.
fn role_name(role: &Value) -> String {
    let first = match role {
        Value::Array(parts) => parts.first(),
        _ => None,
    };
    first
        .and_then(|part| redis::from_redis_value_ref(part).ok())
        .unwrap_or_else(|| "server of unknown role".into())
}

fn direct(settings: &RedisSettings) -> Result<Client, HomeError> {
    let server = settings.to_string();
    let failed = |error: redis::RedisError| HomeError::of(&server, &error);
    let Some(url) = &settings.url else {
        return Err(HomeError::Unreachable { server, why: "redis.url is not set".into() });
    };
    let (host, port) = (url.server.host.clone(), url.server.port);
    let address = if url.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let info = address
        .into_connection_info()
        .map_err(failed)?
        .set_redis_settings(login(settings))
        .set_tcp_settings(tcp_settings());
    if url.tls {
        Client::build_with_tls(info, certificates(settings)?).map_err(failed)
    } else {
        Client::open(info).map_err(failed)
    }
}

fn login(settings: &RedisSettings) -> RedisConnectionInfo {
    // RESP2: the registry needs nothing of RESP3, and every server and proxy speaks it. No CLIENT SETINFO, which
    // users with few rights may not send.
    let mut login =
        RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP2).set_skip_set_lib_name();
    if let Some(url) = &settings.url {
        login = login.set_db(url.database);
    }
    if let Some(user) = settings.user() {
        login = login.set_username(user);
    }
    if let Some(password) = settings.password() {
        login = login.set_password(password);
    }
    login
}

/// The master's client, asked of the sentinels anew for every connection.
async fn through_sentinel(settings: &RedisSettings) -> Result<Client, HomeError> {
    let server = settings.to_string();
    let failed = |error: redis::RedisError| HomeError::of(&server, &error);
    let tls = settings.url.as_ref().is_some_and(|url| url.tls);
    let sentinel = |at: &super::settings::HostPort| ConnectionAddr::Tcp(at.host.clone(), at.port);
    let mut builder = SentinelClientBuilder::new(
        settings.sentinels.iter().map(sentinel).collect::<Vec<_>>(),
        settings.sentinel_master.clone(),
        SentinelServerType::Master,
    )
    .map_err(failed)?
    .set_client_to_redis_protocol(ProtocolVersion::RESP2)
    .set_client_to_sentinel_protocol(ProtocolVersion::RESP2)
    .set_client_to_redis_tcp_settings(tcp_settings())
    .set_client_to_redis_db(settings.url.as_ref().map_or(0, |url| url.database));
    if tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_redis_certificates(certificates(settings)?);
    }
    if let Some(user) = settings.user() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = settings.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(password) = settings.sentinel_password.as_ref().map(Secret::expose) {
        builder = builder.set_client_to_sentinel_password(password);
    }
    let mut client = builder.build().map_err(failed)?;
    client.async_get_client().await.map_err(failed)
}

fn certificates(settings: &RedisSettings) -> Result<TlsCertificates, HomeError> {
    let read = |path: &std::path::PathBuf| {
        let why = |error| format!("cannot read {}: {error}", path.display());
        std::fs::read(path).map_err(|error| HomeError::BadCertificates { why: why(error) })
    };
    let root_cert = settings.ca_file.as_ref().map(read).transpose()?;
    Ok(TlsCertificates { client_tls: None, root_cert })
}

fn tcp_settings() -> TcpSettings {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    #[cfg(target_os = "linux")]
    let keepalive = keepalive.with_retries(KEEPALIVE_PROBES);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(USER_TIMEOUT);
    settings
}
