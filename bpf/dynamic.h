/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parameters that begin with how they are encoded. */
#ifndef WATCHKEEPER_DYNAMIC_H
#define WATCHKEEPER_DYNAMIC_H

#include "record.h"

#define NUMBER_ENCODING 0

static inline_always void put_number(struct event *e, u64 number)
{
	u8 *to = place(e, 9);

	*to = NUMBER_ENCODING;
	*(u64 *)(to + 1) = number;
	length(e, 9);
	e->pos += 9;
}

static inline_always void put_encoded_u8(struct event *e, u8 encoding, u8 value)
{
	u8 *to = place(e, 2);

	to[0] = encoding;
	to[1] = value;
	length(e, 2);
	e->pos += 2;
}

/* A text of user space; only the encoding if it cannot be read. */
static inline_always void put_encoded_text(struct event *e, u8 encoding, const void *from, u64 max)
{
	u8 *to = place(e, max + 1);
	long bytes = read_user_text(to + 1, from, max);

	*to = encoding;
	if (bytes == max)
		cut(e);
	clamp(bytes, max);
	put_written(e, bytes + 1);
}

#endif
