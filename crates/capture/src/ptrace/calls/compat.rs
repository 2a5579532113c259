//! Calls of 32-bit programs, as those of x86-64: number, and arguments in the same order.
//!
//! Numbers, names and orders of arguments: arch/x86/entry/syscalls/syscall_32.tbl of Linux and the
//! functions that it names. Pointers and longs in memory stay as the program has them: rows read
//! those by [`Abi::Bits32`](super::Abi).
//!
//! Some calls take their arguments from memory (`socketcall`, the old `mmap`). The kernel reads
//! them anew behind us, so another thread may change them in between; what a call made is asked of
//! the kernel afterwards, where that is possible.

use super::all;
use crate::ptrace::{memory::Memory, numbers};

/// How the arguments of a call differ from those of its counterpart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// Not at all.
    Same,
    /// From this argument on, so many are ids of 16 bits, of which all ones mean the same as 32.
    Ids16(usize, usize),
    /// An offset or length of 64 bits stands in this argument (lower half) and the next one.
    Split(usize),
    /// Two of them do (`fallocate`).
    SplitTwice(usize),
    /// A length of 32 bits with a sign.
    Signed(usize),
    /// `clone`: the last two arguments change places.
    Swapped,
    /// `mmap2`: the offset counts pages.
    Pages,
    /// The old `mmap`: all arguments are in memory, 32 bits each.
    Packed,
    /// `umount`: no flags.
    NoFlags,
    /// `socketcall`: which call, and its arguments in memory, 32 bits each.
    Sockets,
}

use Shape::{Ids16, NoFlags, Packed, Pages, Same, Signed, Sockets, Split, SplitTwice, Swapped};

/// `socketcall`.
const SOCKETCALL: u32 = 102;
/// From this number on, all architectures have the same numbers.
const COMMON_FROM: u32 = 424;

/// Number, number of x86-64, and how the arguments differ, ascending.
#[rustfmt::skip]
const TABLE: &[(u32, libc::c_long, Shape)] = &[
    (1, libc::SYS_exit, Same),
    (2, numbers::SYS_fork, Same),
    (3, libc::SYS_read, Same),
    (4, libc::SYS_write, Same),
    (5, numbers::SYS_open, Same),
    (6, libc::SYS_close, Same),
    (8, numbers::SYS_creat, Same),
    (9, numbers::SYS_link, Same),
    (10, numbers::SYS_unlink, Same),
    (11, libc::SYS_execve, Same),
    (12, libc::SYS_chdir, Same),
    (14, numbers::SYS_mknod, Same),
    (15, numbers::SYS_chmod, Same),
    (16, numbers::SYS_lchown, Ids16(1, 2)),
    (21, libc::SYS_mount, Same),
    (22, libc::SYS_umount2, NoFlags),
    (23, libc::SYS_setuid, Ids16(0, 1)),
    (25, libc::SYS_settimeofday, Same), // stime
    (26, libc::SYS_ptrace, Same),
    (30, numbers::SYS_utime, Same),
    (33, numbers::SYS_access, Same),
    (37, libc::SYS_kill, Same),
    (38, numbers::SYS_rename, Same),
    (39, numbers::SYS_mkdir, Same),
    (40, numbers::SYS_rmdir, Same),
    (41, libc::SYS_dup, Same),
    (42, numbers::SYS_pipe, Same),
    (46, libc::SYS_setgid, Ids16(0, 1)),
    (51, libc::SYS_acct, Same),
    (52, libc::SYS_umount2, Same),
    (54, libc::SYS_ioctl, Same),
    (55, libc::SYS_fcntl, Same),
    (57, libc::SYS_setpgid, Same),
    (60, libc::SYS_umask, Same),
    (61, libc::SYS_chroot, Same),
    (63, numbers::SYS_dup2, Same),
    (66, libc::SYS_setsid, Same),
    (70, libc::SYS_setreuid, Ids16(0, 2)),
    (71, libc::SYS_setregid, Ids16(0, 2)),
    (74, libc::SYS_sethostname, Same),
    (75, libc::SYS_setrlimit, Same),
    (79, libc::SYS_settimeofday, Same),
    (81, libc::SYS_setgroups, Same),
    (83, numbers::SYS_symlink, Same),
    (85, numbers::SYS_readlink, Same),
    (86, numbers::SYS_uselib, Same),
    (87, libc::SYS_swapon, Same),
    (88, libc::SYS_reboot, Same),
    (90, libc::SYS_mmap, Packed),
    (91, libc::SYS_munmap, Same),
    (92, libc::SYS_truncate, Signed(1)),
    (93, libc::SYS_ftruncate, Signed(1)),
    (94, libc::SYS_fchmod, Same),
    (95, libc::SYS_fchown, Ids16(1, 2)),
    (101, numbers::SYS_ioperm, Same),
    (SOCKETCALL, 0, Sockets),
    (103, libc::SYS_syslog, Same),
    (110, numbers::SYS_iopl, Same),
    (111, libc::SYS_vhangup, Same),
    (115, libc::SYS_swapoff, Same),
    (120, libc::SYS_clone, Swapped),
    (121, libc::SYS_setdomainname, Same),
    (123, numbers::SYS_modify_ldt, Same),
    (124, libc::SYS_adjtimex, Same),
    (125, libc::SYS_mprotect, Same),
    (128, libc::SYS_init_module, Same),
    (129, libc::SYS_delete_module, Same),
    (131, libc::SYS_quotactl, Same),
    (133, libc::SYS_fchdir, Same),
    (136, libc::SYS_personality, Same),
    (138, libc::SYS_setfsuid, Ids16(0, 1)),
    (139, libc::SYS_setfsgid, Ids16(0, 1)),
    (143, libc::SYS_flock, Same),
    (145, libc::SYS_readv, Same),
    (146, libc::SYS_writev, Same),
    (163, libc::SYS_mremap, Same),
    (164, libc::SYS_setresuid, Ids16(0, 3)),
    (170, libc::SYS_setresgid, Ids16(0, 3)),
    (172, libc::SYS_prctl, Same),
    (178, libc::SYS_rt_sigqueueinfo, Same),
    (180, libc::SYS_pread64, Split(3)),
    (181, libc::SYS_pwrite64, Split(3)),
    (182, numbers::SYS_chown, Ids16(1, 2)),
    (184, libc::SYS_capget, Same),
    (185, libc::SYS_capset, Same),
    (187, libc::SYS_sendfile, Same),
    (190, numbers::SYS_vfork, Same),
    (192, libc::SYS_mmap, Pages),
    (193, libc::SYS_truncate, Split(1)),
    (194, libc::SYS_ftruncate, Split(1)),
    (198, numbers::SYS_lchown, Same),
    (203, libc::SYS_setreuid, Same),
    (204, libc::SYS_setregid, Same),
    (206, libc::SYS_setgroups, Same),
    (207, libc::SYS_fchown, Same),
    (208, libc::SYS_setresuid, Same),
    (210, libc::SYS_setresgid, Same),
    (212, numbers::SYS_chown, Same),
    (213, libc::SYS_setuid, Same),
    (214, libc::SYS_setgid, Same),
    (215, libc::SYS_setfsuid, Same),
    (216, libc::SYS_setfsgid, Same),
    (217, libc::SYS_pivot_root, Same),
    (220, libc::SYS_getdents64, Same),
    (221, libc::SYS_fcntl, Same),
    (226, libc::SYS_setxattr, Same),
    (227, libc::SYS_lsetxattr, Same),
    (228, libc::SYS_fsetxattr, Same),
    (235, libc::SYS_removexattr, Same),
    (236, libc::SYS_lremovexattr, Same),
    (237, libc::SYS_fremovexattr, Same),
    (238, libc::SYS_tkill, Same),
    (239, libc::SYS_sendfile, Same),
    (252, libc::SYS_exit_group, Same),
    (254, numbers::SYS_epoll_create, Same),
    (255, libc::SYS_epoll_ctl, Same),
    (264, libc::SYS_clock_settime, Same),
    (270, libc::SYS_tgkill, Same),
    (271, numbers::SYS_utimes, Same),
    (283, libc::SYS_kexec_load, Same),
    (286, libc::SYS_add_key, Same),
    (287, libc::SYS_request_key, Same),
    (288, libc::SYS_keyctl, Same),
    (291, numbers::SYS_inotify_init, Same),
    (292, libc::SYS_inotify_add_watch, Same),
    (295, libc::SYS_openat, Same),
    (296, libc::SYS_mkdirat, Same),
    (297, libc::SYS_mknodat, Same),
    (298, libc::SYS_fchownat, Same),
    (299, numbers::SYS_futimesat, Same),
    (301, libc::SYS_unlinkat, Same),
    (302, libc::SYS_renameat, Same),
    (303, libc::SYS_linkat, Same),
    (304, libc::SYS_symlinkat, Same),
    (305, libc::SYS_readlinkat, Same),
    (306, libc::SYS_fchmodat, Same),
    (307, libc::SYS_faccessat, Same),
    (310, libc::SYS_unshare, Same),
    (313, libc::SYS_splice, Same),
    (315, libc::SYS_tee, Same),
    (316, libc::SYS_vmsplice, Same),
    (320, libc::SYS_utimensat, Same),
    (321, numbers::SYS_signalfd, Same),
    (322, libc::SYS_timerfd_create, Same),
    (323, numbers::SYS_eventfd, Same),
    (324, libc::SYS_fallocate, SplitTwice(2)),
    (327, libc::SYS_signalfd4, Same),
    (328, libc::SYS_eventfd2, Same),
    (329, libc::SYS_epoll_create1, Same),
    (330, libc::SYS_dup3, Same),
    (331, libc::SYS_pipe2, Same),
    (332, libc::SYS_inotify_init1, Same),
    (333, libc::SYS_preadv, Split(3)),
    (334, libc::SYS_pwritev, Split(3)),
    (335, libc::SYS_rt_tgsigqueueinfo, Same),
    (336, libc::SYS_perf_event_open, Same),
    (337, libc::SYS_recvmmsg, Same),
    (338, libc::SYS_fanotify_init, Same),
    (340, libc::SYS_prlimit64, Same),
    (341, libc::SYS_name_to_handle_at, Same),
    (342, libc::SYS_open_by_handle_at, Same),
    (343, libc::SYS_clock_adjtime, Same),
    (345, libc::SYS_sendmmsg, Same),
    (346, libc::SYS_setns, Same),
    (347, libc::SYS_process_vm_readv, Same),
    (348, libc::SYS_process_vm_writev, Same),
    (349, libc::SYS_kcmp, Same),
    (350, libc::SYS_finit_module, Same),
    (353, libc::SYS_renameat2, Same),
    (354, libc::SYS_seccomp, Same),
    (356, libc::SYS_memfd_create, Same),
    (357, libc::SYS_bpf, Same),
    (358, libc::SYS_execveat, Same),
    (359, libc::SYS_socket, Same),
    (360, libc::SYS_socketpair, Same),
    (361, libc::SYS_bind, Same),
    (362, libc::SYS_connect, Same),
    (363, libc::SYS_listen, Same),
    (364, libc::SYS_accept4, Same),
    (365, libc::SYS_getsockopt, Same),
    (366, libc::SYS_setsockopt, Same),
    (367, libc::SYS_getsockname, Same),
    (368, libc::SYS_getpeername, Same),
    (369, libc::SYS_sendto, Same),
    (370, libc::SYS_sendmsg, Same),
    (371, libc::SYS_recvfrom, Same),
    (372, libc::SYS_recvmsg, Same),
    (373, libc::SYS_shutdown, Same),
    (374, libc::SYS_userfaultfd, Same),
    (377, libc::SYS_copy_file_range, Same),
    (378, libc::SYS_preadv2, Split(3)),
    (379, libc::SYS_pwritev2, Split(3)),
    (380, libc::SYS_pkey_mprotect, Same),
    (397, libc::SYS_shmat, Same),
    (404, libc::SYS_clock_settime, Same), // clock_settime64
    (405, libc::SYS_clock_adjtime, Same), // clock_adjtime64
    (412, libc::SYS_utimensat, Same),     // utimensat_time64
    (417, libc::SYS_recvmmsg, Same),      // recvmmsg_time64
];

/// Calls of `socketcall`, by its first argument from 1 on: which, and how many arguments.
///
/// Source: linux/net.h and net/socket.c. `send` and `recv` are `sendto` and `recvfrom` without an
/// address, as on x86-64.
const SOCKET_CALLS: [(libc::c_long, usize); 20] = [
    (libc::SYS_socket, 3),
    (libc::SYS_bind, 3),
    (libc::SYS_connect, 3),
    (libc::SYS_listen, 2),
    (libc::SYS_accept, 3),
    (libc::SYS_getsockname, 3),
    (libc::SYS_getpeername, 3),
    (libc::SYS_socketpair, 4),
    (libc::SYS_sendto, 4),
    (libc::SYS_recvfrom, 4),
    (libc::SYS_sendto, 6),
    (libc::SYS_recvfrom, 6),
    (libc::SYS_shutdown, 2),
    (libc::SYS_setsockopt, 5),
    (libc::SYS_getsockopt, 5),
    (libc::SYS_sendmsg, 3),
    (libc::SYS_recvmsg, 3),
    (libc::SYS_accept4, 4),
    (libc::SYS_recvmmsg, 5),
    (libc::SYS_sendmmsg, 4),
];

/// A 32-bit call as one of x86-64: its number and arguments. `None` if it is none that is
/// recorded.
pub(in crate::ptrace) fn native(
    number: u32,
    args: [u64; 6],
    memory: Memory,
) -> Option<(u32, [u64; 6])> {
    // A 64-bit program that makes such a call may have anything in the upper halves.
    let args = args.map(|arg| arg & u64::from(u32::MAX));
    let place = TABLE.binary_search_by_key(&number, |(number, ..)| *number);
    match place.ok().and_then(|place| TABLE.get(place)) {
        Some((_, _, Sockets)) => socket_call(args, memory),
        Some(&(_, native, shape)) => Some((native as u32, reshape(shape, args, memory)?)),
        None if number >= COMMON_FROM => Some((number, args)),
        None => None,
    }
}

/// Every number that may be a call that is recorded, ascending.
pub(in crate::ptrace) fn numbers() -> Vec<u32> {
    let recorded: std::collections::BTreeSet<u32> = all().map(|row| row.number).collect();
    let listed = TABLE
        .iter()
        .filter(|(_, native, shape)| *shape == Sockets || recorded.contains(&(*native as u32)));
    let common = recorded.range(COMMON_FROM..).copied();
    listed.map(|(number, ..)| *number).chain(common).collect()
}

/// Every number, the call that it is recorded as, and how the BPF programs name the way of those whose
/// arguments differ (`FORM` in `bpf/call.h`). Calls of sockets in one are not among them.
pub(crate) fn ways() -> impl Iterator<Item = (u32, &'static str, &'static str)> {
    let way = |shape| match shape {
        Ids16(..) => "ids",
        Pages => "pages",
        Packed => "packed",
        NoFlags => "old",
        Same | Split(_) | SplitTwice(_) | Signed(_) | Swapped | Sockets => "",
    };
    let listed = TABLE.iter().filter(|(.., shape)| *shape != Sockets);
    let listed = listed.map(move |&(number, native, shape)| (number, native as u32, way(shape)));
    let common = all().map(|row| row.number).filter(|number| *number >= COMMON_FROM);
    let numbers = listed.chain(common.map(|number| (number, number, "")));
    numbers.filter_map(|(number, native, way)| {
        let row = all().find(|row| row.number == native)?;
        Some((number, row.name, way))
    })
}

fn socket_call(args: [u64; 6], memory: Memory) -> Option<(u32, [u64; 6])> {
    let at = usize::try_from(args[0]).ok()?.checked_sub(1)?;
    let (native, count) = *SOCKET_CALLS.get(at)?;
    Some((native as u32, packed(memory, args[1], count)?))
}

/// Arguments of 32 bits each in memory.
fn packed(memory: Memory, address: u64, count: usize) -> Option<[u64; 6]> {
    let mut args = [0; 6];
    for (arg, at) in args.iter_mut().take(count).zip(0..) {
        *arg = memory.u32(address.wrapping_add(at * 4)).map(u64::from)?;
    }
    Some(args)
}

fn reshape(shape: Shape, args: [u64; 6], memory: Memory) -> Option<[u64; 6]> {
    let [a, b, c, d, e, f] = args;
    let whole = |at: usize| {
        let half = |at: usize| args.get(at).copied().unwrap_or(0);
        half(at) | half(at + 1) << 32
    };
    let mut new = args;
    match shape {
        Same | Sockets => {}
        Ids16(from, count) => {
            for id in new.iter_mut().skip(from).take(count) {
                *id = if *id as u16 == u16::MAX { u64::from(u32::MAX) } else { *id & 0xFFFF };
            }
        }
        Split(at) => {
            set(&mut new, at, whole(at));
            set(&mut new, at + 1, 0);
        }
        SplitTwice(at) => {
            set(&mut new, at, whole(at));
            set(&mut new, at + 1, whole(at + 2));
            new[4] = 0;
            new[5] = 0;
        }
        Signed(at) => set(&mut new, at, args.get(at).map_or(0, |arg| *arg as i32 as u64)),
        Swapped => new = [a, b, c, e, d, f],
        Pages => new[5] = f << 12,
        Packed => new = packed(memory, a, 6)?,
        NoFlags => new[1] = 0,
    }
    Some(new)
}

fn set(args: &mut [u64; 6], at: usize, value: u64) {
    if let Some(arg) = args.get_mut(at) {
        *arg = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ptrace::calls::Abi;

    /// This very thread's memory.
    fn own() -> Memory {
        Memory { tid: crate::ptrace::sys::own_tid(), abi: Abi::Bits32 }
    }

    #[test]
    fn numbers_ascend_and_are_recorded() {
        assert!(TABLE.is_sorted_by(|one, next| one.0 < next.0));
        let numbers = numbers();
        assert!(numbers.is_sorted_by(|one, next| one < next));
        let packed = [90, SOCKETCALL];
        for number in numbers.into_iter().filter(|number| !packed.contains(number)) {
            let (native, _) = native(number, [0; 6], own()).unwrap_or_else(|| panic!("{number}"));
            assert!(all().any(|row| row.number == native), "{number}");
        }
    }

    #[test]
    fn every_row_that_32_bit_programs_can_reach_is_listed() {
        const NATIVE_ONLY: [libc::c_long; 1] = [libc::SYS_kexec_file_load];
        let listed: Vec<u32> = TABLE
            .iter()
            .map(|(_, native, _)| *native)
            .chain(SOCKET_CALLS.iter().map(|(native, _)| *native))
            .chain(NATIVE_ONLY)
            .map(|native| native as u32)
            .collect();
        for row in all().filter(|row| row.number < COMMON_FROM) {
            assert!(listed.contains(&row.number), "{}", row.name);
        }
    }

    #[test]
    fn arguments_take_the_places_of_their_counterparts() {
        let high = 0xDEAD_0000_0000;
        let args = [high | 1, 2, 3, 4, 5, 6];
        let cases: &[(u32, libc::c_long, [u64; 6])] = &[
            (5, numbers::SYS_open, [1, 2, 3, 4, 5, 6]),
            (22, libc::SYS_umount2, [1, 0, 3, 4, 5, 6]),
            (120, libc::SYS_clone, [1, 2, 3, 5, 4, 6]),
            (180, libc::SYS_pread64, [1, 2, 3, 4 | 5 << 32, 0, 6]),
            (192, libc::SYS_mmap, [1, 2, 3, 4, 5, 6 << 12]),
            (193, libc::SYS_truncate, [1, 2 | 3 << 32, 0, 4, 5, 6]),
            (324, libc::SYS_fallocate, [1, 2, 3 | 4 << 32, 5 | 6 << 32, 0, 0]),
            (378, libc::SYS_preadv2, [1, 2, 3, 4 | 5 << 32, 0, 6]),
            (437, libc::SYS_openat2, [1, 2, 3, 4, 5, 6]),
        ];
        for &(number, expected, new) in cases {
            assert_eq!(native(number, args, own()), Some((expected as u32, new)), "{number}");
        }
        let ids = [0x1_FFFF, 0x2_0007, 9, 0, 0, 0];
        let all_ones = u64::from(u32::MAX);
        let setresuid = Some((libc::SYS_setresuid as u32, [all_ones, 7, 9, 0, 0, 0]));
        assert_eq!(native(164, ids, own()), setresuid);
        let chown = native(182, [0x1_FFFF, 0x1_FFFF, 8, 0, 0, 0], own());
        assert_eq!(chown, Some((numbers::SYS_chown as u32, [0x1_FFFF, all_ones, 8, 0, 0, 0])));
        let shorter = native(92, [1, 0xFFFF_FFFF, 0, 0, 0, 0], own());
        assert_eq!(shorter, Some((libc::SYS_truncate as u32, [1, u64::MAX, 0, 0, 0, 0])));
    }

    #[test]
    fn calls_that_cannot_be_read_or_are_not_known_are_none() {
        assert_eq!(native(90, [8, 0, 0, 0, 0, 0], own()), None);
        assert_eq!(native(SOCKETCALL, [3, 8, 0, 0, 0, 0], own()), None);
        assert_eq!(native(SOCKETCALL, [0, 0, 0, 0, 0, 0], own()), None);
        assert_eq!(native(SOCKETCALL, [21, 0, 0, 0, 0, 0], own()), None);
        assert_eq!(native(20, [0; 6], own()), None);
        assert_eq!(native(0, [0; 6], own()), None);
    }
}
