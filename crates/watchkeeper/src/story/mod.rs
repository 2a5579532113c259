//! Stories: what some processes did, written in YAML, played as the events that a recorder would
//! have seen. For tests of rules, where a capture would be large and hard to read.
//!
//! - [`script`] reads a story and plays it.
//! - [`stage`] is where it is played: processes, a clock, and the events so far.
//! - [`params`] makes the parameters of any event of the schema from YAML values.
//! - [`host`] makes up the machine that stood before the first event.

mod host;
mod params;
mod script;
mod stage;

use event::{
    Event,
    raw::LenWidth,
    snapshot::{Group, Record, User},
};

pub(crate) use script::{KEYS, read};
use stage::Process;

/// A story that has been played: a machine, and what happened on it.
#[derive(Debug, Default)]
pub(crate) struct Story {
    users: Vec<(u32, String)>,
    /// Those that ran before the first event.
    processes: Vec<Process>,
    events: Vec<Encoded>,
}

/// An event as it stands in a capture.
#[derive(Debug)]
struct Encoded {
    width: LenWidth,
    bytes: Vec<u8>,
}

impl Story {
    /// Hands every record to `sink`, in the order of capture files.
    pub(crate) fn tell<E>(
        &self,
        sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        host::machine(sink)?;
        for (uid, name) in &self.users {
            let home = stage::home(*uid, name);
            let (name, home) = (name.as_bytes(), home.as_bytes());
            sink(Record::User(User { uid: *uid, gid: *uid, name, home, shell: b"/bin/bash" }))?;
            sink(Record::Group(Group { gid: *uid, name }))?;
        }
        for process in &self.processes {
            host::thread(process, sink)?;
        }
        for event in &self.events {
            // It was encoded here, so it can be read again.
            if let Ok(event) = Event::parse(0, &event.bytes, event.width) {
                sink(Record::Event(event))?;
            }
        }
        Ok(())
    }
}
