//! What was read that matters.

use std::collections::BTreeMap;

use super::{
    cast::{Cast, path},
    proof::Proof,
};
use crate::{
    model::{Acts, FileActivity, Process, Recorded, Sensitivity, Sentence, Topic},
    views::words,
};

/// Files that are named at most.
const MOST: usize = 4;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let kinds = [
        (Sensitivity::Credentials, "Credentials were read"),
        (Sensitivity::Keys, "Keys were read"),
        (Sensitivity::Kernel, "Of the kernel and of other processes was read"),
    ];
    let mut told: Vec<Sentence> = Vec::new();
    for (why, words) in kinds {
        let read = |file: &FileActivity| is_read(file, why) && file.error.is_none();
        told.extend(sentence(cast, words, &read));
    }
    let refused = |file: &FileActivity| {
        let secret = [Sensitivity::Credentials, Sensitivity::Keys];
        secret.iter().any(|&why| is_read(file, why)) && matches!(file.error, Some(1 | 13))
    };
    told.extend(sentence(cast, "It was refused to read", &refused));
    told
}

fn is_read(file: &FileActivity, why: Sensitivity) -> bool {
    file.sensitivity == Some(why) && file.acts.contains(Acts::READ) && !file.routine
}

/// `Credentials were read: /etc/shadow by cat[1213] and …`.
fn sentence(
    cast: &Cast<'_>,
    words: &str,
    matters: &dyn Fn(&FileActivity) -> bool,
) -> Option<Sentence> {
    let mut files: BTreeMap<String, Proof> = BTreeMap::new();
    let mut all = Proof::default();
    for &(id, process) in cast.members.iter().filter(|(_, process)| !is_keeper(process)) {
        for file in process.files.iter().filter(|file| matters(file)) {
            for proof in [&mut all, files.entry(shape(&file.path)).or_default()] {
                proof.at(file.first);
                proof.by(id);
            }
        }
    }
    let named =
        |(file, proof): (String, Proof)| format!("{file} by {}", cast.names(proof.processes()));
    let named: Vec<String> = files.into_iter().map(named).collect();
    all.say(Topic::Read, format!("{words}: {}.", words::and_more(&named, MOST)))
}

/// Whether it is a program of the system whose work is to look up passwords and keys.
fn is_keeper(process: &Process) -> bool {
    const KEEPERS: [&[u8]; 18] = [
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
    ];
    const FOLDERS: [&[u8]; 5] =
        [b"/usr/sbin/", b"/usr/bin/", b"/sbin/", b"/bin/", b"/usr/lib/openssh/"];
    process.command().is_some_and(|command| {
        let name = FOLDERS.iter().find_map(|folder| command.exe.bytes().strip_prefix(*folder));
        name.is_some_and(|name| KEEPERS.contains(&name))
    })
}

/// The path; of the files of processes the same for all: `/proc/…/environ`.
fn shape(file: &Recorded) -> String {
    let of_process = file.bytes().strip_prefix(b"/proc/").and_then(|rest| {
        let slash = rest.iter().position(|&b| b == b'/')?;
        let (pid, rest) = rest.split_at(slash);
        pid.iter().all(u8::is_ascii_digit).then(|| path(&Recorded::from(rest)))
    });
    of_process.map_or_else(|| path(file), |rest| format!("/proc/…{rest}"))
}
