//! What happens on the host.
//!
//! Ordinary life, all the while:
//! - [`web`]: pages and orders.
//! - [`upkeep`]: cron, logs, packages, the clock, a look from outside whether SSH answers.
//! - [`backup`]: the nightly one.
//!
//! The intrusion, act by act:
//! - [`entry`]: a request makes the shop's PHP run commands.
//! - [`foothold`]: a program is fetched, run, and stays connected.
//! - [`shell`]: what is typed into the shell that it offers.
//! - [`root`]: what follows once that shell is root's.
//!
//! And, at the same time, somebody who has nothing to do with it:
//! - [`colleague`]: ada looks something up, with sudo.

pub(super) mod backup;
pub(super) mod colleague;
pub(super) mod entry;
pub(super) mod foothold;
pub(super) mod root;
pub(super) mod shell;
pub(super) mod upkeep;
pub(super) mod web;
