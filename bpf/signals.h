/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals to others.
 *
 * A signal with which a process kills itself has no event, for its call does not return; its end
 * tells the signal.
 */
#include "call.h"

CALL(kill, KILL_X, 3, 0, { RESULT; INT(0); ARG8(1); })
CALL(tkill, TKILL_X, 3, 0, { RESULT; INT(0); ARG8(1); })
CALL(tgkill, TGKILL_X, 4, 0, { RESULT; INT(0); INT(1); ARG8(2); })
GENERIC(rt_sigqueueinfo)
GENERIC(rt_tgsigqueueinfo)
GENERIC(pidfd_send_signal)
