//! What is said about outputs: once when it changes, not for each alert.

use std::{fmt, sync::Arc};

/// A change of an output's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The output's name.
    pub output: Arc<str>,
    /// What changed.
    pub change: Change,
}

/// What changed about an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Delivery does not work, for this reason.
    Fails(String),
    /// Delivery works again.
    Works,
    /// Its queue is full: alerts are dropped.
    Full,
    /// There is room in its queue again, after so many alerts were dropped in all.
    HasRoom {
        /// Dropped since the start.
        dropped: u64,
    },
}

/// Gets notices, from the threads of the outputs and of whoever sends.
pub type Tell = Arc<dyn Fn(&Notice) + Send + Sync>;

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "output {}: ", self.output)?;
        match &self.change {
            Change::Fails(reason) => f.write_str(reason),
            Change::Works => f.write_str("works again"),
            Change::Full => f.write_str("its queue is full; alerts are dropped and counted"),
            Change::HasRoom { dropped } => {
                write!(f, "its queue has room again; {dropped} alerts were dropped so far")
            }
        }
    }
}
