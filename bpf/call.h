/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls, and the programs that record them.
 *
 * `CALL` makes all programs of a call: one for each function of the kernel that a call of this name
 * comes in through (of this architecture, of 32-bit programs), attached behind it with fexit, and one
 * for kernels without trampolines, which a dispatcher at the end of all calls jumps to. The loader
 * takes those whose function this kernel has.
 */
#ifndef WATCHKEEPER_CALL_H
#define WATCHKEEPER_CALL_H

#include "task.h"

struct call {
	const struct pt_regs *regs;
	s64 ret;
	bool compat;	/* made by the 32-bit interface */
	struct file *file;	/* what was opened, if the kernel says its type; else NULL */
};

#if defined(__TARGET_ARCH_x86)

#define NATIVE "__x64_sys_"
#define COMPAT "__ia32_sys_"
#define COMPAT_OWN "__ia32_compat_sys_"

static inline_always u64 arg(const struct call *c, int at)
{
	const struct pt_regs *regs = c->regs;

	if (c->compat) {
		switch (at) {
		case 0: return (u32)regs->bx;
		case 1: return (u32)regs->cx;
		case 2: return (u32)regs->dx;
		case 3: return (u32)regs->si;
		case 4: return (u32)regs->di;
		default: return (u32)regs->bp;
		}
	}
	switch (at) {
	case 0: return regs->di;
	case 1: return regs->si;
	case 2: return regs->dx;
	case 3: return regs->r10;
	case 4: return regs->r8;
	default: return regs->r9;
	}
}

static inline_always u32 number_of(const struct pt_regs *regs)
{
	return regs->orig_ax;
}

/* The same of registers that have to be read. */
static inline_always u32 read_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

static inline_always bool is_compat(const struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

#else

#define NATIVE "__arm64_sys_"
#define COMPAT "__arm64_compat_sys_"
#define COMPAT_OWN "__arm64_compat_sys_aarch32_"

static inline_always u64 arg(const struct call *c, int at)
{
	u64 value = at == 0 ? c->regs->orig_x0 : c->regs->regs[at];

	return c->compat ? (u32)value : value;
}

static inline_always u32 number_of(const struct pt_regs *regs)
{
	return regs->syscallno;
}

static inline_always u32 read_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

#define TIF_32BIT 22

static inline_always bool is_compat(const struct task_struct *task)
{
	return task->thread_info.flags & (1 << TIF_32BIT);
}

#endif

/* An argument that is a C `int`. */
static inline_always s64 arg_int(const struct call *c, int at)
{
	return (s32)arg(c, at);
}

static inline_always const void *arg_ptr(const struct call *c, int at)
{
	return (const void *)arg(c, at);
}

/* How many bytes a path may have: most have few, and a second try is made for the others. */
#define SHORT_PATH 192
#define LONG_PATH 4096

static inline_always void put_path(struct event *e, const struct call *c, int at, bool large)
{
	put_user_text(e, arg_ptr(c, at), large ? LONG_PATH : SHORT_PATH);
}

/* Bytes of an event with so many parameters that have 64 bits at most, and so many paths. */
#define BYTES(params, paths, path) (HEADER_BYTES + 10 * (params) + (paths) * (path))

/*
 * A call, its event, how many parameters and paths that has. The body fills the event in; `e`, `c`
 * and `large` are there.
 */
#define CALL(name, kind, params, paths, ...)                                                       \
	FILLER(name, kind, params, paths, __VA_ARGS__)                                             \
	static inline_always int record_##name(const struct pt_regs *regs, long ret, bool compat)  \
	{                                                                                          \
		struct call c = { .regs = regs, .ret = ret, .compat = compat };                    \
		return made_##name(&c);                                                            \
	}                                                                                          \
	PROGRAMS(name)

/* What makes the event of a call, as `made_NAME`. */
#define FILLER(name, kind, params, paths, ...)                                                     \
	static inline_always void fill_##name(struct event *e, const struct call *c, bool large)   \
		__VA_ARGS__                                                                        \
	static inline_always int sized_##name(const struct call *c, u64 path, bool large)          \
	{                                                                                          \
		struct ids ids = current_ids();                                                    \
		struct event e;                                                                    \
		if (ids.tgid == settings.reader_tgid ||                                            \
		    !reserve(&e, MAIN, BYTES(params, paths, path), 0))                             \
			return DONE;                                                               \
		begin(&e, kind, params, ids.tid);                                                  \
		fill_##name(&e, c, large);                                                         \
		return finish(&e, MAIN, large || !(paths));                                        \
	}                                                                                          \
	static noinline int large_##name(const struct pt_regs *regs, long ret, bool compat,        \
					 struct file *file)                                        \
	{                                                                                          \
		struct call c = { .regs = regs, .ret = ret, .compat = compat, .file = file };      \
		return sized_##name(&c, LONG_PATH, true);                                          \
	}                                                                                          \
	static inline_always int made_##name(const struct call *c)                                 \
	{                                                                                          \
		if (sized_##name(c, SHORT_PATH, false) == TOO_SMALL && (paths))                    \
			large_##name(c->regs, c->ret, c->compat, c->file);                         \
		return 0;                                                                          \
	}

#define PROGRAMS(name)                                                                             \
	SEC("fexit/" NATIVE #name)                                                                 \
	int BPF_PROG(n_##name, const struct pt_regs *regs, long ret)                               \
	{                                                                                          \
		return record_##name(regs, ret, false);                                            \
	}                                                                                          \
	SEC("fexit/" COMPAT #name)                                                                 \
	int BPF_PROG(c_##name, const struct pt_regs *regs, long ret)                               \
	{                                                                                          \
		return record_##name(regs, ret, true);                                             \
	}                                                                                          \
	SEC("fexit/" COMPAT_OWN #name)                                                             \
	int BPF_PROG(o_##name, const struct pt_regs *regs, long ret)                               \
	{                                                                                          \
		return record_##name(regs, ret, true);                                             \
	}                                                                                          \
	SEC("tp_btf/sys_exit")                                                                     \
	int BPF_PROG(t_##name, const struct pt_regs *regs, long ret)                               \
	{                                                                                          \
		return record_##name(regs, ret, is_compat(current_task()));                        \
	}

#define RESULT put_s64(e, c->ret)
#define INT(at) put_s64(e, arg_int(c, at))
#define PATH(at) put_path(e, c, at, large)
#define ARG32(at) put_u32(e, arg(c, at))
#define ARG64(at) put_u64(e, arg(c, at))

#endif
