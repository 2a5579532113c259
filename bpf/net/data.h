/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The beginning of what a call moved: of one buffer, or of several (`struct iovec`). */
#ifndef WATCHKEEPER_NET_DATA_H
#define WATCHKEEPER_NET_DATA_H

#include "args.h"

/* Bytes that an event keeps: of most data, of questions to name servers, of their answers. */
#define DATA_BYTES 80
#define QUESTION_BYTES 512
#define ANSWER_BYTES 4096

/* Buffers of a call that are looked at, and how many the kernel takes: with more, calls fail. */
#define MOST_VECTORS 8
#define UIO_MAXIOV 1024

/* Buffers: where the list of them is, how many there are, how wide its numbers are. */
struct vectors {
	u64 at;
	u64 count;
	bool compat;
};

struct vector {
	u64 from;
	u64 bytes;
};

static inline_always struct vector vector_of(const struct vectors *all, int number)
{
	u64 width = all->compat ? 8 : 16;
	u64 words[2] = {};
	struct vector vector;

	bpf_probe_read_user(words, width, (void *)(all->at + width * number));
	vector.from = all->compat ? (u32)words[0] : words[0];
	vector.bytes = all->compat ? words[0] >> 32 : words[1];
	obscure(vector.from, all->at);
	obscure(vector.bytes, all->at);
	return vector;
}

/* Whether there are no so many. The compiler unrolls loops only if it does not know the count. */
static inline_always bool is_past(u64 number, u64 count)
{
	asm volatile("" : "+r"(count));
	return number >= count;
}

/* How many buffers there are, of which the verifier is to know nothing. */
static inline_always u64 count_of(const struct vectors *all)
{
	u64 count = all->count;

	if (count > UIO_MAXIOV)
		count = 0;
	obscure(count, all->at);
	return count;
}

/* Bytes of all buffers together, as far as they are looked at. */
static inline_always u64 total_of(const struct vectors *all)
{
	u64 total = 0, count = count_of(all);

#pragma clang loop unroll(full)
	for (int number = 0; number < MOST_VECTORS; number++) {
		if (is_past(number, count))
			break;
		total += vector_of(all, number).bytes;
		obscure(total, all->at);
	}
	obscure(total, all->at);
	return total;
}

/* The size that a call was asked for: of more buffers than are looked at, what it moved. */
static inline_always u64 size_of(const struct vectors *all, s64 moved)
{
	u64 total = total_of(all), size = moved, count = count_of(all);

	obscure(size, all->at);
	if (count <= MOST_VECTORS || (s64)size <= 0)
		size = total;
	obscure(size, all->at);
	return size;
}

/* How much of what was moved, or was to be if the call failed, is kept. */
static inline_always u64 kept_of(s64 moved, u64 size)
{
	u64 kept = moved;

	obscure(kept, size);
	if ((s64)kept <= 0 || kept > size)
		kept = size;
	obscure(kept, size);
	return kept;
}

/* At most `max` bytes of data, a constant. The record needs room for them twice. */
static inline_always void put_vectors(struct event *e, const struct vectors *all, u64 bytes, u64 max)
{
	u8 *to = place(e, 2 * max);
	u64 done = 0, count = count_of(all);

	clamp(bytes, max);
#pragma clang loop unroll(full)
	for (int number = 0; number < MOST_VECTORS; number++) {
		struct vector vector;

		if (is_past(number, count) || done >= bytes)
			break;
		vector = vector_of(all, number);
		if (vector.bytes > bytes - done)
			vector.bytes = bytes - done;
		obscure(vector.bytes, all->at);
		clamp(vector.bytes, max);
		obscure(done, all->at);
		clamp(done, max);
		if (bpf_probe_read_user(to + done, vector.bytes, (void *)vector.from) < 0)
			break;
		done += vector.bytes;
		obscure(done, all->at);
	}
	obscure(done, all->at);
	clamp(done, max);
	put_written(e, done);
}

/* Bytes that a record needs for data of at most so many. */
#define ROOM_FOR(bytes) (2 * (bytes))

#endif
