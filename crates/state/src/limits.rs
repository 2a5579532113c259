//! Bounds on what is remembered, and what was lost to them.

/// Bounds on what is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads.
    pub threads: usize,
    /// Open fds of one process.
    pub fds_per_process: usize,
    /// Open fds of all processes; those that processes share since a fork count once, and one counts
    /// once more for each 256 bytes of its names.
    pub fds: usize,
    /// Bytes of names, arguments, environments, control groups and paths of all threads; those that
    /// threads share count once.
    pub text_bytes: usize,
    /// Containers.
    pub containers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threads: 131_072,
            fds_per_process: 16_384,
            fds: 1_048_576,
            text_bytes: 256 << 20,
            containers: 16_384,
        }
    }
}

/// What was lost to [`Limits`], and other figures about the state itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Threads dropped because there were too many.
    pub threads_evicted: u64,
    /// Fds dropped because there were too many.
    pub fds_evicted: u64,
    /// Containers dropped because there were too many.
    pub containers_evicted: u64,
}
