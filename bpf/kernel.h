/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What reaches into the kernel: modules, bpf, io_uring, userfaultfd, perf events; and what changes the
 * machine: its clock, names, swap, ports. */
#include "call.h"
#include "flags.h"

/* Most bytes of a module's image in its event: all that a parameter can hold. Few modules are loaded,
 * and each of them is of interest. */
#define IMAGE_BYTES 65535

CALL_WITH(init_module, MAIN, true, INIT_MODULE_X, 4, IMAGE_BYTES, 1, {
	RESULT;
	put_user_bytes(e, arg_ptr(c, 0), arg(c, 1), IMAGE_BYTES);
	ARG64(1);
	PATH(2);
})
CALL(finit_module, FINIT_MODULE_X, 4, 1, { RESULT; INT(0); PATH(1); put_u32(e, arg(c, 2) & 7); })

static inline_always u32 delete_module_flags(u32 flags)
{
	return TO(04000, 2) | TO(01000, 1);
}

CALL(delete_module, DELETE_MODULE_X, 3, 1, {
	RESULT;
	PATH(0);
	put_u32(e, delete_module_flags(arg(c, 1)));
})
GENERIC(kexec_load)
GENERIC(kexec_file_load)
CALL(bpf, BPF_2_X, 2, 0, { RESULT; ARG32(0); })
GENERIC(perf_event_open)
/* The flags are the kernel's own, as the schema's recorders write them. */
CALL(userfaultfd, USERFAULTFD_X, 2, 0, { RESULT; ARG32(0); })

/* `IORING_SETUP_*` in the schema's numbering, which counts one more among them that is a flag of
 * another field. */
static inline_always u32 ring_flags(u32 flags)
{
	return TO(1, 1) | TO(2, 2) | TO(4, 8) | TO(8, 0x10) | TO(0x10, 0x20) | TO(0x20, 0x40) |
	       TO(0x40, 0x80);
}

/* The beginning of `struct io_uring_params`: entries of both queues, flags, CPU, idle time, features. */
CALL(io_uring_setup, IO_URING_SETUP_X, 8, 0, {
	u32 ring[6] = {};

	bpf_probe_read_user(ring, sizeof(ring), arg_ptr(c, 1));
	RESULT;
	ARG32(0);
	put_u32(e, ring[0]);
	put_u32(e, ring[1]);
	put_u32(e, ring_flags(ring[2]));
	put_u32(e, ring[3]);
	put_u32(e, ring[4]);
	put_u32(e, ring[5] & 0x7ff);
})

/* Only when something is submitted: waiting for what was submitted before tells nothing, and is what a
 * busy ring mostly does. The signal set is the lower half of its address, as the schema's recorders
 * write it. */
CALL_WITH(io_uring_enter, MAIN, arg(c, 1), IO_URING_ENTER_X, 6, 0, 0, {
	RESULT;
	INT(0);
	ARG32(1);
	ARG32(2);
	put_u32(e, arg(c, 3) & 0xf);
	ARG32(4);
})
CALL(io_uring_register, IO_URING_REGISTER_X, 5, 0, {
	RESULT;
	INT(0);
	put_u16(e, arg(c, 1));
	ARG64(2);
	ARG32(3);
})

GENERIC(fanotify_init)
GENERIC(syslog)
GENERIC(acct)
GENERIC(reboot)
GENERIC(swapon)
GENERIC(swapoff)
RECORD_GENERIC(vhangup, MAIN, true)
PROGRAMS_WITHOUT_ARGS(vhangup)
GENERIC(sethostname)
GENERIC(setdomainname)
GENERIC(settimeofday)
WAY(cstime, settimeofday, SHARED "stime32", AS_COMPAT)
GENERIC(clock_settime)
WAY(c32, clock_settime, SHARED "clock_settime32", AS_COMPAT)

/* `modes` of `struct timex`, its first field: what is to be set. Programs that keep time ask often. */
static inline_always u32 adjusts(const struct call *c, int at)
{
	u32 modes = 0;

	bpf_probe_read_user(&modes, sizeof(modes), arg_ptr(c, at));
	return modes;
}

GENERIC_WITH(adjtimex, MAIN, adjusts(c, 0))
WAY(c32, adjtimex, SHARED "adjtimex_time32", AS_COMPAT)
GENERIC_WITH(clock_adjtime, MAIN, adjusts(c, 1))
WAY(c32, clock_adjtime, SHARED "clock_adjtime32", AS_COMPAT)
GENERIC(iopl)
GENERIC(ioperm)
GENERIC(modify_ldt)
GENERIC(uselib)
