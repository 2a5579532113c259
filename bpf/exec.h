/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs: what a thread is given to run, or is refused. */
#include "life.h"
#include "path.h"

#define S_IMMUTABLE 8
#define SB_RDONLY 1
#define MNT_READONLY 0x40
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define CAP_DAC_OVERRIDE 1
#define CAP_FOWNER 3

/* Bits of `flags` in the schema. */
#define EXE_WRITABLE 1
#define EXE_UPPER_LAYER 2
#define EXE_FROM_MEMFD 4
#define EXE_LOWER_LAYER 8

/* `memfd:`, with which the name of each begins. */
#define MEMFD 0x3a64666d656d

static inline_always bool reserve_exec(struct event *e, enum ring ring, enum size size)
{
	if (size == SMALL)
		return reserve_masked(e, ring, 2 << 10, ENV_OF(SMALL), SCRATCH_BYTES);
	if (size == MEDIUM)
		return reserve_masked(e, ring, 32 << 10, ENV_OF(MEDIUM), SCRATCH_BYTES);
	return reserve_masked(e, ring, 64 << 10, ARGS_OF(LARGE), SCRATCH_BYTES);
}

/* Whether an id of the machine exists in a user namespace. A map of more extents than the kernel keeps
 * in place counts as having it. */
static inline_always bool is_mapped(const struct uid_gid_map *map, u32 id)
{
	u32 extents = BPF_CORE_READ(map, nr_extents);

	if (extents > 5)
		return true;
#pragma clang loop unroll(full)
	for (int at = 0; at < 5; at++) {
		u32 first = BPF_CORE_READ(map, extent[at].lower_first);

		if (at < extents && id - first < BPF_CORE_READ(map, extent[at].count))
			return true;
	}
	return false;
}

#define MOST_GROUPS 32

static inline_always bool is_in_group(const struct cred *cred, u32 gid)
{
	struct group_info *groups = BPF_CORE_READ(cred, group_info);
	int count = BPF_CORE_READ(groups, ngroups);

	if (BPF_CORE_READ(cred, fsgid.val) == gid)
		return true;
#pragma clang loop unroll(full)
	for (int at = 0; at < MOST_GROUPS; at++) {
		u32 group = 0;

		bpf_probe_read_kernel(&group, sizeof(group), &groups->gid[at]);
		if (at < count && group == gid)
			return true;
	}
	return false;
}

/* Whether a thread may write a file: by its mode, as its owner (who may change the mode), or by a
 * capability, which counts for files whose owners exist in its user namespace. Access control lists are
 * not looked at, as by other recorders. */
static inline_always bool may_write(const struct cred *cred, struct inode *inode, struct vfsmount *mnt)
{
	struct user_namespace *ns = BPF_CORE_READ(cred, user_ns);
	u32 owner = BPF_CORE_READ(inode, i_uid.val), group = BPF_CORE_READ(inode, i_gid.val);
	u32 mode = BPF_CORE_READ(inode, i_mode);
	u64 effective = capabilities(&cred->cap_effective);

	if (BPF_CORE_READ(inode, i_flags) & S_IMMUTABLE ||
	    BPF_CORE_READ(mnt, mnt_flags) & MNT_READONLY ||
	    BPF_CORE_READ(inode, i_sb, s_flags) & SB_RDONLY)
		return false;
	if (BPF_CORE_READ(cred, fsuid.val) == owner || mode & 0002)
		return true;
	if (effective & (1 << CAP_FOWNER) && is_mapped(&ns->uid_map, owner))
		return true;
	if (effective & (1 << CAP_DAC_OVERRIDE) && is_mapped(&ns->uid_map, owner) &&
	    is_mapped(&ns->gid_map, group))
		return true;
	return mode & 0020 && is_in_group(cred, group);
}

/*
 * Of others, a group's members may do what its mode says, even if that is less than what all may.
 *
 * A global function, which the verifier looks at once, by itself, and not once more with each size and
 * kind of exec. To it, pointers are numbers.
 */
noinline int exe_flags(u64 cred_at, u64 file_at)
{
	const struct cred *cred = (void *)cred_at;
	struct file *file = (void *)file_at;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	u64 name = 0;
	u32 flags = 0;

	if (!file)
		return 0;
	if (may_write(cred, inode, BPF_CORE_READ(file, f_path.mnt)))
		flags |= EXE_WRITABLE;
	bpf_probe_read_kernel(&name, 6, BPF_CORE_READ(dentry, d_name.name));
	if (BPF_CORE_READ(inode, i_nlink) == 0 && name == MEMFD)
		flags |= EXE_FROM_MEMFD;
	if (BPF_CORE_READ(inode, i_sb, s_magic) == OVERLAYFS_SUPER_MAGIC) {
		/* The overlay's own inode has the upper file behind the general part; it is in a
		 * module, of which nothing can be relocated. */
		void *upper = NULL;

		bpf_probe_read_kernel(&upper, sizeof(upper),
				      (void *)inode + bpf_core_type_size(struct inode));
		flags |= upper ? EXE_UPPER_LAYER : EXE_LOWER_LAYER;
	}
	return flags;
}

static inline_always u64 ns_of(s64 seconds, u64 ns)
{
	return seconds < 0 ? 0 : seconds * 1000000000 + ns;
}

static inline_always u64 ctime_of(struct inode *inode)
{
	struct inode___split *split = (void *)inode;
	struct inode___accessors *accessors = (void *)inode;

	if (bpf_core_field_exists(split->i_ctime_sec))
		return ns_of(BPF_CORE_READ(split, i_ctime_sec), BPF_CORE_READ(split, i_ctime_nsec));
	if (bpf_core_field_exists(accessors->__i_ctime))
		return ns_of(BPF_CORE_READ(accessors, __i_ctime.tv_sec),
			     BPF_CORE_READ(accessors, __i_ctime.tv_nsec));
	return ns_of(BPF_CORE_READ(inode, i_ctime.tv_sec), BPF_CORE_READ(inode, i_ctime.tv_nsec));
}

static inline_always u64 mtime_of(struct inode *inode)
{
	struct inode___split *split = (void *)inode;
	struct inode___accessors *accessors = (void *)inode;

	if (bpf_core_field_exists(split->i_mtime_sec))
		return ns_of(BPF_CORE_READ(split, i_mtime_sec), BPF_CORE_READ(split, i_mtime_nsec));
	if (bpf_core_field_exists(accessors->__i_mtime))
		return ns_of(BPF_CORE_READ(accessors, __i_mtime.tv_sec),
			     BPF_CORE_READ(accessors, __i_mtime.tv_nsec));
	return ns_of(BPF_CORE_READ(inode, i_mtime.tv_sec), BPF_CORE_READ(inode, i_mtime.tv_nsec));
}

static inline_always u32 terminal(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	if (!tty)
		return 0;
	return device(BPF_CORE_READ(tty, driver, major) << 20 |
		      (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index)));
}

/* All from `comm` to `gid`: who runs what. */
static inline_always void put_program(struct event *e, struct task_struct *task,
				      struct mm_struct *mm, enum size size)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct pid *group = BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]);

	put_kernel_text(e, task->comm, COMM_BYTES + 1);
	put_cgroups(e, task);
	put_environment(e, mm, size);
	put_u32(e, terminal(task));
	put_s64(e, number_inside(group));
	put_u32(e, bpf_core_field_exists(task->loginuid) ? BPF_CORE_READ(task, loginuid.val) : -1);
	forget(e);
	put_u32(e, exe_flags((u64)cred, (u64)file));
	put_u64(e, capabilities(&cred->cap_inheritable));
	put_u64(e, capabilities(&cred->cap_permitted));
	put_u64(e, capabilities(&cred->cap_effective));
	put_u64(e, BPF_CORE_READ(inode, i_ino));
	put_u64(e, ctime_of(inode));
	put_u64(e, mtime_of(inode));
	put_u32(e, BPF_CORE_READ(cred, euid.val));
	put_file_path(e, &file->f_path, &fs->root);
	put_s64(e, number_outside(group));
	put_u32(e, BPF_CORE_READ(cred, egid.val));
}

#if defined(__TARGET_ARCH_x86)
#define IS_EXECVEAT(number) ((number) == 322 || (number) == 358)
#else
#define IS_EXECVEAT(number) ((number) == 281 || (number) == 387)
#endif

/*
 * Threads that are in an execveat: when its program is in place, x86 has made the number of the call
 * that of execve. The values mean nothing.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u8);
} execveats SEC(".maps");

static inline_always int begin_execveat(struct task_struct *task)
{
	u64 thread = (u64)task;
	u8 value = 0;

	bpf_map_update_elem(&execveats, &thread, &value, BPF_ANY);
	return 0;
}

SEC("fentry/" NATIVE "execveat")
int BPF_PROG(b_execveat, const struct pt_regs *regs)
{
	return begin_execveat(current_task());
}

SEC("fentry/" COMPAT_OWN "execveat")
int BPF_PROG(bo_execveat, const struct pt_regs *regs)
{
	return begin_execveat(current_task());
}

/* Whether the thread is in an execveat. */
static inline_always bool is_execveat(struct task_struct *task)
{
	u64 thread = (u64)task;

	return bpf_map_lookup_elem(&execveats, &thread) || IS_EXECVEAT(read_number(regs_of(task)));
}

static inline_always int executed_sized(struct task_struct *task, struct linux_binprm *binprm,
					bool is_at, enum size size)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct event e;

	if (!reserve_exec(&e, LIFE, size))
		return DONE;
	begin(&e, is_at ? EXECVEAT_X : EXECVE_19_X, is_at ? 30 : 31, BPF_CORE_READ(task, pid));
	put_s64(&e, 0);
	put_arguments(&e, mm, size);
	put_ids_and_memory(&e, task, mm);
	put_program(&e, task, mm, size);
	if (!is_at)
		put_kernel_text(&e, BPF_CORE_READ(binprm, filename), TEXT_OF(size));
	return finish(&e, LIFE, size == LARGE);
}

/* The program is in place, and has not begun. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, pid_t before, struct linux_binprm *binprm)
{
	bool is_at = is_execveat(task);

	if (executed_sized(task, binprm, is_at, SMALL) == TOO_SMALL &&
	    executed_sized(task, binprm, is_at, MEDIUM) == TOO_SMALL)
		executed_sized(task, binprm, is_at, LARGE);
	return 0;
}

/* Words of a refused exec's arguments that are told. */
#define MOST_WORDS 32

/* The word at a place of a list of the program; 0 if it cannot be read. */
static inline_always u64 listed(u64 list, u32 at, bool compat)
{
	u64 word = 0;

	if (compat)
		bpf_probe_read_user(&word, sizeof(u32), (void *)(list + at * sizeof(u32)));
	else
		bpf_probe_read_user(&word, sizeof(u64), (void *)(list + at * sizeof(u64)));
	return word;
}

/* The list, and behind its last word a place where nothing can be read. A branch would be one more way
 * for the verifier with each word. */
static inline_always u64 go_on(u64 list, u64 word)
{
	u64 is_word;

	asm volatile("%0 = %1; %0 = -%0; %0 |= %1; %0 >>= 63" : "=&r"(is_word) : "r"(word));
	asm volatile("%0 *= %1" : "+r"(list) : "r"(is_word));
	return list;
}

/* The words behind the first of a list that ends with a null, as many as there is room for. */
static inline_always void put_words(struct event *e, u64 list, bool compat, enum size size)
{
	u64 start = e->pos, max = ARGS_OF(size);

#pragma clang loop unroll(full)
	for (u32 at = 1; at < MOST_WORDS; at++) {
		u64 word = listed(list, at, compat), used = e->pos - start, room = max - used;
		u8 *to = place(e, max);
		long bytes;

		clamp(room, max);
		if (used > max - 2) {
			cut(e);
			room = 2;
			word = 0;
		}
		list = go_on(list, word);
		bytes = read_user_text(to, (void *)word, room);
		if (bytes == room)
			cut(e);
		clamp(bytes, max);
		e->pos += bytes;
		forget(e);
	}
	length(e, e->pos - start);
}

/* The first word; an empty one if it cannot be read. */
static inline_always void put_word(struct event *e, u64 word, u64 max)
{
	u8 *to = place(e, max);
	long bytes;

	*to = 0;
	bytes = read_user_text(to, (void *)word, max);
	if (bytes == max)
		cut(e);
	if (bytes == 0)
		bytes = 1;
	clamp(bytes, max);
	put_written(e, bytes);
}

/* An exec that failed: what it was asked to run, by a thread that goes on with what it runs. It changes no
 * life, and takes no room from what does. */
static inline_always int refused_sized(const struct call *c, bool is_at, enum size size)
{
	struct task_struct *task = current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	u64 list = arg(c, is_at ? 2 : 1);
	struct event e;

	if (!reserve_exec(&e, MAIN, size))
		return DONE;
	begin(&e, is_at ? EXECVEAT_X : EXECVE_19_X, is_at ? 30 : 31, e.tid);
	put_s64(&e, c->ret);
	put_word(&e, listed(list, 0, c->compat), TEXT_OF(size));
	put_words(&e, list, c->compat, size);
	put_ids_and_memory(&e, task, mm);
	put_program(&e, task, mm, size);
	if (!is_at)
		put_user_text(&e, arg_ptr(c, 0), TEXT_OF(size));
	return finish(&e, MAIN, size == LARGE);
}

static inline_always int refused(const struct call *c, bool is_at)
{
	if (refused_sized(c, is_at, SMALL) == TOO_SMALL)
		refused_sized(c, is_at, LARGE);
	return 0;
}

static inline_always int record_execve(struct registers regs, long ret, enum form form)
{
	struct call c = made(regs, ret, form);

	return ret < 0 ? refused(&c, false) : 0;
}

static inline_always int record_execveat(struct registers regs, long ret, enum form form)
{
	struct call c = made(regs, ret, form);
	u64 thread = (u64)current_task();

	bpf_map_delete_elem(&execveats, &thread);
	return ret < 0 ? refused(&c, true) : 0;
}

PROGRAMS(execve)
PROGRAMS(execveat)
