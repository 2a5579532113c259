//! What was left behind: running, connected, listening, lasting.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cast::{Cast, path},
    proof::Proof,
    wrote::is_only_opened,
};
use crate::{
    model::{
        Acts, Connection, FileActivity, Moment, Outcome, Process, ProcessId, Protocol, Recorded,
        Role, Sensitivity, Sentence, Topic,
    },
    views::words,
};

/// Things that are named at most.
const MOST: usize = 5;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    [running(cast), connected(cast), listening(cast), files(cast)].into_iter().flatten().collect()
}

/// Members that began in the window and were running at its end.
fn running(cast: &Cast<'_>) -> Option<Sentence> {
    let mut proof = Proof::default();
    let mut names = Vec::new();
    for (id, process, began) in goes_on(cast) {
        proof.at(began);
        proof.by(id);
        names.push(words::name(process));
    }
    let was = if names.len() == 1 { "was" } else { "were" };
    let names = words::and_more(&names, MOST);
    proof.say(Topic::Left, format!("{names} {was} still running when the window ended."))
}

fn goes_on<'t>(cast: &Cast<'t>) -> Vec<(ProcessId, &'t Process, Moment)> {
    let still = cast.members.iter().filter(|(_, process)| process.end.is_none());
    still.filter_map(|&(id, process)| Some((id, process, process.start?))).collect()
}

fn connected(cast: &Cast<'_>) -> Option<Sentence> {
    let open = |c: &Connection| {
        c.role != Role::Listening
            && c.closed.is_none()
            && c.outcome == Outcome::Established
            && c.protocol != Protocol::Unix
    };
    let (ends, proof) = of_running(cast, &open, &|c| c.remote.map(|end| words::endpoint(&end)))?;
    proof.say(Topic::Left, format!("Still open at the end: connections with {ends}."))
}

fn listening(cast: &Cast<'_>) -> Option<Sentence> {
    let listens = |c: &Connection| {
        c.role == Role::Listening && c.closed.is_none() && c.protocol != Protocol::Unix
    };
    let (ends, proof) = of_running(cast, &listens, &|c| c.local.map(|end| words::endpoint(&end)))?;
    proof.say(Topic::Left, format!("Still listening at the end: {ends}."))
}

/// Connections of members that go on, each end once, and by whom.
fn of_running(
    cast: &Cast<'_>,
    is: &dyn Fn(&Connection) -> bool,
    end: &dyn Fn(&Connection) -> Option<String>,
) -> Option<(String, Proof)> {
    let mut ends: BTreeMap<String, Proof> = BTreeMap::new();
    for (id, process, _) in goes_on(cast) {
        for connection in process.network.iter().filter(|connection| is(connection)) {
            let Some(end) = end(connection) else { continue };
            let proof = ends.entry(end).or_default();
            proof.at(connection.first);
            proof.by(id);
        }
    }
    let named: Vec<String> = ends
        .iter()
        .map(|(end, proof)| format!("{end} ({})", cast.names(proof.processes())))
        .collect();
    let mut all = Proof::default();
    ends.into_values().for_each(|proof| all.merge(proof));
    (!named.is_empty()).then(|| (words::and_more(&named, MOST), all))
}

/// Files that were made and are not known to be gone, the worst first.
fn files(cast: &Cast<'_>) -> Option<Sentence> {
    let gone = gone(cast);
    let mut lasting: BTreeMap<&Recorded, (BTreeSet<Why>, Proof)> = BTreeMap::new();
    for &(id, process) in &cast.members {
        for file in process.files.iter().filter(|file| file.error.is_none()) {
            let path = last_path(file);
            let gone = gone.get(path).is_some_and(|&gone| gone > file.last);
            let Some(why) = why(file, cast).filter(|_| !gone) else { continue };
            let (whys, proof) = lasting.entry(path).or_default();
            whys.insert(why);
            proof.at(file.first);
            proof.by(id);
        }
    }
    let mut all = Proof::default();
    let mut named: Vec<(BTreeSet<Why>, String)> = Vec::new();
    for (file, (whys, proof)) in lasting {
        let words: Vec<&str> = whys.iter().map(|why| why.words()).collect();
        named.push((whys.clone(), format!("{} ({})", path(file), words.join(", "))));
        all.merge(proof);
    }
    named.sort();
    let named: Vec<String> = named.into_iter().map(|(_, named)| named).collect();
    let files = words::and_more(&named, MOST);
    all.say(Topic::Left, format!("Left on the disk: {files}."))
}

/// Where a file is in the end.
fn last_path(file: &FileActivity) -> &Recorded {
    file.other.as_ref().filter(|_| file.acts.contains(Acts::RENAMED)).unwrap_or(&file.path)
}

/// Files that were deleted or renamed by anybody, and when last.
fn gone<'t>(cast: &Cast<'t>) -> BTreeMap<&'t Recorded, Moment> {
    let mut gone = BTreeMap::new();
    for file in cast.timeline.processes.iter().flat_map(|process| &process.files) {
        if file.acts.intersects(Acts::DELETED | Acts::RENAMED) && file.error.is_none() {
            let last = gone.entry(&file.path).or_insert(file.last);
            *last = file.last.max(*last);
        }
    }
    gone
}

/// Why a file that was made matters when it stays, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Setuid,
    Later,
    Run,
    Keys,
    Accounts,
    Executable,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Setuid => "setuid",
            Self::Later => "runs later",
            Self::Run => "was run",
            Self::Keys => "keys",
            Self::Accounts => "accounts and rights",
            Self::Executable => "executable",
        }
    }
}

fn why(file: &FileActivity, cast: &Cast<'_>) -> Option<Why> {
    let deeds = Acts::CREATED | Acts::WRITTEN | Acts::RENAMED;
    let made = file.acts.intersects(deeds) && !is_only_opened(file);
    let linked = file.acts.contains(Acts::SYMLINKED);
    match file.sensitivity {
        _ if file.acts.contains(Acts::DELETED) => None,
        _ if file.mode.is_some_and(|mode| mode & 0o6000 != 0) => Some(Why::Setuid),
        Some(Sensitivity::Persistence) if made || linked => Some(Why::Later),
        Some(Sensitivity::Keys) if made => Some(Why::Keys),
        Some(Sensitivity::Accounts) if made => Some(Why::Accounts),
        _ if made && cast.ran(&file.path) => Some(Why::Run),
        _ if file.mode.is_some_and(|mode| mode & 0o111 != 0) => Some(Why::Executable),
        _ => None,
    }
}
