/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory: executable mappings, memfd, memory of others.
 *
 * Mappings that are not executable are not recorded: there are very many, and they load nothing.
 */
#include "flags.h"
#include "memory.h"
#include "vector.h"

#define PROT_EXEC 4
#define SHM_EXEC 0100000
#define IS_EXECUTABLE (arg(c, 2) & PROT_EXEC)

CALL_WITH(mmap, MAIN, IS_EXECUTABLE, MMAP_X, 10, 0, 0, {
	RESULT;
	put_memory(e, BPF_CORE_READ(current_task(), mm));
	ARG64(0);
	ARG64(1);
	put_u32(e, access_flags(arg(c, 2)));
	put_u32(e, map_flags(arg(c, 3)));
	INT(4);
	ARG64(5);
})
FORM(pages, mmap, MMAP_PAGES, BY_PAGES)
#ifdef MMAP_PACKED
FORM(packed, mmap, MMAP_PACKED, PACKED)
#endif

CALL_WITH(mprotect, MAIN, IS_EXECUTABLE, MPROTECT_X, 4, 0, 0, {
	RESULT;
	ARG64(0);
	ARG64(1);
	put_u32(e, access_flags(arg(c, 2)));
})
GENERIC_WITH(pkey_mprotect, MAIN, IS_EXECUTABLE)
/* Shared memory attached to be executed. */
GENERIC_WITH(shmat, MAIN, arg(c, 2) & SHM_EXEC)
#if defined(__TARGET_ARCH_x86)
/* 32-bit programs once had one call for all of System V, with the flags in the same place. */
#define SHMAT 21
BEHIND(cipc, shmat, COMPAT_OWN "ipc")
{
	return (u16)REGISTER(regs, bx) == SHMAT ? record_shmat(regs, ret, AS_COMPAT) : 0;
}
#endif
CALL(memfd_create, MEMFD_CREATE_X, 3, 1, { RESULT; PATH(0); put_u32(e, arg(c, 1) & 7); })
GENERIC(memfd_secret)

/* What was moved from or to the memory of another process: the beginning of the caller's buffers. */
#define OTHERS_MEMORY(name, kind)                                                                  \
	CALL_WITH(name, MAIN, true, kind, 3, VECTOR_ROOM, 0, {                                     \
		RESULT;                                                                            \
		INT(0);                                                                            \
		put_vector(e, c, 1, c->ret < 0 ? 0 : c->ret);                                      \
	})
OTHERS_MEMORY(process_vm_readv, PROCESS_VM_READV_X)
OTHERS_MEMORY(process_vm_writev, PROCESS_VM_WRITEV_X)
GENERIC(process_madvise)
/* Makes a process's readable mappings executable from then on, or its layout known. */
GENERIC(personality)
