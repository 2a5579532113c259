/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Disk quotas.
 *
 * Source of layouts and numbers: linux/quota.h and linux/dqblk_xfs.h; what stands in which parameter,
 * and zero where a command has no such thing: the schema's recorders.
 */
#include "call.h"

#define Q_SYNC 0x800001
#define Q_QUOTAON 0x800002
#define Q_GETFMT 0x800004
#define Q_GETINFO 0x800005
#define Q_SETINFO 0x800006
#define Q_GETQUOTA 0x800007
#define Q_SETQUOTA 0x800008
#define Q_XFS 0x5800
#define Q_XGETQUOTA (Q_XFS + 3)
#define Q_XSETQLIM (Q_XFS + 4)
/* The schema's `QFMT_NOT_USED`. */
#define NO_FORMAT 1

/* A command in the schema's numbering; 0 for one that it does not have. */
static inline_always u16 quota_command(u32 number)
{
	if (number == Q_SYNC)
		return 0x80;
	if (number >= Q_QUOTAON && number <= Q_SETQUOTA)
		return 1 << (number - Q_QUOTAON);
	if (number > Q_XFS && number <= Q_XFS + 7)
		return 0x100 << (number - Q_XFS - 1);
	return 0;
}

/* A format of quota files in the schema's numbering. */
static inline_always u8 quota_format(u32 number)
{
	switch (number) {
	case 1: return 2;
	case 2: return 4;
	case 4: return 8;
	default: return NO_FORMAT;
	}
}

/* `struct if_dqblk` up to its padding. */
struct quota {
	u64 blocks, blocks_soft, space, inodes, inodes_soft, inodes_used, time, inodes_time;
	u32 valid;
};

/* `struct if_dqinfo`. */
struct quota_info {
	u64 grace, inodes_grace;
	u32 flags, valid;
};

#define QUOTA_BYTES 68

/* Limits of blocks, space in use, limits of inodes, grace periods of the id: what is valid of them. */
static inline_always void put_quota(struct event *e, const struct call *c, u32 number)
{
	struct quota quota = {};

	if (number == Q_GETQUOTA || number == Q_SETQUOTA)
		bpf_probe_read_user(&quota, QUOTA_BYTES, arg_ptr(c, 3));
	put_u64(e, quota.valid & 1 ? quota.blocks : 0);
	put_u64(e, quota.valid & 1 ? quota.blocks_soft : 0);
	put_u64(e, quota.valid & 2 ? quota.space : 0);
	put_u64(e, quota.valid & 4 ? quota.inodes : 0);
	put_u64(e, quota.valid & 4 ? quota.inodes_soft : 0);
	put_u64(e, quota.valid & 16 ? quota.time : 0);
	put_u64(e, quota.valid & 32 ? quota.inodes_time : 0);
}

/* Grace periods of the file system and flags: what is valid of them. */
static inline_always void put_quota_info(struct event *e, const struct call *c, u32 number)
{
	struct quota_info info = {};

	if (number == Q_GETINFO || number == Q_SETINFO)
		bpf_probe_read_user(&info, sizeof(info), arg_ptr(c, 3));
	put_u64(e, info.valid & 1 ? info.grace : 0);
	put_u64(e, info.valid & 2 ? info.inodes_grace : 0);
	put_u8(e, info.valid & 4 ? info.flags : 0);
}

static inline_always u8 found_format(const struct call *c, u32 number)
{
	u32 found = 0;

	if (number != Q_GETFMT)
		return NO_FORMAT;
	bpf_probe_read_user(&found, sizeof(found), arg_ptr(c, 3));
	return quota_format(found);
}

static inline_always bool is_of_id(u32 number)
{
	return number == Q_GETQUOTA || number == Q_SETQUOTA || number == Q_XGETQUOTA ||
	       number == Q_XSETQLIM;
}

/* Users' or groups'. */
static inline_always u8 whose(u32 type)
{
	return type == 0 ? 1 : type == 1 ? 2 : 0;
}

CALL(quotactl, QUOTACTL_X, 18, 2, {
	u32 full = arg(c, 0), number = full >> 8, id = arg(c, 2);

	RESULT;
	PATH(1);
	if (number == Q_QUOTAON)
		PATH(3);
	else
		put_null(e);
	forget(e);
	put_quota(e, c, number);
	put_quota_info(e, c, number);
	put_u8(e, found_format(c, number));
	put_u16(e, quota_command(number));
	put_u8(e, whose(full & 0xff));
	put_u32(e, is_of_id(number) ? id : 0);
	put_u8(e, number == Q_QUOTAON ? quota_format(id) : NO_FORMAT);
})
GENERIC(quotactl_fd)
