//! Reading, writing and closing file descriptors of every kind.

use crate::symbols::{
    CLOSE_RANGE_FLAGS, FCNTL_COMMANDS, FILE_FLAGS, IO_URING_ENTER_FLAGS, IO_URING_REGISTER_OPCODES,
    IO_URING_SETUP_FEATS, IO_URING_SETUP_FLAGS, SPLICE_FLAGS,
};

use super::events;

events! {
    4 CLOSE_E "close" IoOther Syscall [DESTROYS_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    5 CLOSE_X "close" IoOther Syscall [DESTROYS_FD USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
    );
    6 READ_E "read" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    7 READ_X "read" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    8 WRITE_E "write" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    9 WRITE_X "write" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    28 SOCKET_SEND_E "send" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    29 SOCKET_SEND_X "send" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    30 SOCKET_SENDTO_E "sendto" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    31 SOCKET_SENDTO_X "sendto" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    32 SOCKET_RECV_E "recv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    33 SOCKET_RECV_X "recv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    34 SOCKET_RECVFROM_E "recvfrom" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    35 SOCKET_RECVFROM_X "recvfrom" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "tuple": SockTuple Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    48 SOCKET_SENDMSG_E "sendmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    49 SOCKET_SENDMSG_X "sendmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "tuple": SockTuple Na,
    );
    50 SOCKET_SENDMMSG_E "sendmmsg" IoWrite Syscall [OLD_VERSION] ();
    51 SOCKET_SENDMMSG_X "sendmmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "data": ByteBuf Na,
        "tuple": SockTuple Na,
    );
    52 SOCKET_RECVMSG_E "recvmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    53 SOCKET_RECVMSG_X "recvmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "size": Uint32 Dec,
        "data": ByteBuf Na,
        "tuple": SockTuple Na,
        "msgcontrol": ByteBuf Na,
        "fd": Fd Dec,
    );
    54 SOCKET_RECVMMSG_E "recvmmsg" IoRead Syscall [OLD_VERSION] ();
    55 SOCKET_RECVMMSG_X "recvmmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "data": ByteBuf Na,
        "tuple": SockTuple Na,
        "msgcontrol": ByteBuf Na,
    );
    90 IOCTL_2_E "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "request": Uint64 Hex,
    );
    91 IOCTL_2_X "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    112 PREAD_E "pread" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    113 PREAD_X "pread" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    114 PWRITE_E "pwrite" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    115 PWRITE_X "pwrite" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    116 READV_E "readv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    117 READV_X "readv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "size": Uint32 Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
    );
    118 WRITEV_E "writev" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    119 WRITEV_X "writev" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
    );
    120 PREADV_E "preadv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "pos": Uint64 Dec,
    );
    121 PREADV_X "preadv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "size": Uint32 Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "pos": Uint64 Dec,
    );
    122 PWRITEV_E "pwritev" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    123 PWRITEV_X "pwritev" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "data": ByteBuf Na,
        "fd": Fd Dec,
        "size": Uint32 Dec,
        "pos": Uint64 Dec,
    );
    124 DUP_E "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    125 DUP_X "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Fd Dec,
    );
    150 FCNTL_E "fcntl" IoOther Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "cmd": EnumFlags8 Dec Detail::Symbols(FCNTL_COMMANDS),
    );
    151 FCNTL_X "fcntl" IoOther Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "fd": Fd Dec,
        "cmd": EnumFlags8 Dec Detail::Symbols(FCNTL_COMMANDS),
        "arg": Uint64 Hex,
    );
    166 SPLICE_E "splice" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd_in": Fd Dec,
        "fd_out": Fd Dec,
        "size": Uint64 Dec,
        "flags": Flags32 Hex Detail::Symbols(SPLICE_FLAGS),
    );
    167 SPLICE_X "splice" IoOther Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd_in": Fd Dec,
        "fd_out": Fd Dec,
        "size": Uint64 Dec,
        "flags": Flags32 Hex Detail::Symbols(SPLICE_FLAGS),
    );
    170 IOCTL_3_E "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "request": Uint64 Hex,
        "argument": Uint64 Hex,
    );
    171 IOCTL_3_X "ioctl" IoOther Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "request": Uint64 Hex,
        "argument": Uint64 Hex,
    );
    188 SENDFILE_E "sendfile" IoWrite Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "out_fd": Fd Dec,
        "in_fd": Fd Dec,
        "offset": Uint64 Dec,
        "size": Uint64 Dec,
    );
    189 SENDFILE_X "sendfile" IoWrite Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "offset": Uint64 Dec,
        "out_fd": Fd Dec,
        "in_fd": Fd Dec,
        "size": Uint64 Dec,
    );
    338 IO_URING_SETUP_E "io_uring_setup" IoOther Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] (
    );
    339 IO_URING_SETUP_X "io_uring_setup" IoOther Syscall [CREATES_FD MODIFIES_STATE] (
        "res": Errno Dec,
        "entries": Uint32 Dec,
        "sq_entries": Uint32 Dec,
        "cq_entries": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(IO_URING_SETUP_FLAGS),
        "sq_thread_cpu": Uint32 Dec,
        "sq_thread_idle": Uint32 Dec,
        "features": Flags32 Hex Detail::Symbols(IO_URING_SETUP_FEATS),
    );
    340 IO_URING_ENTER_E "io_uring_enter" IoOther Syscall [OLD_VERSION] ();
    341 IO_URING_ENTER_X "io_uring_enter" IoOther Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "to_submit": Uint32 Dec,
        "min_complete": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(IO_URING_ENTER_FLAGS),
        "sig": SigSet Dec,
    );
    342 IO_URING_REGISTER_E "io_uring_register" IoOther Syscall [OLD_VERSION] ();
    343 IO_URING_REGISTER_X "io_uring_register" IoOther Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "opcode": EnumFlags16 Dec Detail::Symbols(IO_URING_REGISTER_OPCODES),
        "arg": Uint64 Hex,
        "nr_args": Uint32 Dec,
    );
    362 DUP2_E "dup2" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] (
        "fd": Fd Dec,
    );
    363 DUP2_X "dup2" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] (
        "res": Fd Dec,
        "oldfd": Fd Dec,
        "newfd": Fd Dec,
    );
    364 DUP3_E "dup3" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] (
        "fd": Fd Dec,
    );
    365 DUP3_X "dup3" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] (
        "res": Fd Dec,
        "oldfd": Fd Dec,
        "newfd": Fd Dec,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
    );
    366 DUP_1_E "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] (
        "fd": Fd Dec,
    );
    367 DUP_1_X "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] (
        "res": Fd Dec,
        "oldfd": Fd Dec,
    );
    450 CLOSE_RANGE_E "NA" Unknown Nothing [UNUSED] ();
    451 CLOSE_RANGE_X "close_range" IoOther Syscall [MODIFIES_STATE] (
        "res": Errno Dec,
        "first": Uint32 Dec,
        "last": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(CLOSE_RANGE_FLAGS),
    );
}
