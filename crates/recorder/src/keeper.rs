//! Who takes the windows of incidents.

use event::snapshot::Record;

use crate::Incident;

/// Takes the windows of incidents: writes them to files, say.
///
/// A window is handed over as a recording of its own: the entries and notices of a snapshot, then
/// events. Where a call fails, the window is given up: it is dropped, and nothing more comes for it.
pub trait Keeper {
    /// A window that is being taken.
    type Window;
    /// What can go wrong.
    type Error;

    /// A window begins, around the incident's first alert.
    ///
    /// # Errors
    /// Whatever keeps it from being taken.
    fn open(&mut self, incident: &Incident) -> Result<Self::Window, Self::Error>;

    /// The window's next record.
    ///
    /// # Errors
    /// Whatever keeps it from being taken.
    fn record(&mut self, window: &mut Self::Window, record: &Record<'_>)
    -> Result<(), Self::Error>;

    /// An alert is about to be told: what came so far has to be safe, and what is known so far.
    ///
    /// # Errors
    /// Whatever keeps it from being safe.
    fn flush(&mut self, window: &mut Self::Window, incident: &Incident) -> Result<(), Self::Error>;

    /// The window ends, and this is what became of its incident.
    ///
    /// # Errors
    /// Whatever keeps it from being kept.
    fn close(&mut self, window: Self::Window, incident: Incident) -> Result<(), Self::Error>;
}
