/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening and creating files. */
#include "file.h"

#define O_CREAT 0100
#define O_TMPFILE 020200000

#define OPEN_CREATED 0x4000

/* Flags of open(2) in the schema's numbering. Each is tested for any of its bits, so O_DIRECTORY
 * brings O_TMPFILE along and O_DSYNC O_SYNC, as with other recorders of this schema. */
static inline_always u32 open_flags(u32 flags)
{
	u32 access = flags & 3, out = 1;

	if (access == 1)
		out = 2;
	else if (access == 2)
		out = 3;
	out |= (flags & 0100 ? 4 : 0) | (flags & 02000 ? 8 : 0) | (flags & 010000 ? 0x10 : 0) |
	       (flags & 0200 ? 0x20 : 0) | (flags & 04000 ? 0x40 : 0) | (flags & 04010000 ? 0x80 : 0) |
	       (flags & 01000 ? 0x100 : 0) | (flags & 040000 ? 0x200 : 0) |
	       (flags & 0200000 ? 0x400 : 0) | (flags & 0100000 ? 0x800 : 0) |
	       (flags & 02000000 ? 0x1000 : 0) | (flags & 020200000 ? 0x2000 : 0);
	return out;
}

static inline_always u32 open_mode(u32 flags, u32 mode)
{
	return flags & (O_CREAT | O_TMPFILE) ? mode & 07777 : 0;
}

CALL(open, OPEN_X, 6, 1, {
	struct object object = object_of(c->ret);
	u32 flags = arg(c, 1);

	RESULT;
	PATH(0);
	put_u32(e, open_flags(flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(flags, arg(c, 2)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})

CALL(openat, OPENAT_2_X, 7, 1, {
	struct object object = object_of(c->ret);
	u32 flags = arg(c, 2);

	RESULT;
	INT(0);
	PATH(1);
	put_u32(e, open_flags(flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(flags, arg(c, 3)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})
