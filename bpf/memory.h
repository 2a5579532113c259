/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory of processes. */
#ifndef WATCHKEEPER_MEMORY_H
#define WATCHKEEPER_MEMORY_H

#include "task.h"

static const volatile u32 page_kib = 4;

#define MM_FILEPAGES 0
#define MM_ANONPAGES 1
#define MM_SWAPENTS 2
#define MM_SHMEMPAGES 3

/* Pages of one kind. */
static inline_always u32 resident(struct mm_struct *mm, int kind)
{
	struct mm_struct___counters *new = (void *)mm;
	s64 pages;

	if (bpf_core_type_exists(struct mm_rss_stat))
		pages = BPF_CORE_READ(mm, rss_stat.count[kind].counter);
	else
		pages = BPF_CORE_READ(new, rss_stat[kind].count);
	return pages < 0 ? 0 : pages;
}

/* What a process has: all of it, in memory, swapped out, in KiB. */
static inline_always void put_memory(struct event *e, struct mm_struct *mm)
{
	put_u32(e, BPF_CORE_READ(mm, total_vm) * page_kib);
	put_u32(e, (resident(mm, MM_FILEPAGES) + resident(mm, MM_ANONPAGES) +
		    resident(mm, MM_SHMEMPAGES)) * page_kib);
	put_u32(e, resident(mm, MM_SWAPENTS) * page_kib);
}

#endif
