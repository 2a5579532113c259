//! Packages of Java and what else runs beside it.
//!
//! - `jar`: archives, and archives in them; `manifest`: what they say of themselves.
//! - `pom`: what Maven projects ask for; `project`: one of them, put together with those above it.
//! - `locks`: lock files of Gradle and sbt.

pub(super) mod jar;
pub(super) mod locks;
mod manifest;
pub(crate) mod pom;
mod project;
