/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls, and the programs that record them.
 *
 * `CALL` makes all programs of a call: one for each function of the kernel that a call of this name
 * comes in through (of this architecture, of 32-bit programs), attached behind it with fexit, and one
 * for kernels without trampolines, which a dispatcher at the end of all calls jumps to. The loader
 * takes those whose function this kernel has. A program's name says what it is of: a way, a line, the
 * call.
 */
#ifndef WATCHKEEPER_CALL_H
#define WATCHKEEPER_CALL_H

#include "task.h"

/* How a call comes in, and in what its arguments differ from those of the call that it is recorded as. */
enum form {
	AS_NATIVE,
	AS_COMPAT,	/* by the 32-bit interface */
	/* By that interface only: */
	IDS_FROM_0,	/* from this argument on, ids have 16 bits; all ones mean the same as 32 */
	IDS_FROM_1,
	BY_PAGES,	/* `mmap2`: the offset counts pages */
	PACKED,		/* the old `mmap`: all arguments are in memory, 32 bits each */
	NO_FLAGS,	/* the old `umount`: has none */
};

/*
 * What a call was made with.
 *
 * Functions of calls that a kernel may be built without do not say what they are given on some kernels
 * before Linux 6.0: their BTF has the name of the type alone, and the verifier lets nobody touch the
 * argument. Then the registers are found by way of the thread, and each that is wanted has to be read.
 */
struct registers {
	const struct pt_regs *at;
	bool are_hidden;
};

struct call {
	struct registers regs;
	s64 ret;
	bool compat;	/* made by the 32-bit interface */
	enum form form;
	struct file *file;	/* what was opened, if the kernel says its type; else NULL */
};

/* Not in line: where nothing is hidden, all that is left of it are calls that are never made. */
static noinline u64 hidden_register(const struct pt_regs *at, u64 offset)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)at + offset);
	return value;
}

#define REGISTER(regs, name)                                                                       \
	((regs).are_hidden ?                                                                       \
		 hidden_register((regs).at, bpf_core_field_offset(struct pt_regs, name)) :         \
		 (regs).at->name)

static inline_always struct registers registers_at(const struct pt_regs *at)
{
	return (struct registers){ .at = at };
}

/* The registers that a program behind a function of a call is given, from its context. */
static inline_always struct registers given(const u64 *ctx, bool are_hidden)
{
	if (are_hidden)
		return (struct registers){ regs_of(current_task()), true };
	return registers_at((void *)ctx[0]);
}

#if defined(__TARGET_ARCH_x86)

#define NATIVE "__x64_sys_"
#define COMPAT "__ia32_sys_"
#define COMPAT_OWN "__ia32_compat_sys_"
/* Functions that only 32-bit programs come in through, and that look at no memory. */
#define SHARED "__ia32_sys_"
#define WITHOUT_ARGS "__do_sys_"

static inline_always u64 register_of(const struct call *c, int at)
{
	if (c->compat) {
		switch (at) {
		case 0: return (u32)REGISTER(c->regs, bx);
		case 1: return (u32)REGISTER(c->regs, cx);
		case 2: return (u32)REGISTER(c->regs, dx);
		case 3: return (u32)REGISTER(c->regs, si);
		case 4: return (u32)REGISTER(c->regs, di);
		default: return (u32)REGISTER(c->regs, bp);
		}
	}
	switch (at) {
	case 0: return REGISTER(c->regs, di);
	case 1: return REGISTER(c->regs, si);
	case 2: return REGISTER(c->regs, dx);
	case 3: return REGISTER(c->regs, r10);
	case 4: return REGISTER(c->regs, r8);
	default: return REGISTER(c->regs, r9);
	}
}

/* Functions that have names of their own. */
#define TRUNCATE64 COMPAT "ia32_truncate64"
#define FTRUNCATE64 COMPAT "ia32_ftruncate64"
#define MMAP_PAGES COMPAT "mmap_pgoff"
#define MMAP_PACKED COMPAT_OWN "ia32_mmap"
#define PERSONALITY NATIVE "personality"

/* Calls of the x32 ABI have this bit, and mostly the numbers of the others. */
#define X32_BIT 0x40000000

static inline_always u32 number_of(struct registers regs)
{
	return REGISTER(regs, orig_ax) & ~X32_BIT;
}

/* The same of registers that have to be read. */
static inline_always u32 read_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax) & ~X32_BIT;
}

/* The call's first argument, likewise. */
static inline_always u64 read_first(const struct pt_regs *regs, bool compat)
{
	return compat ? (u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
}

/* The number of a call on this architecture; 32-bit calls have that of their counterpart. */
static inline_always u16 native_number(const struct call *c, u16 x86_64)
{
	return x86_64;
}

static inline_always bool is_compat(const struct task_struct *task)
{
	return OF_TASK(task, thread_info.status) & TS_COMPAT;
}

#else

#define NATIVE "__arm64_sys_"
#define COMPAT "__arm64_compat_sys_"
#define COMPAT_OWN "__arm64_compat_sys_aarch32_"
#define SHARED "__arm64_sys_"
#define WITHOUT_ARGS "__arm64_sys_"

static inline_always u64 register_of(const struct call *c, int at)
{
	u64 first = bpf_core_field_offset(struct pt_regs, regs), value;

	if (at == 0)
		value = REGISTER(c->regs, orig_x0);
	else if (c->regs.are_hidden)
		value = hidden_register(c->regs.at, first + at * sizeof(u64));
	else
		value = c->regs.at->regs[at];

	return c->compat ? (u32)value : value;
}

#define TRUNCATE64 COMPAT_OWN "truncate64"
#define FTRUNCATE64 COMPAT_OWN "ftruncate64"
#define MMAP_PAGES COMPAT_OWN "mmap2"
#define PERSONALITY NATIVE "arm64_personality"

static inline_always u32 number_of(struct registers regs)
{
	return REGISTER(regs, syscallno);
}

static inline_always u16 native_number(const struct call *c, u16 x86_64)
{
	return number_of(c->regs);
}

static inline_always u32 read_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

/* The call's first argument, likewise. */
static inline_always u64 read_first(const struct pt_regs *regs, bool compat)
{
	u64 value = BPF_CORE_READ(regs, orig_x0);

	return compat ? (u32)value : value;
}

#define TIF_32BIT 22

static inline_always bool is_compat(const struct task_struct *task)
{
	return OF_TASK(task, thread_info.flags) & (1 << TIF_32BIT);
}

#endif

static inline_always u64 packed(const struct call *c, int at)
{
	u32 value = 0;

	bpf_probe_read_user(&value, sizeof(value), (u32 *)register_of(c, 0) + at);
	return value;
}

static inline_always u64 arg(const struct call *c, int at)
{
	enum form form = c->form;
	u64 value;

	if (form == PACKED)
		return packed(c, at);
	value = register_of(c, at);
	if (form == IDS_FROM_0 || (form == IDS_FROM_1 && at >= 1))
		return (u16)value == 0xffff ? 0xffffffff : (u16)value;
	if (form == BY_PAGES && at == 5)
		return value << 12;
	return form == NO_FLAGS && at == 1 ? 0 : value;
}

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
 * A call: the ring of its events, when it is recorded, its event, how many parameters that has, how
 * many bytes besides and paths. The body fills the event in; `e`, `c` and `large` are there.
 */
#define CALL_WITH(name, ring, when, kind, params, bytes, paths, ...)                               \
	RECORD(name, ring, when, kind, params, bytes, paths, __VA_ARGS__)                          \
	PROGRAMS(name)

static inline_always struct call made(struct registers regs, long ret, enum form form)
{
	struct call call = { .regs = regs, .ret = ret, .compat = form != AS_NATIVE, .form = form };

	return call;
}

/*
 * Whether an event of privileges goes to the ring of life. Not where the call failed, which changes
 * nothing, nor where there are more than anybody needs: whoever may make such calls may make them all the
 * time, and is not to take the room from beginnings and ends. In the other ring they come in their order
 * all the same.
 */
#define PRIVILEGES_PER_CPU 2000

struct budget {
	u64 second;
	u64 used;
};

struct budget budgets[MAX_CPUS] SEC(".bss.budgets");

static inline_always bool is_life(s64 ret)
{
	struct budget *budget;
	u64 second;

	if (ret < 0)
		return false;
	budget = &budgets[bpf_get_smp_processor_id() & (MAX_CPUS - 1)];
	second = bpf_ktime_get_boot_ns() >> 30;
	if (budget->second != second) {
		budget->second = second;
		budget->used = 0;
	}
	return ++budget->used <= PRIVILEGES_PER_CPU;
}

#define RECORD(name, ring, when, kind, params, bytes, paths, ...)                                  \
	static inline_always void fill_##name(struct event *e, const struct call *c, bool large)   \
		__VA_ARGS__                                                                        \
	static inline_always int sized_##name(const struct call *c, u64 path, bool large,          \
					      u32 to)                                              \
	{                                                                                          \
		struct event e;                                                                    \
		if (!reserve(&e, to, BYTES(params, paths, path) + (bytes), 0))                     \
			return DONE;                                                               \
		begin(&e, kind, params, e.tid);                                                    \
		fill_##name(&e, c, large);                                                         \
		return finish(&e, to, large || !(paths));                                          \
	}                                                                                          \
	static noinline int large_##name(const struct pt_regs *regs, bool are_hidden, long ret,    \
					 enum form form, struct file *file)                        \
	{                                                                                          \
		struct call c = made((struct registers){ regs, are_hidden }, ret, form);           \
		c.file = file;                                                                     \
		if ((ring) == LIFE && ret >= 0)                                                    \
			return sized_##name(&c, LONG_PATH, true, LIFE);                            \
		return sized_##name(&c, LONG_PATH, true, MAIN);                                    \
	}                                                                                          \
	static inline_always int event_in_##name(const struct call *c, u32 to)                     \
	{                                                                                          \
		if (sized_##name(c, SHORT_PATH, false, to) == TOO_SMALL && (paths))                \
			large_##name(c->regs.at, c->regs.are_hidden, c->ret, c->form, c->file);    \
		return 0;                                                                          \
	}                                                                                          \
	static inline_always int event_##name(const struct call *c)                                \
	{                                                                                          \
		if ((ring) == LIFE && is_life(c->ret))                                             \
			return event_in_##name(c, LIFE);                                           \
		return event_in_##name(c, MAIN);                                                   \
	}                                                                                          \
	static inline_always int record_##name(struct registers regs, long ret, enum form form)    \
	{                                                                                          \
		struct call call = made(regs, ret, form), *c = &call;                              \
		return (when) ? event_##name(c) : 0;                                               \
	}

/* A call that is always recorded. */
#define CALL(name, kind, params, paths, ...)                                                       \
	CALL_WITH(name, MAIN, true, kind, params, 0, paths, __VA_ARGS__)

/* The same among those of life and privileges. */
#define LIFE_CALL(name, kind, params, paths, ...)                                                  \
	CALL_WITH(name, LIFE, true, kind, params, 0, paths, __VA_ARGS__)

/* A call that the schema has no event for: only that it was made is recorded. */
#define RECORD_GENERIC(name, ring, when)                                                           \
	RECORD(name, ring, when, GENERIC_X, 2, 0, 0, {                                             \
		put_u16(e, CODE_##name);                                                           \
		put_u16(e, native_number(c, NUMBER_##name));                                       \
	})
#define GENERIC_WITH(name, ring, when)                                                             \
	RECORD_GENERIC(name, ring, when)                                                           \
	PROGRAMS(name)
#define GENERIC(name) GENERIC_WITH(name, MAIN, true)
#define LIFE_GENERIC(name) GENERIC_WITH(name, LIFE, true)

/* A further function that a call comes in through. */
#define WAY(way, name, function, form)                                                             \
	BEHIND(way, name, function)                                                                \
	{                                                                                          \
		return record_##name(regs, ret, form);                                             \
	}

/* A program behind a function that a call comes in through; `regs` and `ret` are there in the body. */
#define BEHIND(way, name, function)                                                                \
	static inline_always int behind_##way##_##name(struct registers regs, long ret);           \
	SEC("fexit/" function)                                                                     \
	int way##_##name(u64 *ctx)                                                                 \
	{                                                                                          \
		return behind_##way##_##name(given(ctx, settings.hides[CODE_##name]), ctx[1]);     \
	}                                                                                          \
	static inline_always int behind_##way##_##name(struct registers regs, long ret)

/* One of 32-bit programs, whose arguments are others: in both ways. */
#define FORM(form, name, function, value)                                                          \
	WAY(c##form, name, function, value)                                                       \
	SEC("tp_btf/sys_exit")                                                                     \
	int BPF_PROG(t##form##_##name, const struct pt_regs *regs, long ret)                       \
	{                                                                                          \
		return record_##name(registers_at(regs), ret, value);                              \
	}

/* For kernels without trampolines. */
#define JUMPED_TO(name)                                                                            \
	SEC("tp_btf/sys_exit")                                                                     \
	int BPF_PROG(t_##name, const struct pt_regs *regs, long ret)                               \
	{                                                                                          \
		return record_##name(registers_at(regs), ret,                                      \
				     is_compat(current_task()) ? AS_COMPAT : AS_NATIVE);           \
	}

#define PROGRAMS(name)                                                                             \
	WAY(n, name, NATIVE #name, AS_NATIVE)                                                     \
	WAY(c, name, COMPAT #name, AS_COMPAT)                                                     \
	WAY(o, name, COMPAT_OWN #name, AS_COMPAT)                                                 \
	JUMPED_TO(name)

/* A call without arguments has one function for both interfaces. */
#define PROGRAMS_WITHOUT_ARGS(name)                                                                \
	WAY(n, name, WITHOUT_ARGS #name, AS_NATIVE)                                               \
	JUMPED_TO(name)

#define RESULT put_s64(e, c->ret)
#define INT(at) put_s64(e, arg_int(c, at))
#define PATH(at) put_path(e, c, at, large)
#define ARG8(at) put_u8(e, arg(c, at))
#define ARG32(at) put_u32(e, arg(c, at))
#define ARG64(at) put_u64(e, arg(c, at))

#endif
