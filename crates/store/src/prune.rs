//! Removes incidents: one, or the oldest until what is left fits to a policy.

use std::time::Duration;

use crate::{Damaged, Error, Id, Store, Summary, error::found};

/// What may be kept; the default is everything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Incidents whose last alert is no older than this.
    pub max_age: Option<Duration>,
    /// So many bytes of incidents.
    pub max_bytes: Option<u64>,
    /// So many incidents.
    pub max_count: Option<u64>,
}

/// Whether incidents are removed, or only named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// They are only named; a reader may do so.
    DryRun,
    /// They are removed.
    Do,
}

/// What went, or would go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pruned {
    /// The incidents that went, the oldest first.
    pub gone: Vec<Gone>,
    /// How many are left.
    pub kept: u64,
    /// How many bytes these take.
    pub kept_bytes: u64,
    /// What is not whole: its age is not known, and it stays.
    pub damaged: Vec<Damaged>,
}

/// An incident that went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// What it was.
    pub incident: Summary,
    /// Why it went.
    pub why: Why,
}

/// Why an incident goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is too old.
    Age,
    /// There are too many.
    Count,
    /// They take too many bytes.
    Bytes,
}

impl Store {
    /// Removes an incident: from one moment to the next, readers do not see it any more.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; [`Error::Unknown`]; [`Error::Io`].
    pub fn delete(&self, id: Id) -> Result<(), Error> {
        let writing = self.shared.writing()?;
        self.resolve(&id.to_string())?;
        writing.trash.throw(&self.shared.incidents, &id.to_string())?;
        self.forget(&[id])
    }

    /// Removes the oldest incidents, by their last alerts, until what is left fits to the policy.
    /// `now_ns` is the time, ns since 1970, by which ages are told.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], unless it is a dry run; [`Error::Io`].
    pub fn prune(&self, policy: &Policy, now_ns: u64, mode: Mode) -> Result<Pruned, Error> {
        let scan = self.shared.scan()?;
        let incidents = scan.rows.into_iter().map(|row| row.summary).collect();
        let mut pruned = choose(incidents, policy, now_ns);
        pruned.damaged = scan.damaged;
        if mode == Mode::Do {
            self.remove(&pruned.gone)?;
        }
        Ok(pruned)
    }

    fn remove(&self, gone: &[Gone]) -> Result<(), Error> {
        let writing = self.shared.writing()?;
        let mut ids = Vec::with_capacity(gone.len());
        let removed = gone.iter().map(|gone| gone.incident.id).try_for_each(|id| {
            found(writing.trash.throw(&self.shared.incidents, &id.to_string()))?;
            ids.push(id);
            Ok(())
        });
        self.forget(&ids)?;
        removed
    }

    /// Sees to it that incidents that were removed do not come again.
    fn forget(&self, ids: &[Id]) -> Result<(), Error> {
        // Rows of incidents that are gone do no harm.
        let _ = self.shared.writing()?.index().remove(ids);
        self.shared.incidents.sync()
    }
}

/// Which incidents go.
fn choose(mut incidents: Vec<Summary>, policy: &Policy, now_ns: u64) -> Pruned {
    incidents
        .sort_by_key(|incident| (incident.last_alert_ns, incident.first_alert_ns, incident.id));
    let bytes = incidents.iter().fold(0_u64, |sum, it| sum.saturating_add(it.bytes));
    let mut pruned =
        Pruned { kept: incidents.len() as u64, kept_bytes: bytes, ..Pruned::default() };
    for incident in incidents {
        // All that follow are younger.
        let Some(why) = pruned.why(&incident, policy, now_ns) else { break };
        pruned.kept -= 1;
        pruned.kept_bytes = pruned.kept_bytes.saturating_sub(incident.bytes);
        pruned.gone.push(Gone { incident, why });
    }
    pruned
}

impl Pruned {
    /// Why the oldest of those that are left goes too, if it does.
    fn why(&self, oldest: &Summary, policy: &Policy, now_ns: u64) -> Option<Why> {
        let age_ns = u128::from(now_ns.saturating_sub(oldest.last_alert_ns));
        if policy.max_age.is_some_and(|most| age_ns > most.as_nanos()) {
            return Some(Why::Age);
        }
        if policy.max_count.is_some_and(|most| self.kept > most) {
            return Some(Why::Count);
        }
        policy.max_bytes.is_some_and(|most| self.kept_bytes > most).then_some(Why::Bytes)
    }
}
