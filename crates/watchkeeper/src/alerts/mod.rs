//! Alerts: asked for on the command line, made of events, printed or sent on.
//!
//! - `args`: which rules, and what is done with their alerts.
//! - `watch`: shows events to the rules.
//! - `printer`: where alerts are read.
//! - `tally`: how often each rule matched.
//! - `notes`: what is said about rules and alerts on stderr.

mod args;
pub(crate) mod notes;
mod printer;
mod tally;
mod watch;

pub(crate) use args::{Args, ask_for_rules};
pub(crate) use printer::{Lines, Printing};
pub(crate) use tally::Tally;
pub(crate) use watch::Watch;
