/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * File descriptors: dup, fcntl, pipe, eventfd and their like.
 *
 * Where a call has a choice of commands, those are recorded that change what is known of an fd, or
 * that are dangerous.
 */
#include "file.h"
#include "flags.h"

#define F_DUPFD 0
#define F_SETFD 2
#define F_SETFL 4
#define F_DUPFD_CLOEXEC 1030

CALL(close_range, CLOSE_RANGE_X, 4, 0, { RESULT; ARG32(0); ARG32(1); put_u32(e, arg(c, 2) & 6); })
CALL(dup, DUP_1_X, 2, 0, { RESULT; INT(0); })
CALL(dup2, DUP2_X, 3, 0, { RESULT; INT(0); INT(1); })
CALL(dup3, DUP3_X, 4, 0, { RESULT; INT(0); INT(1); put_u32(e, dup3_flags(arg(c, 2))); })

/* A command in the schema's numbering; 0 for those that are not recorded. */
static inline_always u8 fcntl_command(u32 command)
{
	switch (command) {
	case F_DUPFD: return 1;
	case F_SETFD: return 3;
	case F_SETFL: return 5;
	case F_DUPFD_CLOEXEC: return 26;
	default: return 0;
	}
}

CALL_WITH(fcntl, MAIN, fcntl_command(arg(c, 1)), FCNTL_X, 4, 0, 0, {
	RESULT;
	INT(0);
	put_u8(e, fcntl_command(arg(c, 1)));
	ARG64(2);
})
WAY(o64, fcntl, COMPAT_OWN "fcntl64", AS_COMPAT)

/* Requests that do something to others, or past the calls that are recorded. */
static inline_always bool is_told(u32 request)
{
	switch (request) {
	case 0x540e:		/* TIOCSCTTY: a controlling terminal */
	case 0x5412:		/* TIOCSTI: typing for somebody else */
	case 0x541c:		/* TIOCLINUX: the same by the console's selection */
	case 0x541d:		/* TIOCCONS: the console's output */
	case 0x5423:		/* TIOCSETD: line disciplines, which load modules */
	case 0x8914:		/* SIOCSIFFLAGS: promiscuous interfaces */
	case 0x400454ca:	/* TUNSETIFF: tunnels */
	case 0x40086602:	/* FS_IOC_SETFLAGS: immutable files */
	case 0x40046602:	/* FS_IOC32_SETFLAGS */
	case 0x401c5820:	/* FS_IOC_FSSETXATTR */
	case 0x40049409:	/* FICLONE: a file's data is that of another */
	case 0x4020940d:	/* FICLONERANGE */
	case 0x4c00:		/* LOOP_SET_FD: a file as a disk */
	case 0x4c0a:		/* LOOP_CONFIGURE */
	case 0x40042408:	/* PERF_EVENT_IOC_SET_BPF */
	case 0xae01:		/* KVM_CREATE_VM */
		return true;
	default:
		return false;
	}
}

CALL_WITH(ioctl, MAIN, is_told(arg(c, 1)), IOCTL_3_X, 4, 0, 0, { RESULT; INT(0); ARG64(1); ARG64(2); })

struct ends {
	s64 one, two;
	u64 ino;
};

/*
 * Both ends of a pipe as the call told them to the program, and the pipe's inode number.
 *
 * Another thread that overwrites them in between is noticed if what it writes are not the two ends of
 * one pipe; then they are unknown, as behind a call that failed.
 */
static inline_always struct ends pipe_ends(const struct call *c)
{
	struct ends none = { .one = -1, .two = -1 }, ends = none;
	struct inode *from, *to;
	s32 fds[2];

	if (c->ret < 0 || bpf_probe_read_user(fds, sizeof(fds), arg_ptr(c, 0)))
		return none;
	ends.one = fds[0];
	ends.two = fds[1];
	from = inode_of(ends.one);
	to = inode_of(ends.two);
	if (!from || from != to || ends.one == ends.two)
		return none;
	ends.ino = BPF_CORE_READ(from, i_ino);
	return ends;
}

static inline_always void put_ends(struct event *e, const struct call *c)
{
	struct ends ends = pipe_ends(c);

	put_s64(e, ends.one);
	put_s64(e, ends.two);
	put_u64(e, ends.ino);
}

CALL(pipe, PIPE_X, 4, 0, { RESULT; put_ends(e, c); })
CALL(pipe2, PIPE2_X, 5, 0, { RESULT; put_ends(e, c); put_u32(e, pipe2_flags(arg(c, 1))); })

#define DESCRIPTOR_FLAGS(at) put_u16(e, descriptor_flags(arg(c, at)))

CALL(eventfd, EVENTFD_X, 3, 0, { RESULT; ARG64(0); put_u32(e, 0); })
CALL(eventfd2, EVENTFD2_X, 3, 0, { RESULT; DESCRIPTOR_FLAGS(1); put_u64(e, (u32)arg(c, 0)); })
/* The signals themselves are not recorded. */
CALL(signalfd, SIGNALFD_X, 4, 0, { RESULT; INT(0); put_u32(e, 0); put_u8(e, 0); })
CALL(signalfd4, SIGNALFD4_X, 4, 0, { RESULT; DESCRIPTOR_FLAGS(3); INT(0); put_u32(e, 0); })
/* Eight bits have no room for O_CLOEXEC. */
CALL(timerfd_create, TIMERFD_CREATE_X, 3, 0, {
	RESULT;
	ARG8(0);
	put_u8(e, descriptor_flags(arg(c, 1)));
})
CALL(epoll_create, EPOLL_CREATE_X, 2, 0, { RESULT; ARG32(0); })
CALL(epoll_create1, EPOLL_CREATE1_X, 2, 0, { RESULT; put_u32(e, arg(c, 0) & 02000000 ? 1 : 0); })
RECORD(inotify_init, MAIN, true, INOTIFY_INIT_X, 2, 0, 0, { RESULT; put_u8(e, 0); })
PROGRAMS_WITHOUT_ARGS(inotify_init)
CALL(inotify_init1, INOTIFY_INIT1_X, 2, 0, { RESULT; DESCRIPTOR_FLAGS(0); })
CALL(pidfd_open, PIDFD_OPEN_X, 3, 0, { RESULT; INT(0); put_u32(e, arg(c, 1) & 04000 ? 1 : 0); })
CALL(pidfd_getfd, PIDFD_GETFD_X, 4, 0, { RESULT; INT(0); INT(1); ARG32(2); })
