//! Modes, owners, length, times and attributes of files.

use std::{fs, os::fd::IntoRawFd};

use event::syscalls::{self as ev, SYSCALL_NAMES};

use crate::{
    harness::{Acts, Notes, trace},
    telling::{NOWHERE, at},
};

pub(crate) const ACTS: Acts =
    &[("modes::chmod", act_chmod), ("modes::chown", act_chown), ("modes::others", act_others)];

const CWD: i64 = libc::AT_FDCWD as i64;

fn file(notes: &mut Notes) -> i64 {
    let fd = i64::from(fs::File::create("file").unwrap().into_raw_fd());
    notes.note("fd", fd);
    fd
}

fn act_chmod(notes: &mut Notes) {
    let fd = file(notes);
    notes.call("1", libc::SYS_chmod, [at(c"file"), 0o4711]);
    notes.call("2", libc::SYS_chmod, [at(c"nowhere\xff"), 0o17_7777]);
    notes.call("3", libc::SYS_chmod, [NOWHERE, 0]);
    notes.call("4", libc::SYS_fchmod, [fd, 0o600]);
    notes.call("5", libc::SYS_fchmod, [999, 0o600]);
    notes.call("6", libc::SYS_fchmodat, [CWD, at(c"file"), 0o2755]);
    notes.call("7", libc::SYS_fchmodat, [999, at(c"file"), 0o755]);
    notes.call("8", libc::SYS_fchmodat2, [fd, at(c""), 0o711, i64::from(libc::AT_EMPTY_PATH)]);
    notes.call("9", libc::SYS_fchmodat2, [CWD, at(c"file"), 0o711, 1]);
}

#[test]
fn modes_are_told_with_the_file() {
    let outcome = trace("modes::chmod");
    outcome.expect(
        ev::CHMOD_X,
        &[
            "res=0 filename=file mode=0o4711",
            r"res=-2 filename=nowhere\xff mode=0o7777",
            "res=-14 filename=<none> mode=0o0",
        ],
    );
    outcome.expect(ev::FCHMOD_X, &["res=0 fd={fd} mode=0o600", "res=-9 fd=999 mode=0o600"]);
    let expected = [
        "res=0 dirfd=-100 filename=file mode=0o2755",
        "res=-9 dirfd=999 filename=file mode=0o755",
        "res={8} dirfd={fd} filename= mode=0o711",
        "res={9} dirfd=-100 filename=file mode=0o711",
    ];
    outcome.expect(ev::FCHMODAT_X, if outcome.lacks("8") { &expected[..2] } else { &expected });
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

fn act_chown(notes: &mut Notes) {
    let fd = file(notes);
    // -1 leaves an owner as it is.
    notes.call("1", libc::SYS_chown, [at(c"file"), -1, -1]);
    notes.call("2", libc::SYS_chown, [at(c"nowhere"), 1000, 1001]);
    notes.call("3", libc::SYS_lchown, [at(c"file"), 7, -1]);
    notes.call("4", libc::SYS_lchown, [0, 7, 8]);
    notes.call("5", libc::SYS_fchown, [fd, -1, 12]);
    notes.call("6", libc::SYS_fchown, [-1, 1, 2]);
    let (no_follow, empty) = (i64::from(libc::AT_SYMLINK_NOFOLLOW), i64::from(libc::AT_EMPTY_PATH));
    notes.call("7", libc::SYS_fchownat, [CWD, at(c"file"), -1, -1, no_follow]);
    notes.call("8", libc::SYS_fchownat, [fd, at(c""), -1, -1, empty]);
    notes.call("9", libc::SYS_fchownat, [fd, at(c"x"), 1, 2, 0]);
}

#[test]
fn owners_are_told_with_the_file() {
    let outcome = trace("modes::chown");
    outcome.expect(
        ev::CHOWN_X,
        &["res=0 path=file uid=4294967295 gid=4294967295", "res=-2 path=nowhere uid=1000 gid=1001"],
    );
    outcome.expect(
        ev::LCHOWN_X,
        &["res={3} path=file uid=7 gid=4294967295", "res=-14 path=<none> uid=7 gid=8"],
    );
    outcome.expect(
        ev::FCHOWN_X,
        &["res={5} fd={fd} uid=4294967295 gid=12", "res=-9 fd=-1 uid=1 gid=2"],
    );
    outcome.expect(
        ev::FCHOWNAT_X,
        &[
            "res=0 dirfd=-100 pathname=file uid=4294967295 gid=4294967295 flags=0x0",
            "res=0 dirfd={fd} pathname= uid=4294967295 gid=4294967295 flags=0x1000",
            "res=-20 dirfd={fd} pathname=x uid=1 gid=2 flags=0x0",
        ],
    );
}

/// Calls that have no event of their own.
const OTHERS: [(libc::c_long, &str); 15] = [
    (libc::SYS_truncate, "truncate"),
    (libc::SYS_ftruncate, "ftruncate"),
    (libc::SYS_utime, "utime"),
    (libc::SYS_utimes, "utimes"),
    (libc::SYS_futimesat, "futimesat"),
    (libc::SYS_utimensat, "utimensat"),
    (libc::SYS_setxattr, "setxattr"),
    (libc::SYS_lsetxattr, "lsetxattr"),
    (libc::SYS_fsetxattr, "fsetxattr"),
    (463, "setxattrat"),
    (libc::SYS_removexattr, "removexattr"),
    (libc::SYS_lremovexattr, "lremovexattr"),
    (libc::SYS_fremovexattr, "fremovexattr"),
    (466, "removexattrat"),
    (469, "file_setattr"),
];

fn act_others(notes: &mut Notes) {
    let fd = file(notes);
    assert_eq!(notes.call("ok", libc::SYS_ftruncate, [fd, 10]), 0);
    for (number, name) in OTHERS {
        notes.call(name, number, [-1, NOWHERE, NOWHERE]);
    }
}

#[test]
fn calls_without_an_event_of_their_own_are_told_by_number() {
    let outcome = trace("modes::others");
    let line = |(number, name): (libc::c_long, &str)| {
        let id = SYSCALL_NAMES.iter().position(|known| *known == name).unwrap();
        format!("ID={id} nativeID={number}")
    };
    let told = OTHERS.into_iter().filter(|(_, name)| !outcome.lacks(name));
    let expected: Vec<String> = [OTHERS[1]].into_iter().chain(told).map(line).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    outcome.expect(ev::GENERIC_X, &expected);
}
