//! 32-bit calls, made by a 64-bit program with `int 0x80` and memory below 4 GiB.

use event::syscalls::{
    CHDIR_X, KILL_X, MMAP_X, MOUNT_X, OPENAT_2_X, PRCTL_X, SETRESUID_X, SETRLIMIT_X, SETUID_X,
    SOCKET_CONNECT_X, SOCKET_SOCKET_X, UMOUNT2_X,
};

use crate::{
    fields::{Is, assert_events, in_child, text},
    harness::{Acts, Notes, trace, trace_with},
};

pub(crate) const ACTS: Acts = &[("compat::calls", act_calls), ("compat::sockets", act_sockets)];

std::arch::global_asm!(
    ".global watchkeeper_test_int80",
    "watchkeeper_test_int80:",
    "push rbx",
    "push rbp",
    "mov eax, [rdi]",
    "mov ebx, [rdi + 4]",
    "mov ecx, [rdi + 8]",
    "mov edx, [rdi + 12]",
    "mov esi, [rdi + 16]",
    "mov ebp, [rdi + 24]",
    "mov edi, [rdi + 20]",
    "int 0x80",
    "pop rbp",
    "pop rbx",
    "ret",
);

unsafe extern "sysv64" {
    /// Makes the 32-bit call of this number, with six arguments.
    fn watchkeeper_test_int80(number_and_args: *const [u32; 7]) -> i64;
}

/// Memory that a 32-bit call can reach.
struct Low {
    start: usize,
    used: usize,
}

impl Low {
    fn new() -> Self {
        let own = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, own, -1, 0) } as usize;
        assert!(start < 1 << 32);
        Self { start, used: 0 }
    }

    /// Where a copy of the bytes stands.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        let address = self.start + self.used;
        self.used += bytes.len().next_multiple_of(8);
        assert!(self.used <= 4096);
        // SAFETY: there is room for them, as was just seen.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
        u32::try_from(address).unwrap()
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.put(&bytes)
    }
}

fn call(notes: &mut Notes, name: &str, number: u32, args: &[u32]) -> i64 {
    let mut all = [0; 7];
    all[0] = number;
    all[1..=args.len()].copy_from_slice(args);
    // SAFETY: acts pass addresses of memory that is there, or that the call has to refuse.
    let result = unsafe { watchkeeper_test_int80(&raw const all) };
    notes.note(name, result);
    result
}

fn act_calls(notes: &mut Notes) {
    let mut low = Low::new();
    in_child(notes, |notes| {
        let (name, missing) = (low.put(b"sub\0"), low.put(b"nowhere\0"));
        call(notes, "openat", 295, &[libc::AT_FDCWD as u32, missing, 0o2, 0]);
        std::fs::create_dir("sub").unwrap();
        call(notes, "chdir", 12, &[name]);
        call(notes, "chdir missing", 12, &[missing]);
        let (read_exec, own) = (5, 0x22);
        call(notes, "mmap2", 192, &[0, 4096, read_exec, own, u32::MAX, 3]);
        let packed = low.words(&[0, 8192, read_exec, own, u32::MAX, 4096]);
        call(notes, "mmap", 90, &[packed]);
        call(notes, "mmap unreadable", 90, &[8]);
        let limits = low.words(&[5, u32::MAX]);
        call(notes, "setrlimit", 75, &[4, limits]);
        call(notes, "prctl", 172, &[38, 1, 0, 0, 0]);
        call(notes, "kill", 37, &[u32::MAX - 1_000_000, 9]);
        call(notes, "mount", 21, &[missing, missing, 0, 1, 0]);
        call(notes, "umount", 22, &[missing]);
        call(notes, "setresuid", 164, &[0xFFFF, 0xFFFF, 0xFFFF]);
        call(notes, "setresuid 32", 208, &[u32::MAX, 0, 0]);
        call(notes, "setuid", 23, &[0x1_0003]);
    });
}

/// A port at which nobody listens, in network order, at 127.0.0.1.
const ADDRESS: [u8; 16] = [2, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

fn act_sockets(notes: &mut Notes) {
    let mut low = Low::new();
    let address = low.put(&ADDRESS);
    let make = low.words(&[2, 1, 0]);
    call(notes, "chdir", 12, &[low.put(b".\0")]);
    let fd = call(notes, "socket", 102, &[1, make]);
    let ends = low.words(&[fd as u32, address, 16]);
    call(notes, "connect", 102, &[3, ends]);
    call(notes, "connect directly", 362, &[fd as u32, address, 16]);
    let args = [fd as usize, ADDRESS.as_ptr() as usize, 16];
    crate::fields::call(notes, "connect as 64 bits", libc::SYS_connect, &args);
    call(notes, "unreadable", 102, &[3, 8]);
}

#[test]
fn socketcall_is_told_as_the_call_that_it_stands_for() {
    let outcome = trace("compat::sockets");
    if !are_there(&outcome.notes) {
        return;
    }
    let of = |name: &str| outcome.notes.of(name);
    let socket = vec![Is::Int(of("socket")), Is::Int(2), Is::Int(1), Is::Int(0), Is::Any];
    assert_events(&outcome, SOCKET_SOCKET_X, &[socket]);
    let connects = outcome.of(SOCKET_CONNECT_X);
    let [by_socketcall, directly, native] = connects[..] else { panic!("{connects:#?}") };
    assert_eq!(of("connect"), -i64::from(libc::ECONNREFUSED));
    for connect in [by_socketcall, directly, native] {
        let event = connect.event();
        assert_eq!(event.int(0), Some(-i64::from(libc::ECONNREFUSED)));
        assert_eq!(event.int(2), Some(of("socket")));
        assert_eq!(event.bytes(3), native.event().bytes(3));
        assert!(!event.bytes(3).unwrap().is_empty());
    }
}

/// Kernels may lack 32-bit calls altogether.
fn are_there(notes: &Notes) -> bool {
    notes.of("chdir") == 0
}

fn check(outcome: &crate::harness::Outcome) {
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let none = i64::from(u32::MAX);
    let opened = outcome.of(OPENAT_2_X).into_iter().find(|event| event.text("name") == b"nowhere");
    assert_eq!(opened.unwrap().int("fd"), Some(outcome.notes.of("openat")));
    let chdir = [vec![of("chdir"), text("sub")], vec![of("chdir missing"), text("nowhere")]];
    assert_events(outcome, CHDIR_X, &chdir);
    let mmap = |name: &str, length: i64, offset: i64| {
        let asked = [0, length, 5, 0xA, -1, offset].map(Is::Int);
        [vec![of(name), Is::Any, Is::Any, Is::Any], asked.to_vec()].concat()
    };
    let expected = [mmap("mmap2", 4096, 3 * 4096), mmap("mmap", 8192, 4096)];
    assert_events(outcome, MMAP_X, &expected);
    let limits = [vec![of("setrlimit"), Is::Int(5), Is::Int(-1), Is::Int(4)]];
    assert_events(outcome, SETRLIMIT_X, &limits);
    assert_events(outcome, PRCTL_X, &[vec![of("prctl"), Is::Int(38), Is::Null, Is::Int(1)]]);
    assert_events(outcome, KILL_X, &[vec![of("kill"), Is::Int(-1_000_001), Is::Int(9)]]);
    let mount = vec![of("mount"), text("nowhere"), text("nowhere"), Is::Null, Is::Int(1)];
    assert_events(outcome, MOUNT_X, &[mount]);
    assert_events(outcome, UMOUNT2_X, &[vec![of("umount"), text("nowhere"), Is::Int(0)]]);
    let ids = |name: &str, ids: [i64; 3]| [vec![of(name)], ids.map(Is::Int).to_vec()].concat();
    let setresuid = [ids("setresuid", [none; 3]), ids("setresuid 32", [none, 0, 0])];
    assert_events(outcome, SETRESUID_X, &setresuid);
    assert_events(outcome, SETUID_X, &[vec![of("setuid"), Is::Int(3)]]);
}

#[test]
fn calls_of_32_bit_programs_are_told_as_those_of_others() {
    let outcome = trace("compat::calls");
    if are_there(&outcome.notes) {
        check(&outcome);
    }
}

#[test]
fn they_are_told_without_a_filter_too() {
    let options = capture::ptrace::Options { without_filter: true, ..Default::default() };
    let outcome = trace_with("compat::calls", options);
    if are_there(&outcome.notes) {
        check(&outcome);
    }
}
