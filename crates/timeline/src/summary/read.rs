//! What was read that matters.

use std::collections::BTreeMap;

use super::{
    cast::{Cast, is_at_work, path},
    proof::Proof,
};
use crate::{
    model::{Acts, FileActivity, Recorded, Sensitivity, Sentence, Topic},
    views::words,
};

/// Files that are named at most.
const MOST: usize = 4;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let kinds = [
        (Sensitivity::Credentials, "Credentials were read"),
        (Sensitivity::Keys, "Keys were read"),
        (Sensitivity::Kernel, "Files of the kernel and of other processes were read"),
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
    told.extend(sentence(cast, "Reading was refused", &refused));
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
    for &(id, process) in &cast.members {
        let of_own = |file: &&FileActivity| matters(file) && !is_at_work(process, file.first);
        for file in process.files.iter().filter(of_own) {
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

/// The path; of the files of processes the same for all: `/proc/…/environ`.
fn shape(file: &Recorded) -> String {
    let of_process = file.bytes().strip_prefix(b"/proc/").and_then(|rest| {
        let slash = rest.iter().position(|&b| b == b'/')?;
        let (pid, rest) = rest.split_at(slash);
        pid.iter().all(u8::is_ascii_digit).then(|| path(&Recorded::from(rest)))
    });
    of_process.map_or_else(|| path(file), |rest| format!("/proc/…{rest}"))
}
