//! Waiting and exchange: futexes, polling, splicing, semaphores, io_uring.

use crate::schema::Symbol;

/// Operations of `futex(2)`.
pub static FUTEX_OPERATIONS: &[Symbol] = &[
    Symbol::new("FUTEX_CLOCK_REALTIME", 0x100),
    Symbol::new("FUTEX_PRIVATE_FLAG", 0x80),
    Symbol::new("FUTEX_CMP_REQUEUE_PI", 0xc),
    Symbol::new("FUTEX_WAIT_REQUEUE_PI", 0xb),
    Symbol::new("FUTEX_WAKE_BITSET", 0xa),
    Symbol::new("FUTEX_WAIT_BITSET", 9),
    Symbol::new("FUTEX_TRYLOCK_PI", 8),
    Symbol::new("FUTEX_UNLOCK_PI", 7),
    Symbol::new("FUTEX_LOCK_PI", 6),
    Symbol::new("FUTEX_WAKE_OP", 5),
    Symbol::new("FUTEX_CMP_REQUEUE", 4),
    Symbol::new("FUTEX_REQUEUE", 3),
    Symbol::new("FUTEX_FD", 2),
    Symbol::new("FUTEX_WAKE", 1),
    Symbol::new("FUTEX_WAIT", 0),
];

/// What `poll(2)` waits for, and what happened.
pub static POLL_FLAGS: &[Symbol] = &[
    Symbol::new("POLLIN", 1),
    Symbol::new("POLLPRI", 2),
    Symbol::new("POLLOUT", 4),
    Symbol::new("POLLRDHUP", 8),
    Symbol::new("POLLERR", 0x10),
    Symbol::new("POLLHUP", 0x20),
    Symbol::new("POLLNVAL", 0x40),
    Symbol::new("POLLRDNORM", 0x80),
    Symbol::new("POLLRDBAND", 0x100),
    Symbol::new("POLLWRNORM", 0x200),
    Symbol::new("POLLWRBAND", 0x400),
];

/// Flags of `splice(2)`.
pub static SPLICE_FLAGS: &[Symbol] = &[
    Symbol::new("SPLICE_F_MOVE", 1),
    Symbol::new("SPLICE_F_NONBLOCK", 2),
    Symbol::new("SPLICE_F_MORE", 4),
    Symbol::new("SPLICE_F_GIFT", 8),
];

/// Flags of `semop(2)`.
pub static SEMOP_FLAGS: &[Symbol] = &[Symbol::new("IPC_NOWAIT", 1), Symbol::new("SEM_UNDO", 2)];

/// Flags of `semget(2)`.
pub static SEMGET_FLAGS: &[Symbol] =
    &[Symbol::new("IPC_EXCL", 0x4000), Symbol::new("IPC_CREAT", 0x2000)];

/// Commands of `semctl(2)`.
pub static SEMCTL_COMMANDS: &[Symbol] = &[
    Symbol::new("IPC_STAT", 1),
    Symbol::new("IPC_SET", 2),
    Symbol::new("IPC_RMID", 4),
    Symbol::new("IPC_INFO", 8),
    Symbol::new("SEM_INFO", 0x10),
    Symbol::new("SEM_STAT", 0x20),
    Symbol::new("GETALL", 0x40),
    Symbol::new("GETNCNT", 0x80),
    Symbol::new("GETPID", 0x100),
    Symbol::new("GETVAL", 0x200),
    Symbol::new("GETZCNT", 0x400),
    Symbol::new("SETALL", 0x800),
    Symbol::new("SETVAL", 0x1000),
];

/// Flags of `io_uring_setup(2)`.
pub static IO_URING_SETUP_FLAGS: &[Symbol] = &[
    Symbol::new("IORING_SETUP_IOPOLL", 1),
    Symbol::new("IORING_SETUP_SQPOLL", 2),
    Symbol::new("IORING_SQ_NEED_WAKEUP", 4),
    Symbol::new("IORING_SETUP_SQ_AFF", 8),
    Symbol::new("IORING_SETUP_CQSIZE", 0x10),
    Symbol::new("IORING_SETUP_CLAMP", 0x20),
    Symbol::new("IORING_SETUP_ATTACH_RW", 0x40),
    Symbol::new("IORING_SETUP_R_DISABLED", 0x80),
];

/// Features that `io_uring_setup(2)` reports.
pub static IO_URING_SETUP_FEATS: &[Symbol] = &[
    Symbol::new("IORING_FEAT_SINGLE_MMAP", 1),
    Symbol::new("IORING_FEAT_NODROP", 2),
    Symbol::new("IORING_FEAT_SUBMIT_STABLE", 4),
    Symbol::new("IORING_FEAT_RW_CUR_POS", 8),
    Symbol::new("IORING_FEAT_CUR_PERSONALITY", 0x10),
    Symbol::new("IORING_FEAT_FAST_POLL", 0x20),
    Symbol::new("IORING_FEAT_POLL_32BITS", 0x40),
    Symbol::new("IORING_FEAT_SQPOLL_NONFIXED", 0x80),
    Symbol::new("IORING_FEAT_ENTER_EXT_ARG", 0x100),
    Symbol::new("IORING_FEAT_NATIVE_WORKERS", 0x200),
    Symbol::new("IORING_FEAT_RSRC_TAGS", 0x400),
];

/// Flags of `io_uring_enter(2)`.
pub static IO_URING_ENTER_FLAGS: &[Symbol] = &[
    Symbol::new("IORING_ENTER_GETEVENTS", 1),
    Symbol::new("IORING_ENTER_SQ_WAKEUP", 2),
    Symbol::new("IORING_ENTER_SQ_WAIT", 4),
    Symbol::new("IORING_ENTER_EXT_ARG", 8),
];

/// Operations of `io_uring_register(2)`.
pub static IO_URING_REGISTER_OPCODES: &[Symbol] = &[
    Symbol::new("IORING_REGISTER_BUFFERS", 0),
    Symbol::new("IORING_UNREGISTER_BUFFERS", 1),
    Symbol::new("IORING_REGISTER_FILES", 2),
    Symbol::new("IORING_UNREGISTER_FILES", 3),
    Symbol::new("IORING_REGISTER_EVENTFD", 4),
    Symbol::new("IORING_UNREGISTER_EVENTFD", 5),
    Symbol::new("IORING_REGISTER_FILES_UPDATE", 6),
    Symbol::new("IORING_REGISTER_EVENTFD_ASYNC", 7),
    Symbol::new("IORING_REGISTER_PROBE", 8),
    Symbol::new("IORING_REGISTER_PERSONALITY", 9),
    Symbol::new("IORING_UNREGISTER_PERSONALITY", 0xa),
    Symbol::new("IORING_REGISTER_RESTRICTIONS", 0xb),
    Symbol::new("IORING_REGISTER_ENABLE_RINGS", 0xc),
    Symbol::new("IORING_REGISTER_FILES2", 0xd),
    Symbol::new("IORING_REGISTER_FILES_UPDATE2", 0xe),
    Symbol::new("IORING_REGISTER_BUFFERS2", 0xf),
    Symbol::new("IORING_REGISTER_BUFFERS_UPDATE", 0x10),
    Symbol::new("IORING_REGISTER_IOWQ_AFF", 0x11),
    Symbol::new("IORING_UNREGISTER_IOWQ_AFF", 0x12),
    Symbol::new("IORING_REGISTER_IOWQ_MAX_WORKERS", 0x13),
    Symbol::new("IORING_REGISTER_RING_FDS", 0x14),
    Symbol::new("IORING_UNREGISTER_RING_FDS", 0x15),
];

/// Flags of `epoll_create1(2)`.
pub static EPOLL_CREATE1_FLAGS: &[Symbol] = &[Symbol::new("EPOLL_CLOEXEC", 1)];
