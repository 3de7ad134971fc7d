//! The gRPC door: decode, call the core, encode.
//!
//! [`Registry`] is `namesake.v1.RegistryService`, [`Routing`] is `namesake.v1.RoutingService`. Each lead loads what is in force once
//! ([`Serving::load`](crate::serving::Serving::load)) and is decided on by the pure core; this module only
//! translates: a message to a lead, a decision to a message, a failure to a status with its details.
//! Connections, limits over all requests and log lines are the server's.

mod codec;
mod decode;
mod encode;
mod enums;
mod idle;
pub mod method;
mod registry;
mod routing;
pub mod single;
mod status;
mod stream;
mod wire;

pub use idle::Pulse;
pub use registry::{Access, Registry};
pub(crate) use routing::{Answer, explained_lead, route_lead};
pub use routing::{Outcome, Routing, explain_lead};
pub use status::{ERROR_DOMAIN, deadline_exceeded, from_transport, overloaded};
pub(crate) use status::{malformed, unsupported};
pub use stream::Deadline;

/// Largest message that is read, in bytes: a lead's fields at their longest fit in a third of it.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest answer that is sent, in bytes: 64 candidates with names of 4 KiB fit.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
