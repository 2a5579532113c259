//! Makes the timeline of a whole capture, prints it as JSON, and says how long that took:
//! `build FILE`.

use std::{error::Error, fs::File, io, time::Instant};

use capture::{Record, Source, file::Reader};
use state::State;
use timeline::build::{Builder, Limits};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: build FILE")?;
    let mut reader = Reader::new(File::open(&path)?)?;
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    let start = Instant::now();
    while let Some(record) = reader.next()? {
        match record {
            Record::Event(event) => builder.event(&state.event(event)),
            other => state.record(&other),
        }
    }
    let timeline = builder.finish(&state);
    eprintln!("{path}: {} events in {:.2?}", timeline.window.events, start.elapsed());
    serde_json::to_writer(io::stdout().lock(), &timeline)?;
    Ok(())
}
