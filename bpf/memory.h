/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory of processes. */
#ifndef WATCHKEEPER_MEMORY_H
#define WATCHKEEPER_MEMORY_H

#include "task.h"

#define MM_FILEPAGES 0
#define MM_ANONPAGES 1
#define MM_SWAPENTS 2
#define MM_SHMEMPAGES 3

/* Pages of a kind that is a constant; counters of several CPUs may be below 0 for a while. */
#define PAGES_OF(mm, kind)                                                                            \
	({                                                                                         \
		struct mm_struct___counters *new = (void *)(mm);                                   \
		s64 pages = bpf_core_type_exists(struct mm_rss_stat) ?                             \
				    BPF_CORE_READ(mm, rss_stat.count[kind].counter) :              \
				    BPF_CORE_READ(new, rss_stat[kind].count);                      \
		pages < 0 ? 0 : (u32)pages;                                                        \
	})

/* What a process has: all of it, in memory, swapped out, in KiB. */
static inline_always void put_memory(struct event *e, struct mm_struct *mm)
{
	put_u32(e, BPF_CORE_READ(mm, total_vm) * settings.page_kib);
	put_u32(e, (PAGES_OF(mm, MM_FILEPAGES) + PAGES_OF(mm, MM_ANONPAGES) +
		    PAGES_OF(mm, MM_SHMEMPAGES)) * settings.page_kib);
	put_u32(e, PAGES_OF(mm, MM_SWAPENTS) * settings.page_kib);
}

#endif
