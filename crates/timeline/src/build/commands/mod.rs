//! What a process runs: before the window, after a fork, after exec, or in vain.
//!
//! - `script`: which script an interpreter was given;
//! - `streams`: where standard streams lead; `pipelines`: which processes they join.

pub(super) mod pipelines;
pub(super) mod script;
pub(super) mod streams;

use std::mem::discriminant;

use event::Event;
use state::{Context, State, Text, Thread, strings};

use crate::{
    build::{
        draft::{Draft, Facts, NOBODY, user},
        fds,
        files::changed::Changed,
        files::paths,
        limits::{Budget, Row},
        privileges,
    },
    model::{Change, Command, ExeFacts, Moment, Origin, PrivilegeChange, Recorded},
};

/// Errors after which `execvp(3)` looks on in the next folder of `$PATH`.
const ENOENT: i64 = 2;
const EACCES: i64 = 13;
const ENOTDIR: i64 = 20;

/// What recorders write for text that they could not read.
const NOT_AVAILABLE: &[u8] = b"<NA>";

/// What a process ran already when the window began.
pub(crate) fn before(state: &State, thread: &Thread) -> Command {
    Command { origin: Origin::Before, ..running(state, thread) }
}

/// What a process runs that was just forked: its parent's program.
pub(crate) fn forked(state: &State, thread: &Thread, parent: Option<&Draft>) -> Command {
    let own = running(state, thread);
    let Some(parent) = parent.and_then(Draft::running) else {
        return Command { origin: Origin::Forked, ..own };
    };
    Command {
        at: None,
        origin: Origin::Forked,
        user: own.user,
        login: own.login,
        cwd: own.cwd,
        redirects: Vec::new(),
        pipeline: None,
        ..parent.clone()
    }
}

/// What a thread runs, as the state knows it.
fn running(state: &State, thread: &Thread) -> Command {
    let mut argv: Vec<&[u8]> = Vec::new();
    if !matches!(&*thread.exe, b"" | NOT_AVAILABLE) {
        argv.push(&thread.exe);
    }
    argv.extend(strings(&thread.args));
    let cwd = paths::folder(state.cwd(thread));
    let script = script::of(&thread.exepath, &argv).map(|script| paths::below(cwd, script));
    let user_of = |uid| user(state, &thread.container_id, uid);
    Command {
        at: None,
        origin: Origin::Before,
        script: script.map(Recorded::from),
        argv: argv.into_iter().map(Recorded::from).collect(),
        comm: known(&thread.comm),
        exe: known(&thread.exepath),
        facts: facts(thread),
        exe_mtime_ns: thread.exe_ino_mtime_ns,
        exe_ctime_ns: thread.exe_ino_ctime_ns,
        cwd: cwd.into(),
        user: user_of(thread.uid),
        login: Facts::of(thread).login.map(user_of),
        tty: thread.tty,
        redirects: Vec::new(),
        pipeline: None,
    }
}

fn known(text: &Text) -> Recorded {
    if &**text == NOT_AVAILABLE { Recorded::default() } else { text.clone().into() }
}

fn facts(thread: &Thread) -> ExeFacts {
    let mut facts = ExeFacts::empty();
    facts.set(ExeFacts::WRITABLE, thread.exe_writable);
    facts.set(ExeFacts::UPPER_LAYER, thread.exe_upper_layer);
    facts.set(ExeFacts::LOWER_LAYER, thread.exe_lower_layer);
    facts.set(ExeFacts::MEMFD, thread.exe_from_memfd);
    facts
}

/// A thread called exec.
pub(crate) fn exec(
    context: &Context<'_>,
    at: Moment,
    draft: &mut Draft,
    changed: &Changed,
    named: Option<Text>,
    budget: &mut Budget,
) {
    let (Some(thread), Some(result)) = (context.thread, context.event.int(0)) else { return };
    if result < 0 {
        failed(context, thread, at, draft, result.saturating_neg(), named, budget);
        return;
    }
    // A process that is met at this very call: what it ran before is not known.
    if draft.entered == at.event && draft.process.start.is_none() {
        draft.process.commands.clear();
    }
    let is_first = draft.process.commands.is_empty();
    let fits = is_first || budget.has_room(Row::Command, least_bytes(thread));
    let mut command = if fits { running(context.state, thread) } else { Command::default() };
    draft.streams.look(context.state, thread);
    become_other(context.state, thread, at, draft, &mut command, budget);
    if !fits {
        budget.cut(Row::Command);
        return;
    }
    (command.at, command.origin) = (Some(at), Origin::Exec);
    command.redirects = streams::redirects(context.state, thread);
    let path = fds::program(command.exe.bytes()).unwrap_or_default();
    let is_new = changed.contains(&draft.facts.container, path)
        || changed.is_recent(command.exe_mtime_ns, at.ts_ns);
    command.facts.set(ExeFacts::NEW, is_new);
    forget_search(&mut draft.process.commands, &command);
    if is_first || budget.admit(Row::Command, text_bytes(&command)) {
        draft.process.commands.push(command);
    }
}

/// What exec does to user and capabilities.
fn become_other(
    state: &State,
    thread: &Thread,
    at: Moment,
    draft: &mut Draft,
    command: &mut Command,
    budget: &mut Budget,
) {
    let before = std::mem::replace(&mut draft.facts, Facts::of(thread));
    if draft.facts.uid == NOBODY {
        draft.facts.uid = before.uid;
        command.user = user(state, &draft.facts.container, before.uid);
    }
    if before.uid != draft.facts.uid && before.uid != NOBODY {
        command.facts |= ExeFacts::SETUID;
        let from = user(state, &draft.facts.container, before.uid);
        let change = Change::User { from, to: command.user.clone(), by: "execve" };
        privileges::push(draft, PrivilegeChange { at, change, error: None }, budget);
        return;
    }
    // The first user has them all anyhow; others have those that the file gives.
    let gained = draft.facts.capabilities & !before.capabilities;
    if draft.facts.uid != 0
        && let Some(change) = privileges::capabilities(0, gained)
    {
        privileges::push(draft, PrivilegeChange { at, change, error: None }, budget);
    }
}

/// Looking for a program along `$PATH` is calling exec in vain until it is found: that tells
/// nothing once it is.
fn forget_search(commands: &mut Vec<Command>, found: &Command) {
    while let Some(last) = commands.last()
        && let Origin::Failed { errno: ENOENT | EACCES | ENOTDIR } = last.origin
        && last.argv == found.argv
    {
        commands.pop();
    }
}

fn failed(
    context: &Context<'_>,
    thread: &Thread,
    at: Moment,
    draft: &mut Draft,
    errno: i64,
    named: Option<Text>,
    budget: &mut Budget,
) {
    if !budget.has_room(Row::Command, least_bytes(thread)) {
        budget.cut(Row::Command);
        return;
    }
    let argv = argv_of(&context.event);
    let origin = Origin::Failed { errno };
    if let Some(last) = draft.process.commands.last_mut()
        && last.argv == argv
        && discriminant(&last.origin) == discriminant(&origin)
    {
        if last.origin == (Origin::Failed { errno: ENOENT }) {
            last.origin = origin;
        }
        return;
    }
    let exe = named.or_else(|| {
        let first = argv.first().map(Recorded::bytes).filter(|name| name.contains(&b'/'))?;
        Some(paths::absolute(context, -100, first))
    });
    let command = Command {
        at: Some(at),
        origin,
        argv,
        exe: exe.map(Recorded::from).unwrap_or_default(),
        script: None,
        facts: ExeFacts::empty(),
        exe_mtime_ns: 0,
        exe_ctime_ns: 0,
        ..running(context.state, thread)
    };
    if budget.admit(Row::Command, text_bytes(&command)) {
        draft.process.commands.push(command);
    }
}

/// The arguments of an exec event, the program's own name first.
fn argv_of(event: &Event<'_>) -> Vec<Recorded> {
    let name = event.text(1).filter(|name| !matches!(*name, b"" | NOT_AVAILABLE));
    let rest = event.bytes(2).unwrap_or_default();
    let rest = rest.strip_suffix(b"\0").unwrap_or(rest);
    let rest = (!rest.is_empty()).then(|| rest.split(|&b| b == 0)).into_iter().flatten();
    name.into_iter().chain(rest).map(Recorded::from).collect()
}

/// Bytes of text that what a thread runs takes at least.
pub(crate) fn least_bytes(thread: &Thread) -> usize {
    strings(&thread.args).count().saturating_mul(size_of::<Recorded>())
}

/// Bytes of text that a command takes.
pub(crate) fn text_bytes(command: &Command) -> usize {
    let texts = [&command.comm, &command.exe, &command.cwd].into_iter().chain(&command.script);
    let own: usize = texts.map(|text| text.bytes().len()).sum();
    // A fork shares its parent's arguments.
    let is_shared = command.origin == Origin::Forked;
    let bytes = |arg: &Recorded| if is_shared { 0 } else { arg.bytes().len() };
    own + command.argv.iter().map(|arg| bytes(arg) + size_of::<Recorded>()).sum::<usize>()
}
