//! What is done is recorded: the whole host, by programs in the kernel, or the actions alone, traced.

use std::{
    mem::MaybeUninit,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use capture::{
    Next as Came,
    ebpf::{self, Live},
    ptrace::{self, Target, Trace},
};
use state::{Limits, State};

use super::{
    Sightings, Source, Theatre,
    stage::{self, Done},
};
use crate::{
    commands::{doctor, run::needed_calls},
    error::Error,
    input::Way,
    output::Verbosity,
};

/// So long all of it may take. What is not done by then is left out.
pub(super) const WHOLE: Duration = Duration::from_secs(180);
/// So long events of what was done may be on their way.
const LAST_EVENTS: Duration = Duration::from_secs(3);
/// So long nothing may come before it is looked whether there is something else to do.
const TICK: Duration = Duration::from_millis(50);
/// And after so many records in a row.
const RECORDS: u32 = 256;

/// Has the actions with these names done and recorded, and says how.
///
/// # Errors
/// If they cannot be recorded.
pub(super) fn of(
    theatre: &Theatre,
    names: &[&str],
    source: Source,
    sightings: &mut Sightings,
    verbosity: Verbosity,
) -> Result<&'static str, Error> {
    if source != Source::Trace {
        match attach(sightings) {
            Ok(live) => {
                Watching::new(theatre, sightings).host(live, names)?;
                return Ok("ebpf");
            }
            Err(why) if source == Source::Auto && verbosity != Verbosity::Quiet => {
                say!("the actions are traced, for this host cannot be recorded: {why}");
            }
            Err(_) if source == Source::Auto => {}
            Err(why) => return Err(Error::Usage(format!("this host cannot be recorded: {why}"))),
        }
    }
    Watching::new(theatre, sightings).traced(names)?;
    Ok("trace")
}

/// Attaches programs to what the rules look at.
fn attach(sightings: &Sightings) -> Result<Live, String> {
    if let Some(obstacle) = doctor::obstacle() {
        return Err(obstacle);
    }
    let calls = needed_calls(&sightings.detector().engine);
    let options = ebpf::Options { calls, ..ebpf::Options::default() };
    Live::start(&options).map_err(|error| error.to_string())
}

/// Starts the first process of the stage.
///
/// # Errors
/// If it cannot be run.
pub(super) fn raise(theatre: &Theatre, names: &[&str]) -> Result<Child, Error> {
    let folder = theatre.folder();
    let words = stage::command(folder, names);
    let mut command = Command::new(words.first().cloned().unwrap_or_default());
    command.args(words.iter().skip(1)).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().map_err(|source| Error::File { path: folder.to_owned(), source })
}

/// The way of the records to those who look for actions in them.
struct Watching<'a> {
    theatre: &'a Theatre,
    sightings: &'a mut Sightings,
    state: State,
    way: Way,
    until: Instant,
    /// Records so far.
    taken: u32,
}

impl<'a> Watching<'a> {
    fn new(theatre: &'a Theatre, sightings: &'a mut Sightings) -> Self {
        let mut state = State::new(Limits::default());
        let way = Way::begin(None, &mut state);
        Self { theatre, sightings, state, way, until: Instant::now() + WHOLE, taken: 0 }
    }

    /// The actions are done while the whole host is recorded.
    fn host(mut self, mut live: Live, names: &[&str]) -> Result<(), Error> {
        let mut stage = raise(self.theatre, names)?;
        while stage.try_wait()?.is_none() {
            while self.goes_on(live.next_within(TICK)) {}
            if self.is_over() {
                let _ = stage.kill();
            }
        }
        let until = Instant::now() + LAST_EVENTS;
        while !self.has_all() && Instant::now() < until && !self.theatre.is_to_end() {
            while self.goes_on(live.next_within(TICK)) {}
        }
        Ok(())
    }

    /// The actions are traced.
    fn traced(mut self, names: &[&str]) -> Result<(), Error> {
        let target = Target::Command(stage::command(self.theatre.folder(), names));
        let mut trace = Trace::start(target, ptrace::Options::default(), no_signals())
            .map_err(|error| Error::Usage(format!("nothing can be traced here: {error}")))?;
        while trace.ended().is_none() {
            while self.goes_on(trace.next_within(Some(TICK))) {}
            if self.is_over() {
                trace.handle().kill();
            }
        }
        match trace.ended().and_then(|ended| ended.failure) {
            Some(why) => Err(Error::Usage(format!("tracing ended early: {why}"))),
            None => Ok(()),
        }
    }

    /// Takes in what came, and says whether more is to be taken in before anything else is looked at.
    fn goes_on(&mut self, came: Came<'_>) -> bool {
        let Came::Record(record) = came else { return false };
        // Nobody refuses anything: sightings write nowhere.
        let _ = self.way.record(&record, &mut self.state, self.sightings);
        self.taken = self.taken.wrapping_add(1);
        !self.taken.is_multiple_of(RECORDS)
    }

    fn is_over(&self) -> bool {
        self.theatre.is_to_end() || Instant::now() >= self.until
    }

    /// Whether all that was done was seen.
    fn has_all(&self) -> bool {
        let results = stage::results(self.theatre.folder());
        results.iter().all(|(name, done)| *done != Done::Done || self.sightings.has(name))
    }
}

/// A command holds no signals back.
fn no_signals() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset fills the set, which is ours.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}
