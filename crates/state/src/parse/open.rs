//! `open`, `creat`, `openat`, `openat2`, `open_by_handle_at`.

use event::{
    Event,
    snapshot::FdKind,
    syscalls::{CREAT_E, CREAT_X, OPEN_E, OPEN_X, OPENAT_2_X, OPENAT2_X},
};

use super::{
    At,
    params::{self, First},
};
use crate::{Fd, FdFlags, State, path, text::NOT_AVAILABLE, thread::Enter, threads::Key};

/// Open flags in the schema's numbering.
const O_DIRECTORY: u32 = 1 << 10;
/// Flags from here on are facts that the recorder found, not what the caller asked for.
const FACTS: u32 = !((1 << 14) - 1);
const UPPER_LAYER: u32 = 1 << 15;
const LOWER_LAYER: u32 = 1 << 16;

/// `creat`'s own bits for the layer.
const CREAT_UPPER_LAYER: u32 = 1;
const CREAT_LOWER_LAYER: u32 = 2;

/// What an event tells of the file that it opens.
struct Opened<'e> {
    dirfd: Dir,
    name: &'e [u8],
    flags: u32,
    dev: u32,
    ino: u64,
}

/// What a relative name is relative to.
enum Dir {
    Working,
    Fd(i64),
    /// Names are absolute, or the event does not say.
    Nothing,
}

/// The call begins: what the caller asked for cannot be changed behind the recorder's back any
/// more, unlike at the return.
pub(super) fn enter(state: &mut State, at: &At<'_>) -> Option<()> {
    let event = &at.event;
    params::bytes(event, 0)?;
    let (dirfd, name, flags) = match event.kind {
        OPEN_E => (0, 0, params::u32(event, 1)),
        CREAT_E => (0, 0, None),
        _ => (event.int(0).unwrap_or(0), 1, params::u32(event, 2)),
    };
    state.store_enter(at, dirfd, flags.unwrap_or(0), params::text(event, name))
}

/// The call returns.
pub(super) fn open(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::success(&at.event)?;
    let key = at.thread?;
    let event = at.event;
    let enter = state.take_enter(key, event.kind.number());
    let fd = opened_fd(state, key, &event, enter.as_deref(), num);
    state.put_enter_back(key, enter);
    at.fd = state.open_fd(key, fd?);
    Some(())
}

fn opened_fd(
    state: &mut State,
    key: Key,
    event: &Event<'_>,
    enter: Option<&Enter>,
    num: i64,
) -> Option<Fd> {
    let mut file = opened(event);
    if let Some(enter) = enter.filter(|e| e.bytes != NOT_AVAILABLE) {
        file.prefer(enter);
    }
    let mut scratch = std::mem::take(&mut state.scratch);
    let thread = state.threads.get(key)?;
    let base = match file.dirfd {
        Dir::Working => state.cwd(thread).into(),
        Dir::Fd(dirfd) => state.directory(thread, dirfd, file.name),
        Dir::Nothing => b"".as_slice().into(),
    };
    let name = path::joined(base, file.name, &mut scratch);
    let name = state.pool.get(name);
    state.scratch = scratch;
    let name_raw = if file.name == &*name { name.clone() } else { state.pool.get(file.name) };
    let is_directory = file.flags & O_DIRECTORY != 0;
    let kind = if is_directory { FdKind::Directory } else { FdKind::FileV2 };
    let mut fd = Fd::named(kind, name, name_raw);
    (fd.num, fd.open_flags, fd.dev, fd.ino) = (num, file.flags, file.dev, file.ino);
    fd.flags.set(FdFlags::OVERLAY_UPPER, file.flags & UPPER_LAYER != 0);
    fd.flags.set(FdFlags::OVERLAY_LOWER, file.flags & LOWER_LAYER != 0);
    Some(fd)
}

fn opened<'e>(event: &Event<'e>) -> Opened<'e> {
    let params = First::<8>::of(event);
    // Device and inode stand together.
    let inode = |index| (params.u32_or_0(index), params.u64_or_0(index + 1));
    match event.kind {
        OPEN_X => {
            let (dev, ino) = inode(4);
            let flags = params.u32_or_0(2);
            Opened { dirfd: Dir::Working, name: params.text(1), flags, dev, ino }
        }
        CREAT_X => {
            let (dev, ino) = inode(3);
            let flags = creat_flags(params.u32_or_0(5));
            Opened { dirfd: Dir::Working, name: params.text(1), flags, dev, ino }
        }
        OPENAT_2_X | OPENAT2_X => {
            let (dev, ino) = inode(if event.kind == OPENAT_2_X { 5 } else { 6 });
            let dirfd = params.int(1).map_or(Dir::Nothing, Dir::Fd);
            let flags = params.u32_or_0(3);
            Opened { dirfd, name: params.text(2), flags, dev, ino }
        }
        _ => {
            let (dev, ino) = inode(4);
            let flags = params.u32_or_0(2);
            Opened { dirfd: Dir::Nothing, name: params.text(3), flags, dev, ino }
        }
    }
}

fn creat_flags(layers: u32) -> u32 {
    if layers & CREAT_UPPER_LAYER != 0 {
        UPPER_LAYER
    } else if layers & CREAT_LOWER_LAYER != 0 {
        LOWER_LAYER
    } else {
        0
    }
}

impl<'e> Opened<'e> {
    /// Takes what the caller asked for from the entry; what the recorder found stays.
    fn prefer(&mut self, enter: &'e Enter) {
        self.name = &enter.bytes;
        if enter.kind == CREAT_E.number() {
            self.flags |= enter.flags;
        } else {
            self.flags = enter.flags | (self.flags & FACTS);
        }
        if let Dir::Fd(_) | Dir::Nothing = self.dirfd {
            self.dirfd = Dir::Fd(enter.dirfd);
        }
    }
}
