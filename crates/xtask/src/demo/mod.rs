//! The demo capture: a short intrusion that never happened, for a machine without real captures.
//!
//! Nothing in it was recorded; [`host`] makes up the machine, [`story`] what happened on it, and
//! [`stage`] turns both into the records that a recorder would have written.

mod host;
mod stage;
mod story;

use std::{error::Error, fs};

use capture::file::{Compression, Writer};
use event::{Event, raw::LenWidth, snapshot::Record};

use crate::{Outcome, root};

const FILE: &str = "demo/intrusion.scap";

/// Writes the demo capture.
pub(crate) fn run() -> Outcome {
    fs::write(root().join(FILE), file()?).map_err(|e| format!("{FILE}: {e}").into())
}

/// The whole file.
fn file() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = Writer::new(Vec::new(), Compression::None)?;
    records(&mut |record| Ok(writer.write(&record)?))?;
    Ok(writer.finish()?)
}

/// Hands every record of the demo to `sink`, in the order of capture files.
fn records(
    sink: &mut impl FnMut(Record<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    host::tell(sink)?;
    let mut stage = stage::Stage::at(story::START_TS_NS);
    story::play(&mut stage);
    for (cpu, bytes) in stage.finish()? {
        sink(Record::Event(Event::parse(cpu, &bytes, LenWidth::U16)?))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_the_parameters_of_its_type() {
        let mut events = 0;
        let mut last_ns = 0;
        records(&mut |record| {
            if let Record::Event(event) = record {
                events += 1;
                assert_eq!(event.param_count(), event.info().params.len(), "{}", event.info().name);
                assert!(event.ts_ns > last_ns, "time goes on");
                last_ns = event.ts_ns;
                for param in event.params().filter(|p| !p.bytes.is_empty()) {
                    let width_is_right = param.int().is_some() || !is_number(param.info.ty);
                    assert!(width_is_right, "{} of {}", param.info.name, event.info().name);
                }
            }
            Ok(())
        })
        .expect("the story can be told");
        assert!(events > 100, "{events} events");
    }

    #[test]
    fn the_committed_file_is_the_story_as_told_here() {
        let committed = fs::read(root().join(FILE)).expect("the demo is there");
        assert!(committed == file().expect("it can be written"), "run `make demo`");
    }

    fn is_number(ty: event::ParamType) -> bool {
        use event::ParamType as T;
        !matches!(
            ty,
            T::CharBuf | T::ByteBuf | T::FsPath | T::FsRelPath | T::SockAddr | T::SockTuple
        )
    }
}
