//! What readers of a trace make of it: files by name, fds, bytes that were read and written.

use std::{
    fs,
    io::{Read, Write},
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::Path,
};

use capture::ptrace::Options;
use event::{snapshot::Record, syscalls as ev};
use state::State;
use timeline::{
    build::{Builder, Limits},
    model::{Acts as Done, Timeline},
};

use crate::{
    harness::{Acts, Notes, command_of, run_with},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[("known::files", act_files)];

fn act_files(_: &mut Notes) {
    let mut file = fs::File::create("written").unwrap();
    file.write_all(&[b'x'; 1000]).unwrap();
    file.write_at(&[b'y'; 100], 50).unwrap();
    let parts = [at(c"ab"), 2, at(c"cde"), 3];
    let address = parts.as_ptr() as i64;
    let number = i64::from(file.as_raw_fd());
    assert_eq!(sys(libc::SYS_writev, [number, address, 2]), 5);
    assert_eq!(sys(libc::SYS_pwritev2, [number, address, 2, -1, -1, 0]), 5);
    // By another fd, put in place of one that was closed.
    let copy = sys(libc::SYS_fcntl, [number, i64::from(libc::F_DUPFD), 300]);
    assert_eq!(sys(libc::SYS_write, [copy, at(c"dup"), 3]), 3);
    let from = fs::File::open("written").unwrap();
    let from = i64::from(from.as_raw_fd());
    for (name, call) in [
        ("sent", libc::SYS_sendfile),
        ("copied", libc::SYS_copy_file_range),
        ("spliced", libc::SYS_splice),
    ] {
        let into = fs::File::create(name).unwrap();
        let into = i64::from(into.as_raw_fd());
        sys(libc::SYS_lseek, [from, 0, 0]);
        match call {
            libc::SYS_sendfile => assert_eq!(sys(call, [into, from, 0, 700]), 700),
            libc::SYS_copy_file_range => assert_eq!(sys(call, [from, 0, into, 0, 800, 0]), 800),
            _ => {
                let mut ends = [0i32; 2];
                assert_eq!(sys(libc::SYS_pipe, [ends.as_mut_ptr() as i64]), 0);
                let [out, pipe] = ends.map(i64::from);
                assert_eq!(sys(call, [from, 0, pipe, 0, 900, 0]), 900);
                assert_eq!(sys(call, [out, 0, into, 0, 900, 0]), 900);
            }
        }
    }
    fs::File::open("sent").unwrap().read_exact(&mut [0; 400]).unwrap();
    fs::rename("sent", "renamed").unwrap();
    fs::remove_file("copied").unwrap();
}

/// What processes did to a file of the folder: bytes read, written, and in which ways.
fn told(timeline: &Timeline, folder: &Path, name: &str) -> (u64, u64, Done) {
    let path = folder.join(name).into_os_string().into_encoded_bytes();
    let files = timeline.processes.iter().flat_map(|process| &process.files);
    files.filter(|file| file.path.bytes() == path).fold(
        (0, 0, Done::empty()),
        |(read, written, done), file| {
            (read + file.bytes_read, written + file.bytes_written, done | file.acts)
        },
    )
}

#[test]
fn what_a_program_writes_is_added_up_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    let (mut writes, mut nameless) = (0, Vec::new());
    let each = |record: &Record<'_>| match record {
        Record::Event(event) => {
            let context = state.event(*event);
            if event.kind == ev::WRITE_X {
                writes += 1;
                if context.fd.is_none() {
                    nameless.push(event.int(2));
                }
            }
            builder.event(&context);
        }
        other => state.record(other),
    };
    let command = command_of("known::files", folder.path());
    let (ended, _) = run_with(command, Options::default(), each);
    assert_eq!((ended.counts.unbuilt, ended.counts.unreadable), (0, 0));
    assert!(writes > 0 && nameless.is_empty(), "{writes} {nameless:?}");
    let timeline = builder.finish(&state);
    for (name, read, written, done) in [
        ("written", 2400, 1113, Done::CREATED | Done::WRITTEN | Done::READ),
        ("sent", 400, 700, Done::CREATED | Done::WRITTEN | Done::READ | Done::RENAMED),
        ("copied", 0, 800, Done::CREATED | Done::WRITTEN | Done::DELETED),
        ("spliced", 0, 900, Done::CREATED | Done::WRITTEN),
    ] {
        assert_eq!(told(&timeline, folder.path(), name), (read, written, done), "{name}");
    }
}
