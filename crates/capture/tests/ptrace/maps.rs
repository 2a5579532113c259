//! Memory.

use event::syscalls::{
    MEMFD_CREATE_X, MMAP_X, MPROTECT_X, PROCESS_VM_READV_X, PROCESS_VM_WRITEV_X,
};

use crate::{
    fields::{Is, assert_events, assert_generic, at, call, in_child, int, text},
    harness::{Acts, Notes, trace},
};

pub(crate) const ACTS: Acts =
    &[("maps::maps", act_maps), ("maps::memfd", act_memfd), ("maps::others", act_others)];

const PAGE: usize = 4096;
const READ_EXEC: usize = (libc::PROT_READ | libc::PROT_EXEC) as usize;
const READ_WRITE: usize = (libc::PROT_READ | libc::PROT_WRITE) as usize;

fn act_maps(notes: &mut Notes) {
    in_child(notes, |notes| {
        let own = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as usize;
        let own_low = own | libc::MAP_32BIT as usize;
        call(notes, "executable", libc::SYS_mmap, &[0, PAGE, READ_EXEC, own_low, int(-1), 0]);
        let page = call(notes, "plain", libc::SYS_mmap, &[0, PAGE, READ_WRITE, own, int(-1), 0]);
        let page = usize::try_from(page).unwrap();
        let private = libc::MAP_PRIVATE as usize;
        call(notes, "no fd", libc::SYS_mmap, &[0, PAGE, READ_EXEC, private, int(-1), PAGE]);
        call(notes, "protect", libc::SYS_mprotect, &[page, PAGE, READ_EXEC]);
        call(notes, "protect plain", libc::SYS_mprotect, &[page, PAGE, READ_WRITE]);
        call(notes, "protect nothing", libc::SYS_mprotect, &[PAGE, PAGE, READ_EXEC]);
        call(notes, "by key", libc::SYS_pkey_mprotect, &[page, PAGE, READ_EXEC, int(-1)]);
        call(notes, "shared", libc::SYS_shmat, &[int(-1), 0, libc::SHM_EXEC as usize]);
        call(notes, "shared plain", libc::SYS_shmat, &[int(-1), 0, 0]);
        call(notes, "personality", libc::SYS_personality, &[0xFFFF_FFFF]);
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
        notes.note("size", size.trim().trim_end_matches(" kB").parse::<i64>().unwrap());
    });
}

#[test]
fn only_executable_mappings_are_told() {
    let outcome = trace("maps::maps");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let mmap = |name: &str, flags: i64, offset: i64| {
        let sizes = [Is::Any, Is::Any, Is::Any];
        let asked = [0, 4096, 5, flags, -1, offset].map(Is::Int);
        [vec![of(name)], sizes.to_vec(), asked.to_vec()].concat()
    };
    let expected = [mmap("executable", 0x1A, 0), mmap("no fd", 2, 4096)];
    assert_events(&outcome, MMAP_X, &expected);
    for event in outcome.of(MMAP_X) {
        let size = event.int("vm_size").unwrap();
        assert!((size - outcome.notes.of("size")).abs() < 4096, "{size} KiB");
        assert!(event.int("vm_rss").unwrap() > 100 && event.int("vm_swap").is_some());
    }
    let mprotect = [
        vec![of("protect"), of("plain"), Is::Int(4096), Is::Int(5)],
        vec![of("protect nothing"), Is::Int(4096), Is::Int(4096), Is::Int(5)],
    ];
    assert_events(&outcome, MPROTECT_X, &mprotect);
    let generic = [libc::SYS_pkey_mprotect, libc::SYS_shmat, libc::SYS_personality];
    assert_generic(&outcome, &generic);
}

fn act_memfd(notes: &mut Notes) {
    call(notes, "memfd", libc::SYS_memfd_create, &[at(c"a name"), 1]);
    call(notes, "unknown flag", libc::SYS_memfd_create, &[at(c""), 0x8_0002]);
    call(notes, "null", libc::SYS_memfd_create, &[0, 0]);
    call(notes, "secret", libc::SYS_memfd_secret, &[0xFF]);
}

#[test]
fn memfd_create_tells_the_name() {
    let outcome = trace("maps::memfd");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    assert_events(
        &outcome,
        MEMFD_CREATE_X,
        &[
            vec![of("memfd"), text("a name"), Is::Int(1)],
            vec![of("unknown flag"), text(""), Is::Int(2)],
            vec![of("null"), Is::Null, Is::Int(0)],
        ],
    );
    assert_generic(&outcome, &[libc::SYS_memfd_secret]);
}

fn act_others(notes: &mut Notes) {
    in_child(notes, |notes| {
        // SAFETY: no memory is passed.
        let pid = unsafe { libc::getpid() };
        notes.note("pid", pid);
        let theirs: Vec<u8> = (0..100).collect();
        let mut ours = [[0u8; 50]; 2];
        let vector = |bytes: &[u8]| libc::iovec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        };
        let remote = [vector(&theirs)];
        let local = [vector(&ours[0]), vector(&ours[1])];
        let (remote, local) = (remote.as_ptr() as usize, local.as_ptr() as usize);
        let (read, write) = (libc::SYS_process_vm_readv, libc::SYS_process_vm_writev);
        call(notes, "read", read, &[int(pid), local, 2, remote, 1, 0]);
        call(notes, "read nobody", read, &[0x3FFF_FFF0, local, 2, remote, 1, 0]);
        ours[0] = [7; 50];
        call(notes, "write", write, &[int(pid), local, 1, remote, 1, 0]);
        call(notes, "write nowhere", write, &[int(pid), local, 1, 8, 1, 0]);
        std::hint::black_box(&mut ours);
        call(notes, "advise", libc::SYS_process_madvise, &[int(-1)]);
    });
}

#[test]
fn memory_of_others_is_told_with_what_was_moved() {
    let outcome = trace("maps::others");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let read = [
        vec![of("read"), of("pid"), Is::Raw((0..80).collect())],
        vec![of("read nobody"), Is::Int(0x3FFF_FFF0), Is::Null],
    ];
    assert_events(&outcome, PROCESS_VM_READV_X, &read);
    let write = [
        vec![of("write"), of("pid"), Is::Raw(vec![7; 50])],
        vec![of("write nowhere"), of("pid"), Is::Null],
    ];
    assert_events(&outcome, PROCESS_VM_WRITEV_X, &write);
    assert_eq!((outcome.notes.of("read"), outcome.notes.of("write")), (100, 50));
    assert_generic(&outcome, &[libc::SYS_process_madvise]);
}
