//! Memory that a program has to fill first: mapped files of file systems that programs serve (FUSE),
//! and what `userfaultfd(2)` watches over.
//!
//! Who reads such memory waits for that program, which may be one that waits for the tracer. So what
//! is not there yet is left alone, and counts as unreadable. A page that is taken away by another
//! thread in the very moment between looking and reading is waited for; killing all that is traced
//! ends that.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufRead, BufReader, ErrorKind},
    os::unix::fs::FileExt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{calls::served, sys};

const PAGE_BYTES: u64 = 4096;
/// Bits of an entry of `/proc/PID/pagemap` (proc_pid_pagemap(5)): the page is there, or swapped out.
const IN_MEMORY: u64 = 1 << 63;
const SWAPPED: u64 = 1 << 62;
/// For how long it is believed that a thread sees no file system that a program serves.
const BELIEVED: Duration = Duration::from_millis(1);

/// Whether some program watches over memory.
static WATCHED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The thread that saw no such file system, and until when that is believed.
    static NONE_SERVED: Cell<Option<(i32, Instant)>> = const { Cell::new(None) };
}

/// A program can watch over memory from here on.
pub(super) fn memory_is_watched() {
    WATCHED.store(true, Ordering::Relaxed);
}

/// Something was mounted, or a thread sees other mounts.
pub(super) fn mounts_changed() {
    NONE_SERVED.set(None);
}

/// Reads a thread's memory as [`sys::read_memory`] does, but does not wait for programs.
///
/// # Errors
/// Also `WouldBlock`.
pub(super) fn read(tid: i32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let watched = WATCHED.load(Ordering::Relaxed);
    if !watched && none_served(tid) || is_there(tid, address, buffer.len()) {
        return sys::read_memory(tid, address, buffer);
    }
    if is_served(tid, address, buffer.len()) {
        return Err(ErrorKind::WouldBlock.into());
    }
    // Watched memory is an error to who reads it by the file.
    if watched {
        sys::read_memory_file(tid, address, buffer)
    } else {
        sys::read_memory(tid, address, buffer)
    }
}

fn none_served(tid: i32) -> bool {
    let now = Instant::now();
    if NONE_SERVED.get().is_some_and(|(of, until)| of == tid && now < until) {
        return true;
    }
    let none = served::by_programs(tid).is_some_and(|served| served.is_empty());
    NONE_SERVED.set(none.then_some((tid, now + BELIEVED)));
    none
}

/// Whether all of it is in memory, or swapped out.
fn is_there(tid: i32, address: u64, bytes: usize) -> bool {
    let first = address / PAGE_BYTES;
    let Some(last) = address.checked_add((bytes as u64).max(1) - 1) else { return false };
    let Ok(pages) = File::open(format!("/proc/{tid}/pagemap")) else { return false };
    let mut entries = vec![0; (last / PAGE_BYTES - first + 1) as usize * 8];
    let read = pages.read_exact_at(&mut entries, first.saturating_mul(8));
    let (entries, _) = entries.as_chunks();
    let is_there = |entry: &[u8; 8]| u64::from_le_bytes(*entry) & (IN_MEMORY | SWAPPED) != 0;
    read.is_ok() && entries.iter().all(is_there)
}

/// Whether some of it is of a file that a program serves, or can't be said not to be.
fn is_served(tid: i32, address: u64, bytes: usize) -> bool {
    let Some(served) = served::by_programs(tid) else { return true };
    let Ok(maps) = File::open(format!("/proc/{tid}/maps")) else { return true };
    let end = address.saturating_add(bytes as u64);
    let mut lines = BufReader::new(maps);
    let mut line = Vec::new();
    while !served.is_empty() && lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        let Some((from, to, device)) = mapping(&line) else { return true };
        if from >= end {
            break;
        }
        if to > address && served.contains(&device) {
            return true;
        }
        line.clear();
    }
    false
}

/// Begin, end and device of a mapping in a line of proc_pid_maps(5).
fn mapping(line: &[u8]) -> Option<(u64, u64, (u32, u32))> {
    let mut fields = line.split(|byte| *byte == b' ');
    let text = |field: Option<&'_ [u8]>| str::from_utf8(field?).ok().map(str::to_owned);
    let (range, device) = (text(fields.next())?, text(fields.nth(2))?);
    let (from, to) = range.split_once('-')?;
    let (major, minor) = device.split_once(':')?;
    let device = (u32::from_str_radix(major, 16).ok()?, u32::from_str_radix(minor, 16).ok()?);
    Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?, device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_tell_their_devices() {
        let line = b"7f00aa000000-7f00aa002000 r-xp 00001000 fe:1a 1234      /usr/bin/a b\n";
        assert_eq!(mapping(line), Some((0x7f00_aa00_0000, 0x7f00_aa00_2000, (0xfe, 0x1a))));
        for broken in ["", "7f-8f", "7f r 0 fe:1 1", "7f-8f r 0 fe 1", "7f-xx r 0 fe:1 1"] {
            assert_eq!(mapping(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn memory_that_was_used_is_there() {
        let (tid, used) = (sys::own_tid(), vec![1_u8; 3 * PAGE_BYTES as usize]);
        assert!(is_there(tid, used.as_ptr() as u64, used.len()));
        assert!(!is_there(tid, 8, 1) && !is_there(tid, u64::MAX, 2));
        let mut read = [0; 3];
        assert_eq!(super::read(tid, used.as_ptr() as u64, &mut read).unwrap(), 3);
        assert_eq!(read, [1; 3]);
    }
}
