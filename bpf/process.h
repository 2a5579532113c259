/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What processes do to processes: limits, sessions, prctl, ptrace. */
#include "call.h"
#include "dynamic.h"

CALL(setpgid, SETPGID_X, 3, 0, { RESULT; INT(0); INT(1); })
RECORD(setsid, MAIN, true, SETSID_X, 1, 0, 0, { RESULT; })
PROGRAMS_WITHOUT_ARGS(setsid)

/* Resources have the kernel's numbers in the schema; those that it does not have are unknown. */
static inline_always u8 resource(u32 number)
{
	return number < 16 ? number : 0xff;
}

struct limits {
	u64 now, most;
};

/* `struct rlimit` of the program; zeros if it cannot be read. "No limit" is -1. */
static inline_always struct limits limits_at(const struct call *c, int at)
{
	struct limits limits = {};
	u32 narrow[2] = {};

	if (!c->compat) {
		bpf_probe_read_user(&limits, sizeof(limits), arg_ptr(c, at));
		return limits;
	}
	bpf_probe_read_user(narrow, sizeof(narrow), arg_ptr(c, at));
	limits.now = narrow[0] == 0xffffffff ? (u64)-1 : narrow[0];
	limits.most = narrow[1] == 0xffffffff ? (u64)-1 : narrow[1];
	return limits;
}

/* `struct rlimit64`, the same for all programs. */
static inline_always struct limits wide_limits_at(const struct call *c, int at)
{
	struct limits limits = {};

	bpf_probe_read_user(&limits, sizeof(limits), arg_ptr(c, at));
	return limits;
}

static inline_always void put_limits(struct event *e, struct limits limits)
{
	put_u64(e, limits.now);
	put_u64(e, limits.most);
}

CALL(setrlimit, SETRLIMIT_X, 4, 0, {
	RESULT;
	put_limits(e, limits_at(c, 1));
	put_u8(e, resource(arg(c, 0)));
})

/* Programs ask for their limits more often than they set them. The old limits are zeros if the program
 * did not want them, and -1 if the call failed. */
CALL_WITH(prlimit64, MAIN, arg(c, 2), PRLIMIT_X, 7, 0, 0, {
	struct limits none = { .now = -1, .most = -1 };

	RESULT;
	put_limits(e, wide_limits_at(c, 2));
	put_limits(e, c->ret < 0 ? none : wide_limits_at(c, 3));
	INT(0);
	put_u8(e, resource(arg(c, 1)));
})

#define PR_SET_NAME 15
#define NAME_BYTES 16

/* Options that change what a process is called, who may look into it, what it may do, and who inherits
 * its children. Others (timers, names of mappings, cost of speculation) are left alone. */
static inline_always bool is_told_option(u32 option)
{
	switch (option) {
	case 1:			/* PR_SET_PDEATHSIG */
	case 4:			/* PR_SET_DUMPABLE */
	case 8:			/* PR_SET_KEEPCAPS */
	case PR_SET_NAME:
	case 22:		/* PR_SET_SECCOMP */
	case 24:		/* PR_CAPBSET_DROP */
	case 28:		/* PR_SET_SECUREBITS */
	case 35:		/* PR_SET_MM */
	case 36:		/* PR_SET_CHILD_SUBREAPER */
	case 38:		/* PR_SET_NO_NEW_PRIVS */
	case 47:		/* PR_CAP_AMBIENT */
	case 59:		/* PR_SET_SYSCALL_USER_DISPATCH */
	case 0x59616d61:	/* PR_SET_PTRACER */
		return true;
	default:
		return false;
	}
}

CALL_WITH(prctl, LIFE, is_told_option(arg(c, 0)), PRCTL_X, 4, NAME_BYTES, 0, {
	RESULT;
	ARG32(0);
	if ((u32)arg(c, 0) == PR_SET_NAME) {
		put_user_text(e, arg_ptr(c, 1), NAME_BYTES);
		put_u64(e, 0);
	} else {
		put_null(e);
		ARG64(1);
	}
})

/* A request in the schema's numbering; 0 for one that it does not have.
 * Source: linux/ptrace.h, asm/ptrace-abi.h. */
static inline_always u16 ptrace_request(u64 number)
{
	if (number <= 9)
		return number + 1;
	if (number >= 0x4202 && number <= 0x420b)
		return number - 0x4202 + 0x10;
	switch (number) {
	case 12: return 0x1a;		/* GETREGS */
	case 13: return 0x1b;		/* SETREGS */
	case 14: return 0x1c;		/* GETFPREGS */
	case 15: return 0x1d;		/* SETFPREGS */
	case 16: return 0xb;		/* ATTACH */
	case 17: return 0xc;		/* DETACH */
	case 18: return 0x1e;		/* GETFPXREGS */
	case 19: return 0x1f;		/* SETFPXREGS */
	case 21: return 0x20;		/* OLDSETOPTIONS */
	case 24: return 0xd;		/* SYSCALL */
	case 25: return 0x21;		/* GET_THREAD_AREA */
	case 26: return 0x22;		/* SET_THREAD_AREA */
	case 30: return 0x23;		/* ARCH_PRCTL */
	case 31: return 0x24;		/* SYSEMU */
	case 32: return 0x25;		/* SYSEMU_SINGLESTEP */
	case 33: return 0x26;		/* SINGLEBLOCK */
	case 0x4200: return 0xe;	/* SETOPTIONS */
	case 0x4201: return 0xf;	/* GETEVENTMSG */
	default: return 0;
	}
}

#define SIGNAL_ENCODING 1

/* Behind requests that look at a word, it stands where `data` points to. */
static inline_always bool peeks(u16 request)
{
	return request >= 2 && request <= 4;
}

/* Requests whose `data` is a signal. */
static inline_always bool has_signal(u16 request)
{
	return request == 8 || request == 0xa || request == 0xc || request == 0xd;
}

/* A pointer, a `long` or a `size_t`, as wide as the program has it; 0 if it cannot be read. */
static inline_always u64 word_at(const struct call *c, u64 address)
{
	u64 word = 0;

	bpf_probe_read_user(&word, c->compat ? 4 : 8, (void *)address);
	return word;
}

/* A call that failed has neither address nor data. */
CALL(ptrace, PTRACE_X, 5, 0, {
	u16 request = ptrace_request(arg(c, 0));
	bool done = c->ret >= 0;

	RESULT;
	put_number(e, done ? arg(c, 2) : 0);
	if (done && has_signal(request))
		put_encoded_u8(e, SIGNAL_ENCODING, arg(c, 3));
	else if (done && peeks(request))
		put_number(e, word_at(c, arg(c, 3)));
	else
		put_number(e, done ? arg(c, 3) : 0);
	put_u16(e, request);
	INT(1);
})

LIFE_CALL(seccomp, SECCOMP_X, 3, 0, { RESULT; ARG64(0); put_u64(e, (u32)arg(c, 1)); })
GENERIC(kcmp)
LIFE_GENERIC(landlock_restrict_self)
