//! Mounts.

use event::syscalls::{FSCONFIG_X, MOUNT_X, UMOUNT2_X};

use super::{DATA_BYTES, Enter, Exit, Row, Saved, When, generic, number, text_or_null};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_mount, "mount", enter_mount, mount),
    row(libc::SYS_umount2, "umount2", |enter, saved| enter.save_path(0, saved), umount2),
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

const fn row(
    call: libc::c_long,
    name: &'static str,
    enter: fn(&Enter<'_>, &mut Saved),
    exit: fn(&mut Exit<'_>),
) -> Row {
    Row { number: number(call), name, when: When::Always, enter, exit }
}

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
    let (result, saved, flags) = (exit.result, exit.saved, exit.call.int(3) as u32);
    let flags = if flags & MAGIC_MASK == MAGIC { flags & !MAGIC_MASK } else { flags };
    let builder = exit.start(MOUNT_X).i64(result);
    for at in 0..3 {
        text_or_null(builder, saved.text(at));
    }
    builder.u32(flags);
    exit.end();
}

/// The flags that the schema has, which have the kernel's numbers.
const UMOUNT_FLAGS: u32 = 0xF;

fn umount2(exit: &mut Exit<'_>) {
    let (result, saved, flags) = (exit.result, exit.saved, exit.call.int(1) as u32);
    text_or_null(exit.start(UMOUNT2_X).i64(result), saved.text(0)).u32(flags & UMOUNT_FLAGS);
    exit.end();
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
    let (result, saved, call) = (exit.result, exit.saved, exit.call);
    let command = call.int(1) as u32;
    // A call that failed has no value in its event.
    let value = saved.text(1).filter(|_| exit.succeeded());
    let (bytes, text) = if command == SET_BINARY { (value, None) } else { (None, value) };
    let builder = exit.start(FSCONFIG_X).i64(result).i64(i64::from(call.int(0))).u32(command);
    text_or_null(builder, saved.text(0)).raw(bytes.unwrap_or_default());
    text_or_null(builder, text).raw(&call.int(4).to_le_bytes());
    exit.end();
}
