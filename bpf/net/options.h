/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options of sockets. */
#include "args.h"

#define SOL_SOCKET 1
#define SOL_TCP 6

#define SO_ERROR 4
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_MEMINFO 55
#define SO_COOKIE 57
#define SO_PEERGROUPS 59
#define SO_RCVTIMEO_NEW 66
#define SO_SNDTIMEO_NEW 67

/* What the first byte of a value says of the rest. */
enum { AS_BYTES, AS_ERROR, AS_NUMBER_32, AS_NUMBER_64, AS_TIME };

/* Bytes of a value that are kept: of most, and of those that need a larger record. */
#define VALUE_BYTES 64
#define MOST_VALUE_BYTES 4096

#define OPTION_CAP(bytes) (BYTES(6, 0, 0) + 1 + (bytes))

static inline_always u8 level_of(s32 level)
{
	return level == SOL_SOCKET ? 1 : level == SOL_TCP ? 2 : 0;
}

/* An option's number in the schema: that of the kernel, up to where the kernel's have gaps. */
static inline_always u8 option_of(s32 level, s32 name)
{
	if (level != SOL_SOCKET)
		return 0;
	switch (name) {
	case 1 ... 50: return name;
	case SO_PEERGROUPS: return 0x33;
	case SO_MEMINFO: return 0x34;
	case SO_COOKIE: return 0x35;
	case SO_RCVTIMEO_NEW: return 0x14;
	case SO_SNDTIMEO_NEW: return 0x15;
	default: return 0;
	}
}

/* How the value of an option is kept. SO_LINGER, SO_PEERCRED, SO_ATTACH_FILTER, SO_PEERNAME and
 * SO_ATTACH_BPF are no numbers. */
static inline_always u8 form_of(s32 level, s32 name)
{
	if (level != SOL_SOCKET)
		return AS_BYTES;
	switch (name) {
	case SO_ERROR: return AS_ERROR;
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO_NEW: return AS_TIME;
	case SO_COOKIE: return AS_NUMBER_64;
	case 13:
	case 17:
	case 26:
	case 28: return AS_BYTES;
	case 1 ... 3:
	case 5 ... 12:
	case 14 ... 16:
	case 18 ... 19:
	case 22 ... 25:
	case 27:
	case 29 ... 49: return AS_NUMBER_32;
	default: return AS_BYTES;
	}
}

/* Nanoseconds. The former options of times are as wide as the program's longs. */
static inline_always u64 time_of(const u64 *words, bool is_narrow)
{
	u64 seconds = is_narrow ? (u32)words[0] : words[0];
	u64 microseconds = is_narrow ? words[0] >> 32 : words[1];

	return seconds * 1000000000 + microseconds * 1000;
}

/* A number behind the byte that says which it is. Memory that cannot be read counts as zeros, as with
 * other recorders. */
static inline_always void put_option_number(struct event *e, const struct args *c, u8 form)
{
	u8 *at = place(e, 1 + sizeof(u64));
	u64 words[2] = {};

	if (form == AS_TIME)
		bpf_probe_read_user(words, sizeof(words), (void *)c->of[3]);
	else
		bpf_probe_read_user(words, form == AS_NUMBER_64 ? 8 : 4, (void *)c->of[3]);
	*at = form;
	if (form == AS_TIME)
		words[0] = time_of(words, c->compat && (s32)c->of[2] < SO_RCVTIMEO_NEW);
	else if (form == AS_ERROR)
		words[0] = -(s64)(s32)words[0];
	__builtin_memcpy(at + 1, words, sizeof(u64));
	put_written(e, form == AS_NUMBER_32 ? 5 : 9);
}

/* Any bytes behind the one that says so. */
static inline_always void put_value(struct event *e, u64 from, u64 length, u64 max)
{
	u8 *to = place(e, 1 + max);

	clamp(length, max);
	*to = AS_BYTES;
	if (length && bpf_probe_read_user(to + 1, length, (void *)from) < 0)
		length = 0;
	put_written(e, 1 + length);
}

static inline_always void write_option(const struct args *c, u16 kind, u32 length, u8 form, bool is_long)
{
	struct event e;

	if (!(is_long ? begin_call(&e, OPTION_CAP(MOST_VALUE_BYTES), kind, 6) :
			begin_call(&e, OPTION_CAP(VALUE_BYTES), kind, 6)))
		return;
	put_s64(&e, c->ret);
	put_s64(&e, (s32)c->of[0]);
	put_u8(&e, level_of(c->of[1]));
	put_u8(&e, option_of(c->of[1], c->of[2]));
	if (form == AS_BYTES)
		put_value(&e, c->of[3], length, is_long ? MOST_VALUE_BYTES : VALUE_BYTES);
	else
		put_option_number(&e, c, form);
	put_u32(&e, length);
	submit(&e, MAIN);
}

static inline_always void told_setsockopt(const struct args *c)
{
	u64 form = form_of(c->of[1], c->of[2]);
	u16 length = c->of[4];

	obscure(form, c->of[3]);
	if (form == AS_BYTES && length > VALUE_BYTES)
		write_option(c, SOCKET_SETSOCKOPT_X, length, AS_BYTES, true);
	else
		write_option(c, SOCKET_SETSOCKOPT_X, length, form, false);
}

ARGS_CALL(setsockopt)

/* Only SO_ERROR is recorded: it says what became of a connection that was begun without waiting. */
static inline_always void told_getsockopt(const struct args *c)
{
	if ((s32)c->of[1] == SOL_SOCKET && (s32)c->of[2] == SO_ERROR)
		write_option(c, SOCKET_GETSOCKOPT_X, user_u32(c->of[4]), AS_ERROR, false);
}

ARGS_CALL(getsockopt)

SOCKETCALL(s, setsockopt, 14, 5)
SOCKETCALL(s, getsockopt, 15, 5)
