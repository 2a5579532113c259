/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Mounts. */
#include "vector.h"

/* `MS_MGC_VAL` in `MS_MGC_MSK` of linux/mount.h: what programs once had to pass, and no flag. */
#define MAGIC 0xc0ed0000
#define MAGIC_MASK 0xffff0000

static inline_always u32 mount_flags(u32 flags)
{
	return (flags & MAGIC_MASK) == MAGIC ? flags & ~MAGIC_MASK : flags;
}

/* Source, directory, type. The source of a type that has none, and the type of a bind mount, are often
 * null pointers. */
CALL(mount, MOUNT_X, 5, 3, { RESULT; PATH(0); PATH(1); PATH(2); put_u32(e, mount_flags(arg(c, 3))); })

/* The kernel calls `umount` what programs call `umount2`, and the other one old. */
CALL(umount2, UMOUNT2_X, 3, 1, { RESULT; PATH(0); put_u32(e, arg(c, 1) & 0xf); })
WAY(n2, umount2, NATIVE "umount", AS_NATIVE)
WAY(c2, umount2, COMPAT "umount", AS_COMPAT)
FORM(old, umount2, SHARED "oldumount", NO_FLAGS)

/* Commands of fsconfig(2) with a value in memory. */
#define SET_STRING 1
#define SET_BINARY 2
#define SET_PATH 3
#define SET_PATH_EMPTY 4

/* The key, then bytes or a text if the command has such a value; a call that failed has none. */
CALL_WITH(fsconfig, MAIN, true, FSCONFIG_X, 7, DATA_BYTES, 2, {
	u32 command = c->ret < 0 ? 0 : arg(c, 1);
	s64 bytes = arg_int(c, 4);

	RESULT;
	INT(0);
	ARG32(1);
	PATH(2);
	if (command == SET_BINARY)
		put_user_bytes(e, arg_ptr(c, 3), bytes < 0 ? 0 : bytes, DATA_BYTES);
	else
		put_null(e);
	if (command == SET_STRING || command == SET_PATH || command == SET_PATH_EMPTY)
		PATH(3);
	else
		put_null(e);
	forget(e);
	ARG32(4);
})

GENERIC(open_tree)
GENERIC(open_tree_attr)
GENERIC(move_mount)
GENERIC(fsopen)
GENERIC(fsmount)
GENERIC(fspick)
GENERIC(mount_setattr)
