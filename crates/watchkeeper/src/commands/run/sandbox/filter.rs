//! Which calls the agent never makes: they fail with `EPERM`.
//!
//! What it does make is too much, and depends too much on libraries, to be listed without something
//! missing one day; what would be of use to somebody who got hold of it is a short list.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

use super::{Attaching, Needs, Programs};

/// Calls that are never made.
const NEVER: &[c_long] = &[
    // To reach into other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // To be somewhere else.
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_open_by_handle_at,
    // To change the kernel or the machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_syslog,
    libc::SYS_mknodat,
    // Parts of the kernel that it has no use for.
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_fanotify_init,
    libc::SYS_personality,
];

/// The same that only some architectures have.
#[cfg(target_arch = "x86_64")]
const NEVER_HERE: &[c_long] = &[
    libc::SYS_mknod,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_kexec_file_load,
];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_HERE: &[c_long] = &[libc::SYS_kexec_file_load];

/// Commands of bpf(2) that read and write entries of maps, and the one that tells of a program
/// (linux/bpf.h).
const HARMLESS: [u64; 6] = [1, 2, 3, 4, 15, 24];

/// Bit of calls of the x32 ABI, and those of them that have numbers of their own: execve, ptrace,
/// process_vm_readv, process_vm_writev, execveat (arch/x86/entry/syscalls/syscall_64.tbl).
#[cfg(target_arch = "x86_64")]
const X32: (c_long, [c_long; 5]) = (0x4000_0000, [520, 521, 539, 540, 545]);

/// From here on none of them is made, by any thread.
pub(super) fn install(needs: &Needs) -> Result<(), Error> {
    apply_filter_all_threads(&program(needs)?)
}

fn program(needs: &Needs) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let mut never: Vec<c_long> = NEVER.iter().chain(NEVER_HERE).copied().collect();
    if needs.programs == Programs::None {
        never.extend([libc::SYS_execve, libc::SYS_execveat]);
    }
    #[cfg(target_arch = "x86_64")]
    {
        let (bit, own) = X32;
        let other: Vec<_> = never.iter().map(|number| number | bit).collect();
        never.extend(other.into_iter().chain(own.map(|number| number | bit)));
    }
    rules.extend(never.into_iter().map(|number| (number, Vec::new())));
    if needs.attaching == Attaching::Done {
        rules.insert(libc::SYS_bpf, vec![anything_but_harmless()?]);
    }
    let (otherwise, refused) = (SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32));
    SeccompFilter::new(rules, otherwise, refused, architecture())?.try_into()
}

/// bpf(2) with other commands.
fn anything_but_harmless() -> Result<SeccompRule, BackendError> {
    let other = |&command: &u64| {
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, command)
    };
    SeccompRule::new(HARMLESS.iter().map(other).collect::<Result<_, _>>()?)
}

fn architecture() -> TargetArch {
    if cfg!(target_arch = "aarch64") { TargetArch::aarch64 } else { TargetArch::x86_64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_makes_a_program_that_the_kernel_takes() {
        for programs in [Programs::None, Programs::Run] {
            for attaching in [Attaching::Done, Attaching::MayGoOn] {
                let program = program(&Needs { programs, attaching, writes: Vec::new() });
                assert!((100..4096).contains(&program.unwrap().len()));
            }
        }
    }

    /// The error number of a call whose arguments are all 0, made by a thread that has this filter.
    fn errors(programs: Programs, calls: Vec<c_long>) -> Vec<(c_long, Option<i32>)> {
        let needs = Needs { programs, attaching: Attaching::MayGoOn, writes: Vec::new() };
        let filter = program(&needs).unwrap();
        let made = move || {
            seccompiler::apply_filter(&filter).unwrap();
            let error = |number| {
                // SAFETY: where the kernel makes such a call after all, it has no memory to write to.
                let result = unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) };
                let failed = result == -1;
                (number, failed.then(|| std::io::Error::last_os_error().raw_os_error()).flatten())
            };
            calls.into_iter().map(error).collect()
        };
        std::thread::spawn(made).join().unwrap()
    }

    #[test]
    fn what_is_never_made_fails_and_all_else_does_not() {
        let never: Vec<c_long> = NEVER.iter().chain(NEVER_HERE).copied().collect();
        for (number, error) in errors(Programs::Run, never) {
            assert_eq!(error, Some(libc::EPERM), "{number}");
        }
        let programs = vec![libc::SYS_execve, libc::SYS_execveat];
        for (number, error) in errors(Programs::None, programs.clone()) {
            assert_eq!(error, Some(libc::EPERM), "{number}");
        }
        for (number, error) in errors(Programs::Run, programs) {
            assert_eq!(error, Some(libc::EFAULT), "{number}");
        }
        let made = errors(Programs::None, vec![libc::SYS_getpid, libc::SYS_sched_yield]);
        assert!(made.iter().all(|(_, error)| error.is_none()), "{made:?}");
    }
}
