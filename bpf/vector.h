/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Data in vectors of buffers (`struct iovec`). */
#ifndef WATCHKEEPER_VECTOR_H
#define WATCHKEEPER_VECTOR_H

#include "call.h"

/* Most bytes of data that an event has, as the recorders of this schema have it by default. */
#define DATA_BYTES 80
/* Most buffers that are looked at. */
#define MOST_BUFFERS 8
/* Room in the record: the last buffer is bounded apart from those before it. */
#define VECTOR_ROOM (2 * DATA_BYTES)

struct buffer {
	u64 address, bytes;
};

/* A buffer of the vector that an argument points to; one of no bytes if it cannot be read. */
static inline_always struct buffer buffer_at(const struct call *c, int vector, u32 at)
{
	struct buffer buffer = {};
	u32 narrow[2] = {};

	if (!c->compat) {
		bpf_probe_read_user(&buffer, sizeof(buffer), (struct buffer *)arg(c, vector) + at);
		return buffer;
	}
	bpf_probe_read_user(narrow, sizeof(narrow), (u64 *)arg(c, vector) + at);
	buffer.address = narrow[0];
	buffer.bytes = narrow[1];
	return buffer;
}

/* The beginning of the data in a vector, whose length is the argument behind it; of all buffers
 * together so many bytes count. */
static inline_always void put_vector(struct event *e, const struct call *c, int vector, u64 bytes)
{
	u64 count = arg(c, vector + 1), got = 0;
	u8 *to = place(e, VECTOR_ROOM);

#pragma clang loop unroll(full)
	for (u32 at = 0; at < MOST_BUFFERS; at++) {
		struct buffer buffer;
		u64 room = DATA_BYTES;

		if (at >= count || got >= DATA_BYTES)
			break;
		buffer = buffer_at(c, vector, at);
		room -= got;
		if (buffer.bytes < room)
			room = buffer.bytes;
		clamp(got, DATA_BYTES);
		clamp(room, DATA_BYTES);
		if (room && bpf_probe_read_user(to + got, room, (void *)buffer.address))
			break;
		got += room;
	}
	if (bytes < got)
		got = bytes;
	clamp(got, DATA_BYTES);
	put_written(e, got);
}

#endif
