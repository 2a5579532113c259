//! What each event does to the state: one file for each family of syscalls.
//!
//! [`event`] picks the function; each one gets the whole state and the place that the event is
//! about ([`At`]): its thread, and the fd that it works on. A parser that opens an fd makes that
//! the event's fd.

mod clone;
mod connect;
mod creds;
mod cwd;
mod dup;
mod enter;
pub(crate) mod entry;
mod exec;
mod exit;
mod fd_kinds;
pub(crate) mod fd_param;
mod limits;
mod memory;
mod open;
mod params;
mod pidfd;
mod socket;
mod traffic;
mod tuple;

use event::{Event, snapshot::FdKind, syscalls as ev};

use crate::{State, threads::Key};

/// The place that an event is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'e> {
    pub(crate) event: Event<'e>,
    /// Its thread.
    pub(crate) thread: Option<Key>,
    /// The fd that it works on: who holds it, and its number.
    pub(crate) fd: Option<(Key, i64)>,
}

/// Does to the state what the event did to the machine.
pub(crate) fn event(state: &mut State, at: &mut At<'_>) {
    let done = match at.event.kind {
        ev::OPEN_E | ev::CREAT_E | ev::OPENAT_2_E | ev::OPENAT2_E => open::enter(state, at),
        ev::EXECVE_19_E | ev::EXECVEAT_E => exec::enter(state, at),
        ev::SOCKET_CONNECT_E => connect::enter(state, at),
        ev::READ_X
        | ev::READV_X
        | ev::PREAD_X
        | ev::PREADV_X
        | ev::SOCKET_RECV_X
        | ev::SOCKET_RECVFROM_X
        | ev::SOCKET_RECVMSG_X
        | ev::SOCKET_RECVMMSG_X => traffic::received(state, at),
        ev::WRITE_X
        | ev::WRITEV_X
        | ev::PWRITE_X
        | ev::PWRITEV_X
        | ev::SOCKET_SEND_X
        | ev::SOCKET_SENDTO_X
        | ev::SOCKET_SENDMSG_X
        | ev::SOCKET_SENDMMSG_X => traffic::sent(state, at),
        ev::OPEN_X | ev::CREAT_X | ev::OPENAT_2_X | ev::OPENAT2_X | ev::OPEN_BY_HANDLE_AT_X => {
            open::open(state, at)
        }
        ev::CLOSE_X => dup::close(state, at),
        ev::CLOSE_RANGE_X => dup::close_range(state, at),
        ev::DUP_1_X | ev::DUP2_X | ev::DUP3_X => dup::dup(state, at),
        ev::FCNTL_X => dup::fcntl(state, at),
        ev::CLONE_20_X | ev::FORK_20_X | ev::VFORK_20_X | ev::CLONE3_X => clone::clone(state, at),
        ev::EXECVE_19_X | ev::EXECVEAT_X => exec::exec(state, at),
        ev::PROCEXIT_1_E => exit::exit(state, at),
        ev::PRCTL_X => exit::prctl(state, at),
        ev::SOCKET_SOCKET_X => socket::socket(state, at),
        ev::SOCKET_BIND_X => socket::bind(state, at),
        ev::SOCKET_CONNECT_X => connect::connect(state, at),
        ev::SOCKET_ACCEPT_5_X | ev::SOCKET_ACCEPT4_6_X => socket::accept(state, at),
        ev::SOCKET_SOCKETPAIR_X => socket::socketpair(state, at),
        ev::PIPE_X | ev::PIPE2_X => fd_kinds::pipe(state, at),
        ev::EVENTFD_X => fd_kinds::plain(state, at, FdKind::Event),
        ev::EVENTFD2_X => fd_kinds::with_flags(state, at, FdKind::Event, 1),
        ev::SIGNALFD_X => fd_kinds::plain(state, at, FdKind::SignalFd),
        ev::SIGNALFD4_X => fd_kinds::with_flags(state, at, FdKind::SignalFd, 1),
        ev::TIMERFD_CREATE_X => fd_kinds::with_flags(state, at, FdKind::TimerFd, 2),
        ev::INOTIFY_INIT_X => fd_kinds::plain(state, at, FdKind::Inotify),
        ev::INOTIFY_INIT1_X => fd_kinds::with_flags(state, at, FdKind::Inotify, 1),
        ev::BPF_2_X => fd_kinds::plain(state, at, FdKind::Bpf),
        ev::USERFAULTFD_X => fd_kinds::plain(state, at, FdKind::UserFaultFd),
        ev::IO_URING_SETUP_X => fd_kinds::plain(state, at, FdKind::IoUring),
        ev::EPOLL_CREATE_X => fd_kinds::plain(state, at, FdKind::EventPoll),
        ev::EPOLL_CREATE1_X => fd_kinds::epoll_create1(state, at),
        ev::MEMFD_CREATE_X => fd_kinds::memfd(state, at),
        ev::PIDFD_OPEN_X => pidfd::open(state, at),
        ev::PIDFD_GETFD_X => pidfd::getfd(state, at),
        ev::CHDIR_X | ev::GETCWD_X => cwd::chdir(state, at),
        ev::FCHDIR_X => cwd::fchdir(state, at),
        ev::CHROOT_X => cwd::chroot(state, at),
        ev::GETRLIMIT_X | ev::SETRLIMIT_X => limits::rlimit(state, at),
        ev::PRLIMIT_X => limits::prlimit(state, at),
        ev::SCHEDSWITCH_6_E => memory::switch(state, at),
        ev::BRK_4_X | ev::MMAP_X | ev::MMAP2_X | ev::MUNMAP_X => memory::memory(state, at),
        ev::SETUID_X => creds::set_user(state, at, 1),
        ev::SETREUID_X | ev::SETRESUID_X => creds::set_user(state, at, 2),
        ev::SETGID_X => creds::set_group(state, at, 1),
        ev::SETREGID_X | ev::SETRESGID_X => creds::set_group(state, at, 2),
        ev::SETSID_X => creds::setsid(state, at),
        ev::CAPSET_X => creds::capset(state, at),
        ev::UNSHARE_X => creds::new_namespaces(state, at, 1),
        ev::SETNS_X => creds::new_namespaces(state, at, 2),
        ev::USER_ADDED_E | ev::USER_DELETED_E | ev::GROUP_ADDED_E | ev::GROUP_DELETED_E => {
            state.users.event(&at.event);
            Some(())
        }
        _ => Some(()),
    };
    // `None` only says that the event lacked something, and so changed nothing more.
    let _ = done;
}
