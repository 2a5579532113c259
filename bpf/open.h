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

/* What a call of this family opened. */
static inline_always struct object opened(const struct call *c)
{
	struct object object = {};

	if (!c->file)
		return object_of(c->ret);
	object.created = c->file->f_mode & FMODE_CREATED;
	object.ino = c->file->f_inode->i_ino;
	object.dev = device(c->file->f_inode->i_sb->s_dev);
	return object;
}

/*
 * Calls that open: those that succeed are recorded where the kernel hands the file out, which is cheaper
 * than behind the call, for there the type of the file is known. Behind the call only those that fail.
 * Kernels before 5.15 have no way to the call's arguments there, and record all behind it.
 */
#define OPEN_CALL(name, kind, params, paths, ...)                                                  \
	FILLER(name, kind, params, paths, __VA_ARGS__)                                             \
	static inline_always int record_##name(const struct pt_regs *regs, long ret, bool compat)  \
	{                                                                                          \
		struct call c = { .regs = regs, .ret = ret, .compat = compat };                    \
		return HANDED_OUT && ret >= 0 ? 0 : made_##name(&c);                               \
	}                                                                                          \
	PROGRAMS(name)

#define HANDED_OUT bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)

OPEN_CALL(open, OPEN_X, 6, 1, {
	struct object object = opened(c);
	u32 flags = arg(c, 1);

	RESULT;
	PATH(0);
	put_u32(e, open_flags(flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(flags, arg(c, 2)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})

OPEN_CALL(openat, OPENAT_2_X, 7, 1, {
	struct object object = opened(c);
	u32 flags = arg(c, 2);

	RESULT;
	INT(0);
	PATH(1);
	put_u32(e, open_flags(flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(flags, arg(c, 3)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})

/* The numbers of these calls: of this architecture's interface, and of the 32-bit one. */
#if defined(__TARGET_ARCH_x86)
#define IS_OPEN(compat, number) ((number) == ((compat) ? 5 : 2))
#define IS_OPENAT(compat, number) ((number) == ((compat) ? 295 : 257))
#else
#define IS_OPEN(compat, number) ((compat) && (number) == 5)
#define IS_OPENAT(compat, number) ((number) == ((compat) ? 322 : 56))
#endif

static inline_always int handed_out(struct call *c)
{
	u32 number = number_of(c->regs);

	if (IS_OPENAT(c->compat, number))
		return made_openat(c);
	if (IS_OPEN(c->compat, number))
		return made_open(c);
	return 0;
}

/* An fd becomes one of a file; by far not only of those that are opened. */
SEC("fentry/fd_install")
int BPF_PROG(file_handed_out, unsigned int fd, struct file *file)
{
	struct call c = { .ret = fd, .file = file };
	struct task_struct *task;

	if (!HANDED_OUT)
		return 0;
	task = bpf_get_current_task_btf();
	c.regs = (void *)bpf_task_pt_regs(task);
	c.compat = is_compat(task);
	return c.compat ? handed_out(&c) : handed_out(&c);
}
