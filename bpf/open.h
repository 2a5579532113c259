/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening and creating files. */
#include "file.h"
#include "flags.h"
#include "path.h"

#define O_CREAT 0100
#define O_TMPFILE (020000000 | O_DIRECTORY)

#define OPEN_CREATED 0x4000
#define OPEN_CLOEXEC 0x1000

/* Flags of open(2) in the schema's numbering. Each is tested for any of its bits, so O_DIRECTORY
 * brings O_TMPFILE along and O_DSYNC O_SYNC, as with other recorders of this schema. */
static inline_always u32 open_flags(u32 flags)
{
	u32 access = flags & 3, out = 1;

	if (access == 1)
		out = 2;
	else if (access == 2)
		out = 3;
	/* Most files are opened with no other flag, and are spared the tests. */
	if (!(flags & ~(3 | O_CLOEXEC)))
		return out | (flags & O_CLOEXEC ? OPEN_CLOEXEC : 0);
	out |= (flags & 0100 ? 4 : 0) | (flags & 02000 ? 8 : 0) | (flags & 010000 ? 0x10 : 0) |
	       (flags & 0200 ? 0x20 : 0) | (flags & 04000 ? 0x40 : 0) | (flags & 04010000 ? 0x80 : 0) |
	       (flags & 01000 ? 0x100 : 0) | (flags & O_DIRECT ? 0x200 : 0) |
	       (flags & O_DIRECTORY ? 0x400 : 0) | (flags & O_LARGEFILE ? 0x800 : 0) |
	       (flags & O_CLOEXEC ? OPEN_CLOEXEC : 0) | (flags & O_TMPFILE ? 0x2000 : 0);
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
	CALL_WITH(name, MAIN, !HANDED_OUT || c->ret < 0, kind, params, 0, paths, __VA_ARGS__)

#define HANDED_OUT                                                                                 \
	(!settings.dispatched &&                                                                   \
	 bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))

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

/* `struct open_how` of linux/openat2.h. */
struct how {
	u64 flags, mode, resolve;
};

static inline_always struct how how_at(const struct call *c, int at)
{
	struct how how = {};

	bpf_probe_read_user(&how, sizeof(how), arg_ptr(c, at));
	return how;
}

RECORD(openat2_as_named, MAIN, true, OPENAT2_X, 8, 0, 1, {
	struct object object = opened(c);
	struct how how = how_at(c, 2);

	RESULT;
	INT(0);
	PATH(1);
	put_u32(e, open_flags(how.flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(how.flags, how.mode));
	put_u32(e, resolve_flags(how.resolve));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})

/* Flag of openat2: the path is looked up as if its directory were the root. */
#define RESOLVE_IN_ROOT 0x10

static inline_always bool is_in_root(const struct call *c)
{
	return how_at(c, 2).resolve & RESOLVE_IN_ROOT;
}

/* The schema has no flags of this call but for the layers of overlays. */
OPEN_CALL(creat, CREAT_X, 6, 1, {
	struct object object = opened(c);

	RESULT;
	PATH(0);
	put_u32(e, arg(c, 1) & 07777);
	put_u32(e, object.dev);
	put_u64(e, object.ino);
	put_u16(e, 0);
})

/* There is no name in this call; its event has the path of what it opened, and none if it failed. */
static inline_always int record_open_by_handle_at(struct registers regs, long ret, enum form form)
{
	struct call call = made(regs, ret, form), *c = &call;
	struct object object = object_of(c->ret);
	struct event event, *e = &event;

	if (!reserve(e, MAIN, BYTES(6, 1, LONG_PATH), SCRATCH_BYTES))
		return 0;
	begin(e, OPEN_BY_HANDLE_AT_X, 6, e->tid);
	RESULT;
	INT(0);
	put_u32(e, open_flags(arg(c, 2)));
	put_path_of(e, file_of(c->ret));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
	submit(e, MAIN);
	return 0;
}
PROGRAMS(open_by_handle_at)

/* What was opened in another root: the name does not lead there from the root that the thread has. The
 * event has the file's own path. */
static noinline int opened_in_root(const struct pt_regs *regs, bool are_hidden, long ret, enum form form,
				   struct file *file)
{
	struct call call = made((struct registers){ regs, are_hidden }, ret, form), *c = &call;
	struct how how = how_at(c, 2);
	struct object object;
	struct event event, *e = &event;

	call.file = file;
	object = opened(c);
	if (!reserve(e, MAIN, BYTES(8, 1, LONG_PATH), SCRATCH_BYTES))
		return 0;
	begin(e, OPENAT2_X, 8, e->tid);
	RESULT;
	INT(0);
	put_path_of(e, file ? file : file_of(ret));
	put_u32(e, open_flags(how.flags) | (object.created ? OPEN_CREATED : 0));
	put_u32(e, open_mode(how.flags, how.mode));
	put_u32(e, resolve_flags(how.resolve));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
	submit(e, MAIN);
	return 0;
}

static inline_always int opened_by_openat2(const struct call *c)
{
	if (is_in_root(c))
		return opened_in_root(c->regs.at, c->regs.are_hidden, c->ret, c->form, c->file);
	return event_openat2_as_named(c);
}

static inline_always int record_openat2(struct registers regs, long ret, enum form form)
{
	struct call c = made(regs, ret, form);

	if (ret < 0)
		return event_openat2_as_named(&c);
	return HANDED_OUT ? 0 : opened_by_openat2(&c);
}
PROGRAMS(openat2)

/* The numbers of these calls: of this architecture's interface, and of the 32-bit one. */
#define IS(call, compat, number) ((number) == ((compat) ? NUMBER_OF_COMPAT_##call : NUMBER_OF_##call))
#if defined(__TARGET_ARCH_x86)
#define NUMBER_OF_OPEN NUMBER_open
#define NUMBER_OF_OPENAT NUMBER_openat
#define NUMBER_OF_CREAT NUMBER_creat
#define NUMBER_OF_COMPAT_OPEN 5
#define NUMBER_OF_COMPAT_OPENAT 295
#define NUMBER_OF_COMPAT_CREAT 8
#else
#define NUMBER_OF_OPEN -1
#define NUMBER_OF_OPENAT 56
#define NUMBER_OF_CREAT -1
#define NUMBER_OF_COMPAT_OPEN 5
#define NUMBER_OF_COMPAT_OPENAT 322
#define NUMBER_OF_COMPAT_CREAT 8
#endif
#define NUMBER_OF_OPENAT2 437
#define NUMBER_OF_COMPAT_OPENAT2 437

static inline_always int handed_out(const struct call *c)
{
	u32 number = number_of(c->regs);

	if (IS(OPENAT, c->compat, number))
		return event_openat(c);
	if (IS(OPEN, c->compat, number))
		return event_open(c);
	if (IS(OPENAT2, c->compat, number))
		return opened_by_openat2(c);
	if (IS(CREAT, c->compat, number))
		return event_creat(c);
	return 0;
}

/* An fd becomes one of a file; by far not only of those that are opened. */
SEC("fentry/fd_install")
int BPF_PROG(file_handed_out, unsigned int fd, struct file *file)
{
	struct task_struct *task;
	struct registers regs;
	struct call c;

	if (!HANDED_OUT)
		return 0;
	task = bpf_get_current_task_btf();
	regs = registers_at((void *)bpf_task_pt_regs(task));
	if (is_compat(task)) {
		c = made(regs, fd, AS_COMPAT);
		c.file = file;
		return handed_out(&c);
	}
	c = made(regs, fd, AS_NATIVE);
	c.file = file;
	return handed_out(&c);
}
