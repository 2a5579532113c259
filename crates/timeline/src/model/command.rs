//! Commands: a program and its arguments, as a process ran it.

use serde::{Serialize, Serializer};

use super::{Moment, PipelineId, ProcessId, Recorded};

/// A program that a process ran.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Command {
    /// When exec was called; `None`: before the window, or never (see `origin`).
    pub at: Option<Moment>,
    /// How the process came to run it.
    pub origin: Origin,
    /// All arguments, the program's own name first.
    pub argv: Vec<Recorded>,
    /// Command name as the kernel has it, at most 15 bytes.
    pub comm: Recorded,
    /// Path of the executable.
    pub exe: Recorded,
    /// What is notable about the executable.
    pub facts: ExeFacts,
    /// When the executable was written, ns since 1970; 0 if unknown.
    pub exe_mtime_ns: u64,
    /// When the executable's inode changed, ns since 1970; 0 if unknown.
    pub exe_ctime_ns: u64,
    /// The script, if the program is an interpreter that was given one.
    pub script: Option<Recorded>,
    /// Working directory.
    pub cwd: Recorded,
    /// As whom it began.
    pub user: User,
    /// Who logged in, if anybody.
    pub login: Option<User>,
    /// Controlling terminal's device number; 0: none.
    pub tty: u32,
    /// Standard streams that are not its parent's.
    pub redirects: Vec<Redirect>,
    /// The pipeline that it is part of.
    pub pipeline: Option<PipelineId>,
}

impl Command {
    /// Whether it was called in vain, so that the process goes on as what it was.
    pub fn failed(&self) -> bool {
        matches!(self.origin, Origin::Failed { .. })
    }
}

/// How a process came to run a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It ran it already when the window began.
    #[default]
    Before,
    /// It was forked as a copy of its parent.
    Forked,
    /// It called exec.
    Exec,
    /// It called exec in vain; `errno` says why. The process goes on as what it was.
    Failed {
        /// The error's number, positive.
        errno: i64,
    },
}

bitflags::bitflags! {
    /// What is notable about an executable.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ExeFacts: u32 {
        /// Its user may write it.
        const WRITABLE = 1 << 0;
        /// It is not part of the container's image (upper layer of an overlay).
        const UPPER_LAYER = 1 << 1;
        /// It is part of the container's image.
        const LOWER_LAYER = 1 << 2;
        /// It is a file in memory alone.
        const MEMFD = 1 << 3;
        /// It was created or written within the window.
        const NEW = 1 << 4;
        /// Running it changed the effective user: a setuid program.
        const SETUID = 1 << 5;
    }
}

impl ExeFacts {
    /// Each fact in words.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        const WORDS: [(ExeFacts, &str); 6] = [
            (ExeFacts::NEW, "written in this window"),
            (ExeFacts::MEMFD, "in memory only"),
            (ExeFacts::WRITABLE, "writable by its user"),
            (ExeFacts::UPPER_LAYER, "not in the image"),
            (ExeFacts::LOWER_LAYER, "in the image"),
            (ExeFacts::SETUID, "setuid"),
        ];
        WORDS.into_iter().filter(move |(fact, _)| self.contains(*fact)).map(|(_, word)| word)
    }
}

impl Serialize for ExeFacts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter_names().map(|(name, _)| name.to_ascii_lowercase()))
    }
}

/// A user by number, and by name if that is known.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct User {
    /// User id; all ones if it is not recorded.
    pub uid: u32,
    /// Name; empty if unknown.
    pub name: Recorded,
}

/// A standard stream that is not the parent's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Redirect {
    /// 0, 1 or 2.
    pub fd: i64,
    /// Where it leads.
    #[serde(flatten)]
    pub to: Target,
}

/// Where a standard stream leads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "to", content = "what", rename_all = "snake_case")]
pub enum Target {
    /// A file that is read: `< path`.
    Read(Recorded),
    /// A file that is written anew: `> path`.
    Write(Recorded),
    /// A file that is added to: `>> path`.
    Append(Recorded),
    /// A connection, as `address:port` of the other end: `<> 203.0.113.20:4444`.
    Socket(Recorded),
    /// Another process of the pipeline.
    Pipe,
    /// The same as a lower fd: `2>&1`.
    SameAs(i64),
}

/// Processes of which each one's output is the next one's input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Pipeline {
    /// The members in the order of the data, at least two.
    pub members: Vec<ProcessId>,
}
