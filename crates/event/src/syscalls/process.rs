//! Process life: fork, exit, namespaces, limits, ptrace.

use super::variants::PTRACE_DYNAMIC_PARAMS;
use crate::symbols::{
    CLONE_FLAGS, EXECVE_FLAGS, PIDFD_OPEN_FLAGS, PRCTL_OPTIONS, PTRACE_REQUESTS, RLIMIT_RESOURCES,
};

use super::events;

events! {
    14 CLONE_11_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    15 CLONE_11_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    16 PROCEXIT_E "procexit" Process Tracepoint [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] ();
    17 PROCEXIT_X "NA" Unknown Nothing [UNUSED] ();
    140 GETRLIMIT_E "getrlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    141 GETRLIMIT_X "getrlimit" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "cur": Int64 Dec,
        "max": Int64 Dec,
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    142 SETRLIMIT_E "setrlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    143 SETRLIMIT_X "setrlimit" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "cur": Int64 Dec,
        "max": Int64 Dec,
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    144 PRLIMIT_E "prlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "pid": Pid Dec,
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    145 PRLIMIT_X "prlimit" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "newcur": Int64 Dec,
        "newmax": Int64 Dec,
        "oldcur": Int64 Dec,
        "oldmax": Int64 Dec,
        "pid": Int64 Dec,
        "resource": EnumFlags8 Dec Detail::Symbols(RLIMIT_RESOURCES),
    );
    156 CLONE_16_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    157 CLONE_16_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    168 PTRACE_E "ptrace" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "request": EnumFlags16 Dec Detail::Symbols(PTRACE_REQUESTS),
        "pid": Pid Dec,
    );
    169 PTRACE_X "ptrace" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "addr": Dyn Hex Detail::Variants(PTRACE_DYNAMIC_PARAMS),
        "data": Dyn Hex Detail::Variants(PTRACE_DYNAMIC_PARAMS),
        "request": EnumFlags16 Dec Detail::Symbols(PTRACE_REQUESTS),
        "pid": Pid Dec,
    );
    182 FORK_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    183 FORK_X "fork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    184 VFORK_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    185 VFORK_X "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    186 PROCEXIT_1_E "procexit" Process Tracepoint [MODIFIES_STATE] (
        "status": Errno Dec,
        "ret": Errno Dec,
        "sig": SigType Dec,
        "core": Uint8 Dec,
        "reaper_tid": Pid Dec,
    );
    187 PROCEXIT_1_X "NA" Unknown Nothing [UNUSED] ();
    216 CLONE_17_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    217 CLONE_17_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    218 FORK_17_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    219 FORK_17_X "fork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    220 VFORK_17_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    221 VFORK_17_X "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    222 CLONE_20_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    223 CLONE_20_X "clone" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "cgroups": ByteBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "vtid": Pid Dec,
        "vpid": Pid Dec,
        "pidns_init_start_ts": Uint64 Dec,
    );
    224 FORK_20_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    225 FORK_20_X "fork" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "cgroups": ByteBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "vtid": Pid Dec,
        "vpid": Pid Dec,
        "pidns_init_start_ts": Uint64 Dec,
    );
    226 VFORK_20_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    227 VFORK_20_X "vfork" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "cgroups": ByteBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "vtid": Pid Dec,
        "vpid": Pid Dec,
        "pidns_init_start_ts": Uint64 Dec,
    );
    240 SETNS_E "setns" Process Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Na,
        "nstype": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
    );
    241 SETNS_X "setns" Process Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Na,
        "nstype": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
    );
    266 CHROOT_E "chroot" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    267 CHROOT_X "chroot" Process Syscall [MODIFIES_STATE] ("res": Errno Dec, "path": FsPath Na);
    274 SETSID_E "setsid" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    275 SETSID_X "setsid" Process Syscall [MODIFIES_STATE] ("res": Pid Dec);
    284 UNSHARE_E "unshare" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
    );
    285 UNSHARE_X "unshare" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
    );
    294 SETPGID_E "setpgid" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "pid": Pid Dec,
        "pgid": Pid Dec,
    );
    295 SETPGID_X "setpgid" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "pid": Pid Dec,
        "pgid": Pid Dec,
    );
    334 CLONE3_E "clone3" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    335 CLONE3_X "clone3" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Pid Dec,
        "exe": CharBuf Na,
        "args": ByteBuf Na,
        "tid": Pid Dec,
        "pid": Pid Dec,
        "ptid": Pid Dec,
        "cwd": CharBuf Na,
        "fdlimit": Int64 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "comm": CharBuf Na,
        "cgroups": ByteBuf Na,
        "flags": Flags32 Hex Detail::Symbols(CLONE_FLAGS),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "vtid": Pid Dec,
        "vpid": Pid Dec,
        "pidns_init_start_ts": Uint64 Dec,
    );
    352 CAPSET_E "capset" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    353 CAPSET_X "capset" Process Syscall [MODIFIES_STATE] (
        "res": Errno Dec,
        "cap_inheritable": Uint64 Hex,
        "cap_permitted": Uint64 Hex,
        "cap_effective": Uint64 Hex,
    );
    400 PRCTL_E "prctl" Process Syscall [MODIFIES_STATE OLD_VERSION] ();
    401 PRCTL_X "prctl" Process Syscall [MODIFIES_STATE] (
        "res": Errno Dec,
        "option": EnumFlags32 Dec Detail::Symbols(PRCTL_OPTIONS),
        "arg2_str": CharBuf Na,
        "arg2_int": Int64 Dec,
    );
    406 PIDFD_GETFD_E "pidfd_getfd" Process Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    407 PIDFD_GETFD_X "pidfd_getfd" Process Syscall [CREATES_FD MODIFIES_STATE] (
        "fd": Fd Dec,
        "pid_fd": Fd Dec,
        "target_fd": Fd Dec,
        "flags": Uint32 Hex,
    );
    408 PIDFD_OPEN_E "pidfd_open" Process Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    409 PIDFD_OPEN_X "pidfd_open" Process Syscall [CREATES_FD MODIFIES_STATE] (
        "fd": Fd Dec,
        "pid": Pid Dec,
        "flags": Flags32 Hex Detail::Symbols(PIDFD_OPEN_FLAGS),
    );
    430 ITER_TASK_E "task" Process Iter [MODIFIES_STATE] (
        "ppid": Pid32 Dec,
        "pgid": Pid32 Dec,
        "vpgid": Pid32 Dec,
        "sid": Pid32 Dec,
        "comm": CharBuf Na,
        "argv": CharBufArray Na,
        "exepath": FsPath Na,
        "flags": Flags32 Hex Detail::Symbols(EXECVE_FLAGS),
        "env": CharBufArray Na,
        "cwd": CharBuf Na,
        "fdlimit": Uint64 Dec,
        "euid": Uid Dec,
        "egid": Gid Dec,
        "cap_permitted": Uint64 Hex,
        "cap_effective": Uint64 Hex,
        "cap_inheritable": Uint64 Hex,
        "exe_ino_num": Uint64 Dec,
        "exe_ino_ctime": AbsTime Dec,
        "exe_ino_mtime": AbsTime Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vtgid": Pid32 Dec,
        "vpid": Pid32 Dec,
        "pidns_init_start_ts": Uint64 Dec,
        "cgroups": CharBufArray Na,
        "root": FsPath Na,
        "start_time": AbsTime Dec,
        "tty": Uint32 Dec,
        "loginuid": Uid Dec,
    );
    431 ITER_TASK_X "NA" Unknown Nothing [UNUSED] ();
}
