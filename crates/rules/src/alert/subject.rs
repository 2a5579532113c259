//! Who did what an alert is about, and to what.
//!
//! Repeats with the same subject fold into one alert, so a target says what makes a difference and
//! nothing more: for a connection the other host and the service, not the port that each new
//! connection gets.

use event::{
    Event,
    alert::Subject,
    syscalls::{EXECVE_19_X, EXECVEAT_X},
};
use state::Context;

use crate::{
    fields::{FieldRef, Scratch},
    format::field_text,
};

/// Fields of which the first group that has all its values is the target.
const TARGETS: [&[&str]; 4] = [
    &["fs.path.name"],
    &["fs.path.source", "fs.path.target"],
    &["fd.l4proto", "fd.rip", "fd.sport"],
    &["fd.name"],
];
/// The target when a program begins.
const PROGRAM: &[&str] = &["proc.exepath", "proc.cmdline"];
/// The target when none does, though it was asked for: the process stays what it was.
const REFUSED: &[&str] = &["evt.arg.res", "evt.arg.filename", "evt.arg.exe", "evt.arg.args"];
/// The target when nothing is known to be worked on: the call and its arguments.
const CALL: &[&str] = &["evt.type", "evt.args"];

/// Finds subjects.
#[derive(Debug)]
pub(super) struct Subjects {
    program: Vec<FieldRef>,
    refused: Vec<FieldRef>,
    targets: Vec<Vec<FieldRef>>,
    call: Vec<FieldRef>,
    scratch: Scratch,
}

impl Subjects {
    pub(super) fn new() -> Self {
        Self {
            program: fields(PROGRAM),
            refused: fields(REFUSED),
            targets: TARGETS.into_iter().map(fields).collect(),
            call: fields(CALL),
            scratch: Scratch::default(),
        }
    }

    pub(super) fn of(&mut self, context: &Context<'_>) -> Subject {
        let pid = context.thread.map_or(-1, |thread| thread.pid);
        let leader = context.state.thread(pid).or(context.thread);
        Subject {
            pid,
            start_ns: leader.map_or(0, |thread| thread.clone_ts_ns),
            target: self.target(context),
        }
    }

    fn target(&mut self, context: &Context<'_>) -> Vec<u8> {
        let mut target = Vec::new();
        if is_exec(&context.event) {
            let fields = if begins(&context.event) { &self.program } else { &self.refused };
            append(fields, context, &mut self.scratch, &mut target);
            return target;
        }
        for group in &self.targets {
            if append(group, context, &mut self.scratch, &mut target) {
                return target;
            }
            target.clear();
        }
        append(&self.call, context, &mut self.scratch, &mut target);
        target
    }
}

fn is_exec(event: &Event<'_>) -> bool {
    matches!(event.kind, EXECVE_19_X | EXECVEAT_X)
}

/// Whether an exec succeeded.
fn begins(event: &Event<'_>) -> bool {
    event.int(0).is_none_or(|result| result >= 0)
}

/// Names that are not known leave the target to the next group.
fn fields(names: &[&str]) -> Vec<FieldRef> {
    names.iter().filter_map(|name| FieldRef::parse(name).ok()).collect()
}

/// Appends the values with a NUL between them, which no name has in it: `a b` and `c` are not `a`
/// and `b c`. Returns whether all are there and say something.
fn append(
    fields: &[FieldRef],
    context: &Context<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> bool {
    let mut whole = true;
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(0);
        }
        let start = out.len();
        whole &= field_text(field, context, scratch, out) && out.len() > start;
    }
    whole
}
