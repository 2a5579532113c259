//! Mounts, namespaces, root and working directory.

use event::syscalls::{
    CHDIR_X, CHROOT_X, FCHDIR_X, FSCONFIG_X, MOUNT_X, SETNS_X, UMOUNT2_X, UNSHARE_X,
};

use crate::{
    fields::{Is, as_nobody, assert_events, assert_generic, at, call, in_child, int, text},
    harness::{Acts, Notes, trace},
};

pub(crate) const ACTS: Acts = &[
    ("mounts::directories", act_directories),
    ("mounts::spaces", act_spaces),
    ("mounts::mounts", act_mounts),
    ("mounts::refused", act_refused),
];

const NEWNS: usize = libc::CLONE_NEWNS as usize;
const NEWUTS: usize = libc::CLONE_NEWUTS as usize;

fn act_directories(notes: &mut Notes) {
    std::fs::create_dir("sub").unwrap();
    in_child(notes, |notes| {
        let fd = std::fs::File::open(".").unwrap();
        call(notes, "chdir", libc::SYS_chdir, &[at(c"sub")]);
        call(notes, "missing", libc::SYS_chdir, &[at(c"nowhere")]);
        call(notes, "empty", libc::SYS_chdir, &[at(c"")]);
        call(notes, "null", libc::SYS_chdir, &[0]);
        let fd = std::os::fd::AsRawFd::as_raw_fd(&fd);
        notes.note("fd", fd);
        call(notes, "fchdir", libc::SYS_fchdir, &[int(fd)]);
        call(notes, "no fd", libc::SYS_fchdir, &[int(-1)]);
        call(notes, "chroot", libc::SYS_chroot, &[at(c"sub")]);
        as_nobody();
        call(notes, "chroot refused", libc::SYS_chroot, &[at(c"/")]);
    });
}

#[test]
fn directories_are_told_as_the_program_names_them() {
    let outcome = trace("mounts::directories");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    assert_events(
        &outcome,
        CHDIR_X,
        &[
            vec![of("chdir"), text("sub")],
            vec![of("missing"), text("nowhere")],
            vec![of("empty"), text("")],
            vec![of("null"), Is::Null],
        ],
    );
    let fchdir = [vec![of("fchdir"), of("fd")], vec![of("no fd"), Is::Int(-1)]];
    assert_events(&outcome, FCHDIR_X, &fchdir);
    let chroot = [vec![of("chroot"), text("sub")], vec![of("chroot refused"), text("/")]];
    assert_events(&outcome, CHROOT_X, &chroot);
}

fn act_spaces(notes: &mut Notes) {
    in_child(notes, |notes| {
        let own = std::fs::File::open("/proc/self/ns/uts").unwrap();
        let fd = std::os::fd::AsRawFd::as_raw_fd(&own);
        notes.note("fd", fd);
        call(notes, "unshare", libc::SYS_unshare, &[NEWNS | NEWUTS]);
        call(notes, "unknown", libc::SYS_unshare, &[1]);
        call(notes, "setns", libc::SYS_setns, &[int(fd), NEWUTS]);
        call(notes, "no fd", libc::SYS_setns, &[int(-1), 0]);
        call(notes, "pivot_root", libc::SYS_pivot_root, &[at(c"nowhere"), at(c"nowhere")]);
        as_nobody();
        call(notes, "refused", libc::SYS_unshare, &[NEWUTS]);
    });
}

#[test]
fn namespaces_are_told_in_the_numbering_of_the_schema() {
    let outcome = trace("mounts::spaces");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    assert_events(
        &outcome,
        UNSHARE_X,
        &[
            vec![of("unshare"), Is::Int(0x20 | 0x80)],
            vec![of("unknown"), Is::Int(0)],
            vec![of("refused"), Is::Int(0x80)],
        ],
    );
    let setns =
        [vec![of("setns"), of("fd"), Is::Int(0x80)], vec![of("no fd"), Is::Int(-1), Is::Int(0)]];
    assert_events(&outcome, SETNS_X, &setns);
    assert_generic(&outcome, &[libc::SYS_pivot_root]);
}

fn act_mounts(notes: &mut Notes) {
    std::fs::create_dir("sub").unwrap();
    in_child(notes, |notes| {
        let flags = |flags: libc::c_ulong| flags as usize;
        call(notes, "own", libc::SYS_unshare, &[NEWNS]);
        let private = flags(libc::MS_REC | libc::MS_PRIVATE);
        call(notes, "private", libc::SYS_mount, &[0, at(c"/"), 0, private]);
        let (none, sub, tmpfs) = (at(c"none"), at(c"sub"), at(c"tmpfs"));
        let magic = flags(0xC0ED_0000 | libc::MS_NOSUID);
        let options = at(c"size=64k");
        call(notes, "mount", libc::SYS_mount, &[none, sub, tmpfs, magic, options]);
        call(notes, "no type", libc::SYS_mount, &[none, sub, at(c"nofs"), 0]);
        call(notes, "umount", libc::SYS_umount2, &[sub, libc::MNT_DETACH as usize]);
        call(notes, "missing", libc::SYS_umount2, &[at(c"nowhere"), 8]);
        let context = call(notes, "fsopen", libc::SYS_fsopen, &[tmpfs]) as usize;
        configure(notes, context);
        let tree = call(notes, "fsmount", libc::SYS_fsmount, &[context]) as usize;
        let cwd = int(libc::AT_FDCWD);
        call(notes, "move", libc::SYS_move_mount, &[tree, at(c""), cwd, sub, 4]);
        call(notes, "tree", libc::SYS_open_tree, &[cwd, sub, 1]);
        call(notes, "attributes", libc::SYS_mount_setattr, &[cwd, sub]);
        call(notes, "pick", libc::SYS_fspick, &[cwd, at(c"nowhere")]);
    });
}

/// Each command of `fsconfig` that has a value, and some that have none.
fn configure(notes: &mut Notes, context: usize) {
    let (size, value, number) = (at(c"size"), at(c"64k"), libc::SYS_fsconfig);
    call(notes, "string", number, &[context, 1, size, value]);
    call(notes, "flag", number, &[context, 0, at(c"noswap")]);
    call(notes, "binary", number, &[context, 2, size, value, 3]);
    call(notes, "create", number, &[context, 6]);
    call(notes, "no fd", number, &[int(-1), 1, size, value]);
}

#[test]
fn mounts_are_told_with_source_place_type_and_flags() {
    if crate::process::own_uid() != 0 {
        eprintln!("skipped: to mount needs root");
        return;
    }
    let outcome = trace("mounts::mounts");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    assert_events(
        &outcome,
        MOUNT_X,
        &[
            vec![of("private"), Is::Null, text("/"), Is::Null, Is::Int(0x4_4000)],
            vec![of("mount"), text("none"), text("sub"), text("tmpfs"), Is::Int(2)],
            vec![of("no type"), text("none"), text("sub"), text("nofs"), Is::Int(0)],
        ],
    );
    let umount = [
        vec![of("umount"), text("sub"), Is::Int(2)],
        vec![of("missing"), text("nowhere"), Is::Int(8)],
    ];
    assert_events(&outcome, UMOUNT2_X, &umount);
    let config = |name: &str, fd: Is, command: i64, rest: [Is; 3], aux: i64| {
        let [key, bytes, value] = rest;
        vec![of(name), fd, Is::Int(command), key, bytes, value, Is::Int(aux)]
    };
    let fd = || of("fsopen");
    assert_events(
        &outcome,
        FSCONFIG_X,
        &[
            config("string", fd(), 1, [text("size"), Is::Null, text("64k")], 0),
            config("flag", fd(), 0, [text("noswap"), Is::Null, Is::Null], 0),
            config("binary", fd(), 2, [text("size"), Is::Null, Is::Null], 3),
            config("create", fd(), 6, [Is::Null, Is::Null, Is::Null], 0),
            config("no fd", Is::Int(-1), 1, [text("size"), Is::Null, Is::Null], 0),
        ],
    );
    assert!(outcome.notes.of("binary") < 0 && outcome.notes.of("string") == 0);
    assert_generic(
        &outcome,
        &[
            libc::SYS_fsopen,
            libc::SYS_fsmount,
            libc::SYS_move_mount,
            libc::SYS_open_tree,
            libc::SYS_mount_setattr,
            libc::SYS_fspick,
        ],
    );
}

fn act_refused(notes: &mut Notes) {
    in_child(notes, |notes| {
        as_nobody();
        call(notes, "mount", libc::SYS_mount, &[at(c"a"), at(c"/"), at(c"tmpfs"), 1]);
        call(notes, "umount", libc::SYS_umount2, &[at(c"/"), 0]);
    });
}

#[test]
fn mounts_that_are_refused_are_told_too() {
    let outcome = trace("mounts::refused");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let mount = [vec![of("mount"), text("a"), text("/"), text("tmpfs"), Is::Int(1)]];
    assert_events(&outcome, MOUNT_X, &mount);
    assert_events(&outcome, UMOUNT2_X, &[vec![of("umount"), text("/"), Is::Int(0)]]);
    assert_eq!(outcome.notes.of("mount"), -i64::from(libc::EPERM));
}
