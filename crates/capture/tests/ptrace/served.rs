//! A file system that a traced program serves itself (FUSE), and which so answers only while the
//! tracer does not wait for it.

use std::{
    ffi::CString,
    fs::{self, File},
    io::{Read, Write},
    os::{fd::AsRawFd, unix::fs::symlink},
};

use event::syscalls as ev;

use crate::{
    exec::exec,
    harness::{Acts, Notes, trace},
    process::{child, end, reap},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("served::open", act_open),
    ("served::program", act_program),
    ("served::mapped", act_mapped),
    ("served::watched", act_watched),
];

const CWD: i64 = libc::AT_FDCWD as i64;
/// The only file's inode; the root's is 1.
const FILE: u64 = 7;
/// A program's.
const PROGRAM: u64 = 8;

fn program() -> Vec<u8> {
    fs::read("/bin/true").unwrap()
}

/// `struct fuse_attr` of linux/fuse.h.
fn attributes(node: u64) -> Vec<u8> {
    let mode = match node {
        FILE => libc::S_IFREG | 0o644,
        PROGRAM => libc::S_IFREG | 0o4755,
        _ => libc::S_IFDIR | 0o755,
    };
    let mut all = node.to_le_bytes().to_vec();
    let size = if node == PROGRAM { program().len() as u64 } else { 0 };
    all.extend_from_slice(&size.to_le_bytes());
    all.resize(60, 0);
    all.extend_from_slice(&mode.to_le_bytes());
    all.extend_from_slice(&1u32.to_le_bytes());
    all.resize(88, 0);
    all
}

/// The answer to a request, of which nothing is to be remembered: an error number, or the data.
fn answer(operation: u32, node: u64, argument: &[u8]) -> Result<Vec<u8>, i32> {
    const NO_TIME: [u8; 16] = [0; 16];
    match operation {
        // LOOKUP
        1 if argument.starts_with(b"file\0") => {
            let ids = [FILE.to_le_bytes(), [0; 8]].concat();
            Ok([&ids[..], &NO_TIME, &[0; 8], &attributes(FILE)].concat())
        }
        1 if argument.starts_with(b"program\0") => {
            let ids = [PROGRAM.to_le_bytes(), [0; 8]].concat();
            Ok([&ids[..], &NO_TIME, &[0; 8], &attributes(PROGRAM)].concat())
        }
        // READ
        15 => {
            let word = |at: usize| u32::from_le_bytes(argument[at..at + 4].try_into().unwrap());
            let (at, bytes) = (word(8) as usize, word(16) as usize);
            Ok(program().into_iter().skip(at).take(bytes).collect())
        }
        1 => Err(libc::ENOENT),
        // GETATTR
        3 => Ok([&NO_TIME[..], &attributes(node)].concat()),
        // OPEN, OPENDIR
        14 | 27 => Ok(vec![0; 16]),
        // RELEASE, FLUSH, RELEASEDIR
        18 | 25 | 29 => Ok(Vec::new()),
        // INIT: version 7.31
        26 => {
            let mut all = [7u32.to_le_bytes(), 31u32.to_le_bytes()].concat();
            all.resize(20, 0);
            all.extend_from_slice(&4096u32.to_le_bytes());
            all.resize(64, 0);
            Ok(all)
        }
        _ => Err(libc::ENOSYS),
    }
}

/// Answers until the file system is gone.
fn serve(mut device: File) {
    let mut request = vec![0; 1 << 17];
    while let Ok(bytes) = device.read(&mut request) {
        let word = |at: usize| u32::from_le_bytes(request[at..at + 4].try_into().unwrap());
        let node = u64::from_le_bytes(request[16..24].try_into().unwrap());
        // FORGET and its kin want no answer.
        if matches!(word(4), 2 | 42) {
            continue;
        }
        let (error, data) = match answer(word(4), node, &request[40..bytes]) {
            Ok(data) => (0, data),
            Err(error) => (-error, Vec::new()),
        };
        let length = (16 + data.len()) as u32;
        let header = [&length.to_le_bytes()[..], &error.to_le_bytes(), &request[8..16]].concat();
        let _ = device.write(&[header, data].concat());
    }
}

/// Mounts a file system that a thread serves; says whether it could.
fn mounted(notes: &mut Notes) -> bool {
    fs::create_dir("fuse").unwrap();
    symlink("fuse/file", "link").unwrap();
    // Mounted where other tests do not see it.
    let (new, private) = (libc::CLONE_NEWNS, libc::MS_REC | libc::MS_PRIVATE);
    let apart = sys(libc::SYS_unshare, [new.into()]) == 0
        && sys(libc::SYS_mount, [at(c"none"), at(c"/"), 0, private as i64, 0]) == 0;
    let device = File::options().read(true).write(true).open("/dev/fuse");
    let mount = device.is_ok_and(|device| {
        let options = format!("fd={},rootmode=40000,user_id=0,group_id=0", device.as_raw_fd());
        let options = CString::new(options).unwrap();
        let to = [at(c"test"), at(c"fuse"), at(c"fuse"), 0, at(&options)];
        let mounted = apart && sys(libc::SYS_mount, to) == 0;
        if mounted {
            std::thread::spawn(|| serve(device));
        }
        mounted
    });
    notes.note("mounted", mount);
    mount
}

fn act_open(notes: &mut Notes) {
    if !mounted(notes) {
        return;
    }
    for (name, path, flags) in [
        ("file", c"fuse/file", libc::O_RDONLY),
        ("create", c"fuse/file", libc::O_RDWR | libc::O_CREAT),
        ("link", c"link", libc::O_RDONLY),
        ("made", c"link", libc::O_RDWR | libc::O_CREAT),
        ("missing", c"fuse/none", libc::O_RDONLY),
        ("beside", c"beside", libc::O_RDWR | libc::O_CREAT),
        ("denied", c"fuse/none", libc::O_RDWR | libc::O_CREAT),
    ] {
        let fd = notes.call(name, libc::SYS_openat, [CWD, at(path), flags.into(), 0o600]);
        sys(libc::SYS_close, [fd]);
    }
    sys(libc::SYS_umount2, [at(c"fuse"), libc::MNT_DETACH.into()]);
}

#[test]
fn a_file_system_of_the_program_itself_is_not_waited_for() {
    let outcome = trace("served::open");
    if outcome.notes.of("mounted") == 0 {
        return;
    }
    let told: Vec<_> = outcome
        .of(ev::OPENAT_2_X)
        .iter()
        .map(|event| (event.int("fd"), String::from_utf8(event.text("name")).unwrap()))
        .filter(|(_, name)| name.contains("fuse/") || name == "link")
        .collect();
    // Other file systems are asked as ever.
    let opens = outcome.of(ev::OPENAT_2_X);
    let beside = opens.iter().find(|event| event.text("name") == b"beside").unwrap();
    assert_eq!(beside.int("flags"), Some(0x4007));
    let full = outcome.folder.path().join("fuse/file").to_str().unwrap().to_owned();
    let expected = [
        ("file", "fuse/file"),
        ("create", "fuse/file"),
        // Where the link leads can't be asked: the file's own path.
        ("link", &full),
        ("made", &full),
        ("missing", "fuse/none"),
        ("denied", "fuse/none"),
    ];
    let expected = expected.map(|(fd, name)| (Some(outcome.notes.of(fd)), name.to_owned()));
    assert_eq!(told, expected);
    assert!(outcome.notes.of("link") >= 0);
}

/// Runs a program that this one hands out.
fn act_program(notes: &mut Notes) {
    if !mounted(notes) {
        return;
    }
    let pid = child(|| {
        exec(c"fuse/program", &[c"program", c"--version"], &[]);
        end(99);
    });
    notes.note("status", reap(pid));
    sys(libc::SYS_umount2, [at(c"fuse"), libc::MNT_DETACH.into()]);
}

#[test]
fn a_program_that_is_served_by_the_command_runs() {
    let outcome = trace("served::program");
    if outcome.notes.of("mounted") == 0 {
        return;
    }
    assert_eq!(outcome.notes.of("status"), 0);
    let ran = outcome.of(ev::EXECVE_19_X);
    let path = outcome.folder.path().join("fuse/program");
    assert_eq!(ran[0].text("trusted_exepath"), path.to_str().unwrap().as_bytes());
}

/// Writes from memory that is a file which this program hands out, and was not looked at before.
fn act_mapped(notes: &mut Notes) {
    if !mounted(notes) {
        return;
    }
    let fd = sys(libc::SYS_openat, [CWD, at(c"fuse/program"), libc::O_RDONLY.into(), 0]);
    let private = libc::MAP_PRIVATE.into();
    let file = sys(libc::SYS_mmap, [0, 4096, libc::PROT_READ.into(), private, fd, 0]);
    let to = fs::File::create("copy").unwrap();
    notes.call("write", libc::SYS_write, [to.as_raw_fd().into(), file, 16]);
    // Only the command's own use of it makes it be there.
    // SAFETY: the file has as many bytes.
    let byte = unsafe { (file as *const u8).read_volatile() };
    notes.note("byte", byte);
    notes.call("again", libc::SYS_write, [to.as_raw_fd().into(), file, 16]);
    // While somebody serves it: the end would wait.
    sys(libc::SYS_munmap, [file, 4096]);
    sys(libc::SYS_close, [fd]);
    sys(libc::SYS_umount2, [at(c"fuse"), libc::MNT_DETACH.into()]);
}

#[test]
fn memory_that_the_command_itself_fills_is_not_waited_for() {
    for act in ["served::mapped", "served::watched"] {
        let outcome = trace(act);
        if outcome.notes.of("mounted") == 0 {
            continue;
        }
        let written = [outcome.notes.of("write"), outcome.notes.of("again")];
        assert_eq!(written, [16, 16], "{act}");
        let told = outcome.of(ev::WRITE_X);
        let told: Vec<_> = told.iter().filter(|event| event.int("size") == Some(16)).collect();
        let told: Vec<_> = told.iter().map(|event| event.bytes("data").len()).collect();
        // What was not there yet is counted as unreadable.
        assert!(told.starts_with(&[0]) && told.ends_with(&[16]), "{act}: {told:?}");
        assert!(outcome.ended.counts.unreadable > 0, "{act}");
    }
}

/// Writes from memory that another thread fills when it is used (`userfaultfd(2)`).
fn act_watched(notes: &mut Notes) {
    const API: i64 = 0xC018_AA3F;
    const REGISTER: i64 = 0xC020_AA00;
    const COPY: i64 = 0xC028_AA03;
    let fd = sys(libc::SYS_userfaultfd, [libc::O_CLOEXEC.into()]);
    let mut api = [0xAA_u64, 0, 0];
    let has = fd >= 0 && sys(libc::SYS_ioctl, [fd, API, (&raw mut api) as i64]) == 0;
    notes.note("mounted", has);
    if !has {
        return;
    }
    let kind = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).into();
    let access = (libc::PROT_READ | libc::PROT_WRITE).into();
    let page = sys(libc::SYS_mmap, [0, 4096, access, kind, -1, 0]);
    let mut range = [page as u64, 4096, 1, 0];
    assert_eq!(sys(libc::SYS_ioctl, [fd, REGISTER, (&raw mut range) as i64]), 0);
    let helper = std::thread::spawn(move || {
        let mut message = [0_u64; 4];
        sys(libc::SYS_read, [fd, (&raw mut message) as i64, 32]);
        let content = [7_u8; 4096];
        let mut copy = [page as u64, content.as_ptr() as u64, 4096, 0, 0];
        sys(libc::SYS_ioctl, [fd, COPY, (&raw mut copy) as i64]);
    });
    let to = fs::File::create("copy").unwrap();
    notes.call("write", libc::SYS_write, [to.as_raw_fd().into(), page, 16]);
    helper.join().unwrap();
    notes.call("again", libc::SYS_write, [to.as_raw_fd().into(), page, 16]);
}
