//! The Lua scripts, and how one is called: by its hash, loaded where Redis does not know it.

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind};
use sha1_smol::Sha1;

/// One script and its hash.
#[derive(Debug)]
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Script {
        Script { code, hash: Sha1::from(code).digest().to_string() }
    }

    /// The call of this script.
    pub(super) fn call(&self, keys: &[String]) -> Cmd {
        let mut command = redis::cmd("EVALSHA");
        command.arg(&self.hash).arg(keys.len()).arg(keys);
        command
    }

    /// Makes Redis know the script; it forgets it at a restart.
    pub(super) async fn load(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        redis::cmd("SCRIPT").arg("LOAD").arg(self.code).query_async(connection).await
    }

    /// Runs a call of this script. Loading is tried once: nothing ran before it.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        call: &Cmd,
    ) -> Result<T, RedisError> {
        match call.query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.load(connection).await?;
                call.query_async(connection).await
            }
            result => result,
        }
    }
}

/// Every script.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) begin: Script,
    pub(super) apply: Script,
    pub(super) flip: Script,
}

impl Scripts {
    pub(super) fn new() -> Scripts {
        Scripts {
            begin: Script::new(include_str!("lua/begin.lua")),
            apply: Script::new(include_str!("lua/apply.lua")),
            flip: Script::new(include_str!("lua/flip.lua")),
        }
    }
}
