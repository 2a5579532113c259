/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a process is: namespaces, root, working directory. */
#include "call.h"
#include "flags.h"

CALL(chdir, CHDIR_X, 2, 1, { RESULT; PATH(0); })
CALL(fchdir, FCHDIR_X, 2, 0, { RESULT; INT(0); })
LIFE_CALL(chroot, CHROOT_X, 2, 1, { RESULT; PATH(0); })
LIFE_CALL(unshare, UNSHARE_X, 2, 0, { RESULT; put_u32(e, clone_flags((u32)arg(c, 0))); })
LIFE_CALL(setns, SETNS_X, 3, 0, { RESULT; INT(0); put_u32(e, clone_flags((u32)arg(c, 1))); })
LIFE_GENERIC(pivot_root)
