//! What became of questions, and how each engine fares.

use std::path::PathBuf;

use crate::Api;

/// What became of questions up to now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Questions: those of the fields that follow, and those that wait.
    pub asked: u64,
    /// Which needed no asking: the same was under way, answered a moment ago, or known to no engine.
    pub merged: u64,
    /// Answered.
    pub answered: u64,
    /// About containers that no engine knows.
    pub unknown: u64,
    /// Which no engine could be asked, or not answered in time.
    pub failed: u64,
    /// For which there was no room.
    pub dropped: u64,
    /// Whose id no engine has.
    pub refused: u64,
    /// Which wait or are being asked.
    pub waiting: u64,
    /// Attempts that came after one without an answer.
    pub retried: u64,
    /// Each place at which an engine may be asked, and how it fares. Users' are there once asked.
    pub sources: Vec<SourceFigures>,
}

/// How one engine fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFigures {
    /// In which way it is asked.
    pub api: Api,
    /// Its socket or folder on the host.
    pub path: PathBuf,
    /// Whose it is, if it is not the machine's.
    pub user: Option<u32>,
    /// Whether it can be asked.
    pub reach: Reach,
    /// Containers that it told of.
    pub found: u64,
    /// Containers that it does not know.
    pub not_found: u64,
    /// Questions that it did not answer.
    pub failed: u64,
}

/// Whether an engine can be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nobody tried.
    #[default]
    NotTried,
    /// It answered the last time.
    Reached,
    /// There is none.
    Absent,
    /// Why it did not answer the last time: completes a sentence that begins with its name.
    Fails(String),
}
