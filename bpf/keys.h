/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keys that the kernel keeps. */
#include "call.h"
#include "dynamic.h"

#define TEXT_ENCODING 1

/* What an argument is: not of this operation, which is written as zero; a number; a text's address. */
enum key_arg { U, N, T };

#define KINDS(a, b, c, d) ((a) | (b) << 2 | (c) << 4 | (d) << 6)

/* The arguments of an operation. Source: keyctl(2) and linux/keyctl.h; which are written as texts, as
 * the schema's recorders do. */
static inline_always u8 key_args(u32 operation)
{
	switch (operation) {
	case 1:		/* JOIN_SESSION_KEYRING */
		return KINDS(T, U, U, U);
	/* REVOKE, CLEAR, SET_REQKEY_KEYRING, ASSUME_AUTHORITY, INVALIDATE */
	case 3: case 7: case 14: case 16: case 21:
		return KINDS(N, U, U, U);
	/* GET_KEYRING_ID, SETPERM, LINK, UNLINK, SET_TIMEOUT, GET_PERSISTENT, CAPABILITIES */
	case 0: case 5: case 8: case 9: case 15: case 22: case 31:
		return KINDS(N, N, U, U);
	/* UPDATE, CHOWN, DESCRIBE, READ, NEGATE, GET_SECURITY, WATCH_KEY */
	case 2: case 4: case 6: case 11: case 13: case 17: case 32:
		return KINDS(N, N, N, U);
	case 10:	/* SEARCH */
		return KINDS(N, T, T, N);
	case 29:	/* RESTRICT_KEYRING */
		return KINDS(N, T, T, U);
	case 24:	/* PKEY_QUERY */
		return KINDS(N, N, T, U);
	/* INSTANTIATE, REJECT, INSTANTIATE_IOV, DH_COMPUTE, MOVE */
	case 12: case 19: case 20: case 23: case 30:
		return KINDS(N, N, N, N);
	/* PKEY_ENCRYPT, PKEY_DECRYPT, PKEY_SIGN, PKEY_VERIFY */
	case 25: case 26: case 27: case 28:
		return KINDS(N, T, N, N);
	default:	/* SESSION_TO_PARENT, and what is not known */
		return KINDS(U, U, U, U);
	}
}

static inline_always void put_key_arg(struct event *e, const struct call *c, u8 kinds, int at,
				      bool large)
{
	u8 kind = kinds >> 2 * (at - 1) & 3;

	if (kind == T)
		put_encoded_text(e, TEXT_ENCODING, arg_ptr(c, at), large ? LONG_PATH : SHORT_PATH);
	else
		put_number(e, kind == N ? arg(c, at) : 0);
	forget(e);
}

CALL(keyctl, KEYCTL_X, 6, 2, {
	u8 kinds = key_args(arg(c, 0));

	RESULT;
	ARG32(0);
	put_key_arg(e, c, kinds, 1, large);
	put_key_arg(e, c, kinds, 2, large);
	put_key_arg(e, c, kinds, 3, large);
	put_key_arg(e, c, kinds, 4, large);
})

GENERIC(add_key)
GENERIC(request_key)
