/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files behind file descriptors. */
#ifndef WATCHKEEPER_FILE_H
#define WATCHKEEPER_FILE_H

#include "call.h"

#define FMODE_WRITE 2
#define FMODE_CREATED 0x100000
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFSOCK 0140000

/* The file of an fd of the current process; NULL if there is none. */
static inline_always struct file *file_of(s64 fd)
{
	struct task_struct *task = current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files, *file = NULL;
	unsigned int most = BPF_CORE_READ(table, max_fds);

	if (fd < 0 || fd >= most)
		return NULL;
	files = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file;
}

/* The inode of an fd of the current process; NULL if there is none. */
static inline_always struct inode *inode_of(s64 fd)
{
	struct file *file = file_of(fd);

	return file ? BPF_CORE_READ(file, f_inode) : NULL;
}

struct object {
	u32 dev;
	u64 ino;
	bool created;
};

/* A device's number as user space has it: eight bits of the minor, the major, the rest. */
static inline_always u32 device(u32 dev)
{
	u32 major = dev >> 20, minor = dev & 0xfffff;

	return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}

static inline_always struct object object_of(s64 fd)
{
	struct object object = {};
	struct file *file = file_of(fd);
	struct inode *inode;

	if (!file)
		return object;
	object.created = BPF_CORE_READ(file, f_mode) & FMODE_CREATED;
	inode = BPF_CORE_READ(file, f_inode);
	object.ino = BPF_CORE_READ(inode, i_ino);
	object.dev = device(BPF_CORE_READ(inode, i_sb, s_dev));
	return object;
}

#endif
