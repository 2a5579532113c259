//! Sleeping and waiting: poll, select, epoll, nanosleep.

use crate::symbols::EPOLL_CREATE1_FLAGS;

use super::events;

events! {
    78 EPOLLWAIT_E "epoll_wait" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] (
        "maxevents": Errno Dec,
    );
    79 EPOLLWAIT_X "epoll_wait" Wait Syscall [WAITS CONVERTER_MANAGED] (
        "res": Errno Dec,
        "maxevents": Errno Dec,
    );
    80 POLL_E "poll" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] (
        "fds": FdList Dec,
        "timeout": Int64 Dec,
    );
    81 POLL_X "poll" Wait Syscall [WAITS CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fds": FdList Dec,
        "timeout": Int64 Dec,
    );
    82 SELECT_E "select" Wait Syscall [WAITS OLD_VERSION] ();
    83 SELECT_X "select" Wait Syscall [WAITS] ("res": Errno Dec);
    84 NEWSELECT_E "select" Wait Syscall [WAITS OLD_VERSION] ();
    85 NEWSELECT_X "select" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    134 NANOSLEEP_E "nanosleep" Sleep Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] (
        "interval": RelTime Dec,
    );
    135 NANOSLEEP_X "nanosleep" Sleep Syscall [WAITS CONVERTER_MANAGED] (
        "res": Errno Dec,
        "interval": RelTime Dec,
    );
    254 PPOLL_E "ppoll" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] (
        "fds": FdList Dec,
        "timeout": RelTime Dec,
        "sigmask": SigSet Dec,
    );
    255 PPOLL_X "ppoll" Wait Syscall [WAITS CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fds": FdList Dec,
        "timeout": RelTime Dec,
        "sigmask": SigSet Dec,
    );
    374 EPOLL_CREATE_E "epoll_create" Wait Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "size": Int32 Dec,
    );
    375 EPOLL_CREATE_X "epoll_create" Wait Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "size": Int32 Dec,
    );
    376 EPOLL_CREATE1_E "epoll_create1" Wait Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Flags32 Hex Detail::Symbols(EPOLL_CREATE1_FLAGS),
    );
    377 EPOLL_CREATE1_X "epoll_create1" Wait Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "flags": Flags32 Hex Detail::Symbols(EPOLL_CREATE1_FLAGS),
    );
}
