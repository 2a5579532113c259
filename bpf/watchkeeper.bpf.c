// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is recorded of a running kernel: one object for all kernels from 5.8 on. */
#include "exec.h"
#include "life.h"
#include "open.h"
#include "net.h"
#include "close.h"
#include "dns.h"
#include "io.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
