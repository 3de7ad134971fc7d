//! The service from outside, over real sockets on the loopback interface.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

mod check;
mod cli;
mod config;
mod config_policy;
mod config_redis;
mod eval;
mod foreign_client;
mod grpc_check;
mod grpc_errors;
mod grpc_registry;
mod grpc_route_lead;
mod grpc_stream;
mod health;
mod http;
mod http_leads;
mod logs;
mod openapi;
mod overload;
mod policy_reload;
mod readiness;
mod redis_bench;
mod redis_cli;
mod redis_faults;
mod redis_formats;
mod redis_importers;
mod redis_replica;
mod redis_server;
mod redis_tls;
mod reflection;
mod registry_file;
mod runtime;
mod shutdown;
mod support;
mod unmatched;
