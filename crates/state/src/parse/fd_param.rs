//! Which parameter holds the fd that an event works on.

use event::{EventType, syscalls::*};

/// Position in an event on entry to a syscall.
pub(crate) fn on_enter(kind: EventType) -> usize {
    match kind {
        MMAP_E | MMAP2_E => 4,
        SPLICE_E => 1,
        _ => 0,
    }
}

/// Position in an event at the exit; `None` where the event does not say.
pub(crate) fn on_exit(kind: EventType) -> Option<usize> {
    Some(match kind {
        SETNS_X | SOCKET_LISTEN_X | SOCKET_SHUTDOWN_X | FCHDIR_X | LSEEK_X | LLSEEK_X
        | IOCTL_3_X | FSTAT_X | CLOSE_X | GETDENTS_X | GETDENTS64_X | FLOCK_X
        | COPY_FILE_RANGE_X | FCNTL_X | DUP_1_X | DUP2_X | DUP3_X | NEWFSTATAT_X | FCHOWNAT_X
        | FCHMODAT_X | MKDIRAT_X | UNLINKAT_2_X | MKNODAT_X | SOCKET_SENDMMSG_X
        | SOCKET_RECVMMSG_X | IO_URING_REGISTER_X | IO_URING_ENTER_X | SOCKET_SETSOCKOPT_X
        | SOCKET_GETSOCKOPT_X | FSCONFIG_X | FINIT_MODULE_X | FCHMOD_X | FCHOWN_X => 1,
        READ_X | PREAD_X | SOCKET_BIND_X | WRITE_X | PWRITE_X | SOCKET_RECV_X | SOCKET_SEND_X
        | SOCKET_SENDTO_X | SOCKET_SENDMSG_X | SENDFILE_X | SPLICE_X | WRITEV_X | PWRITEV_X
        | SOCKET_CONNECT_X | SYMLINKAT_X => 2,
        SOCKET_RECVFROM_X | READV_X | PREADV_X => 3,
        SOCKET_RECVMSG_X => 5,
        MMAP_X | MMAP2_X => 8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use event::ParamType;

    use super::*;

    #[test]
    fn every_position_holds_an_fd() {
        for kind in EventType::all() {
            let Some(at) = on_exit(kind) else { continue };
            let param = &kind.info().params[at];
            assert!(
                matches!(param.ty, ParamType::Fd | ParamType::Fd32),
                "{kind:?} {} {:?}",
                param.name,
                param.ty
            );
        }
    }
}
