// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is recorded of a running kernel: one object for all kernels from 5.8 on. */
#include "close.h"
#include "dispatch.h"
#include "dns.h"
#include "exec.h"
#include "fds.h"
#include "io.h"
#include "kernel.h"
#include "keys.h"
#include "life.h"
#include "maps.h"
#include "modes.h"
#include "mounts.h"
#include "names.h"
#include "net.h"
#include "open.h"
#include "process.h"
#include "quota.h"
#include "signals.h"
#include "spaces.h"
#include "users.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
