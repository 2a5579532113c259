//! Opening and creating files.

use std::{
    ffi::{CString, OsString},
    fs,
    os::unix::fs::{MetadataExt, symlink},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use capture::ptrace::{Options, Target};
use event::syscalls as ev;
use libc::c_long;

use crate::{
    harness::{Acts, Notes, run, trace},
    live,
    telling::{NOWHERE, at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("files::open", act_open),
    ("files::openat", act_openat),
    ("files::openat2", act_openat2),
    ("files::creat", act_creat),
    ("files::handles", act_handles),
    ("files::links", act_links),
    ("files::swapped", act_swapped),
    ("files::jail", act_jail),
];

const CWD: i64 = libc::AT_FDCWD as i64;

/// Flags of `open(2)` as an argument.
fn how(flags: i32) -> i64 {
    i64::from(flags)
}

/// A path that leads to `new` in the working directory, of this length.
fn long(length: usize) -> CString {
    let mut path = b"./".repeat((length - 3) / 2);
    path.extend_from_slice(if length % 2 == 1 { b"new" } else { b"/new" });
    assert_eq!(path.len(), length);
    CString::new(path).unwrap()
}

fn act_open(notes: &mut Notes) {
    const OPEN: c_long = libc::SYS_open;
    let fd = notes.call("new", OPEN, [at(c"new"), how(libc::O_CREAT | libc::O_RDWR), 0o640]);
    notes.note_file("new", fd);
    let many = libc::O_CREAT
        | libc::O_WRONLY
        | libc::O_TRUNC
        | libc::O_APPEND
        | libc::O_CLOEXEC
        | libc::O_NONBLOCK;
    notes.call("again", OPEN, [at(c"new"), how(many), 0o600]);
    notes.call("read", OPEN, [at(c"new"), how(libc::O_RDONLY), 0o777]);
    notes.call("exists", OPEN, [at(c"new"), how(libc::O_CREAT | libc::O_EXCL), 0o4755]);
    let exclusive = libc::O_CREAT | libc::O_EXCL | libc::O_WRONLY | libc::O_DSYNC | 0o100_000;
    let fd = notes.call("excl", OPEN, [at(c"excl"), how(exclusive), 0o1600]);
    notes.note_file("excl", fd);
    notes.call("null", OPEN, [0, how(libc::O_RDONLY), 0]);
    notes.call("bad", OPEN, [NOWHERE, how(libc::O_RDONLY), 0]);
    notes.call("empty", OPEN, [at(c""), how(libc::O_RDONLY), 0]);
    notes.call("not_dir", OPEN, [at(c"new/x"), how(libc::O_RDONLY), 0]);
    let fd = notes.call("dir", OPEN, [at(c"."), how(libc::O_RDONLY | libc::O_DIRECTORY), 0]);
    notes.note_file("dir", fd);
    let fd = notes.call("tmp", OPEN, [at(c"."), how(libc::O_RDWR | libc::O_TMPFILE), 0o600]);
    notes.note_file("tmp", fd);
    let fd = notes.call("bytes", OPEN, [at(c"caf\xe9"), how(libc::O_CREAT | libc::O_RDWR), 0o666]);
    notes.note_file("bytes", fd);
    notes.call("longest", OPEN, [long(4095).as_ptr() as i64, how(libc::O_RDONLY), 0]);
    notes.call("too_long", OPEN, [long(4096).as_ptr() as i64, how(libc::O_RDONLY), 0]);
    notes.call("path", OPEN, [at(c"new"), how(libc::O_PATH | libc::O_NOFOLLOW), 0]);
    // Standard input is a file like any other.
    sys(libc::SYS_close, [0]);
    notes.call("zero", OPEN, [at(c"new"), how(libc::O_RDONLY), 0]);
}

#[test]
fn open_tells_name_flags_mode_device_and_inode() {
    let outcome = trace("files::open");
    let (longest, too_long) = (long(4095), long(4096));
    let longest = format!(
        "fd={{longest}} name={} flags=0x1 mode=0o0 dev={{#new.dev}} ino={{new.ino}}",
        longest.to_str().unwrap()
    );
    let too_long = format!(
        "fd=-36 name={} flags=0x1 mode=0o0 dev=0x0 ino=0",
        &too_long.to_str().unwrap()[..4095]
    );
    outcome.expect(
        ev::OPEN_X,
        &[
            "fd={new} name=new flags=0x4007 mode=0o640 dev={#new.dev} ino={new.ino}",
            "fd={again} name=new flags=0x114e mode=0o600 dev={#new.dev} ino={new.ino}",
            "fd={read} name=new flags=0x1 mode=0o0 dev={#new.dev} ino={new.ino}",
            "fd=-17 name=new flags=0x25 mode=0o4755 dev=0x0 ino=0",
            "fd={excl} name=excl flags=0x48b6 mode=0o1600 dev={#excl.dev} ino={excl.ino}",
            "fd=-14 name=<none> flags=0x1 mode=0o0 dev=0x0 ino=0",
            "fd=-14 name=<none> flags=0x1 mode=0o0 dev=0x0 ino=0",
            "fd=-2 name= flags=0x1 mode=0o0 dev=0x0 ino=0",
            "fd=-20 name=new/x flags=0x1 mode=0o0 dev=0x0 ino=0",
            "fd={dir} name=. flags=0x2401 mode=0o0 dev={#dir.dev} ino={dir.ino}",
            "fd={tmp} name=. flags=0x2403 mode=0o600 dev={#tmp.dev} ino={tmp.ino}",
            r"fd={bytes} name=caf\xe9 flags=0x4007 mode=0o666 dev={#bytes.dev} ino={bytes.ino}",
            &longest,
            &too_long,
            "fd={path} name=new flags=0x1 mode=0o0 dev={#new.dev} ino={new.ino}",
            "fd=0 name=new flags=0x1 mode=0o0 dev={#new.dev} ino={new.ino}",
        ],
    );
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

fn act_openat(notes: &mut Notes) {
    const OPENAT: c_long = libc::SYS_openat;
    fs::create_dir("dir").unwrap();
    fs::write("dir/file", "x").unwrap();
    let dir = notes.call("dir", OPENAT, [CWD, at(c"dir"), how(libc::O_PATH), 0]);
    notes.note_file("dir", dir);
    let create = how(libc::O_CREAT | libc::O_RDWR);
    let fd = notes.call("new", OPENAT, [dir, at(c"new"), create, 0o640]);
    notes.note_file("new", fd);
    let fd = notes.call("file", OPENAT, [dir, at(c"../dir//./file"), create, 0o640]);
    notes.note_file("file", fd);
    let fd = notes.call("null_file", OPENAT, [999, at(c"/dev/null"), how(libc::O_WRONLY), 0]);
    notes.note_file("null_file", fd);
    notes.call("no_dir", OPENAT, [999, at(c"new"), create, 0o640]);
    notes.call("not_dir", OPENAT, [fd, at(c"new"), create, 0o640]);
    notes.call("minus", OPENAT, [-1, at(c"new"), create, 0o640]);
    // Only the lower 32 bits of an fd count.
    notes.call("wide", OPENAT, [dir | 1 << 32, at(c"file"), how(libc::O_RDONLY), 0]);
    notes.call("missing", OPENAT, [CWD, at(c"nowhere"), how(libc::O_RDONLY), 0]);
    notes.call("bad", OPENAT, [CWD, NOWHERE, how(libc::O_RDONLY), 0]);
}

#[test]
fn openat_tells_the_directory() {
    let outcome = trace("files::openat");
    let events = outcome.of(ev::OPENAT_2_X);
    // Those of the act's own making of files are not meant.
    let first = events.iter().position(|event| event.text("name") == b"dir").unwrap();
    let told: Vec<String> = events[first..].iter().map(|event| event.told()).collect();
    let expected = [
        "fd={dir} dirfd=-100 name=dir flags=0x1 mode=0o0 dev={#dir.dev} ino={dir.ino}",
        "fd={new} dirfd={dir} name=new flags=0x4007 mode=0o640 dev={#new.dev} ino={new.ino}",
        "fd={file} dirfd={dir} name=../dir//./file flags=0x7 mode=0o640 dev={#file.dev} ino={file.ino}",
        "fd={null_file} dirfd=999 name=/dev/null flags=0x2 mode=0o0 dev={#null_file.dev} ino={null_file.ino}",
        "fd=-9 dirfd=999 name=new flags=0x7 mode=0o640 dev=0x0 ino=0",
        "fd=-20 dirfd={null_file} name=new flags=0x7 mode=0o640 dev=0x0 ino=0",
        "fd=-9 dirfd=-1 name=new flags=0x7 mode=0o640 dev=0x0 ino=0",
        "fd={wide} dirfd={dir} name=file flags=0x1 mode=0o0 dev={#file.dev} ino={file.ino}",
        "fd=-2 dirfd=-100 name=nowhere flags=0x1 mode=0o0 dev=0x0 ino=0",
        "fd=-14 dirfd=-100 name=<none> flags=0x1 mode=0o0 dev=0x0 ino=0",
    ];
    let expected: Vec<String> = expected.iter().map(|line| outcome.fill(line)).collect();
    assert_eq!(told, expected);
}

fn act_openat2(notes: &mut Notes) {
    const OPENAT2: c_long = libc::SYS_openat2;
    symlink("new", "link").unwrap();
    let ask = |flags: i32, mode: u64, resolve: u64| [flags as u64, mode, resolve];
    let create = ask(libc::O_CREAT | libc::O_RDWR | libc::O_CLOEXEC, 0o640, 0x08);
    let fd = notes.call("new", OPENAT2, [CWD, at(c"new"), create.as_ptr() as i64, 24]);
    notes.note_file("new", fd);
    let links = ask(libc::O_RDONLY, 0, 0x04 | 0x02 | 0x01);
    notes.call("link", OPENAT2, [CWD, at(c"link"), links.as_ptr() as i64, 24]);
    let root = ask(libc::O_RDONLY, 0, 0x10);
    notes.call("root", OPENAT2, [CWD, at(c"/new"), root.as_ptr() as i64, 24]);
    notes.call("cached", OPENAT2, [CWD, at(c"new"), ask(0, 0, 0x20).as_ptr() as i64, 24]);
    notes.call("beneath", OPENAT2, [CWD, at(c"/new"), ask(0, 0, 0x08).as_ptr() as i64, 24]);
    notes.call("unknown", OPENAT2, [CWD, at(c"new"), ask(0, 0, 0x1000).as_ptr() as i64, 24]);
    notes.call("small", OPENAT2, [CWD, at(c"new"), create.as_ptr() as i64, 8]);
    notes.call("bad", OPENAT2, [CWD, at(c"new"), NOWHERE, 24]);
    notes.call("null", OPENAT2, [CWD, 0, ask(0, 0, 0).as_ptr() as i64, 24]);
}

#[test]
fn openat2_tells_how_paths_are_resolved() {
    let outcome = trace("files::openat2");
    outcome.expect(
        ev::OPENAT2_X,
        &[
            "fd={new} dirfd=-100 name=new flags=0x5007 mode=0o640 resolve=0x1 dev={#new.dev} ino={new.ino}",
            "fd=-40 dirfd=-100 name=link flags=0x1 mode=0o0 resolve=0x1c dev=0x0 ino=0",
            // The name does not lead there from the root that the thread has: the file's own does.
            &format!(
                "fd={{root}} dirfd=-100 name={}/new flags=0x1 mode=0o0 resolve=0x2 dev={{#new.dev}} ino={{new.ino}}",
                outcome.folder.path().display()
            ),
            "fd={cached} dirfd=-100 name=new flags=0x1 mode=0o0 resolve=0x20 dev={#new.dev} ino={new.ino}",
            "fd=-18 dirfd=-100 name=/new flags=0x1 mode=0o0 resolve=0x1 dev=0x0 ino=0",
            "fd=-22 dirfd=-100 name=new flags=0x1 mode=0o0 resolve=0x0 dev=0x0 ino=0",
            "fd=-22 dirfd=-100 name=new flags=0x1007 mode=0o640 resolve=0x1 dev=0x0 ino=0",
            "fd=-14 dirfd=-100 name=new flags=0x1 mode=0o0 resolve=0x0 dev=0x0 ino=0",
            "fd=-14 dirfd=-100 name=<none> flags=0x1 mode=0o0 resolve=0x0 dev=0x0 ino=0",
        ],
    );
}

fn act_creat(notes: &mut Notes) {
    let fd = notes.call("new", libc::SYS_creat, [at(c"new"), 0o4755]);
    notes.note_file("new", fd);
    notes.call("again", libc::SYS_creat, [at(c"new"), 0o10600]);
    notes.call("missing", libc::SYS_creat, [at(c"nowhere/new"), 0o600]);
    notes.call("bad", libc::SYS_creat, [NOWHERE, 0o600]);
}

#[test]
fn creat_tells_mode_device_and_inode() {
    trace("files::creat").expect(
        ev::CREAT_X,
        &[
            "fd={new} name=new mode=0o4755 dev={#new.dev} ino={new.ino} creat_flags=0x0",
            "fd={again} name=new mode=0o600 dev={#new.dev} ino={new.ino} creat_flags=0x0",
            "fd=-2 name=nowhere/new mode=0o600 dev=0x0 ino=0 creat_flags=0x0",
            "fd=-14 name=<none> mode=0o600 dev=0x0 ino=0 creat_flags=0x0",
        ],
    );
}

fn act_handles(notes: &mut Notes) {
    fs::write("file", "x").unwrap();
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: i32,
        handle: [u8; 128],
    }
    let mut handle = Handle { bytes: 128, kind: 0, handle: [0; 128] };
    let mut mount = 0i32;
    let (to, id) = (&raw mut handle as i64, &raw mut mount as i64);
    assert_eq!(sys(libc::SYS_name_to_handle_at, [CWD, at(c"file"), to, id, 0]), 0);
    let flags = how(libc::O_RDONLY | libc::O_CLOEXEC);
    let fd = notes.call("file", libc::SYS_open_by_handle_at, [CWD, to, flags]);
    if fd >= 0 {
        notes.note_file("file", fd);
    }
    notes.call("bad_mount", libc::SYS_open_by_handle_at, [999, to, flags]);
    notes.call("bad", libc::SYS_open_by_handle_at, [CWD, NOWHERE, flags]);
}

#[test]
fn files_opened_by_handle_have_their_own_path() {
    let outcome = trace("files::handles");
    let path = outcome.folder.path().join("file");
    let opened = format!(
        "fd={{file}} mountfd=-100 flags=0x1001 path={} dev={{#file.dev}} ino={{file.ino}}",
        path.display()
    );
    let failed = |name: &str, mount: i32| {
        format!("fd={{{name}}} mountfd={mount} flags=0x1001 path=<none> dev=0x0 ino=0")
    };
    // Only root may.
    let first = if outcome.notes.of("file") >= 0 { opened } else { failed("file", -100) };
    outcome.expect(
        ev::OPEN_BY_HANDLE_AT_X,
        &[&first, &failed("bad_mount", 999), &failed("bad", -100)],
    );
}

fn act_links(notes: &mut Notes) {
    const OPEN: c_long = libc::SYS_open;
    fs::create_dir("dir").unwrap();
    fs::write("dir/file", "x").unwrap();
    symlink("dir", "way").unwrap();
    symlink("dir/made", "dangling").unwrap();
    let read = how(libc::O_RDONLY);
    let fd = notes.call("link", OPEN, [at(c"way/file"), read, 0]);
    notes.note_file("file", fd);
    notes.call("up", OPEN, [at(c"way/../dir/file"), read, 0]);
    let create = how(libc::O_CREAT | libc::O_RDWR);
    let made = notes.call("made", OPEN, [at(c"dangling"), create, 0o644]);
    notes.note_file("made", made);
    notes.call("there", OPEN, [at(c"dangling"), create, 0o644]);
    for (name, path) in [
        ("own", format!("/proc/self/fd/{fd}")),
        ("thread", format!("/proc/thread-self/fd/{fd}")),
        ("dev", format!("/dev/fd/{fd}")),
    ] {
        let path = CString::new(path).unwrap();
        notes.call(name, OPEN, [path.as_ptr() as i64, read, 0]);
    }
    for (name, path) in [("status", c"/proc/self/status"), ("mounts", c"/proc/mounts")] {
        let fd = notes.call(name, OPEN, [at(path), read, 0]);
        notes.note_file(name, fd);
    }
    // Removed while it is open.
    fs::remove_file("dir/file").unwrap();
    let path = CString::new(format!("/proc/self/fd/{fd}")).unwrap();
    notes.call("removed", OPEN, [path.as_ptr() as i64, read, 0]);
    notes.note("fd", fd);
}

#[test]
fn names_that_lead_to_a_file_by_links_stay_as_they_were_given() {
    let outcome = trace("files::links");
    let line = |fd: &str, name: &str, flags: &str, mode: &str, file: &str| {
        format!(
            "fd={{{fd}}} name={name} flags={flags} mode={mode} dev={{#{file}.dev}} ino={{{file}.ino}}"
        )
    };
    let read = |fd: &str, name: &str, file: &str| line(fd, name, "0x1", "0o0", file);
    let expected = [
        read("link", "way/file", "file"),
        read("up", "way/../dir/file", "file"),
        line("made", "dangling", "0x4007", "0o644", "made"),
        line("there", "dangling", "0x7", "0o644", "made"),
        read("own", "/proc/self/fd/{fd}", "file"),
        read("thread", "/proc/thread-self/fd/{fd}", "file"),
        read("dev", "/dev/fd/{fd}", "file"),
        read("status", "/proc/self/status", "status"),
        read("mounts", "/proc/mounts", "mounts"),
        read("removed", "/proc/self/fd/{fd}", "file"),
    ];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    outcome.expect(ev::OPEN_X, &expected);
}

/// Another thread swaps the path all the time.
fn act_swapped(notes: &mut Notes) {
    fs::write("harmless", "").unwrap();
    fs::create_dir("elsewhere").unwrap();
    fs::write("elsewhere/secret", "").unwrap();
    fs::hard_link("elsewhere/secret", "secret__").unwrap();
    for name in ["harmless", "secret__"] {
        notes.note(name, fs::metadata(name).unwrap().ino() as i64);
    }
    let word = |name: &[u8; 8]| u64::from_ne_bytes(*name);
    // The path's eight bytes, and its end.
    let path = [AtomicU64::new(word(b"harmless")), AtomicU64::new(0)];
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                path[0].store(word(b"secret__"), Ordering::Relaxed);
                path[0].store(word(b"harmless"), Ordering::Relaxed);
            }
        });
        for _ in 0..3000 {
            let fd = sys(libc::SYS_openat, [CWD, path.as_ptr() as i64, 0, 0]);
            sys(libc::SYS_close, [fd]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_path_swapped_by_another_thread_hides_nothing() {
    let outcome = trace("files::swapped");
    let full = |name: &str| outcome.folder.path().join(name).into_os_string().into_encoded_bytes();
    let (mut opened, mut corrected) = (0, 0);
    let opens = outcome.of(ev::OPENAT_2_X);
    for event in opens.iter().filter(|event| event.int("flags") == Some(1)) {
        for name in ["harmless", "secret__"] {
            if event.int("ino") == Some(outcome.notes.of(name)) {
                let told = event.text("name");
                // A recording reads the name when the call has returned; the file is the one all the
                // same.
                let is_swapped =
                    live::is_on() && [&b"harmless"[..], b"secret__"].contains(&&told[..]);
                assert!(
                    is_swapped || told == name.as_bytes() || told == full(name),
                    "{}",
                    event.told()
                );
                opened += 1;
                corrected += usize::from(told == full(name));
            }
        }
    }
    assert!(opened > 1000, "{opened} {corrected}");
}

/// In another root, if it may be changed.
fn act_jail(notes: &mut Notes) {
    fs::create_dir_all("jail/dir").unwrap();
    fs::write("jail/dir/file", "x").unwrap();
    symlink("/dir/file", "jail/link").unwrap();
    let fd = sys(libc::SYS_open, [at(c"jail/dir/file"), 0, 0]);
    notes.note_file("file", fd);
    // SAFETY: the child makes calls only, and ends.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let jailed = libc::chroot(c"jail".as_ptr()) == 0 && libc::chdir(c"/".as_ptr()) == 0;
            if jailed {
                for path in [c"/dir/file", c"link", c"/../../dir/file", c"dir/file"] {
                    sys(libc::SYS_open, [at(path), 0, 0]);
                }
            }
            libc::_exit(i32::from(jailed));
        }
        let mut status = 0;
        libc::waitpid(child, &raw mut status, 0);
        notes.note("jailed", libc::WEXITSTATUS(status));
    }
}

#[test]
fn names_in_another_root_are_as_they_are_there() {
    let outcome = trace("files::jail");
    if outcome.notes.of("jailed") == 0 {
        return;
    }
    let told: Vec<_> = outcome.of(ev::OPEN_X)[1..]
        .iter()
        .map(|event| (String::from_utf8(event.text("name")).unwrap(), event.int("ino")))
        .collect();
    let ino = Some(outcome.notes.of("file.ino"));
    let names = ["/dir/file", "link", "/../../dir/file", "dir/file"];
    assert_eq!(told, names.map(|name| (name.to_owned(), ino)));
}

#[test]
fn calls_that_are_left_out_are_said_to_be_missing() {
    let command = ["/bin/sh", "-c", ": > /dev/null"].map(OsString::from).to_vec();
    let options = Options { skip: vec!["openat".to_owned()], ..Options::default() };
    let (events, ..) = run(Target::Command(command), options);
    assert!(events.iter().all(|event| event.kind != ev::OPENAT_2_X));
    let last = events.last().unwrap();
    assert_eq!((last.kind, last.text("name")), (ev::ASYNCEVENT_E, event::loss::NOTICE.into()));
    let data = String::from_utf8(last.event().bytes(2).unwrap().to_vec()).unwrap();
    assert!(data.contains("left out on request: openat"), "{data}");
}
