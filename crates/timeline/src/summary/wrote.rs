//! What was written, changed and deleted.

use std::collections::BTreeMap;

use super::{
    cast::{Cast, path},
    proof::Proof,
};
use crate::{
    model::{Acts, FileActivity, ProcessId, Recorded, Sensitivity, Sentence, Topic},
    views::{
        fold::{self, FileFold, Kind},
        words,
    },
};

/// Files that are named at most.
const MOST: usize = 4;

/// What files are told under, and which.
type Subject = (&'static str, fn(&FileActivity) -> bool);

/// In the order of the telling; each file is told under the first that fits.
const SUBJECTS: [Subject; 8] = [
    ("Set to run later", |file| is(file, Sensitivity::Persistence) && makes(file)),
    ("Links were made to what is sensitive", |file| {
        file.sensitivity.is_some() && file.acts.intersects(Acts::LINKED | Acts::SYMLINKED)
    }),
    ("The setuid or setgid bit was set on", |file| {
        file.mode.is_some_and(|mode| mode & 0o6000 != 0)
    }),
    ("Accounts and rights were changed", |file| is(file, Sensitivity::Accounts)),
    ("Keys and credentials were changed", |file| {
        is(file, Sensitivity::Keys) || is(file, Sensitivity::Credentials)
    }),
    ("Programs of the system were changed", |file| is(file, Sensitivity::Programs)),
    ("Logs and histories were cleared", |file| {
        let cleared = Acts::DELETED | Acts::TRUNCATED | Acts::RENAMED;
        is(file, Sensitivity::Traces) && file.acts.intersects(cleared)
    }),
    ("Files of the kernel were changed", |file| is(file, Sensitivity::Kernel)),
];

fn is(file: &FileActivity, why: Sensitivity) -> bool {
    file.sensitivity == Some(why)
}

fn makes(file: &FileActivity) -> bool {
    !file.acts.contains(Acts::DELETED)
}

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut subjects: Vec<Vec<(ProcessId, &FileActivity)>> = vec![Vec::new(); SUBJECTS.len()];
    let mut others: Vec<(ProcessId, &FileActivity)> = Vec::new();
    for &(id, process) in &cast.members {
        let by_runtime = |file: &FileActivity| {
            fold::command_at(process, file.first).is_some_and(fold::is_runtime)
        };
        for file in process.files.iter().filter(|file| is_change(file) && !by_runtime(file)) {
            let subject = SUBJECTS.iter().position(|(_, fits)| fits(file));
            match subject.and_then(|at| subjects.get_mut(at)) {
                Some(files) => files.push((id, file)),
                None => others.push((id, file)),
            }
        }
    }
    let told = SUBJECTS.iter().zip(&subjects);
    let told = told.filter_map(|((words, _), files)| sentence(cast, words, files));
    told.chain(rest(&others)).collect()
}

fn is_change(file: &FileActivity) -> bool {
    let in_memory = file.path.bytes().starts_with(b"memfd:");
    Kind::of(file).change() && file.error.is_none() && !in_memory && !is_only_opened(file)
}

/// Whether it was opened to write and nothing was written, as for a lock.
pub(super) fn is_only_opened(file: &FileActivity) -> bool {
    file.acts - Acts::READ == Acts::WRITTEN && file.bytes_written == 0
}

/// `Set to run later: /etc/cron.d/.upd (created, 61 B written) by sh[1211].`
fn sentence(
    cast: &Cast<'_>,
    words: &str,
    files: &[(ProcessId, &FileActivity)],
) -> Option<Sentence> {
    let mut proof = Proof::default();
    let mut named = Vec::new();
    for &(id, file) in files {
        proof.at(file.first);
        proof.by(id);
        named.push(named_file(cast, id, file));
    }
    proof.say(Topic::Wrote, format!("{words}: {}.", words::and_more(&named, MOST)))
}

/// The file as it is called in the end, what was done to it, and by whom.
fn named_file(cast: &Cast<'_>, id: ProcessId, file: &FileActivity) -> String {
    let by = cast.name(id);
    if let Some(other) = file.other.as_ref().filter(|_| !file.acts.contains(Acts::RENAMED)) {
        let (link, to) = match file.acts.contains(Acts::LINKED) {
            true => (other, &file.path),
            false => (&file.path, other),
        };
        return format!("{} → {} by {by}", path(link), path(to));
    }
    match file.other.as_ref().filter(|_| file.acts.contains(Acts::RENAMED)) {
        Some(other) => format!("{} (renamed from {}) by {by}", path(other), path(&file.path)),
        None => format!("{} ({}) by {by}", path(&file.path), words::did(file)),
    }
}

/// All other changes: named if they are few, else counted. What several did to one file is told
/// together.
fn rest(files: &[(ProcessId, &FileActivity)]) -> Option<Sentence> {
    let mut proof = Proof::default();
    let mut whole: BTreeMap<&Recorded, FileActivity> = BTreeMap::new();
    for &(id, file) in files {
        proof.at(file.first);
        proof.by(id);
        whole.entry(&file.path).and_modify(|sum| add(sum, file)).or_insert_with(|| file.clone());
    }
    let mut kinds: BTreeMap<Kind, Vec<&FileActivity>> = BTreeMap::new();
    for file in whole.values() {
        kinds.entry(Kind::of(file)).or_default().push(file);
    }
    let told: Vec<String> = kinds.into_iter().flat_map(few_or_many).collect();
    proof.say(Topic::Wrote, format!("Other files: {}.", told.join("; ")))
}

fn add(sum: &mut FileActivity, file: &FileActivity) {
    sum.acts |= file.acts;
    sum.bytes_read = sum.bytes_read.saturating_add(file.bytes_read);
    sum.bytes_written = sum.bytes_written.saturating_add(file.bytes_written);
    sum.mode = file.mode.or(sum.mode);
    sum.owner = file.owner.or(sum.owner);
}

/// `/tmp/.x (created)` of few, `312 files created under /srv/data` of many.
fn few_or_many((kind, files): (Kind, Vec<&FileActivity>)) -> Vec<String> {
    if files.len() > MOST {
        return vec![FileFold { kind, files }.words()];
    }
    files.iter().map(|file| format!("{} ({})", path(&file.path), words::did(file))).collect()
}
