/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What goes out. Data of calls that failed is kept as well, as with other recorders. */
#include "message.h"

#define SENT_CAP(data) (BYTES(5, 0, 0) + ROOM_FOR(data) + TUPLE_CAP)

static inline_always bool begin_sent(struct event *e, u16 kind, bool is_question)
{
	return is_question ? begin_call(e, SENT_CAP(QUESTION_BYTES), kind, 5) :
			     begin_call(e, SENT_CAP(DATA_BYTES), kind, 5);
}

/* The socket that data went out of. */
static inline_always struct sock *sender(s64 fd, s64 ret)
{
	return ret >= 0 ? sock_of(fd) : NULL;
}

static inline_always void write_sendto(const struct args *c, const struct sock *sk,
				       const struct address *to, bool is_question)
{
	u64 bytes = kept_of(c->ret, c->of[2]);
	struct event e;

	if (!begin_sent(&e, SOCKET_SENDTO_X, is_question))
		return;
	put_s64(&e, c->ret);
	put_user_bytes(&e, (void *)c->of[1], bytes, is_question ? QUESTION_BYTES : DATA_BYTES);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, c->of[2]);
	put_tuple(&e, sk, to, TRAFFIC, OUT);
	submit(&e, MAIN);
}

static inline_always void told_sendto(const struct args *c)
{
	struct sock *sk = sender((s32)c->of[0], c->ret);
	struct address to;

	read_address(&to, c->of[4], c->of[5]);
	if (has_name_server(sk, &to))
		write_sendto(c, sk, &to, true);
	else
		write_sendto(c, sk, &to, false);
}

ARGS_CALL(sendto)

static inline_always void write_sent(const struct message *m, s64 fd, s64 moved, enum row row,
				     const struct sock *sk, const struct address *to,
				     bool is_question)
{
	u32 size = size_of(&m->vectors, moved);
	struct event e;

	if (!begin_sent(&e, row == IN_ROW ? SOCKET_SENDMMSG_X : SOCKET_SENDMSG_X, is_question))
		return;
	put_s64(&e, moved);
	if (row == IN_ROW) {
		put_s64(&e, fd);
		put_u32(&e, size);
	}
	put_vectors(&e, &m->vectors, kept_of(moved, size), is_question ? QUESTION_BYTES : DATA_BYTES);
	if (row == ALONE) {
		put_s64(&e, fd);
		put_u32(&e, size);
	}
	put_tuple(&e, sk, to, TRAFFIC, OUT);
	submit(&e, MAIN);
}

/* A message that is not in memory: the call failed. */
static inline_always void write_unreadable(s64 fd, s64 ret)
{
	struct event e;

	if (!begin_call(&e, BYTES(5, 0, 0), SOCKET_SENDMSG_X, 5))
		return;
	put_s64(&e, ret);
	put_null(&e);
	put_s64(&e, fd);
	put_null(&e);
	put_null(&e);
	submit(&e, MAIN);
}

static inline_always int sent(u64 at, s64 fd, s64 ret, u32 compat, enum row row)
{
	struct sock *sk = sender(fd, ret);
	struct message m = {};
	struct address to;

	if (!read_message(&m, at, compat)) {
		if (row == ALONE)
			write_unreadable(fd, ret);
		return 0;
	}
	read_address(&to, m.name, m.name_length);
	if (row == IN_ROW)
		ret = user_u32(at + MOVED(compat));
	if (has_name_server(sk, &to))
		write_sent(&m, fd, ret, row, sk, &to, true);
	else
		write_sent(&m, fd, ret, row, sk, &to, false);
	return 0;
}

/* Not in line, and of numbers alone: it is looked at once, however many messages there are. */
noinline int sent_in_row(u64 at, s64 fd, u32 compat)
{
	return sent(at, fd, 0, compat, IN_ROW);
}

static inline_always void told_sendmsg(const struct args *c)
{
	sent(c->of[1], (s32)c->of[0], c->ret, c->compat, ALONE);
}

ARGS_CALL(sendmsg)

static inline_always void told_sendmmsg(const struct args *c)
{
	u64 count = c->ret > 0 ? c->ret : 0;

	if (count == 0)
		write_none(c, SOCKET_SENDMMSG_X, 5);
#pragma clang loop unroll(full)
	for (int number = 0; number < MOST_MESSAGES; number++) {
		if (is_past(number, count))
			break;
		sent_in_row(c->of[1] + number * STEP(c->compat), (s32)c->of[0], c->compat);
	}
}

ARGS_CALL(sendmmsg)

SOCKETCALL(s, sendto, 11, 6)
SOCKETCALL(r, sendto, 9, 4)
SOCKETCALL(s, sendmsg, 16, 3)
SOCKETCALL(s, sendmmsg, 20, 4)
