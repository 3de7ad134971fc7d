//! What can go wrong with the registry in Redis, each with its remedy. No error shows a password.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::keys::Epoch;

/// Why Redis did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// Nobody answers, or not in time.
    #[error("cannot reach {server}: {why}")]
    Unreachable {
        /// Where.
        server: String,
        /// Why.
        why: String,
    },
    /// User or password are wrong or missing.
    #[error(
        "{server} refuses the login ({why}): check the user, and the password in \
        NAMESAKE_REDIS_PASSWORD or redis.password_file"
    )]
    LoginRefused {
        /// Where.
        server: String,
        /// What Redis says.
        why: String,
    },
    /// The user may not do this.
    #[error("{server} does not permit it: {why}; docs/redis.md has the ACL rules for readers and writers")]
    NotPermitted {
        /// Where.
        server: String,
        /// What Redis says.
        why: String,
    },
    /// Not the master.
    #[error("{server} is a {role}, not the master: name the master's address, or redis.sentinels")]
    NotMaster {
        /// Where.
        server: String,
        /// What it is.
        role: String,
    },
    /// Redis is there and cannot answer now.
    #[error("{server} is not ready: {why}; try again later")]
    NotReady {
        /// Where.
        server: String,
        /// What Redis says.
        why: String,
    },
    /// `maxmemory` is reached.
    #[error("{server} has no memory left, and what was asked is not done: raise maxmemory, or free memory")]
    OutOfMemory {
        /// Where.
        server: String,
    },
    /// A key holds something else.
    #[error(
        "the key {key} is of another type: it belongs to another program; choose another redis.namespace"
    )]
    WrongType {
        /// Which.
        key: String,
    },
    /// Nothing was imported yet.
    #[error("{server} has no registry in namespace {namespace}: run `namesake import`")]
    NoRegistry {
        /// Where.
        server: String,
        /// Which namespace.
        namespace: String,
    },
    /// The registry moved while somebody worked on it.
    #[error(
        "REGISTRY_CHANGED: the registry was changed by somebody else meanwhile; nothing is lost, look at \
        it and run the command again"
    )]
    RegistryChanged,
    /// An epoch is gone, or was never there.
    #[error("epoch {epoch} is not there: it was deleted, or Redis was emptied; run the command again")]
    NoEpoch {
        /// Which.
        epoch: Epoch,
    },
    /// There is no epoch to go back to.
    #[error("there is no previous state to go back to: only `import --replace` leaves one")]
    NoPrevious,
    /// Somebody wrote to the log past the scripts.
    #[error(
        "the log holds the entry {last}, which is ahead of the registry: somebody else wrote to it; run \
        `namesake import --replace` with the whole registry"
    )]
    LogAhead {
        /// Id of the entry.
        last: String,
    },
    /// A record has another version than the one named.
    #[error("VERSION_CONFLICT: {what} has version {version}: read it again, then decide")]
    VersionConflict {
        /// Kind and id of the record.
        what: String,
        /// The version that it has; 0 where it does not exist.
        version: u64,
    },
    /// What is stored makes no sense.
    #[error(
        "the registry in Redis is damaged: {why}; run `namesake verify`, then `namesake import --replace` \
        with the whole registry"
    )]
    Damaged {
        /// What is wrong.
        why: String,
    },
    /// Certificates cannot be read.
    #[error("redis.ca_file: {why}")]
    BadCertificates {
        /// Why.
        why: String,
    },
    /// Whatever else Redis says.
    #[error("{server} answered {why}")]
    Other {
        /// Where.
        server: String,
        /// What Redis says.
        why: String,
    },
}

impl HomeError {
    /// The meaning of an error of the client library; `server` as it may be shown.
    pub(super) fn of(server: &str, error: &RedisError) -> HomeError {
        let server = server.to_owned();
        let detail = error.detail().unwrap_or_default().to_owned();
        let words: Vec<&str> = detail.split_whitespace().collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or_default();
        match error.code().unwrap_or_default() {
            "NOAUTH" | "WRONGPASS" => return HomeError::LoginRefused { server, why: detail },
            "NOPERM" => return HomeError::NotPermitted { server, why: detail },
            "OOM" => return HomeError::OutOfMemory { server },
            "LOADING" | "BUSY" | "MASTERDOWN" | "MISCONF" | "NOREPLICAS" | "CLUSTERDOWN" | "TRYAGAIN" => {
                return HomeError::NotReady { server, why: detail };
            }
            "READONLY" => return HomeError::NotMaster { server, role: "replica".into() },
            "WRONG_TYPE" => return HomeError::WrongType { key: detail },
            "WRONGTYPE" => return HomeError::Damaged { why: "a key is of another type".into() },
            "EPOCH_MOVED" | "REGISTRY_CHANGED" => return HomeError::RegistryChanged,
            "NO_EPOCH" => return HomeError::NoEpoch { epoch: Epoch(number(0)) },
            "LOG_AHEAD" => return HomeError::LogAhead { last: detail },
            "EPOCH_DIFFERS" => {
                return HomeError::Damaged { why: format!("the epoch is not as it was left: {detail}") };
            }
            _ => {}
        }
        match error.kind() {
            ErrorKind::AuthenticationFailed => HomeError::LoginRefused { server, why: said(error) },
            ErrorKind::Server(ServerErrorKind::NoPerm) => {
                HomeError::NotPermitted { server, why: said(error) }
            }
            ErrorKind::MasterNameNotFoundBySentinel => HomeError::Unreachable {
                server,
                why: "no sentinel knows a master of this name that is up; check redis.sentinel_master".into(),
            },
            ErrorKind::Io => HomeError::Unreachable { server, why: said(error) },
            _ if error.is_timeout() || error.is_io_error() => {
                HomeError::Unreachable { server, why: said(error) }
            }
            _ => HomeError::Other { server, why: said(error) },
        }
    }
}

/// What the library says, in which no password appears.
fn said(error: &RedisError) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    error.to_string()
}
