//! Mounts.

use event::syscalls::{FSCONFIG_X, MOUNT_X, UMOUNT2_X};

use super::{
    DATA_BYTES, Enter, Exit, Row, Saved,
    params::{
        Param::{self, Arg32, Data, Flags, Int, Kept, Result, U32},
        generic, path_0, row,
    },
};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_mount, "mount", enter_mount, mount),
    row(libc::SYS_umount2, "umount2", path_0, |exit| {
        exit.event(UMOUNT2_X, &[Result, Kept(0), Flags(1, |flags| flags & UMOUNT_FLAGS)]);
    }),
    row(libc::SYS_fsconfig, "fsconfig", enter_fsconfig, fsconfig),
    generic(libc::SYS_open_tree, "open_tree"),
    generic(OPEN_TREE_ATTR, "open_tree_attr"),
    generic(libc::SYS_move_mount, "move_mount"),
    generic(libc::SYS_fsopen, "fsopen"),
    generic(libc::SYS_fsmount, "fsmount"),
    generic(libc::SYS_fspick, "fspick"),
    generic(libc::SYS_mount_setattr, "mount_setattr"),
];

/// Since Linux 6.15.
const OPEN_TREE_ATTR: libc::c_long = 467;

/// `MS_MGC_VAL` in `MS_MGC_MSK` of linux/mount.h: what programs once had to pass, and no flag.
const MAGIC: u32 = 0xC0ED_0000;
const MAGIC_MASK: u32 = 0xFFFF_0000;

/// Source, directory, type. The source of a type that has none, and the type of a bind mount, are
/// often null pointers.
fn enter_mount(enter: &Enter<'_>, saved: &mut Saved) {
    for arg in 0..3 {
        enter.save_path(arg, saved);
    }
}

fn mount(exit: &mut Exit<'_>) {
    let flags = exit.call.arg(3) as u32;
    let flags = if flags & MAGIC_MASK == MAGIC { flags & !MAGIC_MASK } else { flags };
    let [source, place, kind] = [0, 1, 2].map(|at| given(exit, at, at));
    exit.event(MOUNT_X, &[Result, source, place, kind, U32(flags)]);
}

/// The flags that the schema has, which have the kernel's numbers.
const UMOUNT_FLAGS: u32 = 0xF;

/// The text kept at this place, of an argument that may well be no address: that is not a text that
/// could not be read.
fn given(exit: &Exit<'_>, arg: usize, kept: usize) -> Param<'static> {
    if exit.call.arg(arg) == 0 { Data(&[]) } else { Kept(kept) }
}

/// Commands of `fsconfig(2)` with a value in memory.
const SET_STRING: u32 = 1;
const SET_BINARY: u32 = 2;
const SET_PATH: u32 = 3;
const SET_PATH_EMPTY: u32 = 4;

/// The key, and the value if the command has one in memory.
fn enter_fsconfig(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(2, saved);
    match enter.call.int(1) as u32 {
        SET_STRING | SET_PATH | SET_PATH_EMPTY => enter.save_path(3, saved),
        SET_BINARY => {
            let most = usize::try_from(enter.call.int(4)).unwrap_or(0).min(DATA_BYTES);
            saved.keep(|bytes| enter.memory.bytes(enter.call.arg(3), most, bytes));
        }
        _ => {}
    }
}

fn fsconfig(exit: &mut Exit<'_>) {
    let (saved, command) = (exit.saved, exit.call.arg(1) as u32);
    let (bytes, text) = match command {
        // A call that failed has no value in its event.
        _ if !exit.succeeded() => (Data(&[]), Data(&[])),
        SET_BINARY => (Data(saved.text(1).unwrap_or_default()), Data(&[])),
        SET_STRING | SET_PATH | SET_PATH_EMPTY => (Data(&[]), Kept(1)),
        _ => (Data(&[]), Data(&[])),
    };
    let key = given(exit, 2, 0);
    exit.event(FSCONFIG_X, &[Result, Int(0), Arg32(1), key, bytes, text, Arg32(4)]);
}
