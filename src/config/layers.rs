//! Lays the layers over each other: for each setting the uppermost value, and where it came from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use super::error::suggestion;
use super::redis::{SECRET_VARIABLES, Secrets};
use super::settings::{self, Kind, SETTINGS};
use super::{Config, ConfigError, ConfigErrors, DEFAULT_FILE, Environment, Origin};
use crate::server::Runtime;
use crate::server::telemetry::LogFormat;

/// What was given on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file; it must exist.
    pub file: Option<PathBuf>,
    values: Vec<(&'static str, &'static str, Value)>,
}

impl Flags {
    /// Sets `key`, given as `flag`.
    pub fn set(&mut self, key: &'static str, flag: &'static str, value: impl Into<Value>) {
        self.values.push((key, flag, value.into()));
    }
}

/// The variable that names the configuration file.
const FILE_VARIABLE: &str = "NAMESAKE_CONFIG";

/// The configuration file.
#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Somebody named it; otherwise it need not be there.
    is_named: bool,
}

impl ConfigFile {
    /// The one that was named, or the usual one.
    pub(super) fn find(flags: &Flags, environment: &dyn Environment) -> ConfigFile {
        let variable = environment.get(FILE_VARIABLE).filter(|value| !value.trim().is_empty());
        let named = flags.file.clone().or_else(|| variable.map(PathBuf::from));
        let is_named = named.is_some();
        ConfigFile { path: named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE)), is_named }
    }

    /// What it holds; `None` where it need not be there and is not.
    pub(super) fn read(&self) -> Result<Option<String>, ConfigError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.is_named => Ok(None),
            Err(source) => Err(ConfigError::Unreadable { path: self.path.clone(), source }),
        }
    }
}

/// The uppermost value of each setting.
pub(super) struct Layers {
    pub(super) values: BTreeMap<&'static str, (Value, Origin)>,
    pub(super) secrets: Secrets,
    pub(super) errors: Vec<ConfigError>,
}

impl Layers {
    /// Every variable that is read.
    pub(super) fn variables() -> impl Iterator<Item = &'static str> {
        let settings = SETTINGS.iter().map(|setting| setting.variable);
        settings.chain(SECRET_VARIABLES).chain([FILE_VARIABLE])
    }

    /// Reads all layers, `text` being what `file` holds; also gives the `[policy]` table.
    pub(super) fn read(
        file: &ConfigFile,
        text: Option<&str>,
        flags: &Flags,
        environment: &dyn Environment,
    ) -> Result<(Layers, Option<Value>), ConfigErrors> {
        let variable = |name: &str| environment.get(name).filter(|value| !value.trim().is_empty());
        let path = &file.path;
        let mut table = text
            .unwrap_or_default()
            .parse::<Table>()
            .map_err(|source| ConfigError::NotToml { path: path.clone(), source: Box::new(source) })?;

        let mut layers =
            Layers { values: BTreeMap::new(), secrets: Secrets::read(variable), errors: Vec::new() };
        let policy = table.remove("policy");
        layers.add_file(path, table);
        for setting in SETTINGS {
            if let Some(text) = variable(setting.variable) {
                let value = value_of_text(setting.kind, text.trim());
                layers.values.insert(setting.key, (value, Origin::Variable(setting.variable)));
            }
        }
        for (key, flag, value) in &flags.values {
            layers.values.insert(key, (value.clone(), Origin::Flag(flag)));
        }
        Ok((layers, policy))
    }

    fn add_file(&mut self, path: &Path, table: Table) {
        let origin = Origin::File(path.to_owned());
        let sections = || SETTINGS.iter().filter_map(|setting| Some(setting.key.split_once('.')?.0));
        for (section, content) in table {
            let keys = match content {
                Value::Table(keys) if sections().any(|known| known == section) => keys,
                _ => {
                    // A key written above every section is a likely slip: name its section.
                    let keys = SETTINGS.iter().map(|setting| setting.key);
                    let homeless =
                        keys.clone().find(|key| key.split_once('.').is_some_and(|k| k.1 == section));
                    let suggestion = homeless
                        .map(str::to_owned)
                        .or_else(|| suggestion(&section, sections().chain(["policy"])));
                    self.errors.push(ConfigError::UnknownKey {
                        origin: origin.clone(),
                        key: section,
                        suggestion,
                    });
                    continue;
                }
            };
            for (key, value) in keys {
                match settings::find(&format!("{section}.{key}")) {
                    Some(setting) => {
                        let value = relative_to(path, setting.kind, value);
                        self.values.insert(setting.key, (value, origin.clone()));
                    }
                    None => {
                        let likely = suggestion(&key, keys_of(&section));
                        self.errors.push(ConfigError::UnknownKey {
                            origin: origin.clone(),
                            key: format!("{section}.{key}"),
                            suggestion: likely.map(|known| format!("{section}.{known}")),
                        });
                    }
                }
            }
        }
    }

    /// The configuration without its policy, and what is wrong with it.
    pub(super) fn config(mut self) -> (Config, Vec<ConfigError>) {
        let mut config = Config::default();
        self.paths("registry.accounts", &mut config.registry.accounts);
        if let Some(path) = self.text("registry.reps") {
            config.registry.reps = (!path.is_empty()).then(|| PathBuf::from(path));
        }
        self.flag("registry.strict", &mut config.registry.strict);
        self.wait("registry.poll_interval_ms", &mut config.poll_interval);
        let snapshot = self.text("registry.snapshot").filter(|path| !path.is_empty());
        config.replica.snapshot_file = snapshot.map(PathBuf::from);
        self.flag("registry.accept_shrink", &mut config.replica.accept_shrink);
        self.wait("registry.fresh_window_ms", &mut config.replica.fresh_window);
        self.max_staleness(&mut config);
        if let Some(text) = self.text("server.listen") {
            match text.parse::<SocketAddr>() {
                Ok(address) => config.listen = address,
                Err(_) => {
                    self.bad("server.listen", "write an IP address and a port, such as 127.0.0.1:50051");
                }
            }
        }
        let json = "write an IP address and a port, such as 127.0.0.1:50052, or nothing";
        self.address("server.json_listen", &mut config.json_listen, json);
        let http = "write an IP address and a port, such as 127.0.0.1:9464, or nothing";
        self.address("server.http_listen", &mut config.http_listen, http);
        if let Some(json) = config.json_listen.filter(|json| json.port() != 0) {
            if json == config.listen {
                self.bad("server.json_listen", "that is where gRPC is served; write another port");
            }
            if Some(json) == config.http_listen {
                self.bad("server.http_listen", "that is where leads are answered; write another port");
            }
        }
        (config.redis, config.redis_files) = self.redis();
        match self.text("server.runtime").as_deref() {
            None => {}
            Some("shared") => config.server.runtime = Runtime::Shared,
            Some("per-core") => config.server.runtime = Runtime::PerCore,
            Some(_) => self.bad("server.runtime", "write \"shared\" or \"per-core\""),
        }
        self.flag("server.reflection", &mut config.server.reflection);
        self.flag("server.registry_writes", &mut config.registry_writes);
        if config.registry_writes && !config.listen.ip().is_loopback() {
            let listen = config.listen;
            let expected = format!(
                "callers are not authenticated, so listen on 127.0.0.1 instead of {listen}, or leave it off"
            );
            self.bad("server.registry_writes", expected);
        }
        self.count("server.connections_max", &mut config.server.connections_max);
        self.count("server.requests_max", &mut config.server.requests_max);
        self.count("server.streams_max", &mut config.server.streams_max);
        self.wait_or_never("server.stream_idle_timeout_ms", &mut config.server.stream_idle_timeout);
        self.wait("server.request_timeout_ms", &mut config.server.request_timeout);
        self.wait("server.preface_timeout_ms", &mut config.server.preface_timeout);
        self.wait("server.shutdown_notice_ms", &mut config.server.shutdown_notice);
        self.wait("server.shutdown_grace_ms", &mut config.server.shutdown_grace);
        match self.text("log.format").as_deref() {
            None => {}
            Some("text") => config.log_format = LogFormat::Text,
            Some("json") => config.log_format = LogFormat::Json,
            Some(_) => self.bad("log.format", "write \"text\" or \"json\""),
        }
        if let Some(filter) = self.text("log.filter") {
            config.log_filter = filter;
        }
        (config, self.errors)
    }

    /// A bound that a registry in good order would pass now and then takes healthy servers away.
    fn max_staleness(&mut self, config: &mut Config) {
        const KEY: &str = "registry.max_staleness_ms";
        self.wait_or_never(KEY, &mut config.server.max_staleness);
        let Some(max) = config.server.max_staleness else { return };
        // A copy in good order is proven about once a second, and called stale past the fresh window.
        let proofs = config.replica.fresh_window * 2;
        // Files are known to be equal at every look, but for the two that an edit takes.
        let looks = config.poll_interval * 3;
        if max < proofs {
            let proofs = proofs.as_millis();
            self.bad(KEY, format!("write 0, or at least {proofs}, twice registry.fresh_window_ms"));
        } else if !config.registry.accounts.is_empty() && max < looks {
            let looks = looks.as_millis();
            self.bad(KEY, format!("write 0, or at least {looks}, three times registry.poll_interval_ms"));
        }
    }

    /// An address that need not be given.
    fn address(&mut self, key: &'static str, value: &mut Option<SocketAddr>, expected: &'static str) {
        if let Some(text) = self.text(key).filter(|text| !text.is_empty()) {
            match text.parse() {
                Ok(address) => *value = Some(address),
                Err(_) => self.bad(key, expected),
            }
        }
    }

    pub(super) fn bad(&mut self, key: &'static str, expected: impl Into<String>) {
        if let Some((value, origin)) = self.values.get(key) {
            self.errors.push(ConfigError::BadValue {
                origin: origin.clone(),
                key: key.to_owned(),
                found: value.to_string(),
                expected: expected.into(),
            });
        }
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.values.get(key)? {
            (Value::String(text), _) => Some(text.clone()),
            _ => {
                self.bad(key, "write a text in quotes");
                None
            }
        }
    }

    fn paths(&mut self, key: &'static str, target: &mut Vec<PathBuf>) {
        let Some((value, _)) = self.values.get(key) else { return };
        let paths: Option<Vec<PathBuf>> = match value {
            Value::String(path) => Some(vec![PathBuf::from(path)]),
            Value::Array(paths) => paths.iter().map(|path| path.as_str().map(PathBuf::from)).collect(),
            _ => None,
        };
        match paths {
            Some(paths) => *target = paths,
            None => self.bad(key, "write a list of paths in quotes"),
        }
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let texts = match &self.values.get(key)?.0 {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(texts) => texts.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        if texts.is_none() {
            self.bad(key, "write a list of texts in quotes");
        }
        texts
    }

    fn flag(&mut self, key: &'static str, target: &mut bool) {
        match self.values.get(key) {
            None => {}
            Some((Value::Boolean(flag), _)) => *target = *flag,
            Some(_) => self.bad(key, "write true or false"),
        }
    }

    fn number(&mut self, key: &'static str) -> Option<u64> {
        let (value, _) = self.values.get(key)?;
        let Some(Kind::Number(min, max)) = settings::find(key).map(|setting| setting.kind) else {
            unreachable!("{key} is listed as a number")
        };
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        let fitting = number.filter(|number| (min..=max).contains(number));
        if fitting.is_none() {
            self.bad(key, format!("write a whole number, {min} to {max}"));
        }
        fitting
    }

    fn count(&mut self, key: &'static str, target: &mut usize) {
        if let Some(number) = self.number(key) {
            *target = usize::try_from(number).expect("the settings' limits are far under 2^32");
        }
    }

    pub(super) fn wait(&mut self, key: &'static str, target: &mut Duration) {
        if let Some(milliseconds) = self.number(key) {
            *target = Duration::from_millis(milliseconds);
        }
    }

    /// A wait that 0 makes endless.
    fn wait_or_never(&mut self, key: &'static str, target: &mut Option<Duration>) {
        if let Some(milliseconds) = self.number(key) {
            *target = Some(Duration::from_millis(milliseconds)).filter(|wait| !wait.is_zero());
        }
    }
}

/// The value that a variable's text stands for; a text that does not fit stays one, to be refused by name.
fn value_of_text(kind: Kind, text: &str) -> Value {
    let typed = match kind {
        Kind::Flag => text.parse().map(Value::Boolean).ok(),
        Kind::Number(..) => text.parse().map(Value::Integer).ok(),
        Kind::Paths | Kind::Texts => {
            Some(Value::Array(text.split(',').map(|path| Value::from(path.trim())).collect()))
        }
        Kind::Text | Kind::Word(_) | Kind::Path | Kind::Address => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

/// The keys of a section.
fn keys_of(section: &str) -> impl Iterator<Item = &'static str> {
    let in_section = move |setting: &settings::Setting| {
        setting.key.split_once('.').filter(|&(home, _)| home == section).map(|(_, key)| key)
    };
    SETTINGS.iter().filter_map(in_section)
}

/// A path in the configuration file is meant from where that file is.
fn relative_to(file: &Path, kind: Kind, value: Value) -> Value {
    let folder = file.parent().unwrap_or(Path::new(""));
    match (kind, value) {
        (Kind::Path | Kind::Paths, Value::String(path)) if !path.is_empty() => {
            Value::from(folder.join(path).to_string_lossy().into_owned())
        }
        (Kind::Paths, Value::Array(paths)) => {
            Value::Array(paths.into_iter().map(|path| relative_to(file, Kind::Path, path)).collect())
        }
        (_, value) => value,
    }
}
