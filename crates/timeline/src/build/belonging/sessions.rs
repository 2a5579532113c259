//! What belongs together: the processes of a container, of a login, of a service.

use state::{State, Text};

use crate::{
    build::{
        draft::{Draft, Map, user},
        limits::Budget,
    },
    model::{ContainerFacts, ProcessId, Recorded, Relevance, Session, SessionId, SessionKind},
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
pub(crate) fn group(
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
    if let Some(uid) = facts.login {
        return match above {
            Some(key @ Key::Login(_, same)) if *same == uid => key.clone(),
            _ => Key::Login(id, uid),
        };
    }
    if let Some(unit) = &facts.unit {
        return Key::Unit(unit.clone());
    }
    match above {
        Some(key @ (Key::Below(_) | Key::Unit(_))) => key.clone(),
        _ => Key::Below(id),
    }
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

/// Takes what is known of a container when the first of its processes acts, for it may be gone and
/// forgotten in the end.
pub(crate) fn meet(
    id: &Text,
    state: &State,
    containers: &mut Map<Text, ContainerFacts>,
    budget: &mut Budget,
) {
    if !id.is_empty()
        && !containers.contains_key(id)
        && let Some(facts) = container(state, id)
        && budget.take_text(text_bytes(&facts))
    {
        containers.insert(id.clone(), facts);
    }
}

/// Takes what is known of all containers in the end, for more may have been told of them since.
pub(crate) fn learn(drafts: &[Draft], state: &State, containers: &mut Map<Text, ContainerFacts>) {
    for id in drafts.iter().map(|draft| &draft.facts.container).filter(|id| !id.is_empty()) {
        if let Some(facts) = container(state, id) {
            containers.insert(id.clone(), facts);
        }
    }
}

fn text_bytes(facts: &ContainerFacts) -> usize {
    let ContainerFacts { id, name, image, image_digest, pod, pod_namespace, .. } = facts;
    let texts = [id, name, image, image_digest, pod, pod_namespace];
    texts.iter().map(|text| text.bytes().len()).sum()
}

/// What is known of a container.
fn container(state: &State, id: &[u8]) -> Option<ContainerFacts> {
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
