//! Where Redis is and as whom to speak to it. Secrets are never printed.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use redis::{ConnectionAddr, IntoConnectionInfo};

use super::keys::Namespace;

/// Text that is printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret with white space around it removed, as files end in a line feed; `None` where nothing is
    /// left.
    pub fn new(raw: &str) -> Option<Secret> {
        let text = raw.trim();
        (!text.is_empty()).then(|| Secret(text.to_owned()))
    }

    /// The text, for the one who must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// A name or an IP address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare_v6 = self.host.contains(':');
        let (open, close) = if bare_v6 { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}:{}", self.host, self.port)
    }
}

/// The text is no `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write host:port, such as sentinel-1:26379")]
pub struct NoHostPort;

impl FromStr for HostPort {
    type Err = NoHostPort;

    fn from_str(text: &str) -> Result<HostPort, NoHostPort> {
        let (host, port) = text.trim().rsplit_once(':').ok_or(NoHostPort)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match port.parse() {
            Ok(port) if !host.is_empty() && port > 0 => Ok(HostPort { host: host.to_owned(), port }),
            _ => Err(NoHostPort),
        }
    }
}

/// A Redis URL: `redis://[user[:password]@]host[:port][/database]`, `rediss://` for TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisUrl {
    /// True for `rediss`.
    pub tls: bool,
    /// The server; 6379 where no port is given.
    pub server: HostPort,
    /// Number of the database, 0 where none is given.
    pub database: i64,
    /// The ACL user, if one is given.
    pub user: Option<String>,
    /// The password, if one is given.
    pub password: Option<Secret>,
}

/// The text is no URL of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write redis://host:port or, for TLS, rediss://host:port")]
pub struct NoRedisUrl;

impl FromStr for RedisUrl {
    type Err = NoRedisUrl;

    fn from_str(text: &str) -> Result<RedisUrl, NoRedisUrl> {
        let info = text.trim().into_connection_info().map_err(|_| NoRedisUrl)?;
        let (tls, host, port) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (false, host, port),
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => (true, host, port),
            _ => return Err(NoRedisUrl),
        };
        let redis = info.redis_settings();
        Ok(RedisUrl {
            tls,
            server: HostPort { host: host.clone(), port: *port },
            database: redis.db(),
            user: redis.username().filter(|user| !user.is_empty()).map(str::to_owned),
            password: redis.password().and_then(Secret::new),
        })
    }
}

/// The URL without user and password.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rediss" } else { "redis" };
        write!(f, "{scheme}://{}", self.server)?;
        if self.database == 0 { Ok(()) } else { write!(f, "/{}", self.database) }
    }
}

/// Everything that can be set about Redis.
#[derive(Clone, Debug, PartialEq)]
pub struct RedisSettings {
    /// The server, or with Sentinel only whether TLS is spoken and which database is used.
    pub url: Option<RedisUrl>,
    /// The ACL user; wins over the one of the URL.
    pub user: Option<String>,
    /// The password; wins over the one of the URL.
    pub password: Option<Secret>,
    /// Which registry of this Redis.
    pub namespace: Namespace,
    /// The name under which the sentinels know the master.
    pub sentinel_master: String,
    /// The sentinels; empty where the URL names the server.
    pub sentinels: Vec<HostPort>,
    /// The password of the sentinels themselves.
    pub sentinel_password: Option<Secret>,
    /// Certificates (PEM) that sign the server's; without it those of the system.
    pub ca_file: Option<PathBuf>,
    /// Longest that a connection may take to be there.
    pub connect_timeout: Duration,
    /// Longest that an answer may take.
    pub response_timeout: Duration,
}

impl Default for RedisSettings {
    fn default() -> RedisSettings {
        RedisSettings {
            url: None,
            user: None,
            password: None,
            namespace: Namespace::default(),
            sentinel_master: "mymaster".into(),
            sentinels: Vec::new(),
            sentinel_password: None,
            ca_file: None,
            connect_timeout: Duration::from_secs(2),
            // A call of 200 large records takes milliseconds; a fork for persistence can take a second.
            response_timeout: Duration::from_secs(5),
        }
    }
}

impl RedisSettings {
    /// The settings for a URL, and defaults.
    ///
    /// # Errors
    /// [`NoRedisUrl`].
    pub fn of_url(url: &str) -> Result<RedisSettings, NoRedisUrl> {
        Ok(RedisSettings { url: Some(url.parse()?), ..RedisSettings::default() })
    }

    /// True where a server or sentinels are named.
    pub fn is_set(&self) -> bool {
        self.url.is_some() || !self.sentinels.is_empty()
    }

    /// The ACL user, from wherever it was given.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref().or(self.url.as_ref()?.user.as_deref())
    }

    /// The password, from wherever it was given.
    pub fn password(&self) -> Option<&str> {
        self.password.as_ref().or(self.url.as_ref()?.password.as_ref()).map(Secret::expose)
    }
}

/// Where Redis is, for messages: without user and password.
impl fmt::Display for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.sentinels.is_empty() {
            let sentinels: Vec<String> = self.sentinels.iter().map(HostPort::to_string).collect();
            return write!(f, "Redis master {} (sentinels {})", self.sentinel_master, sentinels.join(", "));
        }
        match &self.url {
            Some(url) => url.fmt(f),
            None => f.write_str("no Redis"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_its_secrets_are_never_shown() {
        let url: RedisUrl = "rediss://wri%40ter:pa%3Ass@redis.example:6380/2".parse().unwrap();
        assert_eq!((url.tls, url.server.port, url.database), (true, 6380, 2));
        assert_eq!(url.user.as_deref(), Some("wri@ter"));
        assert_eq!(url.password.as_ref().unwrap().expose(), "pa:ss");
        let shown = format!("{url} {url:?}");
        assert!(shown.starts_with("rediss://redis.example:6380/2 "), "{shown}");
        assert!(!shown.contains("pa:ss") && !shown.contains("pa%3Ass"), "{shown}");
    }

    #[test]
    fn what_is_no_redis_url_is_refused() {
        for bad in ["", "localhost", "http://x", "redis:", "redis://h:port", "rediss://h/#insecure"] {
            assert_eq!(bad.parse::<RedisUrl>(), Err(NoRedisUrl), "{bad}");
        }
    }

    #[test]
    fn host_and_port_of_a_sentinel() {
        assert_eq!("[::1]:5".parse(), Ok(HostPort { host: "::1".into(), port: 5 }));
        assert_eq!("[::1]:5".parse::<HostPort>().unwrap().to_string(), "[::1]:5");
        for bad in ["", "host", ":1", "host:", "host:0", "host:70000"] {
            assert_eq!(bad.parse::<HostPort>(), Err(NoHostPort), "{bad}");
        }
    }
}
