/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Records in the ring buffers: a prefix, and an event of the scap format behind it.
 *
 * An event is made in memory that was reserved in the ring, so nothing is copied and what preempts
 * us can't write into it. How much is reserved has to be known when the program is verified, what
 * the event takes is known when it is made: small and large reservations are tried in turn, and the
 * event's own length says how much of its record counts.
 */
#ifndef WATCHKEEPER_RECORD_H
#define WATCHKEEPER_RECORD_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "events.h"

#define noinline __attribute__((noinline))
#define inline_always inline __attribute__((always_inline))

/* Events that wait for the reader: those of life and privileges, and all others. Sizes are set before
 * loading. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} life SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} main_ring SEC(".maps");

/* What is counted, for each CPU. */
enum cause {
	MADE,		/* events that were made, lost ones included */
	LOST_LIFE,	/* the ring of life was full */
	LOST_MAIN,	/* the ring of all others was full */
	LOST_SHAPE,	/* the event did not fit into the largest record */
	CAUSES,
};

#define MAX_CPUS 1024

struct counts {
	u64 of[8];
};

struct counts counts[MAX_CPUS] SEC(".bss.counts");

/* What the reader sets before loading: `Settings` in crates/capture/src/ebpf/object.rs. */
const volatile struct {
	/* Bytes that wait before the reader is woken; it looks by itself now and then. */
	u64 wake_bytes;
	/* The process that reads the rings, whose own calls would make events about events. */
	u32 reader_tgid;
	u32 page_kib;
	/* What places of sockets in the kernel's memory are hidden with. */
	u64 socket_key;
	/* Whether calls come in through `dispatch` alone. */
	u64 dispatched;
	/* By the codes of calls: whether the kernel hides what a function of the call is given. */
	u8 hides[512];
} settings SEC(".rodata.settings") = { 1 << 20, 0, 4, 0, 0, {} };

/* In front of each event. */
struct prefix {
	u16 cpu;
	u16 cut;	/* something did not fit */
	u32 number;	/* see `forget` */
};

#define PREFIX_BYTES 8
#define HEADER_BYTES 26

enum ring { LIFE, MAIN };

struct event {
	u8 *at;		/* where the event begins */
	u64 pos;	/* bytes of it so far */
	u64 cap;	/* bytes that were reserved for it */
	u64 slack;	/* bytes more, if places are bounded by a mask; see `place` */
	u64 ns;		/* when it was, since boot */
	u32 count;	/* parameters so far */
	u32 cpu;
	u32 tid;	/* the current thread, as the whole machine knows it */
};

/* `v` is at most `max` from here on, and the verifier sees it. */
#define clamp(v, max) asm volatile("if %0 <= %1 goto +1; %0 = %1" : "+r"(v) : "ri"((u64)(max)))

/* `v` is any number to the verifier from here on, so that it looks only once at what comes behind;
 * `any` is a number that it knows nothing of. */
#define obscure(v, any) asm volatile("%0 ^= %1; %0 ^= %1" : "+r"(v) : "r"((u64)(any)))

static inline_always u64 count(u32 cpu, enum cause cause)
{
	return ++counts[cpu & (MAX_CPUS - 1)].of[cause & 7];
}

/*
 * Memory for an event of so many bytes, and some behind it; none for what the reader itself does, which
 * is left out of the main ring, or if the ring is full, which is counted. Both sizes are constants.
 *
 * The time is taken first. So what is in front of an event in its ring is older than whatever comes of
 * the event, in the other ring too, even if whoever made it lost the processor meanwhile: the reader,
 * who takes the older of two, never has an effect before its cause.
 */
static inline_always bool reserve(struct event *e, enum ring ring, u64 cap, u64 behind)
{
	void *map = ring == LIFE ? (void *)&life : (void *)&main_ring;
	u64 ids = bpf_get_current_pid_tgid();
	struct prefix *prefix;

	if (ring == MAIN && ids >> 32 == settings.reader_tgid)
		return false;
	e->ns = bpf_ktime_get_boot_ns();
	prefix = bpf_ringbuf_reserve(map, PREFIX_BYTES + cap + behind, 0);
	e->cpu = bpf_get_smp_processor_id();
	if (!prefix) {
		count(e->cpu, MADE);
		count(e->cpu, ring == LIFE ? LOST_LIFE : LOST_MAIN);
		return false;
	}
	*(u64 *)prefix = e->cpu;
	e->tid = ids;
	e->at = (u8 *)prefix + PREFIX_BYTES;
	e->cap = cap;
	e->slack = 0;
	e->pos = 0;
	e->count = 0;
	return true;
}

/* The same for an event of many parts, whose places are bounded by a mask: `cap` is a power of two, and
 * no part has more than `slack` bytes. */
static inline_always bool reserve_masked(struct event *e, enum ring ring, u64 cap, u64 slack,
					 u64 behind)
{
	if (!reserve(e, ring, cap, slack + behind))
		return false;
	e->slack = slack;
	return true;
}

/* Begins an event with so many parameters. */
static inline_always void begin(struct event *e, u16 kind, u32 params, u32 tid)
{
	u8 *at = e->at;

	*(u64 *)at = e->ns;
	*(u64 *)(at + 8) = tid;
	*(u16 *)(at + 20) = kind;
	*(u32 *)(at + 22) = params;
	e->pos = HEADER_BYTES + 2 * params;
	e->count = 0;
}

static inline_always void length(struct event *e, u16 bytes)
{
	*(u16 *)(e->at + HEADER_BYTES + 2 * e->count) = bytes;
	e->count++;
}

static inline_always struct prefix *prefix_of(struct event *e)
{
	return (struct prefix *)(e->at - PREFIX_BYTES);
}

/* Something did not fit. It is noted in memory, so that the verifier does not look at all that comes
 * behind twice. */
static inline_always void cut(struct event *e)
{
	*(volatile u16 *)&prefix_of(e)->cut = 1;
}

/*
 * The place in the event becomes any place: a number that was stored in memory and loaded again is
 * any number to the verifier. It would otherwise follow each length of each text through all that
 * comes behind. `place` then says all that it has to know.
 */
static inline_always void forget(struct event *e)
{
	volatile u32 *number = &prefix_of(e)->number;

	*number = e->pos;
	e->pos = *number;
}

/*
 * A place for so many bytes, which the verifier knows to be in the record.
 *
 * A place that is too far is brought back: to the last one that fits, which takes a branch; or, in
 * events of many parts, by a mask, for each branch doubles what the verifier looks at. What is written
 * there is nonsense then, and `finish` sees that the event is longer than its record.
 */
static inline_always u8 *place(struct event *e, u64 bytes)
{
	u64 pos = e->pos;

	if (__builtin_constant_p(pos))
		return e->at + pos;
	if (e->slack) {
		asm volatile("%0 &= %1" : "+r"(pos) : "i"(e->cap - 1));
		return e->at + pos;
	}
	if (pos > e->cap - bytes)
		cut(e);
	clamp(pos, e->cap - bytes);
	e->pos = pos;
	return e->at + pos;
}

#define PUT(name, type)                                                                            \
	static inline_always void put_##name(struct event *e, type value)                          \
	{                                                                                          \
		*(type *)place(e, sizeof(type)) = value;                                           \
		length(e, sizeof(type));                                                           \
		e->pos += sizeof(type);                                                            \
	}

PUT(u64, u64)
PUT(s64, s64)
PUT(u32, u32)
PUT(u16, u16)
PUT(u8, u8)

static inline_always void put_null(struct event *e)
{
	length(e, 0);
}

/* Bytes that were written at `place`, of which the verifier has to see that they fit. */
static inline_always void put_written(struct event *e, u64 bytes)
{
	length(e, bytes);
	e->pos += bytes;
	forget(e);
}

/* Copies a text of user space with its NUL; says how many bytes that are, 0 if it cannot be read. */
static inline_always long read_user_text(u8 *to, const void *from, u64 max)
{
	long bytes = bpf_probe_read_user_str(to, max, from);

	/* Of an empty text, the helper does not count the NUL. */
	if (bytes == 0)
		bytes = 1;
	if (bytes < 0)
		bytes = 0;
	return bytes;
}

/* A text of user space with its NUL; NULL if it cannot be read. At most `max` bytes, a constant. */
static inline_always void put_user_text(struct event *e, const void *from, u64 max)
{
	u8 *to = place(e, max);
	long bytes = read_user_text(to, from, max);

	if (bytes == max)
		cut(e);
	clamp(bytes, max);
	put_written(e, bytes);
}

/* A text of the kernel with its NUL. */
static inline_always void put_kernel_text(struct event *e, const void *from, u64 max)
{
	u8 *to = place(e, max);
	long bytes = bpf_probe_read_kernel_str(to, max, from);

	if (bytes < 0)
		bytes = 0;
	if (bytes == max)
		cut(e);
	clamp(bytes, max);
	put_written(e, bytes);
}

#define PAGE_BYTES 4096

/* Bytes of user space, at most `max`, a constant; where they cannot be read, those up to the page's end,
 * or none. */
static inline_always void put_user_bytes(struct event *e, const void *from, u64 bytes, u64 max)
{
	u8 *to = place(e, max);

	clamp(bytes, max);
	if (bytes && bpf_probe_read_user(to, bytes, from) < 0) {
		u64 here = PAGE_BYTES - ((u64)from & (PAGE_BYTES - 1));

		if (here < bytes)
			bytes = here;
		clamp(bytes, max);
		if (bpf_probe_read_user(to, bytes, from) < 0)
			bytes = 0;
	}
	put_written(e, bytes);
}

/* To ask how much waits costs more than to write a parameter, so of the main ring only every so many
 * events do, a power of two: a small part of the ring fills meanwhile. */
#define ASK_EVERY 8

/* Whether the reader is woken; `made` says how many events this CPU has made. */
static inline_always u64 wake(enum ring ring, u64 made)
{
	void *map = ring == LIFE ? (void *)&life : (void *)&main_ring;

	if (ring == MAIN && made & (ASK_EVERY - 1))
		return BPF_RB_NO_WAKEUP;
	return bpf_ringbuf_query(map, BPF_RB_AVAIL_DATA) >= settings.wake_bytes ? BPF_RB_FORCE_WAKEUP :
									 BPF_RB_NO_WAKEUP;
}

/* Hands the event to the reader. */
static inline_always void submit(struct event *e, enum ring ring)
{
	*(u32 *)(e->at + 16) = e->pos;
	bpf_ringbuf_submit(e->at - PREFIX_BYTES, wake(ring, count(e->cpu, MADE)));
}

/* Gives the memory back. */
static inline_always void discard(struct event *e)
{
	bpf_ringbuf_discard(e->at - PREFIX_BYTES, BPF_RB_NO_WAKEUP);
}

enum outcome { DONE, TOO_SMALL };

/* Hands the event on, or gives the memory back if something did not fit and larger memory is to be
 * tried. What does not fit into the largest is cut. */
static inline_always int finish(struct event *e, enum ring ring, bool is_largest)
{
	bool too_long = e->slack && e->pos > e->cap;

	if (too_long || (!is_largest && prefix_of(e)->cut)) {
		discard(e);
		if (!is_largest)
			return TOO_SMALL;
		count(e->cpu, MADE);
		count(e->cpu, LOST_SHAPE);
		return DONE;
	}
	submit(e, ring);
	return DONE;
}

#endif
