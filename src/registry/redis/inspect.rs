//! What an operator wants to know of a home: memory policy, role, length of the log.

use super::connection::Connection;
use super::error::HomeError;
use super::keys::Epoch;

impl Connection {
    /// What Redis does when its memory is full; `None` where it may not be asked.
    pub async fn memory_policy(&mut self) -> Option<String> {
        let info: String = redis::cmd("INFO").arg("memory").query_async(&mut self.redis).await.ok()?;
        let policy = info.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"))?;
        Some(policy.trim().to_owned())
    }

    /// Accounts, reps and log entries of an epoch.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn lengths(&mut self, epoch: Epoch) -> Result<(u64, u64, u64), HomeError> {
        let mut all = redis::pipe();
        all.hlen(self.keys().accounts(epoch)).hlen(self.keys().reps(epoch)).xlen(self.keys().log(epoch));
        all.query_async(&mut self.redis).await.map_err(|error| self.error(&error))
    }
}
