//! The recording that tests read: an intrusion that never happened, with what a real one on any
//! machine cannot have: a container, a way to root, a colleague, the night of a busy host.
//!
//! Nothing in it was recorded. [`host`] makes up the machine and [`shop`] the container on it;
//! [`story`] says what happens when, and [`scenes`] how; [`stage`] turns all that into the records
//! that a recorder would have written.

mod dns;
mod host;
mod scenes;
mod shop;
mod stage;
mod story;
#[cfg(test)]
mod tests;

use std::{error::Error, fs};

use capture::file::{Compression, Writer};
use event::{Event, snapshot::Record};

use crate::{Outcome, root};

const FILE: &str = "tests/data/intrusion.scap";

/// Writes the recording.
pub(crate) fn run() -> Outcome {
    fs::write(root().join(FILE), file()?).map_err(|e| format!("{FILE}: {e}").into())
}

/// The whole file.
fn file() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = Writer::new(Vec::new(), Compression::None)?;
    records(&mut |record| Ok(writer.write(&record)?))?;
    Ok(writer.finish()?)
}

/// Hands every record to `sink`, in the order of capture files.
fn records(
    sink: &mut impl FnMut(Record<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    host::tell(sink)?;
    let mut stage = stage::Stage::new();
    story::play(&mut stage);
    for event in stage.finish()? {
        sink(Record::Event(Event::parse(event.cpu, &event.bytes, event.width)?))?;
    }
    Ok(())
}
