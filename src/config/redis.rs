//! The settings of Redis: secrets are taken from the environment or from files, and a URL with a password
//! from nowhere else.

use std::path::PathBuf;

use toml::Value;

use super::layers::Layers;
use super::{ConfigError, Origin};
use crate::registry::redis::settings::{NoRedisUrl, RedisUrl, Secret};
use crate::registry::redis::{Namespace, RedisSettings};

/// From which files secrets were read; `None` where none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisFiles {
    /// The URL.
    pub url: Option<PathBuf>,
    /// The password.
    pub password: Option<PathBuf>,
    /// The password of the sentinels.
    pub sentinel_password: Option<PathBuf>,
}

/// Secrets that stand in the environment.
pub(super) struct Secrets {
    password: Option<Secret>,
    sentinel_password: Option<Secret>,
}

/// The variables that hold secrets.
pub(super) const SECRET_VARIABLES: [&str; 2] =
    ["NAMESAKE_REDIS_PASSWORD", "NAMESAKE_REDIS_SENTINEL_PASSWORD"];

impl Secrets {
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Secrets {
        let secret = |name: &str| variable(name).and_then(|text| Secret::new(&text));
        Secrets { password: secret(SECRET_VARIABLES[0]), sentinel_password: secret(SECRET_VARIABLES[1]) }
    }
}

impl Layers {
    /// The settings of Redis, and the files that their secrets are from.
    pub(super) fn redis(&mut self) -> (RedisSettings, RedisFiles) {
        let mut redis = RedisSettings::default();
        let mut files = RedisFiles::default();
        self.uppermost_url();
        if let Some((url, file)) = self.secret_in_file("redis.url_file") {
            redis.url = self.url("redis.url_file", url.expose(), true);
            files.url = Some(file);
        } else if let Some(url) = self.text("redis.url").filter(|url| !url.is_empty()) {
            let from_environment = matches!(self.values.get("redis.url"), Some((_, Origin::Variable(_))));
            redis.url = self.url("redis.url", &url, from_environment);
        }
        redis.user = self.text("redis.user").filter(|user| !user.is_empty());
        redis.password = self.secrets.password.clone();
        if let Some((password, file)) = self.secret_in_file("redis.password_file") {
            redis.password.get_or_insert(password);
            files.password = Some(file);
        }
        redis.sentinel_password = self.secrets.sentinel_password.clone();
        if let Some((password, file)) = self.secret_in_file("redis.sentinel_password_file") {
            redis.sentinel_password.get_or_insert(password);
            files.sentinel_password = Some(file);
        }
        if let Some(text) = self.text("redis.namespace") {
            match Namespace::new(&text) {
                Some(namespace) => redis.namespace = namespace,
                None => self.bad("redis.namespace", "write 1 to 64 of A-Z a-z 0-9 _ . -"),
            }
        }
        if let Some(name) = self.text("redis.sentinel_master").filter(|name| !name.is_empty()) {
            redis.sentinel_master = name;
        }
        match self.texts("redis.sentinels").unwrap_or_default().iter().map(|text| text.parse()).collect() {
            Ok(sentinels) => redis.sentinels = sentinels,
            Err(expected) => {
                let expected: crate::registry::redis::settings::NoHostPort = expected;
                self.bad("redis.sentinels", expected.to_string());
            }
        }
        redis.ca_file = self.text("redis.ca_file").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.wait("redis.connect_timeout_ms", &mut redis.connect_timeout);
        self.wait("redis.response_timeout_ms", &mut redis.response_timeout);
        (redis, files)
    }

    /// Of a URL and a file that holds one, the one from the upper layer counts.
    fn uppermost_url(&mut self) {
        let rank = |origin: &Origin| match origin {
            Origin::File(_) => 0,
            Origin::Variable(_) => 1,
            Origin::Flag(_) => 2,
        };
        let given = |key: &str| {
            let (value, origin) = self.values.get(key)?;
            (value.as_str() != Some("")).then(|| rank(origin))
        };
        let (Some(url), Some(file)) = (given("redis.url"), given("redis.url_file")) else { return };
        match url.cmp(&file) {
            std::cmp::Ordering::Greater => drop(self.values.remove("redis.url_file")),
            std::cmp::Ordering::Less => drop(self.values.remove("redis.url")),
            std::cmp::Ordering::Equal => self.bad("redis.url_file", "redis.url is set too; keep one of them"),
        }
    }

    /// What the file holds that a setting names.
    fn secret_in_file(&mut self, key: &'static str) -> Option<(Secret, PathBuf)> {
        let path = PathBuf::from(self.text(key).filter(|path| !path.is_empty())?);
        match std::fs::read_to_string(&path) {
            Ok(text) => match Secret::new(&text) {
                Some(secret) => return Some((secret, path)),
                None => self.bad(key, "the file is empty"),
            },
            Err(error) => self.bad(key, format!("the file cannot be read: {error}")),
        }
        None
    }

    fn url(&mut self, key: &'static str, text: &str, may_hold_password: bool) -> Option<RedisUrl> {
        let parsed: Result<RedisUrl, NoRedisUrl> = text.parse();
        let (found, expected) = match parsed {
            Ok(url) if url.password.is_none() || may_hold_password => return Some(url),
            Ok(_) => {
                let remedy = "others can read it there; put the password into NAMESAKE_REDIS_PASSWORD or \
                              redis.password_file, or the URL into NAMESAKE_REDIS_URL";
                ("a URL with a password".to_owned(), remedy.to_owned())
            }
            // It may hold a password somewhere.
            Err(expected) if text.contains('@') || key == "redis.url_file" => {
                ("no URL of Redis".to_owned(), expected.to_string())
            }
            Err(expected) => (Value::from(text).to_string(), expected.to_string()),
        };
        let origin = self.values.get(key).map(|(_, origin)| origin.clone())?;
        self.errors.push(ConfigError::BadValue { origin, key: key.to_owned(), found, expected });
        None
    }
}
