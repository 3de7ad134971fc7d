//! The flags that say where the configuration and the registry are, shared by every subcommand that needs
//! them.

use std::path::PathBuf;

use clap::Args;

use super::redis::with_connection;
use super::{CliError, Output};
use crate::config::{Config, Environment, Flags};
use crate::matching::{Index, Revision};
use crate::registry::redis::read::Contents;
use crate::registry::replica::checked::Checked;
use crate::registry::{self, Sources, file::Listing, health::Loading};

/// Where the configuration and the registry are.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct RegistryArgs {
    /// Configuration file [default: namesake.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Accounts, CSV or JSON Lines; give it again to add further files.
    #[arg(long, value_name = "FILE")]
    accounts: Vec<PathBuf>,
    /// Reps, CSV or JSON Lines; without it every owner is an active rep.
    #[arg(long, value_name = "FILE")]
    reps: Option<PathBuf>,
    /// Refuse a registry in which two owners claim the same domain or name.
    #[arg(long)]
    strict: bool,
    /// Redis instead of files: redis://host:port or rediss://host:port; a password goes into
    /// NAMESAKE_REDIS_PASSWORD.
    #[arg(long, value_name = "URL", conflicts_with_all = ["accounts", "reps", "strict"])]
    redis: Option<String>,
    /// Which registry of this Redis [default: default].
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl RegistryArgs {
    /// What these flags set.
    pub(super) fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        flags.file.clone_from(&self.config);
        let text = |path: &PathBuf| toml::Value::from(path.to_string_lossy().into_owned());
        if !self.accounts.is_empty() {
            let paths: Vec<toml::Value> = self.accounts.iter().map(text).collect();
            flags.set("registry.accounts", "--accounts", paths);
        }
        if let Some(path) = &self.reps {
            flags.set("registry.reps", "--reps", text(path));
        }
        if self.strict {
            flags.set("registry.strict", "--strict", true);
        }
        if let Some(url) = &self.redis {
            flags.set("redis.url", "--redis", url.as_str());
        }
        if let Some(namespace) = &self.namespace {
            flags.set("redis.namespace", "--namespace", namespace.as_str());
        }
        flags
    }

    /// The configuration with these flags on top.
    pub(super) fn config(&self, environment: &dyn Environment) -> Result<Config, CliError> {
        Ok(Config::load(&self.flags(), environment)?)
    }
}

/// Where a registry lives.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In files.
    Files(Sources),
    /// In the Redis of the configuration.
    Redis,
}

/// Where the registry of a configuration lives, which must be in one place.
pub(super) fn home(config: &Config) -> Result<Home, CliError> {
    let usage = match (config.registry.accounts.is_empty(), config.redis.is_set()) {
        (false, false) => return Ok(Home::Files(config.registry.clone())),
        (true, true) => return Ok(Home::Redis),
        (true, false) => {
            "no registry is given: add --accounts FILE or --redis URL, or set registry.accounts or redis.url in \
             namesake.toml"
        }
        (false, true) => "two registries are given, files and Redis: take away one of the two",
    };
    Err(CliError::Usage(usage.into()))
}

/// The registry's files, of which there must be some.
pub(super) fn files(config: &Config) -> Result<Sources, CliError> {
    match home(config)? {
        Home::Files(sources) => Ok(sources),
        Home::Redis => {
            Err(CliError::Usage("labelled leads are measured on files: give --accounts FILE".into()))
        }
    }
}

/// How much is said about what is doubtful in a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remarks {
    /// What it is, up to a limit.
    Listed,
    /// How much of it there is.
    Counted,
}

/// Loads the registry, remarks on what is doubtful in it, and builds the index.
pub(super) fn index(config: &Config, remarks: Remarks, output: &mut Output) -> Result<Index, CliError> {
    let sources = match home(config)? {
        Home::Files(sources) => sources,
        Home::Redis => return index_of_redis(config, output),
    };
    output.progress("reading the registry");
    let loaded = registry::load(&sources)?;
    output.progress("building the index");
    let index = Index::build(loaded.registry, Revision(1));
    output.progress_done();
    let (warnings, conflicts) = (&loaded.warnings, &loaded.conflicts);
    match remarks {
        Remarks::Listed => {
            if !warnings.is_empty() {
                output.remark(Listing { problems: warnings, what: "warning" });
            }
            if !conflicts.is_empty() {
                output.remark(Listing { problems: conflicts, what: "conflict" });
            }
        }
        Remarks::Counted if !warnings.is_empty() || !conflicts.is_empty() => {
            let mut counts = Vec::new();
            if !warnings.is_empty() {
                counts.push(counted(warnings.len(), "warning"));
            }
            if !conflicts.is_empty() {
                counts.push(counted(conflicts.len(), "conflict"));
            }
            let counts = counts.join(" and ");
            output.remark(format_args!("the registry has {counts}: see `namesake check`"));
        }
        Remarks::Counted => {}
    }
    Ok(index)
}

/// A registry with what loading it found.
pub(super) struct Examined {
    pub(super) index: Index,
    pub(super) loading: Loading,
}

/// Loads the registry and builds the index, without a word on what is doubtful in it.
pub(super) fn examined(config: &Config, output: &mut Output) -> Result<Examined, CliError> {
    output.progress("reading the registry");
    let (registry, loading) = match home(config)? {
        Home::Files(sources) => {
            let loaded = registry::load(&sources)?;
            (loaded.registry, Loading::of(&loaded.warnings))
        }
        Home::Redis => Checked::of(contents(config, output)?).0.registry(),
    };
    output.progress("building the index");
    let index = Index::build(registry, Revision(1));
    output.progress_done();
    Ok(Examined { index, loading })
}

/// Reads the registry in Redis once. A malformed record is left out with a remark.
fn index_of_redis(config: &Config, output: &mut Output) -> Result<Index, CliError> {
    let (mut checked, malformed) = Checked::of(contents(config, output)?);
    if !malformed.is_empty() {
        output.remark(Listing { problems: &malformed, what: "malformed record" });
    }
    Ok(Index::build(checked.registry().0, Revision(1)))
}

fn contents(config: &Config, output: &mut Output) -> Result<Contents, CliError> {
    let contents = with_connection(config, async |home| {
        let progress = |count| output.progress(format_args!("reading Redis: {count} records"));
        let contents = home.contents(progress).await?;
        Ok(contents.ok_or_else(|| home.no_registry())?)
    });
    output.progress_done();
    contents
}

/// `1 warning`, `2 warnings`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
