//! Programs of the system at their own work: what they do all day need not be told one by one.

use crate::model::{Command, Moment, Process};

/// Folders of the system's programs.
const FOLDERS: [&[u8]; 7] = [
    b"/usr/sbin/",
    b"/usr/bin/",
    b"/sbin/",
    b"/bin/",
    b"/usr/lib/openssh/",
    b"/usr/libexec/",
    b"/usr/local/bin/",
];

/// Programs that make containers.
const RUNTIMES: [&[u8]; 14] = [
    b"crun",
    b"runc",
    b"youki",
    b"runsc",
    b"conmon",
    b"podman",
    b"buildah",
    b"docker",
    b"dockerd",
    b"docker-init",
    b"docker-containerd",
    b"containerd",
    b"crio",
    b"fuse-overlayfs",
];

/// Programs that look up and change passwords and keys.
const KEEPERS: [&[u8]; 19] = [
    b"sshd",
    b"sshd-session",
    b"sshd-auth",
    b"login",
    b"su",
    b"sudo",
    b"passwd",
    b"chpasswd",
    b"useradd",
    b"usermod",
    b"userdel",
    b"groupadd",
    b"groupmod",
    b"chage",
    b"unix_chkpwd",
    b"cron",
    b"crond",
    b"systemd",
    b"runuser",
];

/// Whether a command is a program that makes containers. It does a great deal to make one.
pub fn is_runtime(command: &Command) -> bool {
    let name = system_program(command);
    let shim = |name: &[u8]| name.starts_with(b"containerd-shim") || name.starts_with(b"docker-");
    // A runtime runs a copy of itself that it has in memory, or has mounted somewhere.
    let copy = command.exe.bytes() == b"/" || command.exe.bytes().starts_with(b"memfd:");
    name.is_some_and(|name| RUNTIMES.contains(&name) || shim(name))
        || (copy && RUNTIMES.contains(&command.comm.bytes()))
        || command.comm.bytes().starts_with(b"runc:[")
}

/// Whether a command is a program whose work is to look up passwords and keys.
pub fn is_keeper(command: &Command) -> bool {
    system_program(command).is_some_and(|name| KEEPERS.contains(&name))
}

/// The name of a program of the system.
fn system_program(command: &Command) -> Option<&[u8]> {
    FOLDERS.iter().find_map(|folder| command.exe.bytes().strip_prefix(*folder))
}

/// What a process was when something happened; commands are in the order of time.
pub fn command_at(process: &Process, at: Moment) -> Option<&Command> {
    let began = |command: &Command| command.at.is_none_or(|began| began <= at);
    let after = process.commands.partition_point(began);
    process.commands.get(after.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn programs_of_the_system_are_known_by_their_place() {
        let at = |exe: &str, comm: &str| Command {
            exe: exe.into(),
            comm: comm.into(),
            ..testing::command(&["x"])
        };
        for (exe, comm, runtime, keeper) in [
            ("/usr/bin/crun", "crun", true, false),
            ("/usr/bin/containerd-shim-runc-v2", "containerd-shim", true, false),
            ("/", "crun", true, false),
            ("/tmp/crun", "crun", false, false),
            ("/usr/sbin/sshd", "sshd", false, true),
            ("/tmp/sshd", "sshd", false, false),
            ("/usr/bin/cat", "sshd", false, false),
        ] {
            let command = at(exe, comm);
            assert_eq!((is_runtime(&command), is_keeper(&command)), (runtime, keeper), "{exe}");
        }
    }

    #[test]
    fn a_process_is_what_it_ran_last() {
        let mut process = testing::process(1);
        let ran = |event: u64, name: &str| Command {
            at: Some(Moment { ts_ns: event, event }),
            ..testing::command(&[name])
        };
        process.commands = vec![testing::command(&["first"]), ran(5, "crun"), ran(9, "sh")];
        process.commands[0].at = None;
        for (event, want) in [(1, "first"), (5, "crun"), (8, "crun"), (9, "sh"), (99, "sh")] {
            let command = command_at(&process, Moment { ts_ns: event, event }).expect("one");
            assert_eq!(command.comm, want.into(), "{event}");
        }
    }
}
