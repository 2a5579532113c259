//! The calls that are recorded: which, and what event each becomes.
//!
//! A [`Row`] stands for each, in the file of its subject: its number, when it is to stop, what has
//! to be read before the kernel runs it, and how its event is made when it has returned. To add a
//! call, add its row.
//!
//! **Which side is read.** Memory that another thread may change while the call runs is read before
//! the call where the call takes its input from it (paths, addresses), and after it where the call
//! writes into it. What a call made (the file behind an fd, the ends of a socket, what a process
//! runs) is asked of the kernel afterwards, and that is what counts: a name in memory may have been
//! changed in between, the object can't.

pub(super) mod compat;
mod fds;
mod flags;
mod io;
mod kernel;
mod keys;
mod life;
mod maps;
mod modes;
mod mounts;
mod names;
mod net;
mod object;
mod open;
mod params;
pub(super) mod process;
mod quota;
pub(super) mod served;
mod signals;
mod spaces;
mod users;

use event::{EventBuilder, EventType, batch::Batch, builder::BuildError};

use super::{memory::Memory, numbers::ABSENT_FROM, thread::Thread};
use crate::proc::{Facts, parse::Status};

/// When a call stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Whenever it is made.
    Always,
    /// If an argument has one of these bits.
    Bits { arg: u8, mask: u32 },
    /// If an argument has one of these values (its lower 32 bits).
    OneOf { arg: u8, values: &'static [u32] },
    /// If an argument is not zero.
    NotNull { arg: u8 },
}

impl When {
    /// Which calls it holds for, for people; `None`: all.
    pub(super) fn in_words(&self) -> Option<String> {
        let nth = |arg: u8| {
            ["first", "second", "third", "fourth", "fifth", "sixth"][usize::from(arg) % 6]
        };
        match *self {
            Self::Always => None,
            Self::Bits { arg, mask } => {
                Some(format!("its {} argument has one of the bits {mask:#x}", nth(arg)))
            }
            Self::OneOf { arg, values } => {
                let values: Vec<String> =
                    values.iter().map(|value| format!("{value:#x}")).collect();
                Some(format!("its {} argument is one of {}", nth(arg), values.join(", ")))
            }
            Self::NotNull { arg } => Some(format!("its {} argument is not 0", nth(arg))),
        }
    }

    /// Whether a call with these arguments is to be recorded.
    pub(super) fn holds(&self, args: &[u64; 6]) -> bool {
        let arg = |at: u8| args.get(usize::from(at)).copied().unwrap_or(0);
        match *self {
            Self::Always => true,
            Self::Bits { arg: at, mask } => arg(at) as u32 & mask != 0,
            Self::OneOf { arg: at, values } => values.contains(&(arg(at) as u32)),
            Self::NotNull { arg: at } => arg(at) != 0,
        }
    }
}

/// A call that is recorded.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number on this architecture.
    pub(super) number: u32,
    /// Its name, as the kernel has it.
    pub(super) name: &'static str,
    pub(super) when: When,
    /// Reads what has to be read before the kernel runs the call.
    pub(super) enter: fn(&Enter<'_>, &mut Saved),
    /// Makes the event.
    pub(super) exit: fn(&mut Exit<'_>),
}

/// Nothing has to be read before the call.
pub(super) fn nothing(_: &Enter<'_>, _: &mut Saved) {}

/// A row's number from libc's constants.
pub(super) const fn number(number: libc::c_long) -> u32 {
    number as u32
}

/// Most bytes of data that an event has, as the recorders of this schema have it by default.
pub(super) const DATA_BYTES: usize = 80;

/// Flags of the kernel's numbering in the schema's, by pairs of both.
pub(super) fn renumbered(flags: u32, pairs: &[(u32, u32)]) -> u32 {
    pairs.iter().filter(|(kernel, _)| flags & kernel != 0).fold(0, |all, (_, schema)| all | schema)
}

const SUBJECTS: [&[Row]; 14] = [
    fds::TABLE,
    io::TABLE,
    kernel::TABLE,
    life::TABLE,
    maps::TABLE,
    modes::TABLE,
    mounts::TABLE,
    names::TABLE,
    net::TABLE,
    open::TABLE,
    process::TABLE,
    signals::TABLE,
    spaces::TABLE,
    users::TABLE,
];

/// All rows whose calls this processor has.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    SUBJECTS.iter().copied().flatten().filter(|row| row.number < ABSENT_FROM)
}

/// Widths of pointers and of longs in the memory of the program that calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Abi {
    #[default]
    Bits64,
    /// A 32-bit program, or a 32-bit call of a 64-bit one.
    Bits32,
}

/// A call as the thread made it, in the numbering and order of arguments of x86-64.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) row: &'static Row,
    pub(super) args: [u64; 6],
    pub(super) abi: Abi,
}

impl Call {
    /// An argument as it stands in its register.
    pub(super) fn arg(&self, at: usize) -> u64 {
        self.args.get(at).copied().unwrap_or(0)
    }

    /// An argument that is an `int`: an fd, a pid, flags.
    pub(super) fn int(&self, at: usize) -> i32 {
        self.arg(at) as i32
    }
}

/// What was read before the call.
#[derive(Debug, Default)]
pub(super) struct Saved {
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`, and whether it could be read.
    ends: Vec<(usize, bool)>,
    /// Numbers that a row keeps for itself.
    pub(super) numbers: [u64; 6],
}

impl Saved {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.numbers = [0; 6];
    }

    /// Keeps what `read` appends; `None` from it is kept as unreadable.
    pub(super) fn keep(&mut self, read: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) {
        let start = self.bytes.len();
        let readable = read(&mut self.bytes).is_ok();
        if !readable {
            self.bytes.truncate(start);
        }
        self.ends.push((self.bytes.len(), readable));
    }

    /// Whether something could not be read.
    pub(super) fn is_unreadable(&self) -> bool {
        self.ends.iter().any(|(_, readable)| !readable)
    }

    /// The text kept at this place; `None` if its memory could not be read.
    pub(super) fn text(&self, at: usize) -> Option<&[u8]> {
        let &(end, readable) = self.ends.get(at)?;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |e| e.0);
        self.bytes.get(start..end).filter(|_| readable)
    }
}

/// A thread that is about to make a call.
pub(super) struct Enter<'a> {
    pub(super) tid: i32,
    pub(super) call: &'a Call,
    pub(super) memory: Memory,
}

impl Enter<'_> {
    /// Keeps the path that an argument points to: less than `PATH_MAX` bytes, which the kernel takes
    /// with its NUL.
    pub(super) fn save_path(&self, arg: usize, saved: &mut Saved) {
        let most = libc::PATH_MAX as usize - 1;
        saved.keep(|bytes| self.memory.text(self.call.arg(arg), most, bytes));
    }
}

/// A thread whose call has returned.
pub(super) struct Exit<'a> {
    pub(super) tid: i32,
    /// Its process.
    pub(super) pid: i32,
    pub(super) call: &'a Call,
    /// What it returned: negative, an error number.
    pub(super) result: i64,
    pub(super) saved: &'a Saved,
    pub(super) memory: Memory,
    pub(super) emit: &'a mut Emit,
}

impl Exit<'_> {
    /// Begins the event of this call.
    pub(super) fn start(&mut self, kind: EventType) -> &mut EventBuilder {
        self.emit.start(kind, i64::from(self.tid))
    }

    /// Ends it.
    pub(super) fn end(&mut self) {
        self.emit.end();
    }

    /// What `/proc` says of the thread now; nothing, if it is gone or hidden.
    pub(super) fn status(&self) -> Status {
        let mut status = Status::default();
        let text = std::fs::read(format!("/proc/{}/task/{}/status", self.pid, self.tid));
        let _ = status.read(&text.unwrap_or_default());
        status
    }

    /// Whether the call did what was asked.
    pub(super) fn succeeded(&self) -> bool {
        self.result >= 0
    }
}

/// Takes the events that are made.
#[derive(Debug, Default)]
pub(super) struct Emit {
    pub(super) builder: EventBuilder,
    /// Events that were made and not yet handed on.
    pub(super) batch: Batch,
    /// The time that the next event has, ns since the epoch; never less than the one before.
    pub(super) ts_ns: u64,
    /// Buffers for rows to use.
    pub(super) scratch: Vec<u8>,
    /// What `/proc` says of a thread; kept for its buffers.
    pub(super) facts: Option<Facts>,
    pub(super) counts: Counts,
    /// What is remembered of sockets.
    pub(super) sockets: net::Sockets,
}

/// What happened to events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were made.
    pub events: u64,
    /// Events that could not be made for they had more bytes than the format can say.
    pub unbuilt: u64,
    /// Calls whose thread was killed, or ran another program, before they returned.
    pub unfinished: u64,
    /// Calls of which some memory could not be read, though the call could.
    pub unreadable: u64,
    /// Calls of the x32 ABI, which are not decoded.
    pub undecoded: u64,
}

impl Emit {
    /// Begins an event.
    pub(super) fn start(&mut self, kind: EventType, tid: i64) -> &mut EventBuilder {
        self.builder.start(kind, self.ts_ns, tid, 0)
    }

    /// Ends it and keeps it to be handed on.
    pub(super) fn end(&mut self) {
        match self.builder.event() {
            Ok(event) => {
                self.batch.push(&event);
                self.counts.events += 1;
            }
            Err(
                BuildError::ParamTooLong { .. } | BuildError::TooManyParams | BuildError::TooLong,
            ) => {
                self.counts.unbuilt += 1;
            }
        }
    }

    /// The clock is read: events from here on have this time.
    pub(super) fn at(&mut self, now_ns: u64) {
        self.ts_ns = self.ts_ns.max(now_ns);
    }
}

/// Runs the row's reading before the call.
pub(super) fn enter(thread: &mut Thread, call: &Call) {
    let enter = Enter { tid: thread.tid, call, memory: Memory { tid: thread.tid, abi: call.abi } };
    thread.saved.clear();
    (call.row.enter)(&enter, &mut thread.saved);
}
