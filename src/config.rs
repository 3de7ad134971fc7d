//! The configuration: flags over the environment over `namesake.toml` over defaults, read and checked whole
//! before anything starts. While a server runs, a changed `[policy]` is taken as well (`watch`).
//!
//! Every setting is one line of `settings`, which gives its place in the file, its environment variable, its
//! kind and what it is for. Routing policy is set in the file alone (`[policy]`). Every bad key is named with
//! where it came from. Unknown keys are refused, since a misspelt setting that is silently ignored is found
//! out in production. Unknown environment variables are not: Kubernetes sets `NAMESAKE_SERVICE_HOST` and the
//! like beside a service of that name. Secrets come from the environment or from files of their own, never from
//! flags or `namesake.toml`, and are never printed.

mod error;
mod layers;
mod policy;
mod print;
mod redis;
mod settings;
mod table;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use error::{ConfigError, ConfigErrors, Origin};
pub use layers::Flags;
pub use redis::RedisFiles;
pub use watch::PolicyWatch;

use crate::policy::Policy;
use crate::registry::Sources;
use crate::registry::redis::RedisSettings;
use crate::registry::replica::Settings as ReplicaSettings;
use crate::server::Settings as ServerSettings;
use crate::server::telemetry::LogFormat;
use layers::{ConfigFile, Layers};

/// Where variables are read: the process's environment in `main`, a map in tests.
pub trait Environment {
    /// The value of a variable; `None` where it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

impl Environment for std::collections::BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        std::collections::BTreeMap::get(self, name).map(|value| (*value).to_owned())
    }
}

/// Everything that can be set, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the registry is; `accounts` may be empty, which only some subcommands accept.
    pub registry: Sources,
    /// Where the registry's shared home is, if there is one.
    pub redis: RedisSettings,
    /// From which files its secrets were read.
    pub redis_files: RedisFiles,
    /// How a server keeps its copy of the registry in Redis.
    pub replica: ReplicaSettings,
    /// How often the registry's files are looked at for changes.
    pub poll_interval: Duration,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where leads are answered over HTTP/JSON; `None` answers them nowhere.
    pub json_listen: Option<SocketAddr>,
    /// Where operators are answered over HTTP; `None` answers them nowhere.
    pub http_listen: Option<SocketAddr>,
    /// Whether records of the registry may be read and written over gRPC; then `listen` is on loopback.
    pub registry_writes: bool,
    /// What the server lets its clients do.
    pub server: ServerSettings,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_filter: String,
    /// Settings for routing.
    pub policy: Policy,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            registry: Sources::default(),
            redis: RedisSettings::default(),
            redis_files: RedisFiles::default(),
            replica: ReplicaSettings::default(),
            poll_interval: Duration::from_secs(1),
            listen: SocketAddr::from(([127, 0, 0, 1], 50_051)),
            json_listen: None,
            http_listen: None,
            registry_writes: false,
            server: ServerSettings::default(),
            log_format: LogFormat::default(),
            log_filter: "info".into(),
            policy: Policy::default(),
        }
    }
}

/// The file that is read from the working directory where none is named; it need not exist.
pub const DEFAULT_FILE: &str = "namesake.toml";

impl Config {
    /// Reads and checks every layer.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong, not only the first of it.
    pub fn load(flags: &Flags, environment: &dyn Environment) -> Result<Config, ConfigErrors> {
        let file = ConfigFile::find(flags, environment);
        Config::of_text(&file, file.read()?.as_deref(), flags, environment)
    }

    /// The configuration with `text` as what the file holds; `None` where there is no file.
    fn of_text(
        file: &ConfigFile,
        text: Option<&str>,
        flags: &Flags,
        environment: &dyn Environment,
    ) -> Result<Config, ConfigErrors> {
        let (layers, policy_table) = Layers::read(file, text, flags, environment)?;
        let (mut config, mut errors) = layers.config();
        config.policy = policy::read(policy_table.as_ref(), &Origin::File(file.path.clone()), &mut errors);
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
    }

    /// What is allowed but deserves a second look, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let addresses = [("server.listen", Some(self.listen)), ("server.json_listen", self.json_listen)];
        let outside = addresses.into_iter().filter_map(|(key, address)| {
            let address = address.filter(|address| !address.ip().is_loopback())?;
            Some(format!(
                "{key} is {address}: callers are not authenticated, so anybody who reaches this address can ask \
                 whose lead it is; put it behind a gateway, or listen on 127.0.0.1"
            ))
        });
        outside.chain(self.policy.listed_twice()).collect()
    }

    /// The default configuration as a file, every setting explained and commented out.
    pub fn default_file() -> String {
        print::default_file()
    }

    /// This configuration as a file, every setting written out.
    pub fn effective_file(&self) -> String {
        print::effective_file(self)
    }

    /// The registry's paths, for messages.
    pub fn registry_paths(&self) -> Vec<PathBuf> {
        self.registry.paths().map(PathBuf::from).collect()
    }
}
