//! Names of files: rename, link, symlink, unlink, mkdir, rmdir, mknod.

use std::{ffi::CString, fs};

use event::syscalls as ev;

use crate::{
    harness::{Acts, Notes, trace},
    telling::{NOWHERE, at},
};

pub(crate) const ACTS: Acts = &[
    ("names::rename", act_rename),
    ("names::link", act_link),
    ("names::unlink", act_unlink),
    ("names::mkdir", act_mkdir),
    ("names::mknod", act_mknod),
];

const CWD: i64 = libc::AT_FDCWD as i64;

/// An fd of a directory.
fn directory(path: &str) -> i64 {
    use std::os::fd::IntoRawFd;
    i64::from(fs::File::open(path).unwrap().into_raw_fd())
}

fn act_rename(notes: &mut Notes) {
    fs::write("a", "").unwrap();
    fs::create_dir("dir").unwrap();
    let dir = directory("dir");
    notes.note("dir", dir);
    let (rename, renameat, renameat2) = (libc::SYS_rename, libc::SYS_renameat, libc::SYS_renameat2);
    notes.call("1", rename, [at(c"a"), at(c"b\xff")]);
    notes.call("2", rename, [at(c"a"), at(c"b")]);
    notes.call("3", rename, [NOWHERE, at(c"b")]);
    notes.call("4", rename, [at(c"b\xff"), 0]);
    let long = CString::new(vec![b'x'; 5000]).unwrap();
    notes.call("5", rename, [at(&long), at(c"b")]);
    notes.call("6", renameat, [CWD, at(c"b\xff"), dir, at(c"c")]);
    notes.call("7", renameat, [999, at(c"c"), dir, at(c"d")]);
    notes.call("8", renameat2, [dir, at(c"c"), CWD, at(c"e"), 1]);
    notes.call("9", renameat2, [CWD, at(c"e"), CWD, at(c"dir"), 1]);
    notes.call("10", renameat2, [CWD, at(c"e"), CWD, at(c"dir"), 2]);
    notes.call("11", renameat2, [CWD, at(c"e"), CWD, at(c"dir"), 1 << 20]);
}

#[test]
fn renames_tell_both_names() {
    let outcome = trace("names::rename");
    let long = "x".repeat(4095);
    outcome.expect(
        ev::RENAME_X,
        &[
            r"res=0 oldpath=a newpath=b\xff",
            "res=-2 oldpath=a newpath=b",
            "res=-14 oldpath=<none> newpath=b",
            r"res=-14 oldpath=b\xff newpath=<none>",
            &format!("res=-36 oldpath={long} newpath=b"),
        ],
    );
    outcome.expect(
        ev::RENAMEAT_X,
        &[
            r"res=0 olddirfd=-100 oldpath=b\xff newdirfd={dir} newpath=c",
            "res=-9 olddirfd=999 oldpath=c newdirfd={dir} newpath=d",
        ],
    );
    outcome.expect(
        ev::RENAMEAT2_X,
        &[
            "res=0 olddirfd={dir} oldpath=c newdirfd=-100 newpath=e flags=0x1",
            "res=-17 olddirfd=-100 oldpath=e newdirfd=-100 newpath=dir flags=0x1",
            "res=0 olddirfd=-100 oldpath=e newdirfd=-100 newpath=dir flags=0x2",
            "res=-22 olddirfd=-100 oldpath=e newdirfd=-100 newpath=dir flags=0x100000",
        ],
    );
}

fn act_link(notes: &mut Notes) {
    fs::write("a", "").unwrap();
    fs::create_dir("dir").unwrap();
    let dir = directory("dir");
    notes.note("dir", dir);
    let file = directory("a");
    notes.note("file", file);
    notes.call("1", libc::SYS_link, [at(c"a"), at(c"b")]);
    notes.call("2", libc::SYS_link, [at(c"a"), at(c"b")]);
    notes.call("3", libc::SYS_link, [0, NOWHERE]);
    let follow = i64::from(libc::AT_SYMLINK_FOLLOW);
    let empty = i64::from(libc::AT_EMPTY_PATH);
    notes.call("4", libc::SYS_linkat, [CWD, at(c"a"), dir, at(c"c"), follow]);
    notes.call("5", libc::SYS_linkat, [file, at(c""), dir, at(c"d"), empty]);
    notes.call("6", libc::SYS_linkat, [dir, at(c"nowhere"), CWD, at(c"d"), 0]);
    notes.call("7", libc::SYS_linkat, [dir, at(c"c"), CWD, at(c"d"), 1]);
    notes.call("8", libc::SYS_symlink, [at(c"any where\xfe"), at(c"s")]);
    notes.call("9", libc::SYS_symlink, [at(c"a"), at(c"s")]);
    notes.call("10", libc::SYS_symlink, [NOWHERE, at(c"s")]);
    notes.call("11", libc::SYS_symlinkat, [at(c"/etc/passwd"), dir, at(c"s")]);
    notes.call("12", libc::SYS_symlinkat, [at(c""), CWD, at(c"t")]);
    notes.call("13", libc::SYS_symlinkat, [at(c"a"), 999, at(c"t")]);
}

#[test]
fn links_tell_what_they_lead_to() {
    let outcome = trace("names::link");
    outcome.expect(
        ev::LINK_2_X,
        &[
            "res=0 oldpath=a newpath=b",
            "res=-17 oldpath=a newpath=b",
            "res=-14 oldpath=<none> newpath=<none>",
        ],
    );
    outcome.expect(
        ev::LINKAT_2_X,
        &[
            "res=0 olddir=-100 oldpath=a newdir={dir} newpath=c flags=0x400",
            // Only some may link a file by its fd.
            "res={5} olddir={file} oldpath= newdir={dir} newpath=d flags=0x1000",
            "res=-2 olddir={dir} oldpath=nowhere newdir=-100 newpath=d flags=0x0",
            "res=-22 olddir={dir} oldpath=c newdir=-100 newpath=d flags=0x0",
        ],
    );
    outcome.expect(
        ev::SYMLINK_X,
        &[
            r"res=0 target=any where\xfe linkpath=s",
            "res=-17 target=a linkpath=s",
            "res=-14 target=<none> linkpath=s",
        ],
    );
    outcome.expect(
        ev::SYMLINKAT_X,
        &[
            "res=0 target=/etc/passwd linkdirfd={dir} linkpath=s",
            "res=-2 target= linkdirfd=-100 linkpath=t",
            "res=-9 target=a linkdirfd=999 linkpath=t",
        ],
    );
}

fn act_unlink(notes: &mut Notes) {
    fs::create_dir_all("dir/sub").unwrap();
    for name in ["a", "b", "dir/c"] {
        fs::write(name, "").unwrap();
    }
    let dir = directory("dir");
    notes.note("dir", dir);
    notes.call("1", libc::SYS_unlink, [at(c"a")]);
    notes.call("2", libc::SYS_unlink, [at(c"a")]);
    notes.call("3", libc::SYS_unlink, [at(c"dir")]);
    notes.call("4", libc::SYS_unlink, [NOWHERE]);
    notes.call("5", libc::SYS_unlinkat, [dir, at(c"c"), 0]);
    notes.call("6", libc::SYS_unlinkat, [dir, at(c"sub"), 0]);
    notes.call("7", libc::SYS_unlinkat, [dir, at(c"sub"), i64::from(libc::AT_REMOVEDIR)]);
    notes.call("8", libc::SYS_unlinkat, [CWD, at(c"b"), 1]);
    notes.call("9", libc::SYS_unlinkat, [-1, 0, 0]);
}

#[test]
fn unlinks_tell_the_name() {
    let outcome = trace("names::unlink");
    outcome.expect(
        ev::UNLINK_2_X,
        &["res=0 path=a", "res=-2 path=a", "res=-21 path=dir", "res=-14 path=<none>"],
    );
    outcome.expect(
        ev::UNLINKAT_2_X,
        &[
            "res=0 dirfd={dir} name=c flags=0x0",
            "res=-21 dirfd={dir} name=sub flags=0x0",
            "res=0 dirfd={dir} name=sub flags=0x200",
            "res=-22 dirfd=-100 name=b flags=0x0",
            "res={9} dirfd=-1 name=<none> flags=0x0",
        ],
    );
}

fn act_mkdir(notes: &mut Notes) {
    notes.call("1", libc::SYS_mkdir, [at(c"dir"), 0o1755]);
    notes.call("2", libc::SYS_mkdir, [at(c"dir"), 0o700]);
    notes.call("3", libc::SYS_mkdir, [at(c"no/where"), 0o70_0777]);
    let dir = directory("dir");
    notes.note("dir", dir);
    notes.call("4", libc::SYS_mkdirat, [dir, at(c"sub"), 0o700]);
    notes.call("5", libc::SYS_mkdirat, [dir, NOWHERE, 0o700]);
    notes.call("6", libc::SYS_rmdir, [at(c"dir")]);
    notes.call("7", libc::SYS_rmdir, [at(c"dir/sub")]);
    notes.call("8", libc::SYS_rmdir, [at(c"dir/.")]);
    notes.call("9", libc::SYS_rmdir, [0]);
}

#[test]
fn directories_are_made_and_removed() {
    let outcome = trace("names::mkdir");
    outcome.expect(
        ev::MKDIR_2_X,
        &[
            "res=0 path=dir mode=0x3ed",
            "res=-17 path=dir mode=0x1c0",
            "res=-2 path=no/where mode=0x381ff",
        ],
    );
    outcome.expect(
        ev::MKDIRAT_X,
        &["res=0 dirfd={dir} path=sub mode=0x1c0", "res=-14 dirfd={dir} path=<none> mode=0x1c0"],
    );
    outcome.expect(
        ev::RMDIR_2_X,
        &["res=-39 path=dir", "res=0 path=dir/sub", "res=-22 path=dir/.", "res=-14 path=<none>"],
    );
}

fn act_mknod(notes: &mut Notes) {
    let device = libc::makedev(7, 300) as i64;
    notes.note("device", device);
    notes.call("1", libc::SYS_mknod, [at(c"fifo"), i64::from(libc::S_IFIFO | 0o640), 0]);
    notes.call("2", libc::SYS_mknod, [at(c"block"), i64::from(libc::S_IFBLK | 0o600), device]);
    notes.call("3", libc::SYS_mknod, [at(c"dir"), i64::from(libc::S_IFDIR | 0o600), 0]);
    notes.call("4", libc::SYS_mknod, [at(c"file"), 0o600, 0]);
    notes.call("5", libc::SYS_mknodat, [CWD, at(c"sock"), i64::from(libc::S_IFSOCK | 0o7777), 0]);
    notes.call("6", libc::SYS_mknodat, [CWD, at(c"char"), i64::from(libc::S_IFCHR), device]);
    notes.call("7", libc::SYS_mknodat, [999, NOWHERE, i64::from(libc::S_IFREG), 0]);
}

#[test]
fn nodes_tell_their_type_and_device() {
    let outcome = trace("names::mknod");
    outcome.expect(
        ev::MKNOD_X,
        &[
            "res=0 path=fifo mode=0o10640 dev=0",
            "res={2} path=block mode=0o60600 dev={device}",
            "res=-1 path=dir mode=0o600 dev=0",
            "res=0 path=file mode=0o100600 dev=0",
        ],
    );
    outcome.expect(
        ev::MKNODAT_X,
        &[
            "res=0 dirfd=-100 path=sock mode=0o147777 dev=0",
            "res={6} dirfd=-100 path=char mode=0o20000 dev={device}",
            "res={7} dirfd=999 path=<none> mode=0o100000 dev=0",
        ],
    );
}
