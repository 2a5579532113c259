/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets from `socket` to `shutdown`. */
#include "ends.h"

#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define EINPROGRESS 115

/* Flags of fds in the schema's numbering. */
static inline_always u32 socket_flags(u32 flags)
{
	return (flags & SOCK_NONBLOCK ? 0x40 : 0) | (flags & SOCK_CLOEXEC ? 0x1000 : 0);
}

/* The schema knows families up to AF_NFC, and of those below not AF_IB and AF_MPLS; of others, and
 * of more than 8 bits, as its recorders do. */
static inline_always u32 known_family(u64 family)
{
	u32 low = family & 0xff;

	return low <= 39 && low != 27 && low != 28 ? low : 0;
}

static inline_always void told_socket(const struct args *c)
{
	struct event e;

	if (!begin_call(&e, BYTES(5, 0, 0), SOCKET_SOCKET_X, 5))
		return;
	put_s64(&e, c->ret);
	put_u32(&e, known_family(c->of[0]));
	put_u32(&e, c->of[1]);
	put_u32(&e, c->of[2]);
	put_u32(&e, socket_flags(c->of[1]));
	submit(&e, MAIN);
}

ARGS_CALL(socket)

static inline_always void told_socketpair(const struct args *c)
{
	s32 fds[2] = { -1, -1 };
	struct event e;

	if (!begin_call(&e, BYTES(8, 0, 0), SOCKET_SOCKETPAIR_X, 8))
		return;
	if (c->ret >= 0)
		bpf_probe_read_user(fds, sizeof(fds), (void *)c->of[3]);
	put_s64(&e, c->ret);
	put_s64(&e, fds[0]);
	put_s64(&e, fds[1]);
	put_u64(&e, c->ret >= 0 ? socket_number(sock_of(fds[0])) : 0);
	put_u64(&e, c->ret >= 0 ? socket_number(sock_of(fds[1])) : 0);
	put_u32(&e, known_family(c->of[0]));
	put_u32(&e, c->of[1]);
	put_u32(&e, c->of[2]);
	submit(&e, MAIN);
}

ARGS_CALL(socketpair)

static inline_always bool is_same_ip(const struct address *one, const struct address *other)
{
	if (one->family == AF_INET)
		return one->ip == other->ip;
	return one->ip6[0] == other->ip6[0] && one->ip6[1] == other->ip6[1] &&
	       one->ip6[2] == other->ip6[2] && one->ip6[3] == other->ip6[3];
}

/* Puts the kernel's address in the place of the one that was given, unless that was a choice left to
 * the kernel: port 0, a unix address without a path. What stands in memory may have been changed. */
static inline_always void bound_address(struct address *given, const struct sock *sk)
{
	u16 family = sk ? family_of(sk) : OTHER;
	struct address own = {};

	if (family == AF_UNIX) {
		if (given->family == AF_UNIX && !path_in(given)[0] && !path_in(given)[1])
			return;
		read_path(given, sk);
		return;
	}
	if (family != AF_INET && family != AF_INET6)
		return;
	read_local(&own, sk, family);
	if (given->family == family && !given->port && is_same_ip(given, &own))
		own.port = 0;
	__builtin_memcpy(given, &own, INET_BYTES);
}

static inline_always void told_bind(const struct args *c)
{
	struct address given;
	struct event e;

	read_address(&given, c->of[1], c->of[2]);
	if (c->ret >= 0)
		bound_address(&given, sock_of((s32)c->of[0]));
	if (!begin_call(&e, BYTES(3, 0, 0) + ADDRESS_CAP, SOCKET_BIND_X, 3))
		return;
	put_s64(&e, c->ret);
	put_address(&e, &given);
	put_s64(&e, (s32)c->of[0]);
	submit(&e, MAIN);
}

ARGS_CALL(bind)

static inline_always void told_connect(const struct args *c)
{
	bool is_begun = c->ret == 0 || c->ret == -EINPROGRESS;
	struct address given;
	struct event e;

	if (!begin_call(&e, BYTES(4, 0, 0) + TUPLE_CAP + ADDRESS_CAP, SOCKET_CONNECT_X, 4))
		return;
	read_address(&given, c->of[1], c->of[2]);
	put_s64(&e, c->ret);
	put_tuple(&e, is_begun ? sock_of((s32)c->of[0]) : NULL, &given, CONNECT, OUT);
	put_s64(&e, (s32)c->of[0]);
	put_address(&e, &given);
	submit(&e, MAIN);
}

ARGS_CALL(connect)

static inline_always void told_listen(const struct args *c)
{
	struct event e;

	if (!begin_call(&e, BYTES(3, 0, 0), SOCKET_LISTEN_X, 3))
		return;
	put_s64(&e, c->ret);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, c->of[1]);
	submit(&e, MAIN);
}

ARGS_CALL(listen)

/* How many connections wait at a listening TCP socket, in percent, in number, and how many may. */
static inline_always void put_queue(struct event *e, struct sock *sk)
{
	u32 waiting = 0, most = 0;

	if (sk && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP &&
	    BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN) {
		waiting = BPF_CORE_READ(sk, sk_ack_backlog);
		most = BPF_CORE_READ(sk, sk_max_ack_backlog);
	}
	put_u8(e, most ? (u64)waiting * 100 / most : 0);
	put_u32(e, waiting);
	put_u32(e, most);
}

static inline_always void put_accepted(struct event *e, const struct args *c)
{
	struct address none = {};

	put_s64(e, c->ret);
	put_tuple(e, c->ret >= 0 ? sock_of(c->ret) : NULL, &none, TRAFFIC, IN);
	put_queue(e, c->ret >= 0 ? sock_of((s32)c->of[0]) : NULL);
}

static inline_always void told_accept(const struct args *c)
{
	struct event e;

	if (!begin_call(&e, BYTES(5, 0, 0) + TUPLE_CAP, SOCKET_ACCEPT_5_X, 5))
		return;
	put_accepted(&e, c);
	submit(&e, MAIN);
}

ARGS_CALL(accept)

static inline_always void told_accept4(const struct args *c)
{
	struct event e;

	if (!begin_call(&e, BYTES(6, 0, 0) + TUPLE_CAP, SOCKET_ACCEPT4_6_X, 6))
		return;
	put_accepted(&e, c);
	put_u32(&e, socket_flags(c->of[3]));
	submit(&e, MAIN);
}

ARGS_CALL(accept4)

static inline_always void told_shutdown(const struct args *c)
{
	u32 how = c->of[1];
	struct event e;

	if (!begin_call(&e, BYTES(3, 0, 0), SOCKET_SHUTDOWN_X, 3))
		return;
	put_s64(&e, c->ret);
	put_s64(&e, (s32)c->of[0]);
	put_u8(&e, how <= 2 ? how : 0xff);
	submit(&e, MAIN);
}

ARGS_CALL(shutdown)

SOCKETCALL(s, socket, 1, 3)
SOCKETCALL(s, bind, 2, 3)
SOCKETCALL(s, connect, 3, 3)
SOCKETCALL(s, listen, 4, 2)
SOCKETCALL(s, accept, 5, 3)
SOCKETCALL(s, socketpair, 8, 4)
SOCKETCALL(s, shutdown, 13, 2)
SOCKETCALL(s, accept4, 18, 4)
