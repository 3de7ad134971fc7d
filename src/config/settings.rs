//! The list of settings outside `[policy]`: one line each, for reading, printing and checking alike.

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Free text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The path of a file; in the configuration file relative to that file.
    Path,
    /// Several paths; `,` between them in the environment.
    Paths,
    /// Several texts; `,` between them in the environment.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A whole number between these two, both included.
    Number(u64, u64),
    /// An IP address and a port.
    Address,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// Its place in the file: `section.key`.
    pub(super) key: &'static str,
    /// Its environment variable.
    pub(super) variable: &'static str,
    /// What its value looks like.
    pub(super) kind: Kind,
    /// What it is for, one line.
    pub(super) purpose: &'static str,
}

const fn setting(key: &'static str, variable: &'static str, kind: Kind, purpose: &'static str) -> Setting {
    Setting { key, variable, kind, purpose }
}

/// Longest that any wait may be set to: an hour.
const WAIT_MAX_MS: u64 = 3_600_000;
/// Longest age of the registry that can be the bound: a week. Who bears more needs no bound.
const STALENESS_MAX_MS: u64 = 7 * 24 * 3_600_000;
/// Most of anything that is open at once.
const OPEN_MAX: u64 = 1_000_000;

/// Every setting, in the order of the file.
pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "registry.accounts",
        "NAMESAKE_ACCOUNTS",
        Kind::Paths,
        "files of accounts, CSV or JSON Lines; they add up",
    ),
    setting(
        "registry.reps",
        "NAMESAKE_REPS",
        Kind::Path,
        "file of reps; without it every owner is an active rep",
    ),
    setting(
        "registry.strict",
        "NAMESAKE_STRICT",
        Kind::Flag,
        "refuse a registry in which two owners claim the same domain or name",
    ),
    setting(
        "registry.poll_interval_ms",
        "NAMESAKE_POLL_INTERVAL_MS",
        Kind::Number(50, WAIT_MAX_MS),
        "how often the files are looked at; an edit is taken once it has been quiet for as long",
    ),
    setting(
        "registry.snapshot",
        "NAMESAKE_SNAPSHOT",
        Kind::Path,
        "file in which a server keeps its copy of the registry in Redis, for a start without Redis",
    ),
    setting(
        "registry.accept_shrink",
        "NAMESAKE_ACCEPT_SHRINK",
        Kind::Flag,
        "believe a registry in Redis that is empty or has lost more than half its accounts",
    ),
    setting(
        "registry.fresh_window_ms",
        "NAMESAKE_FRESH_WINDOW_MS",
        Kind::Number(1_000, WAIT_MAX_MS),
        "how long a proof that the copy equals Redis counts; past it answers are marked stale",
    ),
    setting(
        "registry.max_staleness_ms",
        "NAMESAKE_MAX_STALENESS_MS",
        Kind::Number(0, STALENESS_MAX_MS),
        "age of the copy past which the server says it is not ready, though it still answers; 0: never",
    ),
    setting(
        "redis.url",
        "NAMESAKE_REDIS_URL",
        Kind::Text,
        "the shared home of the registry, redis://host:port or rediss://host:port; a password only in the \
         environment",
    ),
    setting(
        "redis.url_file",
        "NAMESAKE_REDIS_URL_FILE",
        Kind::Path,
        "file that holds the URL instead; the URL may have a password",
    ),
    setting(
        "redis.user",
        "NAMESAKE_REDIS_USER",
        Kind::Text,
        "ACL user, unless the URL names one; its password is in NAMESAKE_REDIS_PASSWORD or redis.password_file",
    ),
    setting(
        "redis.password_file",
        "NAMESAKE_REDIS_PASSWORD_FILE",
        Kind::Path,
        "the file that holds the password",
    ),
    setting(
        "redis.namespace",
        "NAMESAKE_REDIS_NAMESPACE",
        Kind::Text,
        "which registry of this Redis: letters, digits, _ . -",
    ),
    setting(
        "redis.sentinels",
        "NAMESAKE_REDIS_SENTINELS",
        Kind::Texts,
        "host:port of the sentinels that know the master; then the host of redis.url does not count",
    ),
    setting(
        "redis.sentinel_master",
        "NAMESAKE_REDIS_SENTINEL_MASTER",
        Kind::Text,
        "the master's name among the sentinels",
    ),
    setting(
        "redis.sentinel_password_file",
        "NAMESAKE_REDIS_SENTINEL_PASSWORD_FILE",
        Kind::Path,
        "file that holds the sentinels' password, unless it is in NAMESAKE_REDIS_SENTINEL_PASSWORD",
    ),
    setting(
        "redis.ca_file",
        "NAMESAKE_REDIS_CA_FILE",
        Kind::Path,
        "certificates (PEM) that sign the server's; without it those of the system",
    ),
    setting(
        "redis.connect_timeout_ms",
        "NAMESAKE_REDIS_CONNECT_TIMEOUT_MS",
        Kind::Number(1, WAIT_MAX_MS),
        "longest that a connection may take to be there",
    ),
    setting(
        "redis.response_timeout_ms",
        "NAMESAKE_REDIS_RESPONSE_TIMEOUT_MS",
        Kind::Number(100, WAIT_MAX_MS),
        "longest that an answer may take",
    ),
    setting(
        "server.listen",
        "NAMESAKE_LISTEN",
        Kind::Address,
        "where gRPC is served; callers are not authenticated, so keep it on loopback or behind a gateway",
    ),
    setting(
        "server.json_listen",
        "NAMESAKE_JSON_LISTEN",
        Kind::Address,
        "where leads are answered over HTTP/JSON, such as 127.0.0.1:50052, with the same care; empty: nowhere",
    ),
    setting(
        "server.http_listen",
        "NAMESAKE_HTTP_LISTEN",
        Kind::Address,
        "where /livez, /readyz and /metrics are served over HTTP, such as 127.0.0.1:9464; empty: nowhere",
    ),
    setting(
        "server.runtime",
        "NAMESAKE_RUNTIME",
        Kind::Word(&["shared", "per-core"]),
        "the threads of connections: shared by all, or one a processor, each with connections of its own",
    ),
    setting("server.reflection", "NAMESAKE_REFLECTION", Kind::Flag, "serve gRPC reflection"),
    setting(
        "server.registry_writes",
        "NAMESAKE_REGISTRY_WRITES",
        Kind::Flag,
        "let callers read and write records of the registry; only where server.listen is on loopback",
    ),
    setting(
        "server.connections_max",
        "NAMESAKE_CONNECTIONS_MAX",
        Kind::Number(1, OPEN_MAX),
        "connections of callers open at once",
    ),
    setting(
        "server.requests_max",
        "NAMESAKE_REQUESTS_MAX",
        Kind::Number(1, OPEN_MAX),
        "unary requests in flight at once, over all connections, of gRPC and HTTP/JSON together",
    ),
    setting(
        "server.streams_max",
        "NAMESAKE_STREAMS_MAX",
        Kind::Number(1, OPEN_MAX),
        "RouteLeads streams open at once, over all connections",
    ),
    setting(
        "server.stream_idle_timeout_ms",
        "NAMESAKE_STREAM_IDLE_TIMEOUT_MS",
        Kind::Number(0, WAIT_MAX_MS),
        "how long a RouteLeads stream may go without a lead; it ends by twice that; 0: for ever",
    ),
    setting(
        "server.request_timeout_ms",
        "NAMESAKE_REQUEST_TIMEOUT_MS",
        Kind::Number(1, WAIT_MAX_MS),
        "longest that a unary request may take",
    ),
    setting(
        "server.preface_timeout_ms",
        "NAMESAKE_PREFACE_TIMEOUT_MS",
        Kind::Number(1, WAIT_MAX_MS),
        "how long a new connection may take to begin HTTP/2",
    ),
    setting(
        "server.shutdown_notice_ms",
        "NAMESAKE_SHUTDOWN_NOTICE_MS",
        Kind::Number(0, WAIT_MAX_MS),
        "how long health says NOT_SERVING before the listener closes",
    ),
    setting(
        "server.shutdown_grace_ms",
        "NAMESAKE_SHUTDOWN_GRACE_MS",
        Kind::Number(0, WAIT_MAX_MS),
        "how long open connections may take to finish after that",
    ),
    setting(
        "log.format",
        "NAMESAKE_LOG_FORMAT",
        Kind::Word(&["text", "json"]),
        "text for people, json for collectors",
    ),
    setting(
        "log.filter",
        "NAMESAKE_LOG_FILTER",
        Kind::Text,
        "a level, or targets such as \"info,namesake=debug\"",
    ),
];

/// The setting of a key.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}
