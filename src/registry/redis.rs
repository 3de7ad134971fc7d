//! Redis as the registry's shared home: keys, scripts, connection, reading and writing.
//!
//! 1. [`settings`]: where Redis is, and as whom;
//! 2. [`connection`]: a connection to the master, found directly or through Sentinel;
//! 3. [`keys`] and [`chain`]: names of keys, the hash chain over changes;
//! 4. `scripts`: the Lua scripts through which everything is written, by whatever program;
//! 5. [`read`]: the whole current registry at one revision;
//! 6. [`writer`]: changes to the live registry; [`epochs`]: a new one beside it, the flip, the way back;
//! 7. [`verify`]: does everything that is stored fit together; `inspect`: what an operator wants to know.
//!
//! `docs/redis.md` describes the formats for other programs.

pub mod chain;
pub mod connection;
pub mod epochs;
mod error;
mod importer;
mod inspect;
pub mod keys;
pub mod read;
pub mod record;
mod scripts;
pub mod settings;
pub mod verify;

pub mod writer;

pub use chain::{Chain, Operation};
pub use connection::{Connection, connect, install_crypto_provider};
pub use error::HomeError;
pub use keys::{Epoch, Keys, Namespace, RecordKind};
pub use settings::RedisSettings;
