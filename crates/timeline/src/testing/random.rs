//! Random timelines, well formed or not.

use proptest::{collection::vec, prelude::*, strategy::Strategy};

use super::{command, connection, file, process, terminal_line, user};
use crate::model::{
    Acts, Alert, AlertId, Change, Command, End, Gap, GapKind, How, Moment, Origin, Pipeline,
    PipelineId, PrivilegeChange, Process, ProcessId, Recorded, Redirect, Relevance, Session,
    SessionId, SessionKind, Target, TerminalLine, Timeline, Window,
};

/// Any timeline: any tree of processes, also with parents in a circle and ids that name nothing,
/// and texts with anything in them.
pub(crate) fn timelines() -> impl Strategy<Value = Timeline> {
    (vec(processes(), 0..24), vec(alerts(), 0..6), vec(gaps(), 0..3)).prop_map(
        |(processes, alerts, gaps)| {
            let mut timeline = Timeline {
                window: Window {
                    zero_ns: 5_000,
                    first_ns: 10,
                    last_ns: 1 << 40,
                    events: 9,
                    lost: 1,
                },
                processes,
                alerts,
                gaps,
                pipelines: vec![Pipeline { members: (0..4).map(ProcessId).collect() }],
                ..Timeline::default()
            };
            join(&mut timeline);
            timeline.summary = crate::summary::sentences(&timeline);
            timeline
        },
    )
}

/// Makes children of the parents, and sessions.
fn join(timeline: &mut Timeline) {
    for at in 0..timeline.processes.len() {
        let parent = timeline.processes[at].parent;
        if let Some(parent) = parent.and_then(|id| timeline.processes.get_mut(id.index())) {
            parent.children.push(ProcessId(at as u32));
        }
    }
    for index in 0..3u32 {
        let of = |p: &&Process| p.session == SessionId(index);
        let roots =
            timeline.processes.iter().enumerate().filter(|(_, p)| of(p) && p.parent.is_none());
        timeline.sessions.push(Session {
            kind: SessionKind::Service { name: "unit\u{1b}[2J".into() },
            roots: roots.map(|(at, _)| ProcessId(at as u32)).collect(),
            source: None,
            relevance: [Relevance::Alerted, Relevance::Related, Relevance::Background]
                [index as usize],
            processes: timeline.processes.iter().filter(of).count() as u64,
            events: 1,
        });
    }
}

/// Text with what does harm, wide characters, and broken UTF-8.
pub(crate) fn texts() -> impl Strategy<Value = Recorded> {
    let part = prop_oneof![
        Just(b"<script>alert(1)</script>".to_vec()),
        Just(b"\x1b]0;pwned\x07".to_vec()),
        Just("\u{202e}gpj.exe".as_bytes().to_vec()),
        Just("日本語の名前".as_bytes().to_vec()),
        Just("e\u{301}\u{1f468}".as_bytes().to_vec()),
        Just(b"a\nb\r\tc".to_vec()),
        Just(b"`|[x](http://e)*_~@all#1".to_vec()),
        Just(vec![b'a'; 3_000]),
        vec(any::<u8>(), 0..40),
        "[a-z/. -]{0,30}".prop_map(String::into_bytes),
    ];
    vec(part, 0..3).prop_map(|parts| Recorded::from(parts.concat().as_slice()))
}

fn moments() -> impl Strategy<Value = Moment> {
    (0u64..1 << 41, 1u64..100).prop_map(|(ts_ns, event)| Moment { ts_ns, event })
}

fn processes() -> impl Strategy<Value = Process> {
    let tree = (
        prop::option::weighted(0.8, 0u32..30),
        0u32..4,
        any::<i64>(),
        prop::option::of(moments()),
        prop::option::of(ends()),
        0u8..3,
        prop::bool::weighted(0.3),
    );
    let did = (
        vec(commands(), 1..4),
        vec((texts(), 0u32..1 << 15, moments(), any::<bool>(), any::<u64>()), 0..12),
        vec((any::<bool>(), texts(), moments()), 0..4),
        vec((texts(), moments()), 0..3),
        vec((texts(), moments()), 0..3),
        vec(0u32..8, 0..2),
    );
    (tree, did).prop_map(|((parent, session, pid, start, end, relevance, idle), did)| {
        let (commands, files, network, privileges, lines, alerts) = did;
        let mut process = process(pid);
        process.parent = parent.map(ProcessId);
        process.session = SessionId(session);
        process.start = start;
        process.end = end;
        process.relevance = match relevance {
            0 => Relevance::Alerted,
            1 => Relevance::Related,
            _ => Relevance::Background,
        };
        process.commands = commands;
        for (path, acts, at, routine, bytes) in files {
            let mut file = file("", Acts::from_bits_truncate(acts), at.ts_ns);
            (file.path, file.routine, file.bytes_written) = (path, routine, bytes);
            process.files.push(file);
        }
        for (six, name, at) in network {
            let remote = if six { "[2001:db8::7]:443" } else { "198.51.100.7:80" };
            let mut connection = connection(remote, at.ts_ns);
            connection.name = Some(name);
            process.network.push(connection);
        }
        for (name, at) in privileges {
            let change = Change::Module { by: "init_module", name };
            process.privileges.push(PrivilegeChange { at, change, error: None });
        }
        for (text, at) in lines {
            process.terminal.push(TerminalLine { at, text, ..terminal_line("", 0) });
        }
        process.alerts = alerts.into_iter().map(AlertId).collect();
        if idle { did_nothing(process) } else { process }
    })
}

/// The process, as one that ran before the window and did nothing in it.
fn did_nothing(process: Process) -> Process {
    let mut commands = process.commands;
    commands.truncate(1);
    commands.iter_mut().for_each(|c| (c.origin, c.at, c.pipeline) = (Origin::Before, None, None));
    let (parent, session, relevance) = (process.parent, process.session, process.relevance);
    Process { parent, session, relevance, commands, events: 0, ..super::process(process.pid) }
}

fn ends() -> impl Strategy<Value = End> {
    let how = prop_oneof![
        (0i64..256).prop_map(|code| How::Exited { code }),
        (any::<i64>(), any::<bool>()).prop_map(|(signal, core)| How::Killed { signal, core }),
        Just(How::Unknown),
    ];
    (moments(), how).prop_map(|(at, how)| End { at, how })
}

fn commands() -> impl Strategy<Value = Command> {
    let origin = prop_oneof![
        Just(Origin::Exec),
        Just(Origin::Forked),
        Just(Origin::Before),
        Just(Origin::Failed { errno: 2 }),
    ];
    (vec(texts(), 0..5), origin, prop::option::of(moments()), texts(), any::<u32>()).prop_map(
        |(argv, origin, at, text, uid)| Command {
            at,
            origin,
            argv,
            cwd: text.clone(),
            user: user(uid, ""),
            redirects: vec![Redirect { fd: 1, to: Target::Write(text) }],
            pipeline: Some(PipelineId(uid % 3)),
            ..command(&["x"])
        },
    )
}

fn alerts() -> impl Strategy<Value = Alert> {
    (texts(), moments(), prop::option::of(0u32..30), 1u64..5).prop_map(
        |(text, at, process, count)| {
            let text = String::from_utf8_lossy(text.bytes()).into_owned();
            Alert {
                at,
                rule: text.clone(),
                priority: event::alert::Priority::ALL[(count % 8) as usize],
                output: text,
                tags: Vec::new(),
                process: process.map(ProcessId),
                count,
                last_ns: at.ts_ns,
            }
        },
    )
}

fn gaps() -> impl Strategy<Value = Gap> {
    (moments(), moments(), any::<u64>()).prop_map(|(from, to, events)| Gap {
        from_ns: from.ts_ns,
        to_ns: to.ts_ns,
        kind: GapKind::Lost { events },
    })
}
