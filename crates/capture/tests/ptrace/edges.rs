//! Memory that ends where it should not, and calls of 32-bit programs, which have theirs laid out in
//! another way.

use std::fs;

use event::syscalls as ev;

use crate::{
    harness::{Acts, Notes, trace},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[("edges::memory", act_memory), ("edges::narrow", act_narrow)];

const CWD: i64 = libc::AT_FDCWD as i64;

/// Two pages, of which only the first is there.
fn page_with_an_end(flags: i32) -> i64 {
    let (all, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE);
    let flags = private | libc::MAP_ANONYMOUS | flags;
    let page = sys(libc::SYS_mmap, [0, 8192, all.into(), flags.into(), -1, 0]);
    assert!(page > 0);
    assert_eq!(sys(libc::SYS_munmap, [page + 4096, 4096]), 0);
    page
}

/// Puts bytes into memory.
fn put(address: i64, bytes: &[u8]) {
    // SAFETY: acts pass addresses of memory that they have mapped.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
}

fn act_memory(notes: &mut Notes) {
    fs::write("new", "").unwrap();
    let end = page_with_an_end(0) + 4096;
    put(end - 4, b"new\0");
    notes.call("ends", libc::SYS_open, [end - 4, 0, 0]);
    put(end - 3, b"new");
    notes.call("no_end", libc::SYS_open, [end - 3, 0, 0]);
    notes.call("behind", libc::SYS_open, [end, 0, 0]);
    notes.call("kernel", libc::SYS_open, [i64::MIN, 0, 0]);
    notes.call("wraps", libc::SYS_open, [-2, 0, 0]);
    // How the data of openat2 runs out of memory.
    notes.call("half", libc::SYS_openat2, [CWD, at(c"new"), end - 12, 24]);
    notes.call("data", libc::SYS_write, [1000, end - 5, 100]);
}

#[test]
fn memory_that_ends_is_read_as_far_as_the_kernel_reads_it() {
    let outcome = trace("edges::memory");
    outcome.notes.of("ends");
    let told: Vec<_> =
        outcome.of(ev::OPEN_X).iter().map(|event| (event.int("fd"), event.text("name"))).collect();
    let failed = (Some(-14), b"<none>".to_vec());
    let mut expected = vec![failed; 5];
    expected[0] = (Some(outcome.notes.of("ends")), b"new".to_vec());
    assert_eq!(told, expected);
    assert_eq!(outcome.of(ev::OPENAT2_X)[0].int("fd"), Some(-14));
    let writes = outcome.of(ev::WRITE_X);
    let failed = writes.iter().find(|event| event.int("fd") == Some(1000)).unwrap();
    assert_eq!(failed.event().bytes(1).map(<[u8]>::len), Some(5));
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

/// Makes a call of i386; its result.
fn narrow(number: i64, args: [i64; 5]) -> i64 {
    let result: i64;
    // SAFETY: rbx, which the compiler keeps for itself, is put back; the kernel changes nothing but
    // the result and r8 to r11.
    unsafe {
        std::arch::asm!(
            "xchg {first}, rbx",
            "int 0x80",
            "xchg {first}, rbx",
            first = inout(reg) args[0] => _,
            inout("rax") number => result,
            in("rcx") args[1],
            in("rdx") args[2],
            in("rsi") args[3],
            in("rdi") args[4],
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    i64::from(result as i32)
}

/// Whether this kernel takes calls of 32-bit programs.
fn takes_narrow_calls() -> bool {
    // SAFETY: the child makes one call, and ends or is killed.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            narrow(20, [0; 5]);
            libc::_exit(0);
        }
        let mut status = 0;
        libc::waitpid(child, &raw mut status, 0);
        status == 0
    }
}

/// Calls as a 32-bit program makes them.
fn act_narrow(notes: &mut Notes) {
    let takes = takes_narrow_calls();
    notes.note("narrow", takes);
    if !takes {
        return;
    }
    let page = page_with_an_end(libc::MAP_32BIT);
    put(page, b"new\0");
    let create = i64::from(libc::O_CREAT | libc::O_RDWR) | 0o100_000;
    let fd = narrow(5, [page, create, 0o640, 0, 0]);
    notes.note("fd", fd);
    notes.note_file("new", fd);
    // struct iovec has two words of 32 bits.
    let word = |value: i64| (value as u32).to_le_bytes();
    put(page + 100, b"abcde");
    let vector = [word(page + 100), word(2), word(page + 102), word(3)].concat();
    put(page + 200, &vector);
    notes.note("writev", narrow(146, [fd, page + 200, 2, 0, 0]));
    notes.note("pread", narrow(180, [fd, page + 300, 10, 3, 0]));
    notes.note("far", narrow(180, [fd, page + 300, 10, 0, 1]));
    notes.note("preadv", narrow(333, [fd, page + 200, 2, 1, 0]));
    put(page + 400, &word(2));
    notes.note("sendfile", narrow(187, [fd, fd, page + 400, 2, 0]));
    notes.note("unlink", narrow(10, [page, 0, 0, 0, 0]));
    notes.note("dirfd", narrow(301, [i64::from(libc::AT_FDCWD as u32), page, 0, 0, 0]));
}

#[test]
fn calls_of_32_bit_programs_are_told_like_others() {
    let outcome = trace("edges::narrow");
    if outcome.notes.of("narrow") == 0 {
        return;
    }
    outcome.expect(
        ev::OPEN_X,
        &["fd={fd} name=new flags=0x4807 mode=0o640 dev={#new.dev} ino={new.ino}"],
    );
    outcome.expect(ev::WRITEV_X, &["res=5 data=abcde fd={fd} size=5"]);
    outcome.expect(
        ev::PREAD_X,
        &["res=2 data=de fd={fd} size=10 pos=3", "res=0 data= fd={fd} size=10 pos=4294967296"],
    );
    outcome.expect(ev::PREADV_X, &["res=4 size=4 data=bcde fd={fd} pos=1"]);
    outcome.expect(ev::SENDFILE_X, &["res=2 offset=4 out_fd={fd} in_fd={fd} size=2"]);
    outcome.expect(ev::UNLINK_2_X, &["res=0 path=new"]);
    outcome.expect(ev::UNLINKAT_2_X, &["res=-2 dirfd=-100 name=new flags=0x0"]);
}
