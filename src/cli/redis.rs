//! What the subcommands for the registry in Redis have in common: flags, a connection, a runtime.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Output};
use crate::config::{Config, Environment, Flags};
use crate::registry::redis::Connection;

/// Which registry in which Redis.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct RedisArgs {
    /// Configuration file [default: namesake.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Redis: redis://host:port or rediss://host:port; a password goes into NAMESAKE_REDIS_PASSWORD.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Which registry of this Redis [default: default].
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl RedisArgs {
    /// What these flags set.
    pub(super) fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        flags.file.clone_from(&self.config);
        if let Some(url) = &self.redis {
            flags.set("redis.url", "--redis", url.as_str());
        }
        if let Some(namespace) = &self.namespace {
            flags.set("redis.namespace", "--namespace", namespace.as_str());
        }
        flags
    }

    /// The configuration with these flags on top, in which there must be a Redis.
    pub(super) fn config(&self, environment: &dyn Environment) -> Result<Config, CliError> {
        let config = Config::load(&self.flags(), environment)?;
        if !config.redis.is_set() {
            let usage = "no Redis is given: add --redis URL, or set NAMESAKE_REDIS_URL or redis.url";
            return Err(CliError::Usage(usage.into()));
        }
        Ok(config)
    }
}

/// Runs `work` with a connection to the Redis of the configuration.
pub(super) fn with_connection<T>(
    config: &Config,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Start)?;
    runtime.block_on(async {
        let mut home = Connection::open(&config.redis).await?;
        work(&mut home).await
    })
}

/// Warns where Redis may throw the registry away. That it cannot be known is no failure.
pub(super) async fn warn_of_eviction(home: &mut Connection, output: &mut Output) {
    if let Some(policy) = home.memory_policy().await.filter(|policy| policy != "noeviction") {
        output.remark(format_args!(
            "warning: {} has maxmemory-policy {policy}: it may throw parts of the registry away; set noeviction",
            home.server()
        ));
    }
}
