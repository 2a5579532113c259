//! Timelines for the tests in a browser: an attack, one in which all text is hostile, a large one.

use crate::{
    model::{
        Acts, Command, Density, End, FileActivity, How, Moment, Origin, Process, ProcessId,
        Relevance, Session, SessionId, SessionKind, Timeline,
    },
    testing,
};

/// A title that would do harm if it were taken for markup, for a script, or for a terminal's commands.
pub const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}txt.exe\u{1b}[2J&#60;";

const NS_PER_MS: u64 = 1_000_000;

/// A web server's shell, a program from outside, root, and what was left behind.
pub fn attack() -> Timeline {
    testing::sample()
}

/// All that a host or a rule can choose is hostile.
pub fn hostile() -> Timeline {
    let density = Density { step_ns: 1_000_000_000, steps: vec![[1, 2, 3, 4]; 9] };
    Timeline { density, ..testing::hostile() }
}

/// A timeline of so many events: a build that runs thousands of commands and touches tens of
/// thousands of files, beside a shell that caused an alert.
pub fn large(events: u64) -> Timeline {
    let mut timeline = testing::sample();
    timeline.window.events = events;
    let session = SessionId(timeline.sessions.len() as u32);
    let root = ProcessId(timeline.processes.len() as u32);
    let mut make = testing::process(9000);
    make.session = session;
    make.commands = vec![Command { origin: Origin::Before, ..testing::command(&["make", "-j8"]) }];
    timeline.processes.push(make);
    let (runs, files_each) = (events / 20, 10);
    for run in 0..runs {
        timeline.processes.push(compiler(&timeline, root, session, run, files_each));
    }
    timeline.processes[root.index()].children =
        (1..=runs as u32).map(|at| ProcessId(root.0 + at)).collect();
    timeline.sessions.push(Session {
        kind: SessionKind::Service { name: "build.service".into() },
        roots: vec![root],
        source: None,
        relevance: Relevance::Background,
        processes: runs + 1,
        events,
    });
    timeline
}

fn compiler(
    timeline: &Timeline,
    parent: ProcessId,
    session: SessionId,
    run: u64,
    files: u64,
) -> Process {
    let at = |n: u64| Moment {
        ts_ns: timeline.window.first_ns + run * 10 * NS_PER_MS + n * 100_000,
        event: 100_000 + run * 20 + n,
    };
    let source = format!("src/module_{}/part_{run}.c", run % 97);
    let object = format!("/build/obj/module_{}/part_{run}.o", run % 97);
    let argv = ["cc", "-O2", "-Iinclude", "-c", &source, "-o", &object];
    let touched = |n: u64| FileActivity {
        first: at(n + 2),
        last: at(n + 2),
        bytes_read: 4096,
        ..testing::file(&format!("/build/include/group_{n}/header_{run}_{n}.h"), Acts::READ, 0)
    };
    let mut written = testing::file(&object, Acts::CREATED | Acts::WRITTEN, 0);
    (written.first, written.last, written.bytes_written) = (at(15), at(16), 9_000);
    let command = Command { at: Some(at(1)), cwd: "/build".into(), ..testing::command(&argv) };
    Process {
        parent: Some(parent),
        session,
        start: Some(at(0)),
        end: Some(End { at: at(17), how: How::Exited { code: 0 } }),
        commands: vec![Command { user: testing::user(1000, "builder"), ..command }],
        files: (0..files).map(touched).chain([written]).collect(),
        events: 20,
        ..testing::process(10_000 + run as i64)
    }
}
