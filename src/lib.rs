//! Namesake says whose lead it is.
//!
//! A lead comes in over gRPC or the command line ([`lead`]), its company name and e-mail domain are
//! normalized ([`normalize`]), compared with the accounts of one published index revision ([`matching`]) and
//! decided on by ownership, hierarchy and policy ([`routing`]); the [`routing::Decision`] goes back with its
//! evidence.
//!
//! `normalize`, `matching` and `routing` are the pure core: no async, clock, log, serde, wire format, file or
//! environment in them; time comes in as an argument.

pub mod account;
pub mod cli;
pub mod config;
pub mod eval;
pub mod grpc;
pub mod http;
pub mod lead;
pub mod matching;
pub mod memory;
pub mod metrics;
pub mod normalize;
mod order;
pub mod parallel;
pub mod policy;
pub mod proto;
pub mod registry;
pub mod routing;
pub mod score;
pub mod server;
pub mod serving;
pub mod tally;
