/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of files: rename, link, symlink, unlink, mkdir, rmdir, mknod. */
#include "call.h"
#include "flags.h"

#define AT_REMOVEDIR 0x200

CALL(rename, RENAME_X, 3, 2, { RESULT; PATH(0); PATH(1); })
CALL(renameat, RENAMEAT_X, 5, 2, { RESULT; INT(0); PATH(1); INT(2); PATH(3); })
CALL(renameat2, RENAMEAT2_X, 6, 2, { RESULT; INT(0); PATH(1); INT(2); PATH(3); ARG32(4); })
CALL(link, LINK_2_X, 3, 2, { RESULT; PATH(0); PATH(1); })
CALL(linkat, LINKAT_2_X, 6, 2, {
	RESULT;
	INT(0);
	PATH(1);
	INT(2);
	PATH(3);
	put_u32(e, arg(c, 4) & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
})
CALL(symlink, SYMLINK_X, 3, 2, { RESULT; PATH(0); PATH(1); })
CALL(symlinkat, SYMLINKAT_X, 4, 2, { RESULT; PATH(0); INT(1); PATH(2); })
CALL(unlink, UNLINK_2_X, 2, 1, { RESULT; PATH(0); })
CALL(unlinkat, UNLINKAT_2_X, 4, 1, {
	RESULT;
	INT(0);
	PATH(1);
	put_u32(e, arg(c, 2) & AT_REMOVEDIR);
})
CALL(mkdir, MKDIR_2_X, 3, 1, { RESULT; PATH(0); ARG32(1); })
CALL(mkdirat, MKDIRAT_X, 4, 1, { RESULT; INT(0); PATH(1); ARG32(2); })
CALL(rmdir, RMDIR_2_X, 2, 1, { RESULT; PATH(0); })

/* Of the number of a device only 32 bits count, and these have the very encoding of the schema. */
CALL(mknod, MKNOD_X, 4, 1, { RESULT; PATH(0); put_u32(e, mknod_mode(arg(c, 1))); ARG32(2); })
CALL(mknodat, MKNODAT_X, 5, 1, {
	RESULT;
	INT(0);
	PATH(1);
	put_u32(e, mknod_mode(arg(c, 2)));
	ARG32(3);
})
