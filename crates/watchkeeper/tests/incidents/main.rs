//! Incidents as a person meets them: made by replay, listed, shown, exported, kept whole.
//!
//! - `windows`: exactly the events around the alerts, and the same alerts when they are replayed.
//! - `commands`: what `incident` and `store` print and refuse.
//! - `hindsight`: hunting through a store.
//! - `crashes`: killed at any instant, a full disk, a folder that cannot be written.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod commands;
mod common;
mod crashes;
mod hindsight;
mod windows;
