//! Standard streams: where they lead when a program begins, and which pipes they are.

use state::{Fd, State, Thread};

use crate::{
    build::fds,
    model::{Recorded, Redirect, Target},
};

/// Which pipes standard input and output are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Streams {
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
}

impl Streams {
    /// Takes them as they are now.
    pub(crate) fn look(&mut self, state: &State, thread: &Thread) {
        self.input = state.fd(thread, 0).and_then(fds::pipe);
        self.output = state.fd(thread, 1).and_then(fds::pipe);
    }
}

/// Open flags in the schema's numbering.
const O_WRITE: u32 = 2;
const O_ACCESS: u32 = 3;
const O_APPEND: u32 = 8;

/// The standard streams of a thread's process that are not its parent's. If the parent is not
/// known, only connections: they are never inherited from a terminal.
pub(crate) fn redirects(state: &State, thread: &Thread) -> Vec<Redirect> {
    let parent = state.thread(thread.ptid);
    let own = [0, 1, 2].map(|num| state.fd(thread, num));
    let mut redirects = Vec::new();
    for (place, fd) in own.iter().enumerate() {
        let (Some(fd), Some(lower)) = (fd, own.get(..place)) else { continue };
        let theirs = parent.and_then(|parent| state.fd(parent, fd.num));
        if theirs.is_some_and(|theirs| is_same(fd, theirs)) {
            continue;
        }
        let Some(target) = target(fd) else { continue };
        if parent.is_none() && !matches!(target, Target::Socket(_)) {
            continue;
        }
        let same = lower.iter().flatten().find(|lower| is_same(lower, fd));
        let to = same.map_or(target, |same| Target::SameAs(same.num));
        redirects.push(Redirect { fd: fd.num, to });
    }
    redirects
}

/// Whether two fds are one open file, as far as can be told.
fn is_same(a: &Fd, b: &Fd) -> bool {
    let access = (a.open_flags ^ b.open_flags) & (O_ACCESS | O_APPEND);
    a.kind == b.kind && a.ino == b.ino && a.sock == b.sock && a.name == b.name && access == 0
}

/// Where a stream leads, if that is worth a word: a terminal is not.
fn target(fd: &Fd) -> Option<Target> {
    if fds::pipe(fd).is_some() {
        return Some(Target::Pipe);
    }
    if let Some((_, remote)) = fds::ends(fd).filter(|(_, remote)| remote.port != 0) {
        let text = std::net::SocketAddr::new(remote.ip, remote.port).to_string();
        return Some(Target::Socket(Recorded::from(text.as_str())));
    }
    let path = fds::path(fd).filter(|path| !is_terminal(path))?;
    let path = Recorded::from(path);
    Some(match fd.open_flags & O_ACCESS {
        _ if fd.open_flags & O_APPEND != 0 => Target::Append(path),
        access if access & O_WRITE != 0 && fd.num != 0 => Target::Write(path),
        0 if fd.num != 0 => Target::Write(path),
        _ => Target::Read(path),
    })
}

/// A terminal's device.
pub(crate) fn is_terminal(path: &[u8]) -> bool {
    path.starts_with(b"/dev/pts/") || path.starts_with(b"/dev/tty") || path == b"/dev/console"
}
