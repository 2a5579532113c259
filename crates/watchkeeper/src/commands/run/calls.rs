//! Which system calls have to be recorded: what the rules look at, and what state and timelines need.
//!
//! Each call that is recorded costs the host something, and reading and writing are most of what it
//! does; so those are recorded only where a rule asks for them. Threads' beginnings, programs and ends
//! are always recorded, and are no matter of this.

use std::collections::BTreeSet;

use rules::engine::Engine;

/// What state follows and timelines tell, by subject.
const ALWAYS: [&[&str]; 11] = [
    // What processes may do.
    &[
        "setuid",
        "setgid",
        "setreuid",
        "setregid",
        "setresuid",
        "setresgid",
        "setfsuid",
        "setfsgid",
        "setgroups",
        "capset",
        "setsid",
        "setpgid",
        "setrlimit",
        "prlimit64",
    ],
    // Where they are.
    &["chdir", "fchdir", "chroot", "setns", "unshare"],
    // Their files.
    &["open", "openat", "openat2", "creat", "open_by_handle_at", "close", "close_range"],
    &["memfd_create", "memfd_secret"],
    // Names of files.
    &[
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "unlink",
        "unlinkat",
        "mkdir",
        "mkdirat",
        "rmdir",
        "mknod",
        "mknodat",
        "truncate",
        "ftruncate",
    ],
    // Who may use them.
    &[
        "chmod",
        "fchmod",
        "fchmodat",
        "fchmodat2",
        "chown",
        "lchown",
        "fchown",
        "fchownat",
        "setxattr",
        "lsetxattr",
        "fsetxattr",
        "removexattr",
    ],
    // Their fds.
    &[
        "dup",
        "dup2",
        "dup3",
        "fcntl",
        "pipe",
        "pipe2",
        "eventfd",
        "eventfd2",
        "epoll_create",
        "epoll_create1",
        "signalfd",
        "signalfd4",
        "timerfd_create",
        "inotify_init",
        "inotify_init1",
        "userfaultfd",
        "pidfd_open",
        "pidfd_getfd",
        "io_uring_setup",
    ],
    // The network.
    &["socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "shutdown"],
    // Mounts.
    &["mount", "umount", "umount2", "pivot_root", "move_mount", "fsopen", "fsmount", "open_tree"],
    // Other processes.
    &["ptrace", "process_vm_readv", "process_vm_writev", "kill", "tkill", "tgkill"],
    // The kernel.
    &[
        "init_module",
        "finit_module",
        "delete_module",
        "bpf",
        "kexec_load",
        "kexec_file_load",
        "perf_event_open",
        "seccomp",
        "quotactl",
        "sethostname",
        "setdomainname",
        "swapon",
        "swapoff",
        "settimeofday",
        "clock_settime",
        "reboot",
        "keyctl",
        "add_key",
        "request_key",
    ],
];

/// What shows which files are in use, beside what is always recorded: only mappings that are executed stop.
pub(super) const OF_USES: [&str; 1] = ["mmap"];

/// Calls that make an event of another name, and the other ways into one call that 32-bit programs
/// have: the event's name, and the calls.
const VARIANTS: [(&str, &[&str]); 14] = [
    ("pread", &["pread64"]),
    ("pwrite", &["pwrite64"]),
    ("prlimit", &["prlimit64"]),
    ("prlimit64", &["prlimit64"]),
    ("llseek", &["_llseek", "llseek"]),
    ("stat", &["newstat", "stat64"]),
    ("lstat", &["newlstat", "lstat64"]),
    ("fstat", &["newfstat", "fstat64"]),
    ("newfstatat", &["fstatat64"]),
    ("fcntl", &["fcntl64"]),
    ("sendfile", &["sendfile64"]),
    ("umount", &["oldumount"]),
    ("umount2", &["umount"]),
    ("select", &["_newselect"]),
];

/// The calls that these rules and timelines need; `None`: all.
pub(crate) fn needed(engine: &Engine) -> Option<BTreeSet<String>> {
    let of_rules = engine.event_names()?;
    Some(with_variants(of_rules.into_iter().chain(ALWAYS.into_iter().flatten().copied())))
}

/// These, and the calls that make events of these names.
fn with_variants<'n>(names: impl Iterator<Item = &'n str>) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    for name in names {
        calls.insert(name.to_owned());
        let variants = VARIANTS.iter().filter(|(event, _)| *event == name);
        calls.extend(variants.flat_map(|(_, calls)| *calls).map(|&call| call.to_owned()));
    }
    calls
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use event::syscalls::SYSCALL_NAMES;
    use rules::{
        engine::Matching,
        load::{RuleFile, load},
    };

    use super::*;
    use crate::{detector::Wanted, rule_files::Sources};

    fn engine(condition: &str) -> Engine {
        let text = format!(
            "- {{rule: r, desc: d, condition: '{condition}', output: o, priority: INFO}}\n"
        );
        let loaded = load(vec![RuleFile { name: "r".to_owned(), text }]).unwrap();
        Engine::new(&loaded.definitions.rules, Matching::All).unwrap()
    }

    #[test]
    fn data_is_recorded_only_where_a_rule_looks_at_it() {
        let usual = needed(&engine("evt.type = openat")).unwrap();
        assert!(usual.contains("openat") && usual.contains("connect") && usual.contains("umount"));
        for call in ["read", "write", "pread64", "sendto", "recvfrom", "recvmsg", "stat"] {
            assert!(!usual.contains(call), "{call}");
        }
        let reads = needed(&engine("evt.type in (read, pread) and fd.name = /x")).unwrap();
        assert!(reads.contains("read") && reads.contains("pread64") && !reads.contains("write"));
        assert_eq!(needed(&engine("proc.name = x")), None, "it looks at every event");
    }

    #[test]
    fn the_default_rules_leave_data_calls_alone() {
        let loaded = Sources::Default.load().unwrap();
        let detector = crate::detector::Detector::of(&loaded, &Wanted::default()).unwrap();
        let calls = needed(&detector.engine).unwrap();
        assert!(!calls.contains("read") && !calls.contains("write"), "{calls:?}");
    }

    #[test]
    fn what_is_always_recorded_are_calls_each_named_once() {
        let known: BTreeSet<&str> = SYSCALL_NAMES.into_iter().collect();
        let mut seen = BTreeSet::new();
        for &name in ALWAYS.iter().copied().flatten() {
            assert!(known.contains(name), "{name} is no call");
            assert!(seen.insert(name), "{name} is there twice");
        }
    }
}
