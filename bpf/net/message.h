/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `struct msghdr`, and rows of them (`struct mmsghdr`), as wide as the program has them. */
#ifndef WATCHKEEPER_NET_MESSAGE_H
#define WATCHKEEPER_NET_MESSAGE_H

#include "data.h"
#include "ends.h"

/* Messages of one call that are recorded; the kernel takes 1024. */
#define MOST_MESSAGES 32

struct message {
	u64 name;
	u32 name_length;
	struct vectors vectors;
	u64 control;
	u64 control_length;
};

/* As 64-bit and 32-bit programs have it. */
struct header {
	u64 name;
	u32 name_length;
	u32 pad;
	u64 vectors;
	u64 count;
	u64 control;
	u64 control_length;
};

struct compat_header {
	u32 name;
	u32 name_length;
	u32 vectors;
	u32 count;
	u32 control;
	u32 control_length;
};

/* From one message of a row to the next, and to the number of bytes that were moved of one. */
#define STEP(compat) ((compat) ? 32 : 64)
#define MOVED(compat) ((compat) ? 28 : 56)

static inline_always bool read_message(struct message *to, u64 from, bool compat)
{
	struct compat_header narrow;
	struct header wide;

	to->vectors.compat = compat;
	if (!compat) {
		if (bpf_probe_read_user(&wide, sizeof(wide), (void *)from) < 0)
			return false;
		to->name = wide.name;
		to->name_length = wide.name_length;
		to->vectors.at = wide.vectors;
		to->vectors.count = wide.count;
		to->control = wide.control;
		to->control_length = wide.control_length;
		return true;
	}
	if (bpf_probe_read_user(&narrow, sizeof(narrow), (void *)from) < 0)
		return false;
	to->name = narrow.name;
	to->name_length = narrow.name_length;
	to->vectors.at = narrow.vectors;
	to->vectors.count = narrow.count;
	to->control = narrow.control;
	to->control_length = narrow.control_length;
	return true;
}

/* Whether a message is that of a call, or one of several. */
enum row { ALONE, IN_ROW };

/* An event of a call that moved no message of a row. */
static inline_always void write_none(const struct args *c, u16 kind, u32 params)
{
	struct event e;

	if (!begin_call(&e, BYTES(6, 0, 0), kind, params))
		return;
	put_s64(&e, c->ret);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, 0);
	put_null(&e);
	put_null(&e);
	if (params == 6)
		put_null(&e);
	submit(&e, MAIN);
}

#endif
