//! Where sessions were reached from: the connection that their first process, or an ancestor of it,
//! had accepted.
//!
//! What stands behind another server is reached through a unix socket: then it is what the process
//! at its other end had accepted, if that one had a single connection open when it connected. Of
//! several, nobody can say which one it was.

use crate::{
    build::draft::{Draft, Map},
    model::{Alert, Connection, Moment, ProcessId, Role, Session, SessionKind, Source},
};

/// Most ancestors that are asked.
const MOST_ANCESTORS: usize = 64;

/// Most connections of each that are looked at, the latest first.
const MOST_CONNECTIONS: usize = 1_024;

/// Finds the source of each session that an alert was caused in or that somebody logged in to.
pub(crate) fn find(drafts: &[Draft], sessions: &mut [Session], alerts: &[Alert]) {
    let hosts = Hosts { drafts, callers: callers(drafts) };
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
        session.source = subject.or(first).and_then(|(id, at_ns)| hosts.source(id, at_ns));
    }
}

/// Who connected over which unix socket, and when. Addresses of the kernel are used again, so there
/// may be several.
type Callers = Map<(u64, u64), Vec<(ProcessId, Moment)>>;

fn callers(drafts: &[Draft]) -> Callers {
    let mut callers = Callers::default();
    for (id, draft) in (0u32..).map(ProcessId).zip(drafts) {
        for link in &draft.sockets.links {
            let row = draft.process.network.get(link.row as usize);
            if let Some(row) = row.filter(|row| row.role == Role::Connected) {
                callers.entry(link.ends).or_default().push((id, row.first));
            }
        }
    }
    callers
}

struct Hosts<'a> {
    drafts: &'a [Draft],
    callers: Callers,
}

impl Hosts<'_> {
    /// The nearest of a process and its ancestors that had accepted a connection by then: the
    /// process itself when it caused the alert, an ancestor when the one below it began.
    fn source(&self, subject: ProcessId, at_ns: u64) -> Option<Source> {
        let mut id = subject;
        let mut before_ns = at_ns;
        for _ in 0..MOST_ANCESTORS {
            let draft = self.drafts.get(id.index())?;
            let behind = || self.behind(draft, before_ns);
            if let Some(source) = accepted(draft, id, before_ns).or_else(behind) {
                return Some(source);
            }
            before_ns = draft.process.start.map_or(0, |start| start.ts_ns);
            id = draft.process.parent?;
        }
        None
    }

    /// What the process at the other end of the unix socket that this one had accepted last had
    /// accepted itself.
    fn behind(&self, draft: &Draft, before_ns: u64) -> Option<Source> {
        let row = |place: u32| draft.process.network.get(place as usize);
        let links = draft.sockets.links.iter().rev().take(MOST_CONNECTIONS);
        let (link, row) = links
            .filter_map(|link| Some((link, row(link.row)?)))
            .find(|(_, row)| row.role == Role::Accepted && row.first.ts_ns <= before_ns)?;
        let callers = self.callers.get(&link.ends)?.iter().rev();
        let (caller, called) = *callers.take(MOST_CONNECTIONS).find(|(_, at)| *at <= row.first)?;
        only_one(self.drafts.get(caller.index())?, caller, called.ts_ns)
    }
}

/// The one connection that a process had accepted and that was open at this time.
fn only_one(draft: &Draft, by: ProcessId, at_ns: u64) -> Option<Source> {
    let rows = &draft.process.network;
    let end = rows.partition_point(|row| row.first.ts_ns <= at_ns);
    let mut open = rows.get(..end)?.iter().rev().take(MOST_CONNECTIONS).filter(|row| {
        let is_open = row.closed.is_none_or(|closed| closed.ts_ns >= at_ns);
        row.role == Role::Accepted && is_open && row.remote.is_some()
    });
    let row = open.next()?;
    let at = (!row.before).then_some(row.first);
    let source = Source { remote: row.remote?, name: row.name.clone(), by, at };
    open.next().is_none().then_some(source)
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
