//! Pipes, event descriptors, futexes, semaphores and message passing.

use crate::symbols::{
    FILE_FLAGS, FUTEX_OPERATIONS, SEMCTL_COMMANDS, SEMGET_FLAGS, SEMOP_FLAGS, SOCKET_FAMILIES,
};

use super::events;

events! {
    42 SOCKET_SOCKETPAIR_E "socketpair" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "domain": EnumFlags32 Dec Detail::Symbols(SOCKET_FAMILIES),
        "type": Uint32 Dec,
        "proto": Uint32 Dec,
    );
    43 SOCKET_SOCKETPAIR_X "socketpair" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd1": Fd Dec,
        "fd2": Fd Dec,
        "source": Uint64 Hex,
        "peer": Uint64 Hex,
        "domain": EnumFlags32 Dec Detail::Symbols(SOCKET_FAMILIES),
        "type": Uint32 Dec,
        "proto": Uint32 Dec,
    );
    60 PIPE_E "pipe" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    61 PIPE_X "pipe" Ipc Syscall [CREATES_FD MODIFIES_STATE] (
        "res": Errno Dec,
        "fd1": Fd Dec,
        "fd2": Fd Dec,
        "ino": Uint64 Dec,
    );
    62 EVENTFD_E "eventfd" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "initval": Uint64 Dec,
        "flags": Uint32 Hex,
    );
    63 EVENTFD_X "eventfd" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "initval": Uint64 Dec,
        "flags": Uint32 Hex,
    );
    64 FUTEX_E "futex" Ipc Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "addr": Uint64 Hex,
        "op": Flags16 Hex Detail::Symbols(FUTEX_OPERATIONS),
        "val": Uint64 Dec,
    );
    65 FUTEX_X "futex" Ipc Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "addr": Uint64 Hex,
        "op": Flags16 Hex Detail::Symbols(FUTEX_OPERATIONS),
        "val": Uint64 Dec,
    );
    138 INOTIFY_INIT_E "inotify_init" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Uint8 Hex,
    );
    139 INOTIFY_INIT_X "inotify_init" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "flags": Uint8 Hex,
    );
    392 PIPE2_E "pipe2" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    393 PIPE2_X "pipe2" Ipc Syscall [CREATES_FD MODIFIES_STATE] (
        "res": Errno Dec,
        "fd1": Fd Dec,
        "fd2": Fd Dec,
        "ino": Uint64 Dec,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
    );
    394 INOTIFY_INIT1_E "inotify_init1" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    395 INOTIFY_INIT1_X "inotify_init1" Ipc Syscall [CREATES_FD MODIFIES_STATE] (
        "res": Fd Dec,
        "flags": Flags16 Hex Detail::Symbols(FILE_FLAGS),
    );
    396 EVENTFD2_E "eventfd2" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "initval": Uint64 Dec,
    );
    397 EVENTFD2_X "eventfd2" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "flags": Flags16 Hex Detail::Symbols(FILE_FLAGS),
        "initval": Uint64 Dec,
    );
    420 PROCESS_VM_READV_E "process_vm_readv" Ipc Syscall [OLD_VERSION] ();
    421 PROCESS_VM_READV_X "process_vm_readv" Ipc Syscall [] (
        "res": Int64 Dec,
        "pid": Pid Dec,
        "data": ByteBuf Na,
    );
    422 PROCESS_VM_WRITEV_E "process_vm_writev" Ipc Syscall [OLD_VERSION] ();
    423 PROCESS_VM_WRITEV_X "process_vm_writev" Ipc Syscall [] (
        "res": Int64 Dec,
        "pid": Pid Dec,
        "data": ByteBuf Na,
    );
    250 SEMOP_E "semop" Process Syscall [OLD_VERSION CONVERTER_MANAGED] ("semid": Int32 Dec);
    251 SEMOP_X "semop" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "nsops": Uint32 Dec,
        "sem_num_0": Uint16 Dec,
        "sem_op_0": Int16 Dec,
        "sem_flg_0": Flags16 Hex Detail::Symbols(SEMOP_FLAGS),
        "sem_num_1": Uint16 Dec,
        "sem_op_1": Int16 Dec,
        "sem_flg_1": Flags16 Hex Detail::Symbols(SEMOP_FLAGS),
        "semid": Int32 Dec,
    );
    252 SEMCTL_E "semctl" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "semid": Int32 Dec,
        "semnum": Int32 Dec,
        "cmd": Flags16 Hex Detail::Symbols(SEMCTL_COMMANDS),
        "val": Int32 Dec,
    );
    253 SEMCTL_X "semctl" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "semid": Int32 Dec,
        "semnum": Int32 Dec,
        "cmd": Flags16 Hex Detail::Symbols(SEMCTL_COMMANDS),
        "val": Int32 Dec,
    );
    262 SEMGET_E "semget" Process Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "key": Int32 Hex,
        "nsems": Int32 Dec,
        "semflg": Flags32 Hex Detail::Symbols(SEMGET_FLAGS),
    );
    263 SEMGET_X "semget" Process Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "key": Int32 Hex,
        "nsems": Int32 Dec,
        "semflg": Flags32 Hex Detail::Symbols(SEMGET_FLAGS),
    );
}
