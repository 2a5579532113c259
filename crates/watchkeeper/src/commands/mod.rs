//! One file for each command.

pub(crate) mod capture;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod doctor;
pub(crate) mod fields;
pub(crate) mod hunt;
pub(crate) mod incident;
pub(crate) mod inuse;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod selftest;
pub(crate) mod store;
pub(crate) mod timeline;
pub(crate) mod trace;
