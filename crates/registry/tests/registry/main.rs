//! Images from a registry on this machine, which has every fault that registries have.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod access;
mod blobs;
mod manifests;
mod server;
mod stock;
