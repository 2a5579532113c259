/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a process is: user, group, capabilities. */
#include "call.h"

LIFE_CALL(setuid, SETUID_X, 2, 0, { RESULT; ARG32(0); })
FORM(ids, setuid, SHARED "setuid16", IDS_FROM_0)
LIFE_CALL(setgid, SETGID_X, 2, 0, { RESULT; ARG32(0); })
FORM(ids, setgid, SHARED "setgid16", IDS_FROM_0)
LIFE_CALL(setreuid, SETREUID_X, 3, 0, { RESULT; ARG32(0); ARG32(1); })
FORM(ids, setreuid, SHARED "setreuid16", IDS_FROM_0)
LIFE_CALL(setregid, SETREGID_X, 3, 0, { RESULT; ARG32(0); ARG32(1); })
FORM(ids, setregid, SHARED "setregid16", IDS_FROM_0)
LIFE_CALL(setresuid, SETRESUID_X, 4, 0, { RESULT; ARG32(0); ARG32(1); ARG32(2); })
FORM(ids, setresuid, SHARED "setresuid16", IDS_FROM_0)
LIFE_CALL(setresgid, SETRESGID_X, 4, 0, { RESULT; ARG32(0); ARG32(1); ARG32(2); })
FORM(ids, setresgid, SHARED "setresgid16", IDS_FROM_0)

/* The capabilities that the thread has behind the call, not those that it asked for: the kernel may
 * have cut them. */
LIFE_CALL(capset, CAPSET_X, 4, 0, {
	const struct cred *cred = BPF_CORE_READ(current_task(), cred);

	RESULT;
	put_u64(e, capabilities(&cred->cap_inheritable));
	put_u64(e, capabilities(&cred->cap_permitted));
	put_u64(e, capabilities(&cred->cap_effective));
})

LIFE_GENERIC(setfsuid)
FORM(ids, setfsuid, SHARED "setfsuid16", IDS_FROM_0)
LIFE_GENERIC(setfsgid)
FORM(ids, setfsgid, SHARED "setfsgid16", IDS_FROM_0)
LIFE_GENERIC(setgroups)
WAY(c16, setgroups, SHARED "setgroups16", AS_COMPAT)
