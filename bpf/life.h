/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Threads: made, ended. */
#ifndef WATCHKEEPER_LIFE_H
#define WATCHKEEPER_LIFE_H

#include "file.h"
#include "flags.h"
#include "memory.h"

/* Records are tried from small to large: what texts and lists may have in each. The first has room for
 * what most commands have, the last for what an event may have, as with other recorders. */
enum size { SMALL, MEDIUM, LARGE };
#define MOST_ENV 4096
#define ARGS_OF(size) ((size) == LARGE ? 32 << 10 : (size) == MEDIUM ? 4096 : 512)
#define ENV_OF(size) ((size) == SMALL ? 1024 : MOST_ENV)
#define TEXT_OF(size) ((size) == SMALL ? 256 : 4096)

#define COMM_BYTES 16

/* Bits of `flags` in the schema. */
#define CLONE_FILES 1
#define CLONE_FS 2
#define CLONE_VM 0x8000
#define CLONE_THREAD 0x2000
#define CLONE_IN_PIDNS (1 << 29)

/* A side of a clone has arguments, and no environment. */
static inline_always bool reserve_clone(struct event *e, enum ring ring, enum size size)
{
	if (size == SMALL)
		return reserve_masked(e, ring, 1 << 10, ARGS_OF(SMALL), 0);
	if (size == MEDIUM)
		return reserve_masked(e, ring, 16 << 10, ARGS_OF(MEDIUM), 0);
	return reserve_masked(e, ring, 64 << 10, ARGS_OF(LARGE), 0);
}

/* A list of strings in user space from `from` to `to`, with a NUL behind each. */
static inline_always void put_strings(struct event *e, u64 from, u64 to, u64 max)
{
	u64 bytes = to > from ? to - from : 0;
	u8 *start = place(e, max);

	if (bytes > max)
		cut(e);
	clamp(bytes, max);
	if (bytes && bpf_probe_read_user(start, bytes, (void *)from) < 0)
		bytes = 0;
	if (bytes) {
		u64 last = bytes - 1;

		clamp(last, max - 1);
		start[last] = 0;
	}
	put_written(e, bytes);
}

/* The first argument, then the others. */
static inline_always void put_arguments(struct event *e, struct mm_struct *mm, enum size size)
{
	u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end), before = e->pos;

	if (from == to) {
		put_u8(e, 0);
		put_null(e);
		return;
	}
	put_user_text(e, (void *)from, TEXT_OF(size));
	put_strings(e, from + (e->pos - before), to, ARGS_OF(size));
}

static inline_always void put_environment(struct event *e, struct mm_struct *mm, enum size size)
{
	u64 from = BPF_CORE_READ(mm, env_start), to = BPF_CORE_READ(mm, env_end);

	if (to - from > MOST_ENV)
		to = from + MOST_ENV;
	put_strings(e, from, to, ENV_OF(size));
}

/* tid, pid, ptid, cwd (left to readers), fdlimit, page faults, memory. */
static inline_always void put_ids_and_memory(struct event *e, struct task_struct *task,
					     struct mm_struct *mm)
{
	put_s64(e, BPF_CORE_READ(task, pid));
	put_s64(e, BPF_CORE_READ(task, tgid));
	put_s64(e, BPF_CORE_READ(task, real_parent, tgid));
	put_u8(e, 0);
	put_s64(e, BPF_CORE_READ(task, signal, rlim[RLIMIT_NOFILE].rlim_cur));
	put_u64(e, BPF_CORE_READ(task, maj_flt));
	put_u64(e, BPF_CORE_READ(task, min_flt));
	put_memory(e, mm);
}

/*
 * Control groups: those of the five subsystems that events tell of, and the thread's own in the unified
 * hierarchy, by their ids. Whoever reads the ring knows the paths: those that there were when he began,
 * and those made since.
 */
struct group {
	u64 id;
	u64 hierarchy;
};

static inline_always struct group group_of(struct cgroup *cgroup)
{
	struct group group = {
		.id = BPF_CORE_READ(cgroup, kn, id),
		.hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id),
	};

	return group;
}

/* `id` is the subsystem's place in the list of this kernel; none if it does not have it. */
static inline_always void append_group(struct event *e, struct css_set *set, int id)
{
	struct cgroup_subsys_state *state = NULL;
	struct group group = {};

	if (id >= 0)
		bpf_probe_read_kernel(&state, sizeof(state),
				      (void *)set + bpf_core_field_offset(set->subsys) + 8 * id);
	if (state)
		group = group_of(BPF_CORE_READ(state, cgroup));
	*(struct group *)place(e, sizeof(group)) = group;
	e->pos += sizeof(group);
}

#define SUBSYSTEM(id)                                                                              \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, id) ?                                   \
		 (int)bpf_core_enum_value(enum cgroup_subsys_id, id) : -1)

static inline_always void put_cgroups(struct event *e, struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	u64 start = e->pos;

	append_group(e, set, SUBSYSTEM(cpuset_cgrp_id));
	append_group(e, set, SUBSYSTEM(cpu_cgrp_id));
	append_group(e, set, SUBSYSTEM(cpuacct_cgrp_id));
	append_group(e, set, SUBSYSTEM(io_cgrp_id));
	append_group(e, set, SUBSYSTEM(memory_cgrp_id));
	*(struct group *)place(e, sizeof(struct group)) = group_of(BPF_CORE_READ(set, dfl_cgrp));
	e->pos += sizeof(struct group);
	length(e, e->pos - start);
}

/* What is told to the reader alone, in records of types that no event has. */
enum { GROUP_MADE = 0xff00, GROUP_GONE };

static inline_always int tell_group(u16 kind, struct cgroup *cgroup, const char *path)
{
	struct group group = group_of(cgroup);
	struct event e;

	if (!reserve(&e, LIFE, BYTES(3, 1, LONG_PATH), 0))
		return 0;
	begin(&e, kind, 3, 0);
	put_u64(&e, group.id);
	put_u64(&e, group.hierarchy);
	put_kernel_text(&e, path, LONG_PATH);
	submit(&e, LIFE);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(group_made, struct cgroup *cgroup, const char *path)
{
	return tell_group(GROUP_MADE, cgroup, path);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(group_gone, struct cgroup *cgroup, const char *path)
{
	return tell_group(GROUP_GONE, cgroup, path);
}

static inline_always struct task_struct *first_of_namespace(struct pid *pid)
{
	u32 level = BPF_CORE_READ(pid, level) & 31;
	struct pid_namespace *ns = NULL;

	bpf_probe_read_kernel(&ns, sizeof(ns),
			      (void *)pid + bpf_core_field_offset(pid->numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	return BPF_CORE_READ(ns, child_reaper);
}

/* A side of a clone: `task` is the child (with result 0) or its maker. */
static inline_always int clone_sized(struct task_struct *task, u16 kind, s64 result, u32 flags,
				     enum ring ring, enum size size)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid *process = BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]);
	struct task_struct *first = first_of_namespace(pid);
	struct event e;

	if (!reserve_clone(&e, ring, size))
		return DONE;
	begin(&e, kind, 21, BPF_CORE_READ(task, pid));
	put_s64(&e, result);
	put_arguments(&e, mm, size);
	put_ids_and_memory(&e, task, mm);
	put_kernel_text(&e, task->comm, COMM_BYTES + 1);
	put_cgroups(&e, task);
	if (BPF_CORE_READ(pid, level) > 0)
		flags |= CLONE_IN_PIDNS;
	put_u32(&e, flags);
	put_u32(&e, BPF_CORE_READ(cred, euid.val));
	put_u32(&e, BPF_CORE_READ(cred, egid.val));
	put_s64(&e, number_inside(pid));
	put_s64(&e, number_inside(process));
	put_u64(&e, BPF_CORE_READ(first, start_boottime));
	return finish(&e, ring, size == LARGE);
}

/* Not in line: each is there once for all the calls that make threads. */
#define CLONE_SIZED(name, ring, size)                                                              \
	static noinline int name(struct task_struct *task, u16 kind, s64 result, u32 flags)        \
	{                                                                                          \
		return clone_sized(task, kind, result, flags, ring, size);                         \
	}

CLONE_SIZED(clone_small, LIFE, SMALL)
CLONE_SIZED(clone_medium, LIFE, MEDIUM)
CLONE_SIZED(clone_large, LIFE, LARGE)
CLONE_SIZED(refused_small, MAIN, SMALL)
CLONE_SIZED(refused_large, MAIN, LARGE)

static inline_always void clone_event(struct task_struct *task, u16 kind, s64 result, u32 flags)
{
	if (clone_small(task, kind, result, flags) == TOO_SMALL &&
	    clone_medium(task, kind, result, flags) == TOO_SMALL)
		clone_large(task, kind, result, flags);
}

/* A clone that failed made nobody, and takes no room from those that were made: of these there may be as
 * many as a program tries. */
static inline_always void refused_clone(u16 kind, s64 result, u32 flags)
{
	struct task_struct *task = current_task();

	if (refused_small(task, kind, result, flags) == TOO_SMALL)
		refused_large(task, kind, result, flags);
}

/* What a child shares with its maker, as the flags that make it so: where no call made it. */
static inline_always u32 shared(struct task_struct *maker, struct task_struct *child)
{
	u32 flags = 0;

	if (BPF_CORE_READ(child, tgid) != BPF_CORE_READ(child, pid))
		flags |= CLONE_THREAD;
	if (BPF_CORE_READ(child, files) == BPF_CORE_READ(maker, files))
		flags |= CLONE_FILES;
	if (BPF_CORE_READ(child, fs) == BPF_CORE_READ(maker, fs))
		flags |= CLONE_FS;
	if (BPF_CORE_READ(child, mm) == BPF_CORE_READ(maker, mm))
		flags |= CLONE_VM;
	return flags;
}


/* The maker's side, when its call returns; the child's return is seen by the dispatcher only. */
#define CLONE_CALL(name, kind, flags, programs)                                                    \
	static inline_always int record_##name(struct registers regs, long ret, enum form form)    \
	{                                                                                          \
		struct call c = made(regs, ret, form);                                             \
		(void)c;                                                                           \
		if (ret > 0)                                                                       \
			clone_event(current_task(), kind, ret, flags);                             \
		else if (ret < 0)                                                                  \
			refused_clone(kind, ret, flags);                                           \
		return 0;                                                                          \
	}                                                                                          \
	programs(name)

/* `struct clone_args` of linux/sched.h begins with the flags. */
static inline_always u64 clone3_flags(const struct call *c)
{
	u64 flags = 0;

	bpf_probe_read_user(&flags, sizeof(flags), arg_ptr(c, 0));
	return flags;
}

CLONE_CALL(clone, CLONE_20_X, clone_flags(arg(&c, 0)), PROGRAMS)
CLONE_CALL(clone3, CLONE3_X, clone_flags(clone3_flags(&c)), PROGRAMS)
CLONE_CALL(fork, FORK_20_X, 0, PROGRAMS_WITHOUT_ARGS)
CLONE_CALL(vfork, VFORK_20_X, 0, PROGRAMS_WITHOUT_ARGS)

/* The numbers of these calls: of this architecture's interface, and of the 32-bit one. */
#if defined(__TARGET_ARCH_x86)
#define IS_CLONE(compat, number) ((number) == ((compat) ? 120 : 56))
#define IS_FORK(compat, number) ((number) == ((compat) ? 2 : 57))
#define IS_VFORK(compat, number) ((number) == ((compat) ? 190 : 58))
#else
#define IS_CLONE(compat, number) ((number) == ((compat) ? 120 : 220))
#define IS_FORK(compat, number) ((compat) && (number) == 2)
#define IS_VFORK(compat, number) ((compat) && (number) == 190)
#endif
#define IS_CLONE3(number) ((number) == 435)

/* How a child was made. */
struct birth {
	u16 kind;
	u32 flags;
};

static inline_always struct birth birth_of(struct task_struct *maker, struct task_struct *child)
{
	const struct pt_regs *regs = regs_of(maker);
	bool compat = is_compat(maker);
	u32 number = read_number(regs);
	u64 first = read_first(regs, compat), flags = 0;

	if (maker->flags & PF_KTHREAD)
		return (struct birth){ CLONE_20_X, shared(maker, child) };
	if (IS_CLONE(compat, number))
		return (struct birth){ CLONE_20_X, clone_flags(first) };
	if (IS_FORK(compat, number))
		return (struct birth){ FORK_20_X, 0 };
	if (IS_VFORK(compat, number))
		return (struct birth){ VFORK_20_X, 0 };
	if (!IS_CLONE3(number))
		return (struct birth){ CLONE_20_X, shared(maker, child) };
	bpf_probe_read_user(&flags, sizeof(flags), (void *)first);
	return (struct birth){ CLONE3_X, clone_flags(flags) };
}

/* The child's side, before it runs. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *maker, struct task_struct *child)
{
	struct birth birth;

	if (child->flags & PF_KTHREAD)
		return 0;
	birth = birth_of(maker, child);
	clone_event(child, birth.kind, 0, birth.flags);
	return 0;
}

#define PF_EXITING 4

/* Who becomes the parent of a thread's children; 0 if it has none. Source: find_new_reaper() in
 * kernel/exit.c, but that of several threads of its process the first is taken. */
static inline_always s64 reaper(struct task_struct *task)
{
	struct list_head *children = (void *)task + bpf_core_field_offset(task->children);
	struct task_struct *above = BPF_CORE_READ(task, real_parent), *init;

	if (BPF_CORE_READ(task, children.next) == children)
		return 0;
	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return BPF_CORE_READ(task, tgid);
	init = first_of_namespace(BPF_CORE_READ(task, thread_pid));
#pragma clang loop unroll(disable)
	for (int step = 0; step < 16; step++) {
		struct signal_struct *signal = BPF_CORE_READ(above, signal);

		if (above == init || !above)
			break;
		if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper))
			return BPF_CORE_READ(above, tgid);
		above = BPF_CORE_READ(above, real_parent);
	}
	return BPF_CORE_READ(init, pid);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exited, struct task_struct *task)
{
	u32 status = task->exit_code;
	u32 signal = status & 0x7f;
	struct event e;

	if (task->flags & PF_KTHREAD || !reserve(&e, LIFE, BYTES(5, 0, 0), 0))
		return 0;
	begin(&e, PROCEXIT_1_E, 5, task->pid);
	put_s64(&e, status);
	put_s64(&e, signal ? 0 : (status >> 8) & 0xff);
	put_u8(&e, signal);
	put_u8(&e, (status & 0x80) != 0);
	put_s64(&e, reaper(task));
	submit(&e, LIFE);
	return 0;
}

#define SIGKILL 9
#define SIGCHLD 17

/*
 * A signal is about to be handled, by the program or as is usual. Who sent it is told where somebody
 * did, rather than the kernel for a fault or a timer. What kills at once is not told: whoever sends it
 * is, and the end; threads that end with their process all get one.
 */
SEC("tp_btf/signal_deliver")
int BPF_PROG(delivered, int signal, struct kernel_siginfo *info)
{
	struct ids ids = current_ids();
	bool has_sender;
	struct event e;

	if (signal == SIGKILL || !reserve(&e, MAIN, BYTES(3, 0, 0), 0))
		return 0;
	has_sender = BPF_CORE_READ(info, si_code) <= 0 || signal == SIGCHLD;
	begin(&e, SIGNALDELIVER_E, 3, ids.tid);
	put_s64(&e, has_sender ? BPF_CORE_READ(info, _sifields._kill._pid) : 0);
	put_s64(&e, ids.tgid);
	put_u8(&e, signal);
	submit(&e, MAIN);
	return 0;
}

#endif
