//! What belongs together: the processes of a container, of a login, of a service.

use state::{State, Text};

use super::draft::{Draft, Map, user};
use crate::model::{
    ContainerFacts, ProcessId, Recorded, Relevance, Session, SessionId, SessionKind,
};

/// What makes processes belong together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Key {
    Container(Text),
    /// The topmost process of somebody who logged in, and who.
    Login(ProcessId, u32),
    /// A unit of the service manager.
    Unit(Text),
    /// The topmost process below the first of all.
    Below(ProcessId),
}

/// Groups all processes, tells each its session, and hands the sessions back: the most relevant
/// first, then by time.
pub(super) fn group(
    drafts: &mut [Draft],
    containers: &Map<Text, ContainerFacts>,
    state: &State,
) -> Vec<Session> {
    let keys = keys(drafts);
    let mut places: Map<&Key, SessionId> = Map::default();
    let mut sessions: Vec<Session> = Vec::new();
    for (place, key) in (0u32..).zip(&keys) {
        let Some(draft) = drafts.get(place as usize) else { break };
        let id = *places.entry(key).or_insert_with(|| {
            let kind = kind(key, draft, drafts, containers, state);
            sessions.push(empty(kind));
            SessionId(u32::try_from(sessions.len() - 1).unwrap_or(u32::MAX))
        });
        let parent = draft.process.parent.and_then(|parent| keys.get(parent.index()));
        if let Some(session) = sessions.get_mut(id.index()) {
            session.count(draft, ProcessId(place), parent != Some(key));
        }
        if let Some(draft) = drafts.get_mut(place as usize) {
            draft.process.session = id;
        }
    }
    order(drafts, sessions)
}

/// Sorts the sessions and tells the processes their new places.
fn order(drafts: &mut [Draft], sessions: Vec<Session>) -> Vec<Session> {
    let mut numbered: Vec<(usize, Session)> = sessions.into_iter().enumerate().collect();
    numbered.sort_by_key(|(_, session)| session.relevance);
    let mut moved = vec![SessionId(0); numbered.len()];
    for (new, (old, _)) in (0u32..).zip(&numbered) {
        if let Some(place) = moved.get_mut(*old) {
            *place = SessionId(new);
        }
    }
    for draft in drafts {
        if let Some(new) = moved.get(draft.process.session.index()) {
            draft.process.session = *new;
        }
    }
    numbered.into_iter().map(|(_, session)| session).collect()
}

/// Where each process belongs; a parent's place is known before its children's.
fn keys(drafts: &[Draft]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::with_capacity(drafts.len());
    for (id, draft) in (0u32..).map(ProcessId).zip(drafts) {
        let parent = draft.process.parent;
        let above = parent.and_then(|parent| keys.get(parent.index()));
        let is_top = parent.and_then(|p| drafts.get(p.index())).is_none_or(|p| p.process.pid == 1);
        let key = key(id, draft, above.filter(|_| !is_top));
        keys.push(key);
    }
    keys
}

fn key(id: ProcessId, draft: &Draft, above: Option<&Key>) -> Key {
    let facts = &draft.facts;
    if !facts.container.is_empty() {
        return Key::Container(facts.container.clone());
    }
    if let Some(uid) = facts.login.or_else(|| login(&facts.cgroups)) {
        return match above {
            Some(key @ Key::Login(_, same)) if *same == uid => key.clone(),
            _ => Key::Login(id, uid),
        };
    }
    if let Some(unit) = unit(&facts.cgroups) {
        return Key::Unit(unit.into());
    }
    match above {
        Some(key @ (Key::Below(_) | Key::Unit(_))) => key.clone(),
        _ => Key::Below(id),
    }
}

/// Folders of control groups, those of one group after another, each from the innermost.
fn folders(cgroups: &[u8]) -> impl Iterator<Item = &[u8]> {
    let paths = state::strings(cgroups).filter_map(|group| {
        let at = group.iter().position(|&b| b == b'=')?;
        group.get(at + 1..)
    });
    paths.flat_map(|path| path.rsplit(|&b| b == b'/'))
}

/// The unit that control groups name: the innermost folder whose name ends in `.service`.
fn unit(cgroups: &[u8]) -> Option<&[u8]> {
    folders(cgroups).find(|folder| folder.ends_with(b".service"))
}

/// The user whose login control groups name, for recordings that do not tell who logged in:
/// `user-1000.slice`.
fn login(cgroups: &[u8]) -> Option<u32> {
    let user = |f| str::from_utf8(f).ok()?.strip_prefix("user-")?.strip_suffix(".slice");
    folders(cgroups).find_map(user)?.parse().ok()
}

fn kind(
    key: &Key,
    first: &Draft,
    drafts: &[Draft],
    containers: &Map<Text, ContainerFacts>,
    state: &State,
) -> SessionKind {
    match key {
        Key::Container(id) => {
            let facts = containers.get(id).cloned();
            let bare = || ContainerFacts { id: id.clone().into(), ..ContainerFacts::default() };
            SessionKind::Container(facts.unwrap_or_else(bare))
        }
        Key::Login(_, uid) => SessionKind::Login {
            user: user(state, b"", *uid),
            sid: first.facts.sid,
            tty: first.facts.tty,
        },
        Key::Unit(name) => SessionKind::Service { name: name.clone().into() },
        Key::Below(top) => SessionKind::Service { name: name(drafts.get(top.index())) },
    }
}

/// Name of the program that a process ran, as the kernel has it or else as it was called.
fn name(draft: Option<&Draft>) -> Recorded {
    let Some(command) = draft.and_then(Draft::running) else { return Recorded::default() };
    if !command.comm.is_empty() {
        return command.comm.clone();
    }
    command.argv.first().cloned().unwrap_or_default()
}

fn empty(kind: SessionKind) -> Session {
    Session {
        kind,
        roots: Vec::new(),
        source: None,
        relevance: Relevance::Background,
        processes: 0,
        events: 0,
    }
}

impl Session {
    fn count(&mut self, draft: &Draft, id: ProcessId, is_root: bool) {
        if is_root {
            self.roots.push(id);
        }
        self.relevance = self.relevance.min(draft.process.relevance);
        self.processes += 1;
        self.events = self.events.saturating_add(draft.process.events);
    }
}

/// What is known of a container.
pub(super) fn container(state: &State, id: &[u8]) -> Option<ContainerFacts> {
    let known = state.container(id)?;
    let label = |name: &[u8]| {
        let labels = known.labels.get(name).or_else(|| known.pod_sandbox_labels.get(name));
        labels.map(|label| Recorded::from(label.clone())).unwrap_or_default()
    };
    Some(ContainerFacts {
        id: known.id.clone().into(),
        name: known.name.clone().into(),
        engine: known.engine.name(),
        image: known.image.clone().into(),
        image_digest: known.image_digest.clone().into(),
        privileged: known.privileged,
        pod: label(b"io.kubernetes.pod.name"),
        pod_namespace: label(b"io.kubernetes.pod.namespace"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_in_control_groups() {
        let cases: [(&[u8], Option<&[u8]>); 5] = [
            (b"cpu=/system.slice/nginx.service\0", Some(b"nginx.service")),
            (b"cpu=/\0=/system.slice/a.service/x\0", Some(b"a.service")),
            (b"=/user.slice/user@1000.service/app.slice/b.service\0", Some(b"b.service")),
            (b"cpu=/user.slice/session-3.scope\0", None),
            (b"", None),
        ];
        for (cgroups, want) in cases {
            assert_eq!(unit(cgroups), want);
        }
    }

    #[test]
    fn logins_are_found_in_control_groups() {
        let cases: [(&[u8], Option<u32>); 4] = [
            (b"cpu=/user.slice\0=/user.slice/user-1000.slice/session-3.scope\0", Some(1000)),
            (b"cpu=/user.slice\0pids=/user.slice/user-0.slice\0", Some(0)),
            (b"=/user.slice/user-x.slice/session-3.scope\0", None),
            (b"=/system.slice/ssh.service\0", None),
        ];
        for (cgroups, want) in cases {
            assert_eq!(login(cgroups), want);
        }
    }
}
