/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses of sockets. */
#ifndef WATCHKEEPER_NET_ADDRESS_H
#define WATCHKEEPER_NET_ADDRESS_H

#include "args.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

/* Most bytes of a unix path without its NUL. */
#define UNIX_PATH_BYTES 108

/* An address as programs and the kernel lay it out (`struct sockaddr`). */
struct address {
	u16 family;
	u16 port;	/* as on the wire; a path begins here */
	union {
		u32 ip;
		struct {
			u32 flow;
			u32 ip6[4];
		};
		u8 rest[UNIX_PATH_BYTES];	/* of a path, and a NUL behind it */
	};
};

static inline_always char *path_in(const struct address *address)
{
	return (char *)address + sizeof(address->family);
}

#define ADDRESS_BYTES (2 + UNIX_PATH_BYTES)
#define INET_BYTES 24

/* An address of a family that events have nothing of, and none at all. */
#define OTHER 0

/* Most bytes of an address in an event: family, path, NUL. */
#define ADDRESS_CAP (1 + UNIX_PATH_BYTES + 1)

/* Reads an address from the memory of the program. */
static inline_always void read_address(struct address *to, u64 from, u32 length)
{
	u64 bytes = length;

	__builtin_memset(to, 0, sizeof(*to));
	clamp(bytes, ADDRESS_BYTES);
	if (bytes < 2 || !from || bpf_probe_read_user(to, bytes, (void *)from) < 0)
		to->family = OTHER;
	if ((to->family == AF_INET && length < 8) || (to->family == AF_INET6 && length < 24))
		to->family = OTHER;
}

/* Writes a path: what stands before its first NUL, or of an abstract one between its first and its
 * second. The bytes that were written, with a NUL. */
static inline_always u64 write_path(u8 *at, const char *path)
{
	u64 skipped = *path == 0;
	long bytes;

	/* The compiler would set the bit in the pointer, which the verifier does not like. */
	asm volatile("" : "+r"(skipped));
	bytes = bpf_probe_read_kernel_str(at, UNIX_PATH_BYTES + 1, path + skipped);
	if (bytes <= 0) {
		*at = 0;
		bytes = 1;
	}
	clamp(bytes, UNIX_PATH_BYTES + 1);
	return bytes;
}

static inline_always u64 write_end(u8 *at, const struct address *end)
{
	if (end->family == AF_INET) {
		__builtin_memcpy(at, &end->ip, 4);
		*(u16 *)(at + 4) = __builtin_bswap16(end->port);
		return 6;
	}
	__builtin_memcpy(at, end->ip6, 16);
	*(u16 *)(at + 16) = __builtin_bswap16(end->port);
	return 18;
}

/* A `SockAddr` parameter. */
static inline_always void put_address(struct event *e, const struct address *from)
{
	u8 *at = place(e, ADDRESS_CAP);
	u64 bytes = 0;

	*at = from->family;
	if (from->family == AF_INET || from->family == AF_INET6)
		bytes = 1 + write_end(at + 1, from);
	else if (from->family == AF_UNIX)
		bytes = 1 + write_path(at + 1, path_in(from));
	put_written(e, bytes);
}

#endif
