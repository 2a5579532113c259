/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls whose arguments may stand elsewhere than in registers: 32-bit programs make all calls of
 * sockets through one, `socketcall`, with the arguments in memory.
 */
#ifndef WATCHKEEPER_NET_ARGS_H
#define WATCHKEEPER_NET_ARGS_H

#include "../file.h"

struct args {
	u64 of[6];
	s64 ret;
	bool compat;	/* made by the 32-bit interface */
};

static inline_always struct args args_of(struct registers regs, long ret, bool compat)
{
	struct call c = { .regs = regs, .ret = ret, .compat = compat };
	struct args args = {
		.of = { arg(&c, 0), arg(&c, 1), arg(&c, 2), arg(&c, 3), arg(&c, 4), arg(&c, 5) },
		.ret = ret,
		.compat = compat,
	};

	return args;
}

/* A 64-bit argument that 32-bit programs give in two, the lower half first. */
static inline_always u64 whole(const struct args *c, int at)
{
	return c->compat ? c->of[at] | c->of[at + 1] << 32 : c->of[at];
}

/* A long in the memory of the program; 0 if it cannot be read. */
static inline_always u64 user_word(u64 from, bool compat)
{
	u64 word = 0;

	bpf_probe_read_user(&word, compat ? 4 : 8, (void *)from);
	return word;
}

static inline_always u32 user_u32(u64 from)
{
	u32 word = 0;

	bpf_probe_read_user(&word, sizeof(word), (void *)from);
	return word;
}

/* Begins the event of a call. `cap` is a constant. */
static inline_always bool begin_call(struct event *e, u64 cap, u16 kind, u32 params)
{
	if (!reserve(e, MAIN, cap, 0))
		return false;
	begin(e, kind, params, e->tid);
	return true;
}

/* The programs of a call, which `told_NAME` records. */
#define ARGS_CALL(name)                                                                            \
	static inline_always int record_##name(struct registers regs, long ret, enum form form)    \
	{                                                                                          \
		struct args args = args_of(regs, ret, form != AS_NATIVE);                          \
		told_##name(&args);                                                                \
		return 0;                                                                          \
	}                                                                                          \
	PROGRAMS(name)

#if defined(__TARGET_ARCH_x86)
/* The same call made through `socketcall`, which has this number for it (linux/net.h) and takes so
 * many arguments. */
#define SOCKETCALL(letter, name, number, count)                                                    \
	BEHIND(letter, name, "__ia32_compat_sys_socketcall")                                       \
	{                                                                                          \
		struct args args = { .ret = ret, .compat = true };                                 \
		u32 words[6] = {};                                                                 \
		u64 at = (u32)REGISTER(regs, cx);                                                  \
		if ((u32)REGISTER(regs, bx) != (number) ||                                         \
		    bpf_probe_read_user(words, 4 * (count), (void *)at) < 0)                       \
			return 0;                                                                  \
		args.of[0] = words[0];                                                             \
		args.of[1] = words[1];                                                             \
		args.of[2] = words[2];                                                             \
		args.of[3] = words[3];                                                             \
		args.of[4] = words[4];                                                             \
		args.of[5] = words[5];                                                             \
		told_##name(&args);                                                                \
		return 0;                                                                          \
	}
#else
#define SOCKETCALL(letter, name, number, count)
#endif

#endif
