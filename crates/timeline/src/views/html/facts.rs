//! What else is known of a process, as far as neither its row nor its place in the tree says it.

use std::io;

use super::{
    Page,
    process::{BADGES, MAX_ARGUMENT_BYTES, MAX_DEPTH, leading},
};
use crate::{
    model::{Command, ExeFacts, Process, ProcessId, Recorded},
    views::words,
};

/// Bytes of each argument where a long command is shown whole.
const MAX_WHOLE_ARGUMENT_BYTES: usize = 16 << 10;

/// Arguments of a long command that is shown whole.
const MAX_WHOLE_ARGUMENTS: usize = 4096;

/// Something notable about a process.
pub(super) enum Fact {
    /// Under a name.
    Text(&'static str, String),
    /// Its parent, where the tree does not show it.
    Parent(ProcessId, String),
    /// Its whole command, and how long it was.
    Whole(String, u64),
}

impl Page<'_> {
    pub(super) fn fact(&mut self, fact: &Fact) -> io::Result<()> {
        match fact {
            Fact::Text(name, value) => {
                self.html.within("<div><dt>", name, "<dd>")?;
                self.html.apart_within("", value, "</div>")
            }
            Fact::Parent(id, name) => {
                self.html.within(
                    "<div><dt>child of<dd><a href=\"#",
                    self.anchors.process(*id),
                    "",
                )?;
                self.html.apart_within("\">", name, "</a></div>")
            }
            Fact::Whole(command, bytes) => {
                self.html.raw("<div class=\"whole\"><dt>whole command<dd><details><summary>")?;
                self.html.within("", words::bytes(*bytes), "</summary><code>")?;
                self.html.apart_within("", command, "</code></details></div>")
            }
        }
    }

    /// What else is known of a process, as far as neither its row nor its place in the tree says it.
    pub(super) fn facts(&mut self, process: &Process, depth: usize) -> Vec<Fact> {
        let Some(command) = process.commands.get(leading(process)) else { return Vec::new() };
        let mut facts = Vec::new();
        let parent = process.parent.and_then(|id| Some((id, self.timeline.process(id)?)));
        let above = parent.filter(|(_, p)| depth <= MAX_DEPTH && p.session == process.session);
        if let Some((id, parent)) = parent.filter(|_| depth >= MAX_DEPTH || above.is_none()) {
            facts.push(Fact::Parent(id, words::name(parent)));
        }
        let dir_above = above.and_then(|(_, parent)| Some(&parent.command()?.cwd));
        if dir_above != Some(&command.cwd) {
            facts.extend(words::working_dir(command).map(|dir| Fact::Text("in", dir)));
        }
        if process.is_fork() {
            // It has the rest from its parent.
            return facts;
        }
        facts.extend(program(command).map(|program| Fact::Text("program", program)));
        facts.extend(script(command).map(|script| Fact::Text("script", script)));
        if let Some(login) = command.login.as_ref().filter(|login| login.uid != command.user.uid) {
            facts.push(Fact::Text("logged in as", words::user(login)));
        }
        facts.extend(self.whole(command));
        facts
    }

    /// A long command as a whole, as long as there is room for it.
    fn whole(&mut self, command: &Command) -> Option<Fact> {
        let bytes: usize = command.argv.iter().map(|argument| argument.bytes().len() + 1).sum();
        if bytes < MAX_ARGUMENT_BYTES / 2 {
            return None;
        }
        let arguments = command.argv.iter().take(MAX_WHOLE_ARGUMENTS);
        let quoted: Vec<_> =
            arguments.map(|a| words::quoted(a, MAX_WHOLE_ARGUMENT_BYTES)).collect();
        let whole = quoted.join(" ");
        let left = self.whole_bytes.checked_sub(whole.len())?;
        if whole == words::line(command, MAX_ARGUMENT_BYTES) {
            return None;
        }
        self.whole_bytes = left;
        Some(Fact::Whole(whole, bytes as u64))
    }
}

/// The executable of a command, if the command does not say it, and what is notable about that
/// beside what the row says.
fn program(command: &Command) -> Option<String> {
    let root = if command.user.uid == 0 { ExeFacts::WRITABLE } else { ExeFacts::empty() };
    let notable = command.facts - (ExeFacts::LOWER_LAYER | root);
    let notable = BADGES.iter().fold(notable, |rest, (fact, _)| rest - *fact);
    if command.exe.is_empty() || (notable.is_empty() && is_said(command)) {
        return None;
    }
    let exe = words::clip(&command.exe, MAX_ARGUMENT_BYTES);
    let facts = notable.words().collect::<Vec<_>>().join(", ");
    Some(if facts.is_empty() { exe } else { format!("{exe} ({facts})") })
}

/// The script of a command, if no argument says it.
fn script(command: &Command) -> Option<String> {
    let script = command.script.as_ref()?;
    let is_said = |argument: &Recorded| {
        let relative = argument.bytes().strip_prefix(b"./").unwrap_or(argument.bytes());
        let folder = script.bytes().strip_suffix(relative);
        folder.is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
    };
    let said = command.argv.iter().any(is_said);
    (!said).then(|| words::clip(script, MAX_ARGUMENT_BYTES))
}

/// Whether the first argument says which program it is: by its path, or by its name if it lies where
/// a shell looks for it first. `sh` is often a name for another shell, `python3` for `python3.11`.
fn is_said(command: &Command) -> bool {
    let Some(first) = command.argv.first() else { return false };
    let (first, exe) = (usual_name(name(first.bytes())), usual_name(command.exe.bytes()));
    let shell = first == b"sh" && [&b"dash"[..], b"bash", b"busybox"].contains(&exe);
    shell || exe == first || (!first.is_empty() && exe.strip_prefix(first).is_some_and(is_version))
}

/// The program, of arguments that it replaced by a title: `nginx: worker process`.
fn name(first: &[u8]) -> &[u8] {
    let title = first.split(|&byte| byte == b' ').next().unwrap_or_default();
    title.strip_suffix(b":").unwrap_or(first)
}

/// The name of a program that lies in one of the usual folders; else the path as it is.
fn usual_name(path: &[u8]) -> &[u8] {
    const USUAL: [&[u8]; 4] = [b"/usr/bin/", b"/bin/", b"/usr/sbin/", b"/sbin/"];
    USUAL.iter().find_map(|dir| path.strip_prefix(*dir)).unwrap_or(path)
}

fn is_version(rest: &[u8]) -> bool {
    rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_program_is_told_unless_the_command_says_it() {
        let shown = |argument: &str, exe: &str, facts, uid| {
            let mut command = testing::command(&[argument]);
            (command.exe, command.facts, command.user.uid) = (exe.into(), facts, uid);
            program(&command)
        };
        let none = ExeFacts::empty();
        for (argument, exe) in [
            ("ls", "/usr/bin/ls"),
            ("/bin/ls", "/usr/bin/ls"),
            ("sh", "/usr/bin/dash"),
            ("python3", "/usr/bin/python3.11"),
            ("/opt/app/run", "/opt/app/run"),
            ("nginx: worker process", "/usr/sbin/nginx"),
        ] {
            assert_eq!(shown(argument, exe, none, 1000), None, "{argument}");
        }
        for (argument, exe, facts, want) in [
            ("sshd", "/usr/bin/nc", none, "/usr/bin/nc"),
            ("ls", "/tmp/ls", none, "/tmp/ls"),
            ("ls", "/usr/bin/ls", ExeFacts::WRITABLE, "/usr/bin/ls (writable by its user)"),
        ] {
            assert_eq!(shown(argument, exe, facts, 1000).as_deref(), Some(want), "{argument}");
        }
        assert_eq!(shown("ls", "/usr/bin/ls", ExeFacts::WRITABLE, 0), None, "root may write all");
        assert_eq!(shown("su", "/usr/bin/su", ExeFacts::SETUID, 1000), None, "the row says it");
    }

    #[test]
    fn a_script_is_told_unless_an_argument_says_it() {
        let shown = |argument: &str, script: &str| {
            let mut command = testing::command(&["sh", argument]);
            command.script = Some(script.into());
            super::script(&command)
        };
        assert_eq!(shown("./run.sh", "/opt/run.sh"), None);
        assert_eq!(shown("/opt/run.sh", "/opt/run.sh"), None);
        assert_eq!(shown("-x", "/opt/run.sh").as_deref(), Some("/opt/run.sh"));
    }
}
