//! A replica of the registry under faults: of the link, of Redis, of its contents, of its writers, of the disk.
//!
//! Every test runs a real `redis-server` and a real server with a constant load of leads, and not one of them may
//! fail. `convergence` does all of it at random.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

mod convergence;
mod disk;
mod failover;
mod forged;
mod link;
mod losses;
mod poison;
mod proxy;
mod proxy_tests;
#[allow(dead_code)] // shared with the other tests, which use the rest
#[path = "../it/redis_server.rs"]
mod redis_server;
mod registry;
mod restarts;
mod rights;
mod subject;
#[allow(dead_code)] // shared with the other tests, which use the rest
#[path = "../it/support.rs"]
mod support;
mod terminate;
mod writers;
