/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Both ends of a socket, as the kernel has them after the call. An address that the call was given
 * counts only where the kernel knows no other end: of datagrams.
 */
#ifndef WATCHKEEPER_NET_ENDS_H
#define WATCHKEEPER_NET_ENDS_H

#include "address.h"

#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define TCP_LISTEN 10

#define NAME_SERVER_PORT __builtin_bswap16(53)

/* What was done to a socket (nothing, if it is only looked at), and which way data goes. */
enum act { CONNECT, TRAFFIC, NOTHING };
enum way { IN, OUT };

/* Most bytes of a connection in an event: family, two numbers, path, NUL. */
#define TUPLE_CAP (1 + 16 + UNIX_PATH_BYTES + 1)

/* Ends of unix sockets are numbers that say which sockets belong together and nothing else: their
 * places in the kernel's memory, made useless for anything else by a key that the loader draws. */
static inline_always u64 socket_number(const struct sock *sk)
{
	return sk ? (u64)sk ^ settings.socket_key : 0;
}

static inline_always struct sock *sock_of_file(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return socket ? BPF_CORE_READ(socket, sk) : NULL;
}

/* The socket of an fd; NULL if it is none. */
static inline_always struct sock *sock_of(s64 fd)
{
	return sock_of_file(file_of(fd));
}

static inline_always u16 family_of(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family);
}

static inline_always bool is_datagram(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_type) != SOCK_STREAM;
}

static inline_always struct sock *unix_peer(const struct sock *sk)
{
	const struct unix_sock *unix = (void *)sk;

	return BPF_CORE_READ(unix, peer);
}

/* This end of an IP socket (inet_getname() and inet6_getname() of the kernel). */
static inline_always void read_local(struct address *to, const struct sock *sk, u16 family)
{
	const struct inet_sock *inet = (void *)sk;

	to->family = family;
	to->port = BPF_CORE_READ(inet, inet_sport);
	if (family == AF_INET) {
		to->ip = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		if (!to->ip)
			to->ip = BPF_CORE_READ(inet, inet_saddr);
		return;
	}
	BPF_CORE_READ_INTO(&to->ip6, sk, __sk_common.skc_v6_rcv_saddr);
	if (!(to->ip6[0] | to->ip6[1] | to->ip6[2] | to->ip6[3]))
		BPF_CORE_READ_INTO(&to->ip6, inet, pinet6, saddr);
}

/* Whether the kernel knows the other end. Of a connection that is being made getpeername(2) does not
 * tell it, but it is known; of one that is gone it still stands there, and is not told either. */
static inline_always bool knows_peer(const struct sock *sk, enum act act)
{
	u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (!BPF_CORE_READ(sk, __sk_common.skc_dport))
		return false;
	return (state != TCP_CLOSE && state != TCP_SYN_SENT) || (act == CONNECT && !is_datagram(sk));
}

enum known { KNOWN, UNKNOWN };

/* The other end of an IP socket. */
static inline_always enum known read_peer(struct address *to, const struct sock *sk, u16 family,
					  const struct address *given, enum act act)
{
	__builtin_memset(to, 0, INET_BYTES);
	to->family = family;
	if (knows_peer(sk, act)) {
		to->port = BPF_CORE_READ(sk, __sk_common.skc_dport);
		if (family == AF_INET)
			to->ip = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		else
			BPF_CORE_READ_INTO(&to->ip6, sk, __sk_common.skc_v6_daddr);
		return KNOWN;
	}
	if (given->family == family) {
		to->port = given->port;
		if (family == AF_INET)
			to->ip = given->ip;
		else
			__builtin_memcpy(to->ip6, given->ip6, sizeof(to->ip6));
		return KNOWN;
	}
	if (given->family == AF_INET) {
		to->port = given->port;
		to->ip6[2] = __builtin_bswap32(0xffff);
		to->ip6[3] = given->ip;
		return KNOWN;
	}
	return is_datagram(sk) || act == NOTHING ? KNOWN : UNKNOWN;
}

/* The path that a unix socket is bound to. */
static inline_always void read_path(struct address *to, const struct sock *sk)
{
	const struct unix_sock *unix = (void *)sk;
	struct unix_address *bound = BPF_CORE_READ(unix, addr);
	u64 bytes;

	to->family = AF_UNIX;
	__builtin_memset(path_in(to), 0, sizeof(*to) - sizeof(to->family));
	if (!bound)
		return;
	bytes = BPF_CORE_READ(bound, len) - 2;
	clamp(bytes, UNIX_PATH_BYTES);
	bpf_probe_read_kernel(path_in(to), bytes,
			      (void *)bound + bpf_core_field_offset(bound->name) + 2);
}

/* Of unix sockets stands the end that takes, then the one that gives, and the path of the former. */
static inline_always u64 write_unix(u8 *at, const struct sock *sk, const struct address *given,
				    enum way way)
{
	struct sock *peer = unix_peer(sk);
	struct address path;

	if (way == IN)
		read_path(&path, sk);
	else if (peer)
		read_path(&path, peer);
	else if (given->family == AF_UNIX)
		path = *given;
	else
		__builtin_memset(&path, 0, sizeof(path));
	*(u64 *)at = socket_number(way == IN ? sk : peer);
	*(u64 *)(at + 8) = socket_number(way == IN ? peer : sk);
	return 16 + write_path(at + 16, path_in(&path));
}

static inline_always u64 write_inet(u8 *at, const struct sock *sk, u16 family,
				    const struct address *given, enum act act, enum way way)
{
	u64 bytes = family == AF_INET ? 6 : 18;
	struct address end;

	if (read_peer(&end, sk, family, given, act) == UNKNOWN)
		return 0;
	write_end(way == IN ? at : at + bytes, &end);
	read_local(&end, sk, family);
	write_end(way == IN ? at + bytes : at, &end);
	return 2 * bytes;
}

/* A `SockTuple` parameter: where data comes from first, then where it goes. None for other families,
 * for a stream whose other end is not known any longer (which is 0 where nothing was done), and without a
 * socket. */
static inline_always void put_tuple(struct event *e, const struct sock *sk,
				    const struct address *given, enum act act, enum way way)
{
	u8 *at = place(e, TUPLE_CAP);
	u16 family = sk ? family_of(sk) : OTHER;
	u64 bytes = 0;

	*at = family;
	if (family == AF_INET)
		bytes = write_inet(at + 1, sk, AF_INET, given, act, way);
	else if (family == AF_INET6)
		bytes = write_inet(at + 1, sk, AF_INET6, given, act, way);
	else if (family == AF_UNIX)
		bytes = write_unix(at + 1, sk, given, way);
	obscure(bytes, sk);
	clamp(bytes, TUPLE_CAP - 1);
	put_written(e, bytes ? bytes + 1 : 0);
}

static inline_always bool is_name_server(const struct sock *sk, const struct address *given)
{
	u16 family = sk ? family_of(sk) : OTHER;
	bool is_given = given->family == AF_INET || given->family == AF_INET6;

	if ((family != AF_INET && family != AF_INET6) || !is_datagram(sk))
		return false;
	if (knows_peer(sk, TRAFFIC))
		return BPF_CORE_READ(sk, __sk_common.skc_dport) == NAME_SERVER_PORT;
	return is_given && given->port == NAME_SERVER_PORT;
}

/* Whether datagrams go to and fro between the socket and a name server. */
static inline_always bool has_name_server(const struct sock *sk, const struct address *given)
{
	u64 has = is_name_server(sk, given);

	obscure(has, sk);
	return has;
}

#endif
