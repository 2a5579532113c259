//! Asking engines, which servers in this process play.
//!
//! What they answer was recorded from Docker 20.10, Podman 4.3 and containerd 1.6, with paths,
//! addresses and digests put in that those machines did not have. The messages of the CRI were
//! encoded from Kubernetes' own schema by Google's protobuf.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod common;
mod containerd;
mod cri;
mod docker;
mod event;
mod grpc;
mod http;
mod images;
mod listing;
mod storage;
mod trouble;
mod users;
