//! Reading and writing.

use std::{fs, os::fd::IntoRawFd};

use event::syscalls as ev;

use crate::{
    harness::{Acts, Notes, trace},
    live,
    telling::{NOWHERE, at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("io::read", act_read),
    ("io::write", act_write),
    ("io::vectors", act_vectors),
    ("io::moved", act_moved),
];

/// A file of 200 bytes, opened to read and write.
fn file(name: &str) -> i64 {
    let data: Vec<u8> = (0..200u8).map(|at| b'a' + at % 26).collect();
    fs::write(name, data).unwrap();
    let file = fs::File::options().read(true).write(true).open(name).unwrap();
    i64::from(file.into_raw_fd())
}

/// The first bytes of the file, from a place on.
fn data(from: u8, bytes: u8) -> String {
    (from..from + bytes).map(|at| char::from(b'a' + at % 26)).collect()
}

/// The address of what begins at a reference.
fn to<T: ?Sized>(value: &T) -> i64 {
    std::ptr::from_ref(value).cast::<u8>() as i64
}

/// The same, of what a call changes.
fn into<T: ?Sized>(value: &mut T) -> i64 {
    std::ptr::from_mut(value).cast::<u8>() as i64
}

fn act_read(notes: &mut Notes) {
    let fd = file("file");
    notes.note("fd", fd);
    let mut buffer = [0u8; 300];
    notes.call("1", libc::SYS_read, [fd, into(&mut buffer), 10]);
    notes.call("2", libc::SYS_read, [fd, into(&mut buffer), 300]);
    notes.call("3", libc::SYS_read, [fd, into(&mut buffer), 300]);
    notes.call("4", libc::SYS_read, [fd, NOWHERE, 0]);
    notes.call("5", libc::SYS_read, [999, into(&mut buffer), 1 << 33 | 5]);
    notes.call("6", libc::SYS_pread64, [fd, into(&mut buffer), 300, 190]);
    notes.call("7", libc::SYS_pread64, [fd, NOWHERE, 5, 0]);
    notes.call("8", libc::SYS_pread64, [fd, into(&mut buffer), 5, -1]);
}

#[test]
fn reads_tell_size_and_the_beginning_of_the_data() {
    let outcome = trace("io::read");
    outcome.expect(
        ev::READ_X,
        &[
            "res=10 data=abcdefghij fd={fd} size=10",
            &format!("res=190 data={} fd={{fd}} size=300", data(10, 80)),
            "res=0 data= fd={fd} size=300",
            "res=0 data= fd={fd} size=0",
            "res=-9 data= fd=999 size=5",
        ],
    );
    outcome.expect(
        ev::PREAD_X,
        &[
            &format!("res=10 data={} fd={{fd}} size=300 pos=190", data(190, 10)),
            "res=-14 data= fd={fd} size=5 pos=0",
            // Printed as signed here.
            "res=-22 data= fd={fd} size=5 pos=-1",
        ],
    );
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

fn act_write(notes: &mut Notes) {
    let fd = file("file");
    notes.note("fd", fd);
    let buffer = [b'y'; 300];
    notes.call("1", libc::SYS_write, [fd, at(c"some\xff\ndata"), 10]);
    notes.call("2", libc::SYS_write, [fd, to(&buffer), 300]);
    notes.call("3", libc::SYS_write, [fd, to(&buffer), 0]);
    notes.call("4", libc::SYS_write, [fd, NOWHERE, 10]);
    notes.call("5", libc::SYS_write, [999, to(&buffer), 100]);
    notes.call("6", libc::SYS_pwrite64, [fd, at(c"there"), 5, 7]);
    notes.call("7", libc::SYS_pwrite64, [-1, at(c"there"), 3, 7]);
    // A pipe that has room for a part only.
    let mut ends = [0i32; 2];
    assert_eq!(sys(libc::SYS_pipe2, [into(&mut ends), i64::from(libc::O_NONBLOCK)]), 0);
    let many = vec![b'z'; 100_000];
    notes.note("pipe", ends[1]);
    notes.call("part", libc::SYS_write, [i64::from(ends[1]), to(&many[..]), 100_000]);
    notes.call("full", libc::SYS_write, [i64::from(ends[1]), to(&many[..]), 100_000]);
}

#[test]
fn writes_tell_size_and_the_beginning_of_the_data_also_if_they_fail() {
    let outcome = trace("io::write");
    let (y, z) = ("y".repeat(80), "z".repeat(80));
    outcome.expect(
        ev::WRITE_X,
        &[
            // The file is made.
            &format!("res=200 data={} fd={{fd}} size=200", data(0, 80)),
            r"res=10 data=some\xff\ndata fd={fd} size=10",
            &format!("res=300 data={y} fd={{fd}} size=300"),
            "res=0 data= fd={fd} size=0",
            "res=-14 data= fd={fd} size=10",
            &format!("res=-9 data={y} fd=999 size=100"),
            &format!("res={{part}} data={z} fd={{pipe}} size=100000"),
            &format!("res=-11 data={z} fd={{pipe}} size=100000"),
        ],
    );
    assert_eq!(outcome.notes.of("part"), 65536);
    outcome.expect(
        ev::PWRITE_X,
        &["res=5 data=there fd={fd} size=5 pos=7", "res=-9 data=the fd=-1 size=3 pos=7"],
    );
}

fn act_vectors(notes: &mut Notes) {
    let fd = file("file");
    notes.note("fd", fd);
    let (mut one, mut two) = ([0u8; 3], [0u8; 500]);
    let vector = [into(&mut one), 3, NOWHERE, 0, into(&mut two), 500];
    notes.call("1", libc::SYS_readv, [fd, to(&vector), 3]);
    notes.call("2", libc::SYS_readv, [fd, to(&vector), 3]);
    notes.call("3", libc::SYS_readv, [fd, NOWHERE, 3]);
    notes.call("4", libc::SYS_readv, [fd, to(&vector), 5000]);
    notes.call("5", libc::SYS_preadv, [fd, to(&vector), 1, 4, 0]);
    notes.call("6", libc::SYS_preadv2, [fd, to(&vector), 3, 100, 0, 0]);
    notes.call("7", libc::SYS_preadv2, [fd, to(&vector), 3, 100, 0, 1 << 20]);
    let parts = [at(c"ab"), 2, at(c"cde"), 3, to(&[b'f'; 100]), 100];
    notes.call("8", libc::SYS_writev, [fd, to(&parts), 2]);
    notes.call("9", libc::SYS_writev, [fd, to(&parts), 3]);
    notes.call("10", libc::SYS_writev, [fd, to(&[at(c"ab"), 2, NOWHERE, 6]), 2]);
    notes.call("11", libc::SYS_writev, [fd, NOWHERE, 2]);
    notes.call("12", libc::SYS_writev, [fd, to(&parts), 1 << 40]);
    notes.call("13", libc::SYS_writev, [fd, to(&parts), 0]);
    notes.call("14", libc::SYS_pwritev, [fd, to(&parts), 2, 9, 0]);
    notes.call("15", libc::SYS_pwritev2, [fd, to(&parts), 2, -1, -1, 0]);
    notes.call("16", libc::SYS_pwritev2, [999, to(&parts), 1, 0, 0, 0]);
    // As many buffers as there may be.
    let many: Vec<i64> = (0..1024).flat_map(|_| [at(c"m"), 1]).collect();
    notes.call("17", libc::SYS_writev, [fd, to(&many[..]), 1024]);
}

#[test]
fn vectors_are_told_as_one() {
    let outcome = trace("io::vectors");
    let f = "f".repeat(75);
    // Programs of the kernel look at the first eight buffers.
    let m = "m".repeat(if live::is_on() { 8 } else { 80 });
    outcome.expect(
        ev::READV_X,
        &[
            &format!("res=200 size=200 data={} fd={{fd}}", data(0, 80)),
            "res=0 size=0 data= fd={fd}",
            "res=-14 size=0 data= fd={fd}",
            "res=-22 size=0 data= fd={fd}",
        ],
    );
    outcome.expect(
        ev::PREADV_X,
        &[
            "res=3 size=3 data=efg fd={fd} pos=4",
            &format!("res=100 size=100 data={} fd={{fd}} pos=100", data(100, 80)),
            "res=-95 size=0 data= fd={fd} pos=100",
        ],
    );
    outcome.expect(
        ev::WRITEV_X,
        &[
            "res=5 data=abcde fd={fd} size=5",
            &format!("res=105 data=abcde{f} fd={{fd}} size=105"),
            // What is there is written.
            "res={10} data=ab fd={fd} size=8",
            "res=-14 data= fd={fd} size=0",
            "res={12} data= fd={fd} size=0",
            "res=0 data= fd={fd} size=0",
            &format!("res=1024 data={m} fd={{fd}} size=1024"),
        ],
    );
    outcome.expect(
        ev::PWRITEV_X,
        &[
            "res=5 data=abcde fd={fd} size=5 pos=9",
            "res=5 data=abcde fd={fd} size=5 pos=-1",
            "res=-9 data=ab fd=999 size=2 pos=0",
        ],
    );
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

fn act_moved(notes: &mut Notes) {
    let (from, dest) = (file("from"), file("into"));
    let mut ends = [0i32; 4];
    for pair in [0, 2] {
        assert_eq!(sys(libc::SYS_pipe, [into(&mut ends[pair..])]), 0);
    }
    let [out, into_pipe, _, into_pipe2] = ends.map(i64::from);
    for (name, fd) in [("from", from), ("into", dest), ("out", out), ("pipe", into_pipe)] {
        notes.note(name, fd);
    }
    let mut offset = 20u64;
    notes.call("1", libc::SYS_sendfile, [dest, from, into(&mut offset), 30]);
    notes.call("2", libc::SYS_sendfile, [dest, from, 0, 1000]);
    notes.call("3", libc::SYS_sendfile, [dest, 999, 0, 10]);
    notes.call("4", libc::SYS_sendfile, [dest, from, NOWHERE, 10]);
    let flags = i64::from(libc::SPLICE_F_MOVE | libc::SPLICE_F_MORE);
    let mut start = 0u64;
    notes.call("5", libc::SYS_splice, [from, into(&mut start), into_pipe, 0, 100, flags]);
    notes.call("tee", libc::SYS_tee, [out, into_pipe2, 50, 0]);
    notes.call("6", libc::SYS_splice, [out, 0, dest, 0, 1000, 0]);
    notes.call("7", libc::SYS_splice, [from, 0, dest, 0, 10, 0]);
    notes.call("vmsplice", libc::SYS_vmsplice, [into_pipe, to(&[at(c"x"), 1]), 1, 0]);
    start = 5;
    notes.note("start", to(&start));
    notes.call("8", libc::SYS_copy_file_range, [from, into(&mut start), dest, 0, 40, 0]);
    notes.call("9", libc::SYS_copy_file_range, [from, 0, 999, 0, 40, 0]);
}

#[test]
fn data_moved_in_the_kernel_is_counted() {
    let outcome = trace("io::moved");
    outcome.expect(
        ev::SENDFILE_X,
        &[
            "res=30 offset=50 out_fd={into} in_fd={from} size=30",
            "res=200 offset=0 out_fd={into} in_fd={from} size=1000",
            "res=-9 offset=0 out_fd={into} in_fd=999 size=10",
            "res=-14 offset=0 out_fd={into} in_fd={from} size=10",
        ],
    );
    outcome.expect(
        ev::SPLICE_X,
        &[
            "res=100 fd_in={from} fd_out={pipe} size=100 flags=0x5",
            "res=100 fd_in={out} fd_out={into} size=1000 flags=0x0",
            "res=-22 fd_in={from} fd_out={into} size=10 flags=0x0",
        ],
    );
    outcome.expect(
        ev::COPY_FILE_RANGE_X,
        &[
            "res=40 fdout={into} offout=0 fdin={from} offin={start} len=40",
            "res=-9 fdout=999 offout=0 fdin={from} offin=0 len=40",
        ],
    );
    let line = |name: &str, native: i64| {
        let id = ev::SYSCALL_NAMES.iter().position(|known| *known == name).unwrap();
        format!("ID={id} nativeID={native}")
    };
    let lines = [line("tee", libc::SYS_tee), line("vmsplice", libc::SYS_vmsplice)];
    outcome.expect(ev::GENERIC_X, &lines.each_ref().map(String::as_str));
    assert_eq!((outcome.notes.of("tee"), outcome.notes.of("vmsplice")), (50, 1));
}
