//! The flight recorder: what happened before an alert, and after it.
//!
//! A [`Recorder`] keeps the latest events in memory. When an alert comes, it opens an [`Incident`]:
//! a window of events around the alert, which it hands to a [`Keeper`] as the records of a recording
//! of its own, first the state as it was at the window's start, then the events. Related alerts are
//! one incident, which grows with them. No I/O, no clock: time is the events'.
//!
//! ```text
//! for each record:  recorder.before(&state)?        a checkpoint now and then
//!                   context = state.event(event)
//!                   recorder.event(&context)?       kept, and handed to the windows that are open
//!                   alerts of the context:  recorder.alert(&context, &alert, ask)?
//! ```
//!
//! - `time`: which events are in a window, also when clocks step or CPUs are out of order.
//! - `look_back`: the latest events, bounded in bytes, with checkpoints of the state.
//! - `kin`: which alerts are related; `actor`: who caused one.
//! - `incident`: what is told of an incident; `case` and `window`: one that is open, its alerts and
//!   its events.
//! - `keeper`: who takes the windows; `settings`: bounds.

mod actor;
mod case;
mod incident;
mod keeper;
mod kin;
mod look_back;
mod recorder;
mod settings;
mod time;
mod window;

pub use actor::Actor;
pub use incident::{Alerted, Clipped, ClockStep, Ending, Incident, Limit};
pub use keeper::Keeper;
pub use recorder::Recorder;
pub use settings::{Ask, Limits, Settings};
pub use time::{GRACE_NS, SLACK_NS};
