//! The contract in Rust, generated from `proto/` at build time. The comments are the contract's own.

/// Package `namesake.v1`.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::all)]
pub mod v1 {
    tonic::include_proto!("namesake.v1");
}

/// The contract and everything it imports, as reflection serves it: an encoded
/// `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/namesake.bin"));
