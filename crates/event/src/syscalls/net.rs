//! Sockets: creation, addresses, datagrams and streams.

use super::variants::SOCKOPT_DYNAMIC_PARAMS;
use crate::symbols::{FILE_FLAGS, SHUTDOWN_HOW, SOCKET_FAMILIES, SOCKOPT_LEVELS, SOCKOPT_OPTIONS};

use super::events;

events! {
    18 SOCKET_SOCKET_E "socket" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "domain": EnumFlags32 Dec Detail::Symbols(SOCKET_FAMILIES),
        "type": Uint32 Dec,
        "proto": Uint32 Dec,
    );
    19 SOCKET_SOCKET_X "socket" Net Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "domain": EnumFlags32 Dec Detail::Symbols(SOCKET_FAMILIES),
        "type": Uint32 Dec,
        "proto": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
    );
    20 SOCKET_BIND_E "bind" Net Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    21 SOCKET_BIND_X "bind" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "addr": SockAddr Na,
        "fd": Fd Dec,
    );
    22 SOCKET_CONNECT_E "connect" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "addr": SockAddr Na,
    );
    23 SOCKET_CONNECT_X "connect" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "tuple": SockTuple Na,
        "fd": Fd Dec,
        "addr": SockAddr Na,
    );
    24 SOCKET_LISTEN_E "listen" Net Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "backlog": Int32 Dec,
    );
    25 SOCKET_LISTEN_X "listen" Net Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "backlog": Int32 Dec,
    );
    26 SOCKET_ACCEPT_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    27 SOCKET_ACCEPT_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "tuple": SockTuple Na,
        "queuepct": Uint8 Dec,
    );
    36 SOCKET_SHUTDOWN_E "shutdown" Net Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "how": EnumFlags8 Hex Detail::Symbols(SHUTDOWN_HOW),
    );
    37 SOCKET_SHUTDOWN_X "shutdown" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "how": EnumFlags8 Hex Detail::Symbols(SHUTDOWN_HOW),
    );
    38 SOCKET_GETSOCKNAME_E "getsockname" Net Syscall [OLD_VERSION] ();
    39 SOCKET_GETSOCKNAME_X "getsockname" Net Syscall [] ();
    40 SOCKET_GETPEERNAME_E "getpeername" Net Syscall [OLD_VERSION] ();
    41 SOCKET_GETPEERNAME_X "getpeername" Net Syscall [] ();
    44 SOCKET_SETSOCKOPT_E "setsockopt" Net Syscall [OLD_VERSION] ();
    45 SOCKET_SETSOCKOPT_X "setsockopt" Net Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "level": EnumFlags8 Dec Detail::Symbols(SOCKOPT_LEVELS),
        "optname": EnumFlags8 Dec Detail::Symbols(SOCKOPT_OPTIONS),
        "val": Dyn Dec Detail::Variants(SOCKOPT_DYNAMIC_PARAMS),
        "optlen": Uint32 Dec,
    );
    46 SOCKET_GETSOCKOPT_E "getsockopt" Net Syscall [MODIFIES_STATE OLD_VERSION] ();
    47 SOCKET_GETSOCKOPT_X "getsockopt" Net Syscall [USES_FD MODIFIES_STATE] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "level": EnumFlags8 Dec Detail::Symbols(SOCKOPT_LEVELS),
        "optname": EnumFlags8 Dec Detail::Symbols(SOCKOPT_OPTIONS),
        "val": Dyn Dec Detail::Variants(SOCKOPT_DYNAMIC_PARAMS),
        "optlen": Uint32 Dec,
    );
    56 SOCKET_ACCEPT4_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Int32 Hex,
    );
    57 SOCKET_ACCEPT4_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "tuple": SockTuple Na,
        "queuepct": Uint8 Dec,
    );
    246 SOCKET_ACCEPT_5_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    247 SOCKET_ACCEPT_5_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE] (
        "fd": Fd Dec,
        "tuple": SockTuple Na,
        "queuepct": Uint8 Dec,
        "queuelen": Uint32 Dec,
        "queuemax": Uint32 Dec,
    );
    248 SOCKET_ACCEPT4_5_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Int32 Hex,
    );
    249 SOCKET_ACCEPT4_5_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "tuple": SockTuple Na,
        "queuepct": Uint8 Dec,
        "queuelen": Uint32 Dec,
        "queuemax": Uint32 Dec,
    );
    388 SOCKET_ACCEPT4_6_E "accept4" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Int32 Hex,
    );
    389 SOCKET_ACCEPT4_6_X "accept4" Net Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "tuple": SockTuple Na,
        "queuepct": Uint8 Dec,
        "queuelen": Uint32 Dec,
        "queuemax": Uint32 Dec,
        "flags": Int32 Hex,
    );
}
