//! A process while its events come in.

use std::collections::HashMap;

use state::{State, Text, Thread};

use super::{belonging::cgroups, commands::streams::Streams, network::Sockets};
use crate::model::{
    Command, End, Moment, Process, ProcessId, Recorded, Relevance, SessionId, User,
};

/// No user: none logged in, or not recorded.
pub(super) const NOBODY: u32 = u32::MAX;

/// A map with a fast hash that no recording can foresee.
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A process while its events come in: what the timeline will show of it, and what is needed to
/// get there.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) process: Process,
    pub(super) facts: Facts,
    /// Rows of `process.files` by path (and, after a NUL, the other path).
    pub(super) files: Map<Text, u32>,
    /// Rows of what was renamed, by the name that it has now.
    pub(super) moved: Map<Text, u32>,
    /// Bytes that recorders told to have been written, by path.
    pub(super) told: Map<Text, u64>,
    pub(super) sockets: Sockets,
    pub(super) streams: Streams,
    /// Number of the event with which it entered.
    pub(super) entered: u64,
    /// How the main thread ended; others may outlive it.
    pub(super) main_end: Option<crate::model::How>,
}

/// Longest name that is kept of a container or a unit: no folder has a longer one.
const MOST_NAME_BYTES: usize = 255;

fn kept(name: &Text) -> Option<&Text> {
    Some(name).filter(|name| name.len() <= MOST_NAME_BYTES)
}

/// What decides where a process belongs and what it may do.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) container: Text,
    /// The unit of the service manager, by its control groups.
    pub(super) unit: Option<Text>,
    /// Who logged in.
    pub(super) login: Option<u32>,
    pub(super) sid: i64,
    pub(super) tty: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) capabilities: u64,
}

impl Facts {
    pub(super) fn of(thread: &Thread) -> Self {
        let login = (thread.loginuid != NOBODY).then_some(thread.loginuid);
        Self {
            container: kept(&thread.container_id).cloned().unwrap_or_default(),
            unit: cgroups::unit(&thread.cgroups)
                .map(Text::from)
                .filter(|unit| kept(unit).is_some()),
            login: login.or_else(|| cgroups::login(&thread.cgroups)),
            sid: thread.sid,
            tty: thread.tty,
            uid: thread.uid,
            gid: thread.gid,
            capabilities: thread.cap_effective,
        }
    }
}

impl Draft {
    pub(super) fn new(
        thread: &Thread,
        parent: Option<ProcessId>,
        start: Option<Moment>,
        command: Command,
    ) -> Self {
        let process = Process {
            pid: pid(thread),
            vpid: (thread.vpid > 0 && thread.vpid != pid(thread)).then_some(thread.vpid),
            parent,
            children: Vec::new(),
            session: SessionId(0),
            start,
            end: None,
            commands: vec![command],
            files: Vec::new(),
            network: Vec::new(),
            privileges: Vec::new(),
            terminal: Vec::new(),
            alerts: Vec::new(),
            relevance: Relevance::Background,
            events: 0,
        };
        Self {
            process,
            facts: Facts::of(thread),
            files: Map::default(),
            moved: Map::default(),
            told: Map::default(),
            sockets: Sockets::default(),
            streams: Streams::default(),
            entered: 0,
            main_end: None,
        }
    }

    /// A process whose user is not recorded has its parent's.
    pub(super) fn take_user_of(&mut self, state: &State, parent: &Draft) {
        if self.facts.uid != NOBODY || parent.facts.uid == NOBODY {
            return;
        }
        self.facts.uid = parent.facts.uid;
        let user = user(state, &self.facts.container, self.facts.uid);
        self.process.commands.iter_mut().for_each(|command| command.user = user.clone());
    }

    pub(super) fn end(&mut self, end: End) {
        self.process.end.get_or_insert(end);
    }

    /// What it runs now: the last that it did not call in vain.
    pub(super) fn running(&self) -> Option<&Command> {
        self.process.commands.iter().rev().find(|command| !command.failed())
    }
}

/// Process id of a thread; of one of which nothing else is known, its own.
pub(super) fn pid(thread: &Thread) -> i64 {
    if thread.pid >= 0 { thread.pid } else { thread.tid }
}

/// A user, by name if the container that it is in has one for it.
pub(super) fn user(state: &State, container: &[u8], uid: u32) -> User {
    let name = state.user(container, uid).map(|user| Recorded::from(user.name.clone()));
    User { uid, name: name.unwrap_or_default() }
}
