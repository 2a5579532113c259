//! What the watcher costs: follows the events of a capture, again and again, without it and with it.
//!
//! `cargo run --release --example watching -p inuse -- FILE [TIMES]`

use std::{env, error::Error, fs::File, hint::black_box, io::BufReader, time::Instant};

use capture::{Source, file::Reader};
use event::{batch::Batch, snapshot::Record};
use inuse::{Scope, Watcher};
use state::{Limits, State};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("name a capture")?;
    let times: u32 = arguments.next().map_or(Ok(20), |it| it.parse())?;
    let mut reader = Reader::new(BufReader::new(File::open(path)?))?;
    let (mut state, mut events, mut count) = (State::new(Limits::default()), Batch::default(), 0);
    while let Some(record) = reader.next()? {
        match record {
            Record::Event(event) => {
                events.push(&event);
                count += 1;
            }
            other => state.record(&other),
        }
    }
    let mut watcher = Watcher::default();
    let (mut without, mut with) = (f64::MAX, f64::MAX);
    for _ in 0..times {
        without = without.min(follow(&state, &events, |context| {
            black_box(context.num);
        }));
        watcher.begin(Scope::Whole);
        with = with.min(follow(&state, &events, |context| watcher.event(context)));
    }
    let each = |seconds: f64| seconds / f64::from(count) * 1e9;
    println!("{count} events, the best of {times}:");
    println!("state alone      {:7.1} ns each", each(without));
    println!("with the watcher {:7.1} ns each", each(with));
    println!("{} paths in {} bytes", watcher.index().paths(), inuse::encode(watcher.index()).len());
    Ok(())
}

/// How long all of it takes, seconds.
fn follow(state: &State, events: &Batch, mut look: impl FnMut(&state::Context<'_>)) -> f64 {
    let mut state = state.clone();
    let began = Instant::now();
    let mut at = 0;
    while let Some(event) = events.next(&mut at) {
        look(&state.event(event));
    }
    began.elapsed().as_secs_f64()
}
