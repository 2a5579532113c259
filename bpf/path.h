/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of files, which the kernel has as chains of names. */
#ifndef WATCHKEEPER_PATH_H
#define WATCHKEEPER_PATH_H

#include "task.h"

/* Longest chains that are followed, and the longest name of one link with its NUL. */
#define MOST_NAMES 32
#define MOST_NAME 256

/* A list of names from the last one up, kept behind the event in its record. */
struct scratch {
	u64 names[MOST_NAMES];
	u64 count;
};

#define SCRATCH_BYTES sizeof(struct scratch)

static inline_always volatile struct scratch *scratch(struct event *e)
{
	return (void *)(e->at + e->cap + e->slack);
}

static inline_always void keep_name(struct event *e, const void *name)
{
	volatile struct scratch *kept = scratch(e);
	u64 at = kept->count;

	clamp(at, MOST_NAMES - 1);
	kept->names[at] = (u64)name;
	kept->count = at + 1;
}

/* Appends the kept names, the last one first, each behind a slash; the NUL behind is not counted. */
static inline_always void append_names(struct event *e)
{
	volatile struct scratch *kept = scratch(e);
	u64 left = kept->count;

	if (left == 0) {
		*(u16 *)place(e, 2) = '/';
		e->pos++;
	}
#pragma clang loop unroll(full)
	for (int step = 0; step < MOST_NAMES; step++) {
		u64 at = kept->count - 1;
		u8 *to;
		u64 bytes;

		if (at >= MOST_NAMES)
			break;
		kept->count = at;
		forget(e);
		to = place(e, MOST_NAME + 1);
		*to = '/';
		bytes = bpf_probe_read_kernel_str(to + 1, MOST_NAME, (void *)kept->names[at]) - 1;
		clamp(bytes, MOST_NAME - 1);
		e->pos += bytes + 1;
	}
	forget(e);
}

/* The path of a file as a process with this root has it, with its NUL. */
static inline_always void put_file_path(struct event *e, struct path *path, struct path *root)
{
	struct dentry *dentry = BPF_CORE_READ(path, dentry), *root_dentry = BPF_CORE_READ(root, dentry);
	struct vfsmount *mnt = BPF_CORE_READ(path, mnt), *root_mnt = BPF_CORE_READ(root, mnt);
	u64 start;

	forget(e);
	start = e->pos;
	scratch(e)->count = 0;
#pragma clang loop unroll(full)
	for (int step = 0; step < MOST_NAMES; step++) {
		struct dentry *parent;

		if (dentry == root_dentry && mnt == root_mnt)
			break;
		if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
			struct mount *mount =
				(void *)mnt - bpf_core_field_offset(struct mount, mnt);
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount) {
				/* What hangs nowhere has the name of its own file at most. */
				if (scratch(e)->count == 0)
					keep_name(e, BPF_CORE_READ(dentry, d_name.name));
				break;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mnt = (void *)above + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		keep_name(e, BPF_CORE_READ(dentry, d_name.name));
		if (parent == dentry)
			break;
		dentry = parent;
	}
	append_names(e);
	e->pos++;
	length(e, e->pos - start);
}

/* The path of a file as the current process has it; none without a file. */
static inline_always void put_path_of(struct event *e, struct file *file)
{
	struct fs_struct *fs = BPF_CORE_READ(current_task(), fs);

	if (file)
		put_file_path(e, &file->f_path, &fs->root);
	else
		put_null(e);
	forget(e);
}

#endif
