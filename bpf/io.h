/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading and writing, with sizes and the beginning of the data. How much a call moved is its result. */
#include "net/data.h"

static inline_always bool begin_data(struct event *e, u16 kind, u32 params, bool is_answer)
{
	return is_answer ? begin_call(e, BYTES(params, 0, 0) + ROOM_FOR(ANSWER_BYTES), kind, params) :
			   begin_call(e, BYTES(params, 0, 0) + ROOM_FOR(DATA_BYTES), kind, params);
}

/* Whether data begins like an answer of a name server to one question (RFC 1035, 4.1.1), and comes from
 * a socket: more of it is kept. */
static inline_always bool is_answer(u64 from, s64 moved, s64 fd)
{
	u8 head[8] = {};
	struct file *file;
	u64 is = false;

	if (moved > DATA_BYTES && !bpf_probe_read_user(head, sizeof(head), (void *)from) &&
	    (head[2] & 0xf8) == 0x80 && head[4] == 0 && head[5] == 1 && head[6] == 0 && head[7]) {
		file = file_of(fd);
		is = file && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFSOCK;
	}
	obscure(is, from);
	return is;
}

/* Events of one buffer: result, data, fd, size, and position if there are five. */
static inline_always void write_moved(const struct args *c, u16 kind, u32 params, u64 bytes,
				      u64 position, bool is_answer)
{
	struct event e;

	if (!begin_data(&e, kind, params, is_answer))
		return;
	put_s64(&e, c->ret);
	put_user_bytes(&e, (void *)c->of[1], bytes, is_answer ? ANSWER_BYTES : DATA_BYTES);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, c->of[2]);
	if (params == 5)
		put_u64(&e, position);
	submit(&e, MAIN);
}

static inline_always void told_reading(const struct args *c, u16 kind, u32 params, u64 position)
{
	u64 bytes = c->ret > 0 ? c->ret : 0;

	if (is_answer(c->of[1], c->ret, (s32)c->of[0]))
		write_moved(c, kind, params, bytes, position, true);
	else
		write_moved(c, kind, params, bytes, position, false);
}

static inline_always struct vectors vectors_of(const struct args *c)
{
	u32 count = c->of[2];
	struct vectors all = { .at = c->of[1], .count = count, .compat = c->compat };

	return all;
}

/* Result, size, data, fd, and position if there are five. */
static inline_always void write_gathered(const struct args *c, u16 kind, u32 params, u64 position,
					 bool is_answer)
{
	struct vectors all = vectors_of(c);
	u64 bytes = c->ret > 0 ? c->ret : 0;
	struct event e;

	if (!begin_data(&e, kind, params, is_answer))
		return;
	put_s64(&e, c->ret);
	put_u32(&e, bytes);
	put_vectors(&e, &all, bytes, is_answer ? ANSWER_BYTES : DATA_BYTES);
	put_s64(&e, (s32)c->of[0]);
	if (params == 5)
		put_u64(&e, position);
	submit(&e, MAIN);
}

static inline_always void told_reading_vectors(const struct args *c, u16 kind, u32 params, u64 position)
{
	struct vectors all = vectors_of(c);

	if (is_answer(vector_of(&all, 0).from, c->ret, (s32)c->of[0]))
		write_gathered(c, kind, params, position, true);
	else
		write_gathered(c, kind, params, position, false);
}

/* Result, data, fd, size, and position if there are five. */
static inline_always void told_writing_vectors(const struct args *c, u16 kind, u32 params, u64 position)
{
	struct vectors all = vectors_of(c);
	u64 size = size_of(&all, c->ret);
	struct event e;

	if (!begin_data(&e, kind, params, false))
		return;
	put_s64(&e, c->ret);
	put_vectors(&e, &all, kept_of(c->ret, size), DATA_BYTES);
	put_s64(&e, (s32)c->of[0]);
	put_u32(&e, size);
	if (params == 5)
		put_u64(&e, position);
	submit(&e, MAIN);
}

/* Where 32-bit programs give the position of `pread64` and `pwrite64`; those of Arm in registers of
 * even number. */
#if defined(__TARGET_ARCH_x86)
#define POSITION_AT 3
#else
#define POSITION_AT 4
#endif

static inline_always u64 position_of(const struct args *c)
{
	return c->compat ? whole(c, POSITION_AT) : c->of[3];
}

#define TOLD(name, how, kind, params, position)                                                    \
	static inline_always void told_##name(const struct args *c)                                \
	{                                                                                          \
		how(c, kind, params, position);                                                    \
	}                                                                                          \
	ARGS_CALL(name)

#define told_by_writing(c, kind, params, position)                                                 \
	write_moved(c, kind, params, kept_of((c)->ret, (c)->of[2]), position, false)

TOLD(read, told_reading, READ_X, 4, 0)
TOLD(pread64, told_reading, PREAD_X, 5, position_of(c))
TOLD(readv, told_reading_vectors, READV_X, 4, 0)
TOLD(preadv, told_reading_vectors, PREADV_X, 5, whole(c, 3))
TOLD(preadv2, told_reading_vectors, PREADV_X, 5, whole(c, 3))
TOLD(write, told_by_writing, WRITE_X, 4, 0)
TOLD(pwrite64, told_by_writing, PWRITE_X, 5, position_of(c))
TOLD(writev, told_writing_vectors, WRITEV_X, 4, 0)
TOLD(pwritev, told_writing_vectors, PWRITEV_X, 5, whole(c, 3))
TOLD(pwritev2, told_writing_vectors, PWRITEV_X, 5, whole(c, 3))

#if defined(__TARGET_ARCH_x86)
WAY(i, pread64, "__ia32_sys_ia32_pread64", AS_COMPAT)
WAY(i, pwrite64, "__ia32_sys_ia32_pwrite64", AS_COMPAT)
#endif

/* Where the next one would begin stands at the pointer. */
static inline_always void told_sendfile(const struct args *c)
{
	struct event e;

	if (!begin_call(&e, BYTES(5, 0, 0), SENDFILE_X, 5))
		return;
	put_s64(&e, c->ret);
	put_u64(&e, user_word(c->of[2], c->compat));
	put_s64(&e, (s32)c->of[0]);
	put_s64(&e, (s32)c->of[1]);
	put_u64(&e, c->of[3]);
	submit(&e, MAIN);
}

ARGS_CALL(sendfile)
WAY(l, sendfile, NATIVE "sendfile64", AS_NATIVE)
#if defined(__TARGET_ARCH_x86)
WAY(m, sendfile, COMPAT_OWN "sendfile64", AS_COMPAT)
#else
WAY(m, sendfile, COMPAT "sendfile64", AS_COMPAT)
#endif

#define SPLICE_FLAGS 0xf

CALL(splice, SPLICE_X, 5, 0, {
	RESULT;
	INT(0);
	INT(2);
	ARG64(4);
	put_u32(e, arg(c, 5) & SPLICE_FLAGS);
})

CALL(copy_file_range, COPY_FILE_RANGE_X, 6, 0, {
	RESULT;
	INT(2);
	ARG64(3);
	INT(0);
	ARG64(1);
	ARG64(4);
})

GENERIC(tee)
GENERIC(vmsplice)
