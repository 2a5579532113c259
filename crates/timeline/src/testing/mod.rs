//! For tests: small parts to build timelines of, one whole attack, one that is hostile, random ones.
//!
//! What views make of the sample stands in `testdata/`. `UPDATE_GOLDENS=1 cargo test -p timeline`
//! writes those files anew; read what `git diff` then shows before you commit it.

mod hostile;
#[cfg(test)]
mod random;
mod sample;

pub(crate) use hostile::hostile;
#[cfg(test)]
pub(crate) use random::timelines;
pub(crate) use sample::sample;

use std::net::SocketAddr;

#[cfg(test)]
use crate::model::{AlertId, ProcessId, Timeline};
use crate::model::{
    Acts, Command, Connection, End, Endpoint, FileActivity, How, Moment, Origin, Outcome, Process,
    Protocol, Reach, Recorded, Relevance, Role, SessionId, TerminalLine, User,
};

/// A process that runs when the window begins and when it ends.
pub(crate) fn process(pid: i64) -> Process {
    Process {
        pid,
        vpid: None,
        parent: None,
        children: Vec::new(),
        session: SessionId(0),
        start: None,
        end: None,
        commands: vec![Command::default()],
        files: Vec::new(),
        network: Vec::new(),
        privileges: Vec::new(),
        terminal: Vec::new(),
        alerts: Vec::new(),
        relevance: Relevance::default(),
        events: 1,
    }
}

/// The process, ended well.
pub(crate) fn ended(process: Process) -> Process {
    let at = Moment { ts_ns: 9_000_000, event: 9 };
    Process { end: Some(End { at, how: How::Exited { code: 0 } }), ..process }
}

/// Processes with these commands that did nothing, from pid 100 on, each the parent of the next, and
/// below the last of them one that caused an alert.
#[cfg(test)]
pub(crate) fn descent(commands: &[&[&str]]) -> Timeline {
    let mut timeline = sample();
    timeline.processes.clear();
    timeline.gaps.clear();
    timeline.pipelines.clear();
    timeline.alerts.truncate(1);
    timeline.sessions.truncate(1);
    timeline.sessions[0].roots = vec![ProcessId(0)];
    timeline.sessions[0].source = None;
    let end: &[&str] = &["cat", "/etc/shadow"];
    for (at, argv) in (0u32..).zip(commands.iter().chain([&end])) {
        let command = Command { at: None, origin: Origin::Before, ..command(argv) };
        timeline.processes.push(Process {
            parent: at.checked_sub(1).map(ProcessId),
            children: vec![ProcessId(at + 1)],
            commands: vec![Command { user: user(0, "root"), ..command }],
            relevance: Relevance::Related,
            events: 0,
            ..process(100 + i64::from(at))
        });
    }
    let last = timeline.processes.last_mut().expect("at least one");
    last.children.clear();
    last.commands[0].origin = Origin::Exec;
    (last.events, last.alerts, last.relevance) = (1, vec![AlertId(0)], Relevance::Alerted);
    last.start = Some(timeline.alerts[0].at);
    timeline.alerts[0].process = Some(ProcessId(commands.len() as u32));
    timeline.summary = crate::summary::sentences(&timeline);
    timeline
}

/// A line of a terminal.
pub(crate) fn terminal_line(text: &str, ts_ns: u64) -> TerminalLine {
    let at = Moment { ts_ns, event: 1 };
    TerminalLine { at, tty: 0x8800, typed: false, text: text.into(), missing_bytes: 0 }
}

/// A command that was run by exec.
pub(crate) fn command(argv: &[&str]) -> Command {
    let program = argv.first().copied().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    Command {
        at: Some(Moment { ts_ns: 1, event: 1 }),
        origin: Origin::Exec,
        argv: argv.iter().map(|&argument| argument.into()).collect(),
        comm: name.get(..15.min(name.len())).unwrap_or_default().into(),
        exe: if program.starts_with('/') {
            program.into()
        } else {
            Recorded::from(format!("/usr/bin/{program}").as_str())
        },
        ..Command::default()
    }
}

/// A user with a name.
pub(crate) fn user(uid: u32, name: &str) -> User {
    User { uid, name: name.into() }
}

/// A file, touched once.
pub(crate) fn file(path: &str, acts: Acts, ts_ns: u64) -> FileActivity {
    let at = Moment { ts_ns, event: ts_ns / 1_000_000 + 1 };
    FileActivity {
        path: path.into(),
        other: None,
        acts,
        first: at,
        last: at,
        calls: 1,
        bytes_read: 0,
        bytes_written: 0,
        mode: None,
        owner: None,
        error: None,
        sensitivity: None,
        routine: false,
    }
}

/// An address and a port.
pub(crate) fn endpoint(address: &str) -> Endpoint {
    let address: SocketAddr = address.parse().expect("address:port");
    Endpoint { ip: address.ip(), port: address.port() }
}

/// A connection to somewhere outside, still open.
pub(crate) fn connection(remote: &str, ts_ns: u64) -> Connection {
    let at = Moment { ts_ns, event: ts_ns / 1_000_000 + 1 };
    Connection {
        role: Role::Connected,
        protocol: Protocol::Tcp,
        fd: 3,
        local: Some(endpoint("10.0.0.2:40000")),
        remote: Some(endpoint(remote)),
        path: Recorded::default(),
        name: None,
        first: at,
        last: at,
        before: false,
        closed: None,
        outcome: Outcome::Established,
        bytes_sent: 0,
        bytes_received: 0,
        reach: Reach::Outside,
    }
}

/// Compares with a file of `testdata/`, or writes it anew if `UPDATE_GOLDENS` is set.
#[cfg(test)]
pub(crate) fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, text).expect("testdata/ can be written");
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (want, got)) in want.lines().zip(text.lines()).enumerate() {
        assert_eq!(got, want, "{name}:{}", at + 1);
    }
    assert_eq!(text.len(), want.len(), "{name} is longer or shorter");
}

/// Whether a text has no control character but line feeds, and none that hides or turns others.
#[cfg(test)]
pub(crate) fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !event::visible::is_hidden(c))
}
