/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What name servers answer, handed to the reader whole, whatever call reads it and whether or not that
 * call is recorded: later connections have names by it.
 *
 * Where: behind the functions that take data off UDP and TCP sockets. All ways to read meet there
 * (recvfrom, recvmsg, recvmmsg, read, readv, rings of io_uring), while the calls themselves are made for
 * files and pipes all the time. What comes from another port than that of name servers costs the
 * trampoline and two loads. Deeper down (skb_consume_udp) there would be the packet, but its data is in
 * pages that a program cannot reach on all kernels.
 */
#include "net/data.h"
#include "net/ends.h"

/* No answer is shorter than the header of a message. */
#define SHORTEST_ANSWER 12

/* Told to the reader alone: who answered, whether in a stream, data. */
enum { ANSWERED = 0xff10 };

#define ANSWERED_CAP (BYTES(1, 0, 0) + ADDRESS_CAP + ROOM_FOR(ANSWER_BYTES))

/* Buffers of the reader, behind what was read into them. */
struct filled {
	u64 iov;	/* the current one of the list; 0 if there is one buffer */
	u64 buffer;	/* the one buffer */
	u64 offset;	/* where in the current one reading stopped */
};

#define IS_ITER(type, name)                                                                        \
	(bpf_core_enum_value_exists(enum iter_type, name) &&                                       \
	 (type) == bpf_core_enum_value(enum iter_type, name))

/* Linux 5.14 has split the type from the direction, which was its lowest bit. */
static inline_always u32 iter_type_of(const struct msghdr *msg)
{
	const struct iov_iter___old *old = (void *)&msg->msg_iter;

	if (bpf_core_field_exists(msg->msg_iter.iter_type))
		return msg->msg_iter.iter_type;
	return BPF_CORE_READ(old, type) & ~1;
}

static inline_always bool find_filled(struct filled *to, const struct msghdr *msg)
{
	const struct iov_iter___renamed *renamed = (void *)&msg->msg_iter;
	u32 type = iter_type_of(msg);

	to->offset = msg->msg_iter.iov_offset;
	to->buffer = to->iov = 0;
	if (IS_ITER(type, ITER_UBUF))
		to->buffer = (u64)BPF_CORE_READ(msg, msg_iter.ubuf);
	else if (!IS_ITER(type, ITER_IOVEC))
		return false;
	else if (bpf_core_field_exists(renamed->__iov))
		to->iov = (u64)BPF_CORE_READ(renamed, __iov);
	else
		to->iov = (u64)BPF_CORE_READ(msg, msg_iter.iov);
	return true;
}

/* Buffers of a list that an answer may be in. */
#define MOST_PIECES 4

static inline_always struct vector piece_of(u64 iov, int back)
{
	struct vector piece = {};

	bpf_probe_read_kernel(&piece, sizeof(piece), (void *)(iov - 16 * back));
	return piece;
}

/* Puts the last `bytes` that were read into a list of buffers, which is followed backwards to where
 * they begin. */
static inline_always void put_pieces(struct event *e, const struct filled *filled, u64 bytes)
{
	u8 *to = place(e, 2 * ANSWER_BYTES);
	u64 covered = filled->offset, first = 0, done = 0, skipped;

#pragma clang loop unroll(full)
	for (int back = 1; back < MOST_PIECES; back++) {
		if (is_past(covered, bytes))
			break;
		covered += piece_of(filled->iov, back).bytes;
		first = back;
	}
	skipped = covered > bytes ? covered - bytes : 0;
	obscure(skipped, filled->iov);
	obscure(first, filled->iov);
#pragma clang loop unroll(full)
	for (int back = MOST_PIECES - 1; back >= 0; back--) {
		u64 wanted = bytes - done;
		struct vector piece;

		if (is_past(back, first + 1))
			continue;
		piece = piece_of(filled->iov, back);
		if (wanted > piece.bytes - skipped)
			wanted = piece.bytes - skipped;
		obscure(wanted, filled->iov);
		clamp(wanted, ANSWER_BYTES);
		obscure(done, filled->iov);
		clamp(done, ANSWER_BYTES);
		if (bpf_probe_read_user(to + done, wanted, (void *)piece.from + skipped) < 0)
			break;
		done += wanted;
		skipped = 0;
		obscure(skipped, filled->iov);
	}
	obscure(done, filled->iov);
	clamp(done, ANSWER_BYTES);
	put_written(e, done);
}

static inline_always int tell_answer(struct sock *sk, const struct msghdr *msg, u64 bytes,
				     const struct address *from, bool is_stream)
{
	u16 family = family_of(sk);
	struct address server;
	struct filled filled;
	struct event e;

	if ((family != AF_INET && family != AF_INET6) || !find_filled(&filled, msg))
		return 0;
	if (read_peer(&server, sk, family, from, TRAFFIC) == UNKNOWN)
		return 0;
	if (!reserve(&e, MAIN, ANSWERED_CAP, 0))
		return 0;
	begin(&e, ANSWERED, 3, e.tid);
	put_address(&e, &server);
	put_u8(&e, is_stream);
	if (filled.iov)
		put_pieces(&e, &filled, bytes);
	else
		put_user_bytes(&e, (void *)(filled.buffer + filled.offset - bytes), bytes,
			       ANSWER_BYTES);
	submit(&e, MAIN);
	return 0;
}

/* Bytes that were read. */
static inline_always u64 moved_into(const struct msghdr *msg, u64 room)
{
	u64 left = msg->msg_iter.count;

	return left < room ? room - left : 0;
}

/* A datagram: from whom the socket is connected to, or who is named where the caller asked for it. */
static inline_always int datagram(struct sock *sk, const struct msghdr *msg, u64 room)
{
	u16 port = sk->__sk_common.skc_dport;
	struct address from = {};
	u64 bytes;

	if (!port && msg->msg_name) {
		bpf_probe_read_kernel(&from, INET_BYTES, msg->msg_name);
		port = from.port;
	}
	if (port != NAME_SERVER_PORT)
		return 0;
	bytes = moved_into(msg, room);
	if (bytes < SHORTEST_ANSWER)
		return 0;
	return tell_answer(sk, msg, bytes, &from, false);
}

SEC("fexit/udp_recvmsg")
int BPF_PROG(answers_udp, struct sock *sk, struct msghdr *msg, size_t len)
{
	return datagram(sk, msg, len);
}

SEC("fexit/udpv6_recvmsg")
int BPF_PROG(answers_udpv6, struct sock *sk, struct msghdr *msg, size_t len)
{
	return datagram(sk, msg, len);
}

SEC("fexit/tcp_recvmsg")
int BPF_PROG(answers_tcp, struct sock *sk, struct msghdr *msg, size_t len)
{
	struct address none = {};
	u64 bytes;

	if (sk->__sk_common.skc_dport != NAME_SERVER_PORT)
		return 0;
	bytes = moved_into(msg, len);
	if (bytes < SHORTEST_ANSWER)
		return 0;
	return tell_answer(sk, msg, bytes, &none, true);
}
