/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flags in the numbering of the schema. */
#ifndef WATCHKEEPER_FLAGS_H
#define WATCHKEEPER_FLAGS_H

#include "record.h"

#define O_CLOEXEC 02000000
#define AT_SYMLINK_FOLLOW 0x400
#define AT_EMPTY_PATH 0x1000

#if defined(__TARGET_ARCH_x86)
#define O_DIRECT 040000
#define O_LARGEFILE 0100000
#define O_DIRECTORY 0200000
#else
#define O_DIRECTORY 040000
#define O_DIRECT 0200000
#define O_LARGEFILE 0400000
#endif

#define TO(kernel, schema) (flags & (kernel) ? (schema) : 0)

/* Flags of clone(2), unshare(2) and setns(2). */
static inline_always u32 clone_flags(u64 flags)
{
	return TO(0x100, 0x8000) | TO(0x200, 2) | TO(0x400, 1) | TO(0x800, 0x800) |
	       TO(0x2000, 0x400) | TO(0x4000, 0x8000000) | TO(0x8000, 0x100) |
	       TO(0x10000, 0x2000) | TO(0x20000, 0x20) | TO(0x40000, 0x1000) |
	       TO(0x80000, 0x2000000) | TO(0x100000, 0x200) | TO(0x200000, 0x800000) |
	       TO(0x800000, 0x4000) | TO(0x1000000, 0x1000000) | TO(0x2000000, 0x10000000) |
	       TO(0x4000000, 0x80) | TO(0x8000000, 8) | TO(0x10000000, 0x100000) |
	       TO(0x20000000, 0x40) | TO(0x40000000, 0x10) | TO(0x80000000, 4);
}

/* Flags of dup3(2). */
static inline_always u32 dup3_flags(u32 flags)
{
	return TO(02000000, 0x1000);
}

/* Flags of pipe2(2). */
static inline_always u32 pipe2_flags(u32 flags)
{
	return (s32)flags < 0 ? 0 : TO(02000000, 0x1000) | TO(O_DIRECT, 0x200) | TO(04000, 0x40);
}

/* Flags of eventfd2(2), signalfd4(2), inotify_init1(2), timerfd_create(2). */
static inline_always u32 descriptor_flags(u32 flags)
{
	return (s32)flags < 0 ? 0 : TO(02000000, 0x1000) | TO(04000, 0x40);
}

/* How openat2(2) may resolve a path. */
static inline_always u32 resolve_flags(u32 flags)
{
	return TO(8, 1) | TO(0x10, 2) | TO(2, 4) | TO(4, 8) | TO(1, 0x10) | TO(0x20, 0x20);
}

/* Access to memory. */
static inline_always u32 access_flags(u32 flags)
{
	return TO(1, 1) | TO(2, 2) | TO(4, 4) | TO(8, 8) | TO(0x1000000, 0x10) |
	       TO(0x2000000, 0x20);
}

/* Flags of mmap(2). */
static inline_always u32 map_flags(u32 flags)
{
	return TO(1, 1) | TO(2, 2) | TO(0x10, 4) | TO(0x20, 8) | TO(0x40, 0x10) |
	       TO(0x100, 0x200) | TO(0x800, 0x400) | TO(0x1000, 0x800) | TO(0x2000, 0x4000) |
	       TO(0x4000, 0x40) | TO(0x8000, 0x80) | TO(0x10000, 0x100);
}

/* Mode of mknod(2): permissions and the type of file, which is a regular one if none is said. */
static inline_always u32 mknod_mode(u32 mode)
{
	u32 kind = mode & 0170000;

	/* A bit for each type that can be made: none, FIFO, character, block, regular, socket. */
	if (!(1 << (kind >> 12) & 0x1147))
		kind = 0;
	else if (!kind)
		kind = 0100000;
	return kind | (mode & 07777);
}

#endif
