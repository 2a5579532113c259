/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What comes in. Data and addresses are read where the kernel has written them. */
#include "message.h"

/* Most bytes of control messages (rights, credentials, times) that are kept. */
#define CONTROL_BYTES 1088

#define RECEIVED_CAP(data, control) (BYTES(6, 0, 0) + ROOM_FOR(data) + TUPLE_CAP + (control))

/* Where an address was written, and how many bytes. */
static inline_always void read_written(struct address *to, u64 at, u64 length)
{
	read_address(to, at, at ? user_u32(length) : 0);
}

static inline_always void write_recvfrom(const struct args *c, const struct sock *sk,
					 const struct address *from, bool is_answer)
{
	u64 bytes = c->ret < 0 ? 0 : c->ret;
	struct event e;

	if (!(is_answer ? begin_call(&e, RECEIVED_CAP(ANSWER_BYTES, 0), SOCKET_RECVFROM_X, 5) :
			  begin_call(&e, RECEIVED_CAP(DATA_BYTES, 0), SOCKET_RECVFROM_X, 5)))
		return;
	put_s64(&e, c->ret);
	/* With MSG_TRUNC the result is the datagram's length, which may be more than was written. */
	put_user_bytes(&e, (void *)c->of[1], bytes < c->of[2] ? bytes : c->of[2],
		       is_answer ? ANSWER_BYTES : DATA_BYTES);
	put_tuple(&e, sk, from, TRAFFIC, IN);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, c->of[2]);
	submit(&e, MAIN);
}

static inline_always void told_recvfrom(const struct args *c)
{
	struct sock *sk = c->ret >= 0 ? sock_of((s32)c->of[0]) : NULL;
	struct address from;

	read_written(&from, c->of[4], c->of[5]);
	if (has_name_server(sk, &from))
		write_recvfrom(c, sk, &from, true);
	else
		write_recvfrom(c, sk, &from, false);
}

ARGS_CALL(recvfrom)

static inline_always bool begin_received(struct event *e, u16 kind, bool is_answer, bool has_control)
{
	if (is_answer)
		return begin_call(e, RECEIVED_CAP(ANSWER_BYTES, CONTROL_BYTES), kind, 6);
	if (has_control)
		return begin_call(e, RECEIVED_CAP(DATA_BYTES, CONTROL_BYTES), kind, 6);
	return begin_call(e, RECEIVED_CAP(DATA_BYTES, 0), kind, 6);
}

static inline_always void write_received(const struct message *m, s64 fd, s64 moved, enum row row,
					 const struct sock *sk, const struct address *from,
					 bool is_answer, bool has_control)
{
	u64 bytes = moved < 0 ? 0 : moved;
	struct event e;

	if (!begin_received(&e, row == IN_ROW ? SOCKET_RECVMMSG_X : SOCKET_RECVMSG_X, is_answer,
			    has_control))
		return;
	put_s64(&e, moved);
	if (row == IN_ROW)
		put_s64(&e, fd);
	put_u32(&e, bytes);
	put_vectors(&e, &m->vectors, bytes, is_answer ? ANSWER_BYTES : DATA_BYTES);
	put_tuple(&e, sk, from, TRAFFIC, IN);
	if (has_control)
		put_user_bytes(&e, (void *)m->control, m->control_length, CONTROL_BYTES);
	else
		put_null(&e);
	if (row == ALONE)
		put_s64(&e, fd);
	submit(&e, MAIN);
}

static inline_always int received(u64 at, s64 fd, s64 ret, u32 compat, enum row row)
{
	struct sock *sk = ret >= 0 ? sock_of(fd) : NULL;
	struct message m = {};
	struct address from;

	if (ret >= 0 && !read_message(&m, at, compat) && row == IN_ROW)
		return 0;
	read_address(&from, m.name, m.name_length);
	if (row == IN_ROW)
		ret = user_u32(at + MOVED(compat));
	if (has_name_server(sk, &from))
		write_received(&m, fd, ret, row, sk, &from, true, true);
	else if (m.control && m.control_length)
		write_received(&m, fd, ret, row, sk, &from, false, true);
	else
		write_received(&m, fd, ret, row, sk, &from, false, false);
	return 0;
}

/* Not in line, and of numbers alone: it is looked at once, however many messages there are. */
noinline int received_in_row(u64 at, s64 fd, u32 compat)
{
	return received(at, fd, 0, compat, IN_ROW);
}

static inline_always void told_recvmsg(const struct args *c)
{
	received(c->of[1], (s32)c->of[0], c->ret, c->compat, ALONE);
}

ARGS_CALL(recvmsg)

static inline_always void told_recvmmsg(const struct args *c)
{
	u64 count = c->ret > 0 ? c->ret : 0;

	if (count == 0)
		write_none(c, SOCKET_RECVMMSG_X, 6);
#pragma clang loop unroll(full)
	for (int number = 0; number < MOST_MESSAGES; number++) {
		if (is_past(number, count))
			break;
		received_in_row(c->of[1] + number * STEP(c->compat), (s32)c->of[0], c->compat);
	}
}

ARGS_CALL(recvmmsg)

#if defined(__TARGET_ARCH_x86)
WAY(p, recvmmsg, COMPAT_OWN "recvmmsg_time32", AS_COMPAT)
WAY(q, recvmmsg, COMPAT_OWN "recvmmsg_time64", AS_COMPAT)
#else
WAY(p, recvmmsg, "__arm64_compat_sys_recvmmsg_time32", AS_COMPAT)
WAY(q, recvmmsg, "__arm64_compat_sys_recvmmsg_time64", AS_COMPAT)
#endif

SOCKETCALL(s, recvfrom, 12, 6)
SOCKETCALL(r, recvfrom, 10, 4)
SOCKETCALL(s, recvmsg, 17, 3)
SOCKETCALL(s, recvmmsg, 19, 5)
