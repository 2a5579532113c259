//! A timeline all of whose texts do harm where they can.

use event::alert::Priority;

use super::{command, connection, file, process, terminal_line, user};
use crate::model::{
    Acts, Alert, AlertId, Change, Command, ContainerFacts, Gap, GapKind, Moment, Origin,
    PrivilegeChange, ProcessId, Recorded, Redirect, Relevance, Sensitivity, Session, SessionKind,
    Target, TerminalLine, Timeline, Window,
};

/// Texts that do harm: to terminals, to browsers, to Markdown, to whoever reads.
pub(crate) const TEXTS: [&[u8]; 14] = [
    b"<script>alert(1)</script>",
    b"\"><img src=x onerror=alert(1)>",
    b"\x1b[2J\x1b]0;pwned\x07\x9b31m",
    b"\xe2\x80\xaegpj.exe\xe2\x80\xac",
    b"line\nfeed\r\n# heading\n* item",
    b"`code` ``two`` ```three```",
    b"[link](http://evil.example) ![image](http://evil.example/i.png)",
    b"@everyone #1 GH-1 a@b.example www.evil.example http://evil.example",
    b"| cell | cell \\| cell",
    b"\xff\xfe broken \xe2\x82 \xf0\x9f",
    b"zero\xe2\x80\x8bwidth\xef\xbb\xbf \xc2\x85 \xe2\x80\xa8",
    "日本語の名前と\u{1f468}\u{200d}\u{1f469}".as_bytes(),
    b"z\xcc\x81\xcc\x82\xcc\x83\xcc\x84",
    "”quotes“ </code></pre></details>".as_bytes(),
];

/// Every text in every place, and an argument of 1 MiB.
pub(crate) fn hostile() -> Timeline {
    let mut timeline = Timeline {
        window: Window {
            zero_ns: 1_000_000_000,
            last_ns: 9_000_000_000,
            events: 9,
            ..Window::default()
        },
        ..Timeline::default()
    };
    timeline.host.name = TEXTS[2].into();
    for (at, text) in (0u32..).zip(TEXTS) {
        add(&mut timeline, at, text);
    }
    let huge = Recorded::from(vec![b'a'; 1 << 20].as_slice());
    timeline.processes[0].commands[0].argv.push(huge);
    timeline.gaps.push(Gap { from_ns: 2, to_ns: 3, kind: GapKind::Lost { events: 1 } });
    timeline.summary = crate::summary::sentences(&timeline);
    timeline
}

fn add(timeline: &mut Timeline, place: u32, text: &[u8]) {
    let recorded = Recorded::from(text);
    let at = Moment { ts_ns: 1_000_000_000 + u64::from(place), event: u64::from(place) + 1 };
    let mut process = process(i64::from(place) + 100);
    (process.start, process.relevance) = (Some(at), Relevance::Alerted);
    process.session = crate::model::SessionId(place);
    process.commands = vec![Command {
        at: Some(at),
        argv: vec!["sh".into(), recorded.clone(), text.into()],
        exe: recorded.clone(),
        comm: recorded.clone(),
        cwd: recorded.clone(),
        user: user(1000, ""),
        redirects: vec![Redirect { fd: 1, to: Target::Write(recorded.clone()) }],
        ..command(&["sh"])
    }];
    process
        .commands
        .push(Command { origin: Origin::Failed { errno: 2 }, ..process.commands[0].clone() });
    process.commands[0].user.name = recorded.clone();
    let mut wrote = file("", Acts::CREATED | Acts::RENAMED, at.ts_ns);
    (wrote.path, wrote.other) = (recorded.clone(), Some(recorded.clone()));
    wrote.sensitivity = Some(Sensitivity::Persistence);
    process.files = vec![wrote];
    let mut spoke = connection("203.0.113.9:80", at.ts_ns);
    spoke.name = Some(recorded.clone());
    process.network = vec![spoke];
    let change = Change::Mount {
        by: "mount",
        source: recorded.clone(),
        target: recorded.clone(),
        kind: recorded.clone(),
    };
    process.privileges = vec![PrivilegeChange { at, change, error: None }];
    let line = TerminalLine { text: recorded.clone(), ..terminal_line("", at.ts_ns) };
    process.terminal = vec![line];
    process.alerts = vec![AlertId(place)];
    timeline.processes.push(process);
    let text = String::from_utf8_lossy(text).into_owned();
    timeline.alerts.push(Alert {
        at,
        rule: text.clone(),
        priority: Priority::Critical,
        output: text,
        tags: Vec::new(),
        process: Some(ProcessId(place)),
        count: 1,
        last_ns: at.ts_ns,
    });
    let facts = ContainerFacts {
        id: recorded.clone(),
        name: recorded.clone(),
        image: recorded.clone(),
        pod: recorded.clone(),
        pod_namespace: recorded,
        ..ContainerFacts::default()
    };
    timeline.sessions.push(Session {
        kind: SessionKind::Container(facts),
        roots: vec![ProcessId(place)],
        source: None,
        relevance: Relevance::Alerted,
        processes: 1,
        events: 1,
    });
}
