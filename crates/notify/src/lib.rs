//! Alert outputs: where alerts go, and how they get there.
//!
//! A [`Notifier`] has some outputs. Each has a thread and a bounded queue of its own, so that a
//! stuck one holds back neither the others nor whoever sends.
//!
//! - [`settings`]: what an output is and how it behaves.
//! - [`notifier`]: all of them together; `queue` and `worker`: one of them; [`notice`]: what is
//!   said about them.
//! - One file or folder for each kind: [`stdout`], [`file`], [`syslog`], [`http`], [`program`].
//!   Each is a `sink::Sink`.

pub mod file;
pub mod http;
mod line;
pub mod notice;
pub mod notifier;
pub mod program;
mod queue;
pub mod settings;
mod sink;
pub mod stdout;
pub mod syslog;
mod worker;

pub use line::Form;
pub use notice::{Notice, Tell};
pub use notifier::{Ended, Error, Notifier, Report};
pub use queue::Counters;
pub use settings::{Bounds, Output, Overflow, Retry, Target};
