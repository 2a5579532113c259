/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For kernels without trampolines: one program at the end of all calls, which jumps to that of the call.
 * It is slower, for calls that nobody records come here as well. */
#include "call.h"

#define MOST_NUMBERS 1024

/* Programs by the numbers of calls: of this architecture's interface, and of the 32-bit one. The loader
 * fills them. */
#define JUMPS(name)                                                                                \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                             \
		__uint(max_entries, MOST_NUMBERS);                                                 \
		__uint(key_size, sizeof(u32));                                                     \
		__uint(value_size, sizeof(u32));                                                   \
	} name SEC(".maps");

JUMPS(native_calls)
JUMPS(compat_calls)

SEC("tp_btf/sys_exit")
int BPF_PROG(dispatch, const struct pt_regs *regs, long ret)
{
	u32 number = number_of(registers_at(regs));

	/* A jump does not return, but to a number that has no program. */
	if (is_compat(current_task()))
		bpf_tail_call(ctx, &compat_calls, number);
	else
		bpf_tail_call(ctx, &native_calls, number);
	return 0;
}
