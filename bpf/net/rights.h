/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fds that a process is given: with a message (`SCM_RIGHTS` of unix(7)), by `pidfd_getfd`, or by who looks
 * after its calls (seccomp). All come through few functions of the kernel's; what each of them is, is told
 * there, to the reader alone. Linux 5.8 has no such functions.
 */
#ifndef WATCHKEEPER_NET_RIGHTS_H
#define WATCHKEEPER_NET_RIGHTS_H

#include "../flags.h"
#include "../path.h"
#include "ends.h"

/* fd, whether an exec closes it; mode of its inode, how many names that has, its number and device; the
 * kernel's flags; of a socket its family, type, protocol, ends, and which of the numbers of unix sockets is
 * its own; path. */
enum { HANDED = 0xff12 };
#define HANDED_PARAMS 13

/* Of a unix socket that is bound the name is its own, else that of its partner. */
static inline_always void put_socket(struct event *e, const struct sock *sk)
{
	const struct unix_sock *unix = (void *)sk;
	struct address none = {};
	bool is_named = sk && family_of(sk) == AF_UNIX && BPF_CORE_READ(unix, addr);

	put_u32(e, sk ? family_of(sk) : 0);
	put_u32(e, sk ? BPF_CORE_READ(sk, sk_type) : 0);
	put_u32(e, sk ? BPF_CORE_READ(sk, sk_protocol) : 0);
	if (is_named)
		put_tuple(e, sk, &none, NOTHING, IN);
	else
		put_tuple(e, sk, &none, NOTHING, OUT);
	put_u64(e, socket_number(sk));
}

static inline_always int sized_handed(s64 fd, struct file *file, u32 flags, u64 path, bool large)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct event event, *e = &event;
	struct ids ids = current_ids();

	if (!reserve(e, MAIN, BYTES(HANDED_PARAMS, 1, path) + TUPLE_CAP, SCRATCH_BYTES))
		return DONE;
	/* Workers of io_uring are no threads of the process's own. */
	begin(e, HANDED, HANDED_PARAMS,
	      OF_TASK(current_task(), flags) & PF_IO_WORKER ? ids.tgid : ids.tid);
	put_s64(e, fd);
	put_u8(e, !!(flags & O_CLOEXEC));
	put_u32(e, BPF_CORE_READ(inode, i_mode));
	put_u32(e, BPF_CORE_READ(inode, i_nlink));
	put_u64(e, BPF_CORE_READ(inode, i_ino));
	put_u32(e, device(BPF_CORE_READ(inode, i_sb, s_dev)));
	put_u32(e, BPF_CORE_READ(file, f_flags));
	put_socket(e, sock_of_file(file));
	put_path_of(e, file);
	return finish(e, MAIN, large);
}

/* Paths that the first try has room for, with the longest name behind them: a message may bring many fds,
 * which are not to fill the ring with room that they do not use. */
#define USUAL_PATH (2 * MOST_NAME + SHORT_PATH)

static inline_always int tell_handed(s64 fd, struct file *file, u32 flags)
{
	if (fd >= 0 && sized_handed(fd, file, flags, USUAL_PATH, false) == TOO_SMALL)
		sized_handed(fd, file, flags, LONG_PATH, true);
	return 0;
}

/* A name says how many arguments the function has, by which the loader knows whether it is the one that is
 * meant: it has had two names, and meanwhile there was one around it (of two arguments, for all but messages)
 * that compilers put it into. Where they do not, the same is told twice. */
SEC("fexit/__receive_fd")
int BPF_PROG(r4_handed, int wanted, struct file *file, int *to, unsigned int flags, int fd)
{
	return tell_handed(fd, file, flags);
}

SEC("fexit/__receive_fd")
int BPF_PROG(r3_handed, struct file *file, int *to, unsigned int flags, int fd)
{
	return tell_handed(fd, file, flags);
}

SEC("fexit/receive_fd")
int BPF_PROG(n2_handed, struct file *file, unsigned int flags, int fd)
{
	return tell_handed(fd, file, flags);
}

SEC("fexit/receive_fd")
int BPF_PROG(n3_handed, struct file *file, int *to, unsigned int flags, int fd)
{
	return tell_handed(fd, file, flags);
}

/* In place of one that there is. */
SEC("fexit/receive_fd_replace")
int BPF_PROG(i3_handed, int wanted, struct file *file, unsigned int flags, int fd)
{
	return tell_handed(fd, file, flags);
}

#endif
