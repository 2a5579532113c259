//! Files: what a process did to each.

use serde::{Serialize, Serializer};

use super::{Moment, Recorded};

/// What one process did to one file.
#[derive(Clone, Debug, Serialize)]
pub struct FileActivity {
    /// Path; absolute where the record allows.
    pub path: Recorded,
    /// The other path: what it was renamed to, or what the link leads to.
    pub other: Option<Recorded>,
    /// What was done, in vain or not.
    pub acts: Acts,
    /// First touch.
    pub first: Moment,
    /// Last touch.
    pub last: Moment,
    /// Calls that named it or used it.
    pub calls: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Permission bits that it was given; `None` if not changed.
    pub mode: Option<u32>,
    /// User and group that it was given; `None` if not changed.
    pub owner: Option<(u32, u32)>,
    /// The error's number, positive, if every attempt failed.
    pub error: Option<i64>,
    /// Why it matters who reads or writes it.
    pub sensitivity: Option<Sensitivity>,
    /// What any program opens: libraries, locales, the loader's cache. Folded unless asked for.
    pub routine: bool,
}

bitflags::bitflags! {
    /// What was done to a file.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    pub struct Acts: u32 {
        /// Opened for reading, or read.
        const READ = 1 << 0;
        /// Did not exist before.
        const CREATED = 1 << 1;
        /// Opened for writing, or written.
        const WRITTEN = 1 << 2;
        /// Emptied.
        const TRUNCATED = 1 << 3;
        /// Renamed to `other`.
        const RENAMED = 1 << 4;
        /// Deleted; of folders too.
        const DELETED = 1 << 5;
        /// `other` was made a hard link to it.
        const LINKED = 1 << 6;
        /// Made as a symbolic link that leads to `other`.
        const SYMLINKED = 1 << 7;
        /// Permissions changed.
        const MODE = 1 << 8;
        /// Owner changed.
        const OWNER = 1 << 9;
        /// A folder was made.
        const FOLDER = 1 << 10;
        /// Its entries were listed.
        const LISTED = 1 << 11;
        /// Run as a program.
        const EXECUTED = 1 << 12;
        /// Mapped as code.
        const MAPPED = 1 << 13;
        /// Times were set.
        const TIMES = 1 << 14;
    }
}

impl Acts {
    /// Whether it changed what is on the disk.
    pub fn change(self) -> bool {
        self.intersects(Self::all() - (Self::READ | Self::LISTED | Self::EXECUTED | Self::MAPPED))
    }
}

impl Serialize for Acts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter_names().map(|(name, _)| name.to_ascii_lowercase()))
    }
}

/// Why it matters who reads or writes a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Password hashes, tokens, credentials of services.
    Credentials,
    /// Private keys, and who may log in with which.
    Keys,
    /// Runs something later: cron, units, profiles, preloads.
    Persistence,
    /// Who may do what: sudo, PAM, accounts.
    Accounts,
    /// Programs and libraries of the system.
    Programs,
    /// Logs and histories.
    Traces,
    /// Runs from where anyone may write.
    Temporary,
    /// The kernel's own interfaces, devices, other processes' memory.
    Kernel,
}
