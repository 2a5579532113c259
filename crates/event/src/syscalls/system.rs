//! Host-wide operations.

use super::variants::{BPF_DYNAMIC_PARAMS, KEYCTL_DYNAMIC_PARAMS};
use crate::symbols::{
    BPF_COMMANDS, DELETE_MODULE_FLAGS, FINIT_MODULE_FLAGS, FSCONFIG_CMDS, KEYCTL_OPERATIONS,
    MKNOD_MODE,
};

use super::events;

events! {
    0 GENERIC_E "syscall" Other Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "ID": SyscallId Dec,
        "nativeID": Uint16 Dec,
    );
    1 GENERIC_X "syscall" Other Syscall [CONVERTER_MANAGED] (
        "ID": SyscallId Dec,
        "nativeID": Uint16 Dec,
    );
    296 BPF_E "bpf" Other Syscall [CREATES_FD OLD_VERSION CONVERTER_MANAGED] ("cmd": Int64 Dec);
    297 BPF_X "bpf" Other Syscall [CREATES_FD OLD_VERSION CONVERTER_MANAGED] (
        "res_or_fd": Dyn Dec Detail::Variants(BPF_DYNAMIC_PARAMS),
    );
    298 SECCOMP_E "seccomp" Other Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "op": Uint64 Dec,
        "flags": Uint64 Hex,
    );
    299 SECCOMP_X "seccomp" Other Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "op": Uint64 Dec,
        "flags": Uint64 Hex,
    );
    368 BPF_2_E "bpf" Other Syscall [CREATES_FD OLD_VERSION] ("cmd": Int64 Dec);
    369 BPF_2_X "bpf" Other Syscall [CREATES_FD] (
        "fd": Fd Dec,
        "cmd": EnumFlags32 Dec Detail::Symbols(BPF_COMMANDS),
    );
    372 FSCONFIG_E "fsconfig" System Syscall [OLD_VERSION] ();
    373 FSCONFIG_X "fsconfig" System Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "cmd": EnumFlags32 Dec Detail::Symbols(FSCONFIG_CMDS),
        "key": CharBuf Na,
        "value_bytebuf": ByteBuf Na,
        "value_charbuf": CharBuf Na,
        "aux": Int32 Dec,
    );
    410 INIT_MODULE_E "init_module" Other Syscall [OLD_VERSION] ();
    411 INIT_MODULE_X "init_module" Other Syscall [] (
        "res": Errno Dec,
        "img": ByteBuf Na,
        "length": Uint64 Dec,
        "uargs": CharBuf Na,
    );
    412 FINIT_MODULE_E "finit_module" Other Syscall [OLD_VERSION] ();
    413 FINIT_MODULE_X "finit_module" Other Syscall [USES_FD READS_FROM_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "uargs": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(FINIT_MODULE_FLAGS),
    );
    414 MKNOD_E "mknod" Other Syscall [OLD_VERSION] ();
    415 MKNOD_X "mknod" Other Syscall [] (
        "res": Errno Dec,
        "path": FsPath Na,
        "mode": Mode Oct Detail::Symbols(MKNOD_MODE),
        "dev": Uint32 Dec,
    );
    416 MKNODAT_E "mknodat" Other Syscall [OLD_VERSION] ();
    417 MKNODAT_X "mknodat" Other Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "path": FsRelPath Na Detail::DirFd(1),
        "mode": Mode Oct Detail::Symbols(MKNOD_MODE),
        "dev": Uint32 Dec,
    );
    424 DELETE_MODULE_E "delete_module" Other Syscall [OLD_VERSION] ();
    425 DELETE_MODULE_X "delete_module" Other Syscall [] (
        "res": Errno Dec,
        "name": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(DELETE_MODULE_FLAGS),
    );
    452 KEYCTL_E "NA" Unknown Nothing [UNUSED] ();
    453 KEYCTL_X "keyctl" Other Syscall [] (
        "res": Errno Dec,
        "operation": EnumFlags32 Dec Detail::Symbols(KEYCTL_OPERATIONS),
        "arg2": Dyn Dec Detail::Variants(KEYCTL_DYNAMIC_PARAMS),
        "arg3": Dyn Dec Detail::Variants(KEYCTL_DYNAMIC_PARAMS),
        "arg4": Dyn Dec Detail::Variants(KEYCTL_DYNAMIC_PARAMS),
        "arg5": Dyn Dec Detail::Variants(KEYCTL_DYNAMIC_PARAMS),
    );
}
