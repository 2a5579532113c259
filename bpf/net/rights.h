/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fds that another process hands over with a message (`SCM_RIGHTS` of unix(7)). The event of the call has
 * their numbers; what each of them is, is told behind it, to the reader alone.
 *
 * Their numbers are read where the kernel has written them, in the memory of the program; what they are is
 * taken from the kernel's own table.
 */
#ifndef WATCHKEEPER_NET_RIGHTS_H
#define WATCHKEEPER_NET_RIGHTS_H

#include "../path.h"
#include "message.h"

/* fd, whether an exec closes it; mode of its inode, how many names that has, its number and device; the
 * kernel's flags; of a socket its family, type, protocol, ends, and which of the numbers of unix sockets is
 * its own; path. */
enum { HANDED = 0xff12 };
#define HANDED_PARAMS 13

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MSG_CMSG_CLOEXEC 0x40000000

/* Most fds of a message (`SCM_MAX_FD` of the kernel), and control messages that are looked at: the kernel
 * writes credentials and times before the fds. */
#define MOST_RIGHTS 253
#define MOST_CONTROLS 8

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

/* Not in line, and of numbers alone: it is looked at once, however many fds there are. */
noinline int tell_handed(s32 fd, u32 tid, u32 closes_on_exec)
{
	struct file *file = file_of(fd);
	struct inode *inode;
	struct event event, *e = &event;

	if (!file || !reserve(e, MAIN, BYTES(HANDED_PARAMS, 1, LONG_PATH) + TUPLE_CAP, SCRATCH_BYTES))
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	begin(e, HANDED, HANDED_PARAMS, or_current(e, tid));
	put_s64(e, fd);
	put_u8(e, closes_on_exec != 0);
	put_u32(e, BPF_CORE_READ(inode, i_mode));
	put_u32(e, BPF_CORE_READ(inode, i_nlink));
	put_u64(e, BPF_CORE_READ(inode, i_ino));
	put_u32(e, device(BPF_CORE_READ(inode, i_sb, s_dev)));
	put_u32(e, BPF_CORE_READ(file, f_flags));
	put_socket(e, sock_of_file(file));
	put_path_of(e, file);
	submit(e, MAIN);
	return 0;
}

noinline int tell_all_handed(u64 at, u32 count, u32 tid, u32 closes_on_exec)
{
#pragma clang loop unroll(disable)
	for (u32 number = 0; number < MOST_RIGHTS; number++) {
		if (number >= count)
			break;
		tell_handed(user_u32(at + 4 * number), tid, closes_on_exec);
	}
	return 0;
}

/* A control message (`struct cmsghdr`), as wide as the program has it. */
struct control {
	u64 bytes;
	u32 level;
	u32 kind;
};

static inline_always u64 control_header(bool compat)
{
	return compat ? 12 : 16;
}

static inline_always struct control control_at(u64 at, bool compat)
{
	u64 width = compat ? 4 : 8;
	struct control control;

	control.bytes = user_word(at, compat);
	control.level = user_u32(at + width);
	control.kind = user_u32(at + width + 4);
	return control;
}

/* Tells of all fds that came in with a message, whose `struct msghdr` the call has filled. */
noinline int tell_rights(u64 message, u32 tid, u32 flags, u32 compat)
{
	u64 header = control_header(compat), align = compat ? 3 : 7;
	struct message m = {};
	u64 at, left;

	if (!read_message(&m, message, compat) || !m.control)
		return 0;
	at = m.control;
	left = m.control_length;

#pragma clang loop unroll(disable)
	for (int number = 0; number < MOST_CONTROLS; number++) {
		struct control control = control_at(at, compat);

		if (left < header || control.bytes < header || control.bytes > left)
			break;
		if (control.level == SOL_SOCKET && control.kind == SCM_RIGHTS)
			tell_all_handed(at + header, (control.bytes - header) / 4, tid,
					flags & MSG_CMSG_CLOEXEC);
		control.bytes = (control.bytes + align) & ~align;
		if (control.bytes > left)
			break;
		at += control.bytes;
		left -= control.bytes;
	}
	return 0;
}

#endif
