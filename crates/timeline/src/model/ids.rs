//! Places in the lists of a timeline, and places in the record.

use serde::Serialize;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// Its place in the list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A process: its place in [`super::Timeline::processes`].
    ProcessId
}
id! {
    /// A session: its place in [`super::Timeline::sessions`].
    SessionId
}
id! {
    /// A pipeline: its place in [`super::Timeline::pipelines`].
    PipelineId
}
id! {
    /// An alert: its place in [`super::Timeline::alerts`].
    AlertId
}

/// Where something stands in the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Moment {
    /// Time, ns since 1970.
    pub ts_ns: u64,
    /// Number of the event, from 1.
    pub event: u64,
}
