/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a file is: modes, owners, length, times, attributes.
 *
 * The schema has no events for length, times and attributes: that the call was made is recorded, not
 * on which file.
 */
#include "call.h"
#include "flags.h"

#define MODE(at) put_u32(e, arg(c, at) & 07777)

CALL(chmod, CHMOD_X, 3, 1, { RESULT; PATH(0); MODE(1); })
CALL(fchmod, FCHMOD_X, 3, 0, { RESULT; INT(0); MODE(1); })
CALL(fchmodat, FCHMODAT_X, 4, 1, { RESULT; INT(0); PATH(1); MODE(2); })
/* The same with flags, which the schema has no place for. */
CALL(fchmodat2, FCHMODAT_X, 4, 1, { RESULT; INT(0); PATH(1); MODE(2); })
CALL(chown, CHOWN_X, 4, 1, { RESULT; PATH(0); ARG32(1); ARG32(2); })
FORM(ids, chown, SHARED "chown16", IDS_FROM_1)
CALL(lchown, LCHOWN_X, 4, 1, { RESULT; PATH(0); ARG32(1); ARG32(2); })
FORM(ids, lchown, SHARED "lchown16", IDS_FROM_1)
CALL(fchown, FCHOWN_X, 4, 0, { RESULT; INT(0); ARG32(1); ARG32(2); })
FORM(ids, fchown, SHARED "fchown16", IDS_FROM_1)
CALL(fchownat, FCHOWNAT_X, 6, 1, {
	RESULT;
	INT(0);
	PATH(1);
	ARG32(2);
	ARG32(3);
	put_u32(e, arg(c, 4) & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
})

GENERIC(truncate)
WAY(c64, truncate, TRUNCATE64, AS_COMPAT)
GENERIC(ftruncate)
WAY(c64, ftruncate, FTRUNCATE64, AS_COMPAT)
GENERIC(utime)
WAY(c32, utime, SHARED "utime32", AS_COMPAT)
GENERIC(utimes)
WAY(c32, utimes, SHARED "utimes_time32", AS_COMPAT)
GENERIC(futimesat)
WAY(c32, futimesat, SHARED "futimesat_time32", AS_COMPAT)
GENERIC(utimensat)
WAY(c32, utimensat, SHARED "utimensat_time32", AS_COMPAT)
GENERIC(setxattr)
GENERIC(lsetxattr)
GENERIC(fsetxattr)
GENERIC(setxattrat)
GENERIC(removexattr)
GENERIC(lremovexattr)
GENERIC(fremovexattr)
GENERIC(removexattrat)
GENERIC(file_setattr)
