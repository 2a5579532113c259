//! Images in the stores of container engines, put there by the engines themselves. No container runs,
//! and each engine has a folder of its own; one that is not installed, or can't run here, is skipped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod containerd;
mod docker;
mod fixture;
mod podman;
mod refused;
