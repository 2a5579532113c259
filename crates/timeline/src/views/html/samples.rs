//! Timelines for the tests in a browser: an attack, one in which all text is hostile, a large one.

use event::alert::Priority;

use crate::{
    model::{
        Acts, Alert, AlertId, Change, Command, ContainerFacts, Density, End, FileActivity, How,
        Moment, Origin, PrivilegeChange, Process, ProcessId, Recorded, Redirect, Relevance, SCHEMA,
        Sentence, Session, SessionId, SessionKind, Target, Timeline, Topic, Window,
    },
    testing,
};

/// Text that would do harm if it were taken for markup, for a script, or for a terminal's commands.
pub const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}txt.exe\u{1b}[2J&#60;";

const NS_PER_MS: u64 = 1_000_000;

/// A web server's shell, a program from outside, root, and what was left behind.
pub fn attack() -> Timeline {
    testing::sample()
}

/// A timeline in which all that a host or a rule can choose is hostile: markup, scripts, terminal
/// escapes, marks of direction, right-to-left letters, broken UTF-8, arguments of 1 MB.
pub fn hostile() -> Timeline {
    let mut timeline = Timeline { schema: SCHEMA, ..Timeline::default() };
    timeline.host.name = HOSTILE.into();
    timeline.window = Window { zero_ns: 5, first_ns: 0, last_ns: 90, events: 9, lost: 0 };
    let texts: [&[u8]; 7] = [
        HOSTILE.as_bytes(),
        b"<svg/onload=alert(1)>",
        b"javascript:alert(1)",
        b"\xff\xfe</code></li></ul></details>\xc3",
        "שלום <b>עולם</b>".as_bytes(),
        b"-->]]><!--<style>*{display:none}</style>",
        &[b'A'; 1 << 20],
    ];
    for (at, text) in texts.into_iter().enumerate() {
        timeline.processes.push(hostile_process(at, &Recorded::from(text)));
    }
    timeline.sessions = hostile_sessions(timeline.processes.len());
    timeline.alerts = vec![Alert {
        at: Moment { ts_ns: 5, event: 5 },
        rule: HOSTILE.to_owned(),
        priority: Priority::Critical,
        output: HOSTILE.repeat(3),
        tags: vec![HOSTILE.to_owned()],
        process: Some(ProcessId(0)),
        count: 2,
        last_ns: 7,
    }];
    timeline.summary = vec![Sentence {
        topic: Topic::Ran,
        text: Recorded::from(HOSTILE).shown().into_owned(),
        events: vec![5],
        processes: vec![ProcessId(0)],
    }];
    timeline.density = Density { step_ns: 10, steps: vec![[1, 2, 3, 4]; 9] };
    timeline
}

fn hostile_process(at: usize, text: &Recorded) -> Process {
    let event = at as u64 * 10;
    let moment = Moment { ts_ns: event, event };
    let mut file = testing::file("", Acts::CREATED, event * NS_PER_MS);
    (file.path, file.other) = (text.clone(), Some(text.clone()));
    let mut connection = testing::connection("203.0.113.9:80", event * NS_PER_MS);
    connection.name = Some(text.clone());
    let user = testing::user(33, "");
    let command = Command {
        at: Some(moment),
        origin: Origin::Exec,
        argv: vec![text.clone(), text.clone()],
        comm: text.clone(),
        exe: text.clone(),
        script: Some(text.clone()),
        cwd: text.clone(),
        user: crate::model::User { name: text.clone(), ..user },
        redirects: vec![Redirect { fd: 1, to: Target::Write(text.clone()) }],
        ..Command::default()
    };
    let change = Change::Module { by: "init_module", name: text.clone() };
    Process {
        start: Some(moment),
        commands: vec![command.clone(), command],
        files: vec![file],
        network: vec![connection],
        privileges: vec![PrivilegeChange { at: moment, change, error: None }],
        alerts: if at == 0 { vec![AlertId(0)] } else { Vec::new() },
        session: SessionId(at as u32 % 3),
        relevance: Relevance::Alerted,
        ..testing::process(at as i64 + 100)
    }
}

fn hostile_sessions(processes: usize) -> Vec<Session> {
    let text = Recorded::from(HOSTILE);
    let user = crate::model::User { uid: 33, name: text.clone() };
    let container = ContainerFacts {
        id: text.clone(),
        name: text.clone(),
        image: text.clone(),
        pod: text.clone(),
        pod_namespace: text.clone(),
        ..ContainerFacts::default()
    };
    let kinds = [
        SessionKind::Container(container),
        SessionKind::Login { user, sid: 7, tty: 0x8801 },
        SessionKind::Service { name: text },
    ];
    let session = |(index, kind)| Session {
        kind,
        roots: (index..processes as u32).step_by(3).map(ProcessId).collect(),
        source: None,
        relevance: Relevance::Alerted,
        processes: 3,
        events: 9,
    };
    (0..).zip(kinds).map(session).collect()
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
