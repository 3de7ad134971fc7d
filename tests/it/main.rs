//! The service from outside, over real sockets on the loopback interface.

mod foreign_client;
mod grpc_errors;
mod grpc_route_lead;
mod grpc_stream;
mod health;
mod logs;
mod overload;
mod reflection;
mod shutdown;
mod support;
