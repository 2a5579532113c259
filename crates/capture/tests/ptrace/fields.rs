//! System calls as acts make them, and their events' fields as tests expect them.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::FromRawFd,
};

use event::syscalls::GENERIC_X;

use crate::{
    harness::{Kept, Notes, Outcome},
    live,
};

/// Makes a system call and notes what it returned: an error as its negative number.
pub(crate) fn call(notes: &mut Notes, name: &str, number: libc::c_long, args: &[usize]) -> i64 {
    let arg = |at: usize| args.get(at).copied().unwrap_or(0);
    // SAFETY: acts pass what the call takes, alive for the call, or what it has to refuse.
    let result = unsafe { libc::syscall(number, arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)) };
    let result = match result {
        -1 => -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap()),
        result => result,
    };
    notes.note(name, result);
    result
}

/// The address of a text that ends with a NUL.
pub(crate) fn at(text: &std::ffi::CStr) -> usize {
    crate::telling::at(text) as usize
}

/// An `int` as a register has it.
pub(crate) fn int(value: i32) -> usize {
    value as isize as usize
}

/// Does something in a child of its own, and waits for it.
pub(crate) fn in_child(notes: &mut Notes, act: impl FnOnce(&mut Notes)) {
    let mut ends = [0; 2];
    // SAFETY: the array has room for two fds; the child ends without returning.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            let mut own = Notes::default();
            act(&mut own);
            File::from_raw_fd(ends[1]).write_all(own.as_text().as_bytes()).unwrap();
            libc::_exit(0);
        }
        libc::close(ends[1]);
        let mut text = String::new();
        File::from_raw_fd(ends[0]).read_to_string(&mut text).unwrap();
        let mut status = 0;
        libc::waitpid(child, &raw mut status, 0);
        assert_eq!(status, 0, "the child failed");
        notes.take_over(&text);
    }
}

/// Gives up being root, if this is root.
pub(crate) fn as_nobody() {
    // SAFETY: no memory is passed.
    unsafe {
        libc::syscall(libc::SYS_setresgid, 65534, 65534, 65534);
        libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534);
    }
}

/// What a field is.
#[derive(Clone, Debug)]
pub(crate) enum Is {
    /// A number, whatever its width.
    Int(i64),
    /// A text.
    Text(Vec<u8>),
    /// Bytes.
    Raw(Vec<u8>),
    Null,
    /// It is looked at elsewhere.
    Any,
}

pub(crate) fn text(text: impl AsRef<[u8]>) -> Is {
    Is::Text(text.as_ref().to_vec())
}

/// Compares every field of an event.
pub(crate) fn assert_fields(kept: &Kept, expected: &[Is]) {
    let event = kept.event();
    let params = event.info().params;
    assert_eq!((event.param_count(), expected.len()), (params.len(), params.len()), "{kept:?}");
    for (index, expected) in expected.iter().enumerate() {
        let place = format!("{} of {kept:?}, expected {expected:?}", params[index].name);
        let bytes = event.bytes(index).unwrap();
        match expected {
            Is::Int(value) => {
                let mut wide = [if bytes.last().is_some_and(|b| b >> 7 == 1 && bytes.len() == 8) {
                    0xFF
                } else {
                    0
                }; 8];
                wide[..bytes.len()].copy_from_slice(bytes);
                assert!(!bytes.is_empty(), "{place}");
                assert_eq!(i64::from_le_bytes(wide), *value, "{place}");
            }
            Is::Text(text) => {
                assert_eq!(bytes, [text, &b"\0"[..]].concat(), "{place}");
            }
            Is::Raw(raw) => assert_eq!(bytes, raw, "{place}"),
            Is::Null => assert_eq!(bytes, b"", "{place}"),
            Is::Any => {}
        }
    }
}

/// Compares the events of one type, in order.
#[track_caller]
pub(crate) fn assert_events(outcome: &Outcome, kind: event::EventType, expected: &[Vec<Is>]) {
    let events = outcome.of(kind);
    assert_eq!(events.len(), expected.len(), "{events:#?}");
    for (event, expected) in events.into_iter().zip(expected) {
        assert_fields(event, expected);
    }
}

/// Compares which calls without an event type of their own were made, in order.
#[track_caller]
pub(crate) fn assert_generic(outcome: &Outcome, calls: &[libc::c_long]) {
    let expected: Vec<Vec<Is>> = calls
        .iter()
        .filter(|number| !live::is_on() || live::describes(**number))
        .map(|number| {
            let code = event::syscalls::code_of_x86_64(u16::try_from(*number).unwrap());
            vec![Is::Int(code.unwrap_or(0).into()), Is::Int(*number)]
        })
        .collect();
    assert_events(outcome, GENERIC_X, &expected);
}
