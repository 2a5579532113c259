//! `open`, `creat`, `openat`, `openat2`, `open_by_handle_at`.

use std::mem;

use event::{
    EventType, Param,
    snapshot::FdKind,
    syscalls::{CREAT_E, CREAT_X, OPEN_E, OPEN_X, OPENAT_2_X, OPENAT2_X},
};

use super::{
    At,
    params::{self, InOrder},
};
use crate::{Fd, FdFlags, State, path, text::NOT_AVAILABLE, thread::Enter, threads::Key};

/// Open flags in the schema's numbering.
const O_DIRECTORY: u32 = 1 << 10;
/// Flags from here on are facts that the recorder found, not what the caller asked for.
const FACTS: u32 = !((1 << 14) - 1);
const UPPER_LAYER: u32 = 1 << 15;
const LOWER_LAYER: u32 = 1 << 16;

/// `creat`'s own bits for the layer.
const CREAT_UPPER_LAYER: u16 = 1;
const CREAT_LOWER_LAYER: u16 = 2;

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
    let event = at.event;
    let mut params = params::in_order(&event);
    let num = params.i64().filter(|&num| num >= 0)?;
    let key = at.thread?;
    let enter = state.take_enter(key, event.kind.number());
    let fd = opened_fd(state, key, opened(event.kind, params), enter.as_deref(), num);
    state.put_enter_back(key, enter);
    at.fd = state.open_fd(key, fd?);
    Some(())
}

fn opened_fd<'e>(
    state: &mut State,
    key: Key,
    mut file: Opened<'e>,
    enter: Option<&'e Enter>,
    num: i64,
) -> Option<Fd> {
    if let Some(enter) = enter.filter(|e| e.bytes != NOT_AVAILABLE) {
        file.prefer(enter);
    }
    let (name_raw, is_resolved) = state.pool.path(file.name);
    let thread = state.threads.get(key)?;
    let mut scratch = mem::take(&mut state.scratch);
    let base = match file.dirfd {
        Dir::Working => state.cwd(thread).into(),
        Dir::Fd(dirfd) => state.directory(thread, dirfd, file.name),
        Dir::Nothing => b"".as_slice().into(),
    };
    let is_whole = is_resolved && path::is_whole(base, file.name);
    if !is_whole {
        path::join(base, file.name, &mut scratch);
    }
    let is_same = is_whole || *scratch == *file.name;
    let name = if is_same { name_raw.clone() } else { state.pool.get(&scratch) };
    state.scratch = scratch;
    let is_directory = file.flags & O_DIRECTORY != 0;
    let kind = if is_directory { FdKind::Directory } else { FdKind::FileV2 };
    let mut fd = Fd::named(kind, name, name_raw);
    (fd.num, fd.open_flags, fd.dev, fd.ino) = (num, file.flags, file.dev, file.ino);
    fd.flags.set(FdFlags::OVERLAY_UPPER, file.flags & UPPER_LAYER != 0);
    fd.flags.set(FdFlags::OVERLAY_LOWER, file.flags & LOWER_LAYER != 0);
    Some(fd)
}

/// What an event of this type tells, by its parameters behind the fd.
fn opened<'e>(kind: EventType, mut params: InOrder<impl Iterator<Item = Param<'e>>>) -> Opened<'e> {
    match kind {
        OPEN_X => {
            let (name, flags, _mode) = (params.text(), params.u32_or_0(), params.bytes());
            let (dev, ino) = (params.u32_or_0(), params.u64_or_0());
            Opened { dirfd: Dir::Working, name, flags, dev, ino }
        }
        CREAT_X => {
            let (name, _mode) = (params.text(), params.bytes());
            let (dev, ino) = (params.u32_or_0(), params.u64_or_0());
            let flags = creat_flags(params.u16_or_0());
            Opened { dirfd: Dir::Working, name, flags, dev, ino }
        }
        OPENAT_2_X | OPENAT2_X => {
            let dirfd = params.i64().map_or(Dir::Nothing, Dir::Fd);
            let (name, flags, _mode) = (params.text(), params.u32_or_0(), params.bytes());
            if kind == OPENAT2_X {
                let _resolve = params.bytes();
            }
            let (dev, ino) = (params.u32_or_0(), params.u64_or_0());
            Opened { dirfd, name, flags, dev, ino }
        }
        _ => {
            let (_mountfd, flags, name) = (params.bytes(), params.u32_or_0(), params.text());
            let (dev, ino) = (params.u32_or_0(), params.u64_or_0());
            Opened { dirfd: Dir::Nothing, name, flags, dev, ino }
        }
    }
}

fn creat_flags(layers: u16) -> u32 {
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

#[cfg(test)]
mod tests {
    use event::{Event, EventBuilder, syscalls::OPEN_BY_HANDLE_AT_X};

    use super::*;

    /// An event of this type that has all parameters: `/name` as text, and as numbers their places.
    fn event(builder: &mut EventBuilder, kind: EventType) {
        builder.start(kind, 1, 1, 0);
        for (place, param) in (1..).zip(kind.info().params) {
            match param.ty.integer() {
                Some((8, _)) => builder.i64(place),
                Some((4, _)) => builder.u32(place as u32),
                Some((2, _)) => builder.u16(place as u16),
                _ => builder.text("/name"),
            };
        }
    }

    /// What the event tells behind the fd.
    fn opened_by<'e>(event: &Event<'e>) -> Opened<'e> {
        let mut params = params::in_order(event);
        assert_eq!(params.i64(), event.int(0));
        opened(event.kind, params)
    }

    #[test]
    fn parameters_are_those_that_the_schema_names() {
        let mut builder = EventBuilder::default();
        for kind in [OPEN_X, CREAT_X, OPENAT_2_X, OPENAT2_X, OPEN_BY_HANDLE_AT_X] {
            event(&mut builder, kind);
            let event = builder.event().unwrap();
            let named = |name| event.param_named(name).and_then(|param| param.int());
            let of = opened_by(&event);
            let name = event.param_named("name").or(event.param_named("path")).unwrap();
            assert_eq!(Some(of.name), name.text(), "{kind:?}");
            let flags = named("flags").unwrap_or(LOWER_LAYER.into());
            assert_eq!(i64::from(of.flags), flags, "{kind:?}");
            assert_eq!(
                (i64::from(of.dev), of.ino as i64),
                (named("dev").unwrap(), named("ino").unwrap())
            );
            let dirfd = if let Dir::Fd(dirfd) = of.dirfd { Some(dirfd) } else { None };
            assert_eq!(dirfd, named("dirfd"), "{kind:?}");
        }
    }

    #[test]
    fn what_an_event_lacks_is_nothing() {
        let mut builder = EventBuilder::default();
        builder.start(OPENAT_2_X, 1, 1, 0);
        builder.i64(3).raw(b"").text("/name").u32(1);
        let event = builder.event().unwrap();
        let of = opened_by(&event);
        assert_eq!((of.name, of.flags, of.dev, of.ino), (&b"/name"[..], 1, 0, 0));
        assert!(matches!(of.dirfd, Dir::Nothing));
    }
}
