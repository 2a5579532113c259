//! What each process has to do with the alerts.

use crate::{
    build::{
        draft::{Draft, Map},
        files::changed,
    },
    model::{Acts, Endpoint, FileActivity, Process, ProcessId, Protocol, Relevance},
};

/// Programs that start whatever a machine runs: being started by one is no relation.
const MANAGERS: [&[u8]; 16] = [
    b"systemd",
    b"init",
    b"(sd-pam)",
    b"openrc-init",
    b"dockerd",
    b"containerd",
    b"conmon",
    b"crio",
    b"kubelet",
    b"runsv",
    b"runsvdir",
    b"s6-svscan",
    b"s6-supervise",
    b"supervisord",
    b"tini",
    b"dumb-init",
];

/// Whether it starts services or containers for others.
pub(crate) fn is_manager(process: &Process) -> bool {
    let comm = process.command().map(|command| command.comm.bytes()).unwrap_or_default();
    process.pid == 1 || MANAGERS.contains(&comm) || comm.starts_with(b"containerd-shim")
}

/// Marks every process by what it has to do with those that caused alerts.
pub(crate) fn mark(drafts: &mut [Draft]) {
    let alerted: Vec<ProcessId> = numbered(drafts)
        .filter(|(_, draft)| !draft.process.alerts.is_empty())
        .map(|(id, _)| id)
        .collect();
    for &id in &alerted {
        set(drafts, id, Relevance::Alerted);
    }
    relate_by_files(drafts, &alerted);
    relate_by_pipelines(drafts);
    // Descendants of all these, before peers and ancestors, whose other children are not meant.
    relate_descendants(drafts);
    relate_peers(drafts);
    for &id in &alerted {
        relate_ancestors(drafts, id);
    }
}

fn numbered(drafts: &[Draft]) -> impl Iterator<Item = (ProcessId, &Draft)> {
    (0u32..).map(ProcessId).zip(drafts)
}

fn set(drafts: &mut [Draft], id: ProcessId, relevance: Relevance) {
    if let Some(draft) = drafts.get_mut(id.index()) {
        draft.process.relevance = draft.process.relevance.min(relevance);
    }
}

fn relate_ancestors(drafts: &mut [Draft], id: ProcessId) {
    let mut next = drafts.get(id.index()).and_then(|draft| draft.process.parent);
    while let Some(id) = next {
        let Some(draft) = drafts.get_mut(id.index()) else { return };
        if is_manager(&draft.process) {
            return;
        }
        draft.process.relevance = draft.process.relevance.min(Relevance::Related);
        next = draft.process.parent;
    }
}

/// A parent stands before its children, so that one pass reaches every descendant.
fn relate_descendants(drafts: &mut [Draft]) {
    for place in 0..drafts.len() {
        let parent = drafts.get(place).and_then(|draft| draft.process.parent);
        let related = parent.and_then(|parent| drafts.get(parent.index()));
        if related.is_some_and(|parent| parent.process.relevance != Relevance::Background)
            && let Some(draft) = drafts.get_mut(place)
        {
            draft.process.relevance = draft.process.relevance.min(Relevance::Related);
        }
    }
}

/// Members of a pipeline of which one caused an alert.
fn relate_by_pipelines(drafts: &mut [Draft]) {
    let pipeline = |draft: &Draft| draft.process.commands.iter().find_map(|c| c.pipeline);
    let meant: Map<_, ()> = drafts
        .iter()
        .filter(|draft| draft.process.relevance == Relevance::Alerted)
        .filter_map(|draft| Some((pipeline(draft)?, ())))
        .collect();
    for draft in drafts {
        if pipeline(draft).is_some_and(|pipeline| meant.contains_key(&pipeline)) {
            draft.process.relevance = draft.process.relevance.min(Relevance::Related);
        }
    }
}

/// The other ends of the connections of all that is related so far, where those are on this machine
/// too.
fn relate_peers(drafts: &mut [Draft]) {
    let is_related = |draft: &&Draft| draft.process.relevance != Relevance::Background;
    let rows = drafts.iter().filter(is_related).flat_map(|draft| &draft.process.network);
    let turned: Map<(Protocol, Endpoint, Endpoint), ()> =
        rows.filter_map(|row| Some(((row.protocol, row.remote?, row.local?), ()))).collect();
    for draft in drafts {
        let is_peer = draft.process.network.iter().any(|row| match (row.local, row.remote) {
            (Some(local), Some(remote)) => turned.contains_key(&(row.protocol, local, remote)),
            _ => false,
        });
        if is_peer {
            draft.process.relevance = draft.process.relevance.min(Relevance::Related);
        }
    }
}

/// Who runs or reads what one of them wrote before.
fn relate_by_files(drafts: &mut [Draft], alerted: &[ProcessId]) {
    let mut written: Map<Vec<u8>, u64> = Map::default();
    for draft in alerted.iter().filter_map(|id| drafts.get(id.index())) {
        for row in &draft.process.files {
            if row.acts.change() && row.error.is_none() && !row.routine {
                let paths = [Some(&row.path), row.other.as_ref()];
                for path in paths.into_iter().flatten() {
                    let key = changed::key(&draft.facts.container, path.bytes());
                    let first_ns = written.entry(key).or_insert(row.first.ts_ns);
                    *first_ns = row.first.ts_ns.min(*first_ns);
                }
            }
        }
    }
    for draft in drafts {
        let container = &draft.facts.container;
        let uses = draft.process.files.iter().filter(|row| is_use(row)).any(|row| {
            let key = changed::key(container, row.path.bytes());
            written.get(&key).is_some_and(|&since_ns| since_ns <= row.last.ts_ns)
        });
        if uses {
            draft.process.relevance = draft.process.relevance.min(Relevance::Related);
        }
    }
}

/// Running code, or reading what not everybody reads.
fn is_use(row: &FileActivity) -> bool {
    row.acts.intersects(Acts::EXECUTED | Acts::MAPPED)
        || (row.acts.contains(Acts::READ) && !row.routine)
}
