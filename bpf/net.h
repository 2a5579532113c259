/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sockets: made, bound, connected, accepted; what is sent and received.
 *
 * - net/args.h: calls, also those through `socketcall`;
 * - net/address.h, net/ends.h: addresses, and both ends of a socket;
 * - net/connect.h: from `socket` to `shutdown`; net/options.h: options;
 * - net/send.h, net/receive.h: what goes out and comes in; net/message.h, net/data.h: in which form;
 *   net/rights.h: fds that come in.
 */
#include "net/connect.h"
#include "net/options.h"
#include "net/receive.h"
#include "net/rights.h"
#include "net/send.h"
