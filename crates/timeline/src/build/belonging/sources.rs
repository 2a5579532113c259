//! Where sessions were reached from: the connection that their first process, or an ancestor of it,
//! had accepted.

use crate::{
    build::draft::Draft,
    model::{Alert, Connection, ProcessId, Role, Session, SessionKind, Source},
};

/// Most ancestors that are asked.
const MOST_ANCESTORS: usize = 64;

/// Most connections of each that are looked at, the latest first.
const MOST_CONNECTIONS: usize = 1_024;

/// Finds the source of each session that an alert was caused in or that somebody logged in to.
pub(crate) fn find(drafts: &[Draft], sessions: &mut [Session], alerts: &[Alert]) {
    let mut subjects: Vec<Option<(ProcessId, u64)>> = vec![None; sessions.len()];
    for alert in alerts {
        let draft = alert.process.and_then(|id| Some((id, drafts.get(id.index())?)));
        if let Some((id, draft)) = draft
            && let Some(subject) = subjects.get_mut(draft.process.session.index())
        {
            subject.get_or_insert((id, alert.at.ts_ns));
        }
    }
    for (session, subject) in sessions.iter_mut().zip(subjects) {
        let is_login = matches!(session.kind, SessionKind::Login { .. });
        let first = session.roots.first().filter(|_| is_login).map(|root| (*root, u64::MAX));
        session.source = subject.or(first).and_then(|(id, at_ns)| source(drafts, id, at_ns));
    }
}

/// The nearest of a process and its ancestors that had accepted a connection by then: the process
/// itself when it caused the alert, an ancestor when the one below it began.
fn source(drafts: &[Draft], subject: ProcessId, at_ns: u64) -> Option<Source> {
    let mut id = subject;
    let mut before_ns = at_ns;
    for _ in 0..MOST_ANCESTORS {
        let draft = drafts.get(id.index())?;
        if let Some(source) = accepted(draft, id, before_ns) {
            return Some(source);
        }
        before_ns = draft.process.start.map_or(0, |start| start.ts_ns);
        id = draft.process.parent?;
    }
    None
}

/// The connection that a process had accepted last before this time: one that was open then, if
/// there is any; else one from before the window.
fn accepted(draft: &Draft, by: ProcessId, before_ns: u64) -> Option<Source> {
    let rows = &draft.process.network;
    // Rows are in the order of their first use.
    let end = rows.partition_point(|row| row.first.ts_ns <= before_ns);
    let latest = rows.get(..end).into_iter().flatten().rev().take(MOST_CONNECTIONS);
    let accepted = || latest.clone().filter(|row| row.role == Role::Accepted);
    let was_open = |row: &&Connection| row.closed.is_none_or(|closed| closed.ts_ns >= before_ns);
    if let Some(row) = accepted().find(was_open).or_else(|| accepted().next())
        && let Some(remote) = row.remote
    {
        let at = (!row.before).then_some(row.first);
        return Some(Source { remote, name: row.name.clone(), by, at });
    }
    let remote = *draft.sockets.accepted.last()?;
    Some(Source { remote, name: None, by, at: None })
}
