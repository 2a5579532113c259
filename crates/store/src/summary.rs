//! What a list shows of an incident, and what it is found by.

use event::alert::Priority;
use serde::{Deserialize, Serialize};

use crate::{Ended, Id, Manifest, Shown, dir::Meta};

/// What a list shows of an incident, and what it is found by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Its name.
    pub id: Id,
    /// Where it happened.
    pub host: Shown,
    /// The rule of its worst alert.
    pub title: Shown,
    /// The priority of its worst alert.
    pub priority: Priority,
    /// How it ended.
    pub ended: Ended,
    /// Time of its first alert, ns since 1970.
    pub first_alert_ns: u64,
    /// Time of its last alert.
    pub last_alert_ns: u64,
    /// Alerts altogether.
    pub alerts: u64,
    /// Events in its window.
    pub events: u64,
    /// Bytes of its window.
    pub window_bytes: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// The rules of its alerts, each once.
    pub rules: Vec<Shown>,
    /// The short names of the processes that caused its alerts, each once.
    pub processes: Vec<Shown>,
    /// Names and ids of these processes' users, each once.
    pub users: Vec<Shown>,
    /// These processes' containers, each once.
    pub containers: Vec<Container>,
}

/// A container by its names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Container {
    /// Its id.
    pub id: Shown,
    /// Its name; empty if unknown.
    pub name: Shown,
}

/// Which very file a summary was made of: one that took its place differs in one of these, for both
/// existed at the same time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    pub(crate) ino: u64,
    pub(crate) mtime_ns: i64,
    pub(crate) bytes: u64,
}

/// A row of the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) stamp: Stamp,
    pub(crate) summary: Summary,
}

impl Summary {
    /// Of an incident whose manifest has so many bytes.
    pub(crate) fn of(manifest: &Manifest, manifest_bytes: u64) -> Self {
        let actors = || manifest.alerts().iter().map(|alert| &alert.actor);
        let uids = actors().filter_map(|actor| actor.uid).map(|uid| uid.to_string().into());
        let window_bytes = manifest.files.window.bytes;
        Self {
            id: manifest.id,
            host: manifest.host.name.clone(),
            title: manifest.title.clone(),
            priority: manifest.priority,
            ended: manifest.ended,
            first_alert_ns: manifest.first_alert_ns(),
            last_alert_ns: manifest.last_alert_ns(),
            alerts: manifest.alerts_total,
            events: manifest.window.events,
            window_bytes,
            bytes: window_bytes.saturating_add(manifest_bytes),
            rules: each_once(manifest.alerts().iter().map(|alert| alert.rule.clone())),
            processes: each_once(actors().map(|actor| actor.comm.clone())),
            users: each_once(actors().map(|actor| actor.user.clone()).chain(uids)),
            containers: containers(manifest),
        }
    }
}

fn each_once(texts: impl Iterator<Item = Shown>) -> Vec<Shown> {
    let mut texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn containers(manifest: &Manifest) -> Vec<Container> {
    let actors = manifest.alerts().iter().map(|alert| &alert.actor);
    let mut containers: Vec<_> = actors
        .filter(|actor| !actor.container_id.is_empty() || !actor.container_name.is_empty())
        .map(|actor| Container {
            id: actor.container_id.clone(),
            name: actor.container_name.clone(),
        })
        .collect();
    containers.sort_unstable();
    containers.dedup();
    containers
}

impl From<Meta> for Stamp {
    fn from(meta: Meta) -> Self {
        Self { ino: meta.ino, mtime_ns: meta.mtime_ns, bytes: meta.bytes }
    }
}
