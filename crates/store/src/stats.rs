//! Figures of a store.

use event::alert::Priority;

use crate::{Damaged, Error, IndexUse, Store};

/// Figures of a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Whole incidents.
    pub incidents: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Events in their windows.
    pub events: u64,
    /// Time of the first alert of all, ns since 1970, if there is one.
    pub first_alert_ns: Option<u64>,
    /// Time of the last alert of all.
    pub last_alert_ns: Option<u64>,
    /// Incidents of each priority, the worst first; those that there are.
    pub priorities: Vec<(Priority, u64)>,
    /// Drafts: being written, or left by a writer that crashed.
    pub drafts: u64,
    /// What is not whole.
    pub damaged: Vec<Damaged>,
    /// Of what use the index is.
    pub index: IndexUse,
}

impl Store {
    /// Figures of the store.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder of incidents cannot be read.
    pub fn stats(&self) -> Result<Stats, Error> {
        let scan = self.shared.scan()?;
        let incidents = || scan.rows.iter().map(|row| &row.summary);
        let sum = |of: fn(&crate::Summary) -> u64| incidents().map(of).fold(0, u64::saturating_add);
        let of_priority =
            |priority| incidents().filter(|it| it.priority == priority).count() as u64;
        let priorities = Priority::ALL.map(|priority| (priority, of_priority(priority)));
        Ok(Stats {
            incidents: scan.rows.len() as u64,
            bytes: sum(|it| it.bytes),
            events: sum(|it| it.events),
            first_alert_ns: incidents().map(|it| it.first_alert_ns).min(),
            last_alert_ns: incidents().map(|it| it.last_alert_ns).max(),
            priorities: priorities.into_iter().filter(|(_, count)| *count > 0).collect(),
            drafts: self.shared.drafts()?,
            damaged: scan.damaged,
            index: scan.index,
        })
    }
}
