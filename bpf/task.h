/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known of a thread. */
#ifndef WATCHKEEPER_TASK_H
#define WATCHKEEPER_TASK_H

#include "record.h"

#define PF_IO_WORKER 0x10
#define PF_KTHREAD 0x00200000
#define PIDTYPE_PID 0
#define PIDTYPE_TGID 1
#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3
#define RLIMIT_NOFILE 7
#define TS_COMPAT 2

/* Whether the kernel knows the type of the current task (Linux 5.11). */
#define HAS_TASK_BTF                                                                               \
	bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

static inline_always struct task_struct *current_task(void)
{
	if (HAS_TASK_BTF)
		return bpf_get_current_task_btf();
	return (struct task_struct *)bpf_get_current_task();
}

/* A field of the current task. */
#define OF_TASK(task, field) (HAS_TASK_BTF ? (task)->field : BPF_CORE_READ(task, field))

/* A thread's stack in the kernel has at least a page. */
#define STACK_KIB (settings.page_kib > 16 ? settings.page_kib : 16)

/* The registers of the call that a thread is in, which stand where its stack begins. They have to be
 * read. */
static inline_always const struct pt_regs *regs_of(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(task);
	return BPF_CORE_READ(task, stack) + (STACK_KIB << 10) - bpf_core_type_size(struct pt_regs);
}

/* The thread, as the whole machine knows it. */
static inline_always u32 current_tid(void)
{
	return bpf_get_current_pid_tgid();
}

/* Process and thread, as the whole machine knows them. */
struct ids {
	u32 tgid;
	u32 tid;
};

static inline_always struct ids current_ids(void)
{
	u64 both = bpf_get_current_pid_tgid();

	return (struct ids){ .tgid = both >> 32, .tid = both };
}

/* The number that a pid has in the innermost namespace that it is in. */
static inline_always s64 number_inside(struct pid *pid)
{
	u32 level = BPF_CORE_READ(pid, level) & 31;
	s32 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number),
			      (u8 *)pid + bpf_core_field_offset(pid->numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return number;
}

static inline_always s64 number_outside(struct pid *pid)
{
	return BPF_CORE_READ(pid, numbers[0].nr);
}

static inline_always u64 capabilities(const kernel_cap_t *set)
{
	u64 bits = 0;

	bpf_probe_read_kernel(&bits, sizeof(bits), set);
	return bits;
}

#endif
