//! What is fuzzed: each part takes any bytes and must neither panic, nor loop without end, nor
//! take memory without bound.
//!
//! The fuzz targets and the tests of the workspace (a short run on every `make test`) share these.

// A fuzz target uses one of them.
#![allow(dead_code)]

pub(crate) mod advisories;
pub(crate) mod capture;
pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod engines;
pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod fmt;
pub(crate) mod ignore;
pub(crate) mod incident;
pub(crate) mod inuse;
pub(crate) mod jar;
pub(crate) mod layer;
mod packages;
pub(crate) mod proc;
pub(crate) mod program;
pub(crate) mod ranges;
pub(crate) mod registry;
pub(crate) mod replay;
pub(crate) mod rpm;
pub(crate) mod rules;
pub(crate) mod sbom;
pub(crate) mod store;
pub(crate) mod terminal;
pub(crate) mod timeline;
pub(crate) mod versions;
pub(crate) mod vex;
