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

/* The file of an fd of the current process; NULL if there is none. Where the kernel knows the type of
 * what a helper hands out, fields are loaded without asking another. */
static inline_always struct file *file_of(s64 fd)
{
	struct file **files, *file = NULL;
	unsigned int most;

	if (HAS_TASK_BTF) {
		struct task_struct *task = bpf_get_current_task_btf();
		struct fdtable *table = task->files->fdt;

		most = table->max_fds;
		files = table->fd;
	} else {
		struct task_struct *task = (void *)bpf_get_current_task();
		struct fdtable *table = BPF_CORE_READ(task, files, fdt);

		most = BPF_CORE_READ(table, max_fds);
		files = BPF_CORE_READ(table, fd);
	}
	if (fd < 0 || fd >= most)
		return NULL;
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

/* A piece of memory of the kernel's, read at once: each reading costs about as much as ten fields. */
#define PIECE_BYTES 96
#define IN_PIECE(type, field)                                                                      \
	(bpf_core_field_offset(type, field) + sizeof(((type *)0)->field) <= PIECE_BYTES)
#define OF_PIECE(piece, type, field)                                                               \
	(*(typeof(((type *)0)->field) *)((piece) + bpf_core_field_offset(type, field)))

static inline_always struct object object_of(s64 fd)
{
	struct object object = {};
	struct file *file = file_of(fd);
	struct super_block *super;
	struct inode *inode;
	u8 piece[PIECE_BYTES] __attribute__((aligned(8)));

	if (!file)
		return object;
	if (IN_PIECE(struct file, f_mode) && IN_PIECE(struct file, f_inode)) {
		if (bpf_probe_read_kernel(piece, sizeof(piece), file) < 0)
			return object;
		object.created = OF_PIECE(piece, struct file, f_mode) & FMODE_CREATED;
		inode = OF_PIECE(piece, struct file, f_inode);
	} else {
		object.created = BPF_CORE_READ(file, f_mode) & FMODE_CREATED;
		inode = BPF_CORE_READ(file, f_inode);
	}
	if (IN_PIECE(struct inode, i_sb) && IN_PIECE(struct inode, i_ino)) {
		if (bpf_probe_read_kernel(piece, sizeof(piece), inode) < 0)
			return object;
		super = OF_PIECE(piece, struct inode, i_sb);
		object.ino = OF_PIECE(piece, struct inode, i_ino);
	} else {
		super = BPF_CORE_READ(inode, i_sb);
		object.ino = BPF_CORE_READ(inode, i_ino);
	}
	object.dev = device(BPF_CORE_READ(super, s_dev));
	return object;
}

#endif
