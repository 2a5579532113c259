/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls that are made through rings (io_uring): no function of a call runs, and nothing else would be
 * told than that something was submitted.
 *
 * Each operation has a function in the kernel. Before it, what it uses up is kept: names, which it frees,
 * and the fd, in whose place the result is written. Behind it the event of the call is made that the
 * operation stands for, with the result. An operation that has to wait is done again, and told when it is
 * done; a connection is told when it is begun.
 *
 * The function runs in the thread that submits, in a worker, or in the thread that polls a ring for its
 * process. Workers and pollers are threads that the process did not make: what they do is told of the
 * thread that submitted, or, where a poller took it, of the first thread of the process.
 *
 * Not told: what Linux before 6.0 does (results are not kept there), further connections and messages of
 * operations that go on by themselves (multishot), data in buffers that the kernel chose.
 *
 * What the calls have is used here: it stands behind them in watchkeeper.bpf.c.
 */
#include "call.h"

#define REQ_F_FIXED_FILE 1
#define IORING_OP_READV 1
#define IORING_OP_WRITEV 2
#define IORING_OP_OPENAT2 28
#define EAGAIN 11
#define FMODE_STREAM 0x200000

/* Errors from here on are notes between functions of the kernel, not results (linux/errno.h). */
#define FIRST_NOTE 512

/* Files of a ring's own table stand for fds that no process has: this, and their place. */
#define OWN_FILE 0x40000000
#define ANY_SLOT 0xffffffff

/* What is kept of an operation while its function runs, by thread. */
struct kept {
	s64 fd;
	u64 is_again;	/* a connection that was begun before */
	struct address address;	/* as the kernel had it, or none */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct kept);
} kept_operations SEC(".maps");

/* Names that are kept: two for each thread. */
struct kept_name {
	u64 bytes;
	char text[LONG_PATH];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64);
	__type(value, struct kept_name);
} kept_names SEC(".maps");

/* What a new one is made of: too much for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept_name);
} no_name SEC(".maps");

static inline_always u64 key_of(u32 number)
{
	return (u64)current_tid() << 1 | number;
}

static inline_always void keep_text(u32 number, const struct filename *from)
{
	struct kept_name *kept;
	u64 key = key_of(number);
	u32 none = 0;
	long bytes;

	kept = bpf_map_lookup_elem(&no_name, &none);
	if (!kept || bpf_map_update_elem(&kept_names, &key, kept, BPF_ANY))
		return;
	kept = bpf_map_lookup_elem(&kept_names, &key);
	if (!kept)
		return;
	bytes = bpf_probe_read_kernel_str(kept->text, sizeof(kept->text), BPF_CORE_READ(from, name));
	kept->bytes = bytes < 0 ? 0 : bytes;
}

static inline_always struct kept_name *name_kept(u32 number)
{
	u64 key = key_of(number);

	return bpf_map_lookup_elem(&kept_names, &key);
}

static inline_always void drop_name(u32 number)
{
	u64 key = key_of(number);

	bpf_map_delete_elem(&kept_names, &key);
}

static inline_always s64 own_file(u32 slot)
{
	return OWN_FILE | slot;
}

static inline_always s64 fd_of(const struct io_kiocb *req)
{
	return req->flags & REQ_F_FIXED_FILE ? own_file(req->cqe.fd) : req->cqe.fd;
}

static inline_always int keep(const struct kept *kept)
{
	u64 key = key_of(0);

	bpf_map_update_elem(&kept_operations, &key, kept, BPF_ANY);
	return 0;
}

static inline_always int keep_fd(const struct io_kiocb *req)
{
	struct kept kept = {};

	kept.fd = fd_of(req);
	return keep(&kept);
}

/* An operation that is done: who submitted it, on which fd, what came of it. */
struct done {
	u32 tid;
	s64 ret;
	struct kept kept;
};

/* Who submitted it. */
static inline_always u32 submitter(const struct io_kiocb *req)
{
	struct task_struct *task;

	if (bpf_core_field_exists(req->tctx))
		task = BPF_CORE_READ(req, tctx, task);
	else
		task = BPF_CORE_READ(req, task);
	return BPF_CORE_READ(task, flags) & PF_IO_WORKER ? BPF_CORE_READ(task, tgid) :
							  BPF_CORE_READ(task, pid);
}

/* What came of an operation whose function has ended with this; false if it goes on. */
static inline_always bool is_done(struct done *done, const struct io_kiocb *req, int ended)
{
	if (ended == -EAGAIN || ended <= -FIRST_NOTE || ended > 0)
		return false;
	done->ret = ended ? ended : req->cqe.res;
	done->tid = submitter(req);
	return true;
}

/* The same of one on an fd. */
static inline_always bool is_done_on_fd(struct done *done, const struct io_kiocb *req, int ended)
{
	u64 key = key_of(0);
	struct kept *kept = bpf_map_lookup_elem(&kept_operations, &key);

	if (kept)
		done->kept = *kept;
	else
		done->kept.fd = -1;
	bpf_map_delete_elem(&kept_operations, &key);
	return is_done(done, req, ended);
}

static inline_always struct sock *sock_of_request(const struct io_kiocb *req)
{
	return sock_of_file(BPF_CORE_READ(req, file));
}

static inline_always bool begin_done(struct event *e, u64 cap, u16 kind, u32 params,
				     const struct done *done)
{
	if (!reserve(e, MAIN, cap, 0))
		return false;
	begin(e, kind, params, done->tid);
	put_s64(e, done->ret);
	return true;
}

/* Programs around the function of an operation, which is that of a call. */
#define AROUND(before, behind, call, function)                                                     \
	SEC("fentry/" function)                                                                    \
	int BPF_PROG(before##_##call, struct io_kiocb *req)                                        \
	{                                                                                          \
		return before_##call(req);                                                         \
	}                                                                                          \
	BEHIND_OPERATION(behind, call, function)

#define BEHIND_OPERATION(behind, call, function)                                                   \
	SEC("fexit/" function)                                                                     \
	int BPF_PROG(behind##_##call, struct io_kiocb *req, unsigned int flags, int ended)         \
	{                                                                                          \
		return behind_##call(req, ended);                                                  \
	}

#define OPERATION(call, function) AROUND(ub, u, call, function)
/* Another function that does the same. */
#define OPERATION_ALSO(call, function) AROUND(ubz, uz, call, function)

/*
 * Operations on names: at most two of them, and a body that fills in what stands around them. `NAME(at)`
 * puts one.
 */
static inline_always void put_kept(struct event *e, struct kept_name *name, u64 max)
{
	if (name)
		put_kernel_text(e, name->text, max);
	else
		put_null(e);
	forget(e);
}

static inline_always bool is_long(const struct kept_name *one, const struct kept_name *other)
{
	return (one && one->bytes >= SHORT_PATH) || (other && other->bytes >= SHORT_PATH);
}

/* The name in a field of a request. */
#define NAME_OF(op, type, field)                                                                   \
	(bpf_core_type_exists(struct delayed_filename) ?                                           \
		 BPF_CORE_READ((const struct type##___delayed *)(op), field.__incomplete_filename) : \
		 BPF_CORE_READ(op, field))

#define NAMED_EVENT(name, type, kind, params, paths, ...)                                          \
	static inline_always void sized_##name(const struct io_kiocb *req, const struct type *op,  \
					       const struct done *done, struct kept_name *one,     \
					       struct kept_name *other, u64 max)                   \
	{                                                                                          \
		struct event event, *e = &event;                                                   \
		if (!begin_done(e, BYTES(params, paths, max), kind, params, done))                 \
			return;                                                                    \
		__VA_ARGS__                                                                        \
		submit(e, MAIN);                                                                   \
	}                                                                                          \
	static inline_always void write_##name(const struct io_kiocb *req, const struct done *done) \
	{                                                                                          \
		const struct type *op = (void *)req;                                               \
		struct kept_name *one = name_kept(0);                                              \
		struct kept_name *other = (paths) > 1 ? name_kept(1) : NULL;                       \
		if (is_long(one, other))                                                           \
			sized_##name(req, op, done, one, other, LONG_PATH);                        \
		else                                                                               \
			sized_##name(req, op, done, one, other, SHORT_PATH);                       \
	}

/* One whose function takes these names. */
#define NAMED(call, function, type, kind, params, paths, first, second, ...)                       \
	NAMED_EVENT(uring_##call, type, kind, params, paths, __VA_ARGS__)                          \
	static inline_always int before_##call(const struct io_kiocb *req)                         \
	{                                                                                          \
		const struct type *op = (void *)req;                                               \
		keep_text(0, NAME_OF(op, type, first));                                            \
		if ((paths) > 1)                                                                   \
			keep_text(1, NAME_OF(op, type, second));                                   \
		return 0;                                                                          \
	}                                                                                          \
	static inline_always int behind_##call(const struct io_kiocb *req, int ended)              \
	{                                                                                          \
		struct done done = {};                                                             \
		if (is_done(&done, req, ended))                                                    \
			write_uring_##call(req, &done);                                            \
		drop_name(0);                                                                      \
		if ((paths) > 1)                                                                   \
			drop_name(1);                                                              \
		return 0;                                                                          \
	}                                                                                          \
	OPERATION(call, function)

#define OP(field) BPF_CORE_READ(op, field)
#define FIRST_NAME put_kept(e, one, max)
#define SECOND_NAME put_kept(e, other, max)

NAMED(renameat2, "io_renameat", io_rename, RENAMEAT2_X, 6, 2, oldpath, newpath, {
	put_s64(e, OP(old_dfd));
	FIRST_NAME;
	put_s64(e, OP(new_dfd));
	SECOND_NAME;
	put_u32(e, OP(flags));
})
NAMED(linkat, "io_linkat", io_link, LINKAT_2_X, 6, 2, oldpath, newpath, {
	put_s64(e, OP(old_dfd));
	FIRST_NAME;
	put_s64(e, OP(new_dfd));
	SECOND_NAME;
	put_u32(e, OP(flags) & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
})
NAMED(symlinkat, "io_symlinkat", io_link, SYMLINKAT_X, 4, 2, oldpath, newpath, {
	FIRST_NAME;
	put_s64(e, OP(new_dfd));
	SECOND_NAME;
})
NAMED(unlinkat, "io_unlinkat", io_unlink, UNLINKAT_2_X, 4, 1, filename, filename, {
	put_s64(e, OP(dfd));
	FIRST_NAME;
	put_u32(e, OP(flags) & AT_REMOVEDIR);
})
NAMED(mkdirat, "io_mkdirat", io_mkdir, MKDIRAT_X, 4, 1, filename, filename, {
	put_s64(e, OP(dfd));
	FIRST_NAME;
	put_u32(e, OP(mode));
})

/* The fd that an operation made, or the place in the ring's own table. */
static inline_always void name_own_file(struct done *done, u32 slot)
{
	if (done->ret >= 0 && slot)
		done->ret = own_file(slot == ANY_SLOT ? done->ret : slot - 1);
}

static inline_always struct object opened_object(const struct done *done)
{
	struct object none = {};

	return done->ret < 0 || done->ret & OWN_FILE ? none : object_of(done->ret);
}

static inline_always u32 flags_of(const struct object *object, u64 flags)
{
	/* The kernel adds this one where programs have 64 bits. */
	return open_flags(flags & ~O_LARGEFILE) | (object->created ? OPEN_CREATED : 0);
}

NAMED_EVENT(uring_openat, io_open, OPENAT_2_X, 7, 1, {
	struct object object = opened_object(done);

	put_s64(e, OP(dfd));
	FIRST_NAME;
	put_u32(e, flags_of(&object, OP(how.flags)));
	put_u32(e, open_mode(OP(how.flags), OP(how.mode)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})
NAMED_EVENT(uring_openat2, io_open, OPENAT2_X, 8, 1, {
	struct object object = opened_object(done);

	put_s64(e, OP(dfd));
	FIRST_NAME;
	put_u32(e, flags_of(&object, OP(how.flags)));
	put_u32(e, open_mode(OP(how.flags), OP(how.mode)));
	put_u32(e, resolve_flags(OP(how.resolve)));
	put_u32(e, object.dev);
	put_u64(e, object.ino);
})

static inline_always int before_openat(const struct io_kiocb *req)
{
	const struct io_open *op = (void *)req;

	keep_text(0, NAME_OF(op, io_open, filename));
	return 0;
}

static inline_always int behind_openat(const struct io_kiocb *req, int ended)
{
	const struct io_open *op = (void *)req;
	struct done done = {};

	if (is_done(&done, req, ended)) {
		name_own_file(&done, OP(file_slot));
		if (req->opcode == IORING_OP_OPENAT2)
			write_uring_openat2(req, &done);
		else
			write_uring_openat(req, &done);
	}
	drop_name(0);
	return 0;
}

OPERATION(openat, "io_openat2")

/* As with the call, the file is looked at before. */
SEC("fentry/io_close")
int BPF_PROG(u_close, struct io_kiocb *req)
{
	const struct io_close *op = (void *)req;

	if (OP(file_slot))
		return 0;
	return closing(OP(fd), submitter(req));
}

/* An address that the kernel has taken over, if it has (Linux 6.10): programs cannot change it. */
static inline_always void read_taken(struct address *to, const struct io_kiocb *req, int length)
{
	const struct io_async_msghdr *taken = BPF_CORE_READ(req, async_data);
	u64 bytes = length;

	clamp(bytes, ADDRESS_BYTES);
	if (!taken || bytes < 2 || bpf_probe_read_kernel(to, bytes, &taken->addr) < 0)
		to->family = OTHER;
}

static inline_always int before_connect(const struct io_kiocb *req)
{
	const struct io_connect *op = (void *)req;
	struct kept kept = {};

	kept.fd = fd_of(req);
	kept.is_again = OP(in_progress);
	read_address(&kept.address, (u64)OP(addr), OP(addr_len));
	return keep(&kept);
}

static inline_always int behind_connect(const struct io_kiocb *req, int ended)
{
	const struct io_connect *op = (void *)req;
	struct done done = {};
	bool is_begun;
	struct event e;

	if (!is_done_on_fd(&done, req, ended)) {
		if (ended != -EAGAIN || !OP(in_progress) || done.kept.is_again)
			return 0;
		done.ret = -EINPROGRESS;
		done.tid = submitter(req);
	} else if (done.kept.is_again && !done.ret) {
		return 0;
	}
	is_begun = done.ret == 0 || done.ret == -EINPROGRESS;
	if (!begin_done(&e, BYTES(4, 0, 0) + TUPLE_CAP + ADDRESS_CAP, SOCKET_CONNECT_X, 4, &done))
		return 0;
	put_tuple(&e, is_begun ? sock_of_request(req) : NULL, &done.kept.address, CONNECT, OUT);
	put_s64(&e, done.kept.fd);
	put_address(&e, &done.kept.address);
	submit(&e, MAIN);
	return 0;
}

OPERATION(connect, "io_connect")

static inline_always int before_bind(const struct io_kiocb *req)
{
	const struct io_bind *op = (void *)req;
	struct kept kept = {};

	kept.fd = fd_of(req);
	read_taken(&kept.address, req, OP(addr_len));
	return keep(&kept);
}

static inline_always int behind_bind(const struct io_kiocb *req, int ended)
{
	struct done done = {};
	struct event e;

	if (!is_done_on_fd(&done, req, ended))
		return 0;
	if (!begin_done(&e, BYTES(3, 0, 0) + ADDRESS_CAP, SOCKET_BIND_X, 3, &done))
		return 0;
	put_address(&e, &done.kept.address);
	put_s64(&e, done.kept.fd);
	submit(&e, MAIN);
	return 0;
}

OPERATION(bind, "io_bind")

/* One on an fd, whose event has no more than numbers behind the result. */
#define ON_FD(call, function, type, kind, params, room, ...)                                       \
	static inline_always int before_##call(const struct io_kiocb *req)                         \
	{                                                                                          \
		return keep_fd(req);                                                               \
	}                                                                                          \
	static inline_always int behind_##call(const struct io_kiocb *req, int ended)              \
	{                                                                                          \
		const struct type *op = (void *)req;                                               \
		struct event event, *e = &event;                                                   \
		struct done done = {};                                                             \
		if (!is_done_on_fd(&done, req, ended))                                             \
			return 0;                                                                  \
		if (!begin_done(e, BYTES(params, 0, 0) + (room), kind, params, &done))             \
			return 0;                                                                  \
		__VA_ARGS__                                                                        \
		submit(e, MAIN);                                                                   \
		return 0;                                                                          \
	}                                                                                          \
	OPERATION(call, function)

#define FD put_s64(e, done.kept.fd)

ON_FD(listen, "io_listen", io_listen, SOCKET_LISTEN_X, 3, 0, {
	FD;
	put_u32(e, OP(backlog));
})
ON_FD(shutdown, "io_shutdown", io_shutdown, SOCKET_SHUTDOWN_X, 3, 0, {
	u32 how = OP(how);

	FD;
	put_u8(e, how <= 2 ? how : 0xff);
})

static inline_always int behind_socket(const struct io_kiocb *req, int ended)
{
	const struct io_socket *op = (void *)req;
	struct done done = {};
	struct event e;

	if (!is_done(&done, req, ended))
		return 0;
	name_own_file(&done, OP(file_slot));
	if (!begin_done(&e, BYTES(5, 0, 0), SOCKET_SOCKET_X, 5, &done))
		return 0;
	put_u32(&e, known_family(OP(domain)));
	put_u32(&e, OP(type));
	put_u32(&e, OP(protocol));
	put_u32(&e, socket_flags(OP(type)));
	submit(&e, MAIN);
	return 0;
}

BEHIND_OPERATION(u, socket, "io_socket")

static inline_always int before_accept4(const struct io_kiocb *req)
{
	return keep_fd(req);
}

static inline_always int behind_accept4(const struct io_kiocb *req, int ended)
{
	const struct io_accept *op = (void *)req;
	struct address none = {};
	struct done done = {};
	struct event e;
	struct sock *sk;

	if (!is_done_on_fd(&done, req, ended))
		return 0;
	sk = done.ret >= 0 && !OP(file_slot) ? sock_of(done.ret) : NULL;
	name_own_file(&done, OP(file_slot));
	if (!begin_done(&e, BYTES(6, 0, 0) + TUPLE_CAP, SOCKET_ACCEPT4_6_X, 6, &done))
		return 0;
	put_tuple(&e, sk, &none, TRAFFIC, IN);
	put_queue(&e, done.ret >= 0 ? sock_of_request(req) : NULL);
	put_u32(&e, socket_flags(OP(flags)));
	submit(&e, MAIN);
	return 0;
}

OPERATION(accept4, "io_accept")

/* Data that was moved: of one buffer, or of a list of them. */
static inline_always struct sock *partner(const struct io_kiocb *req, const struct done *done)
{
	return done->ret >= 0 ? sock_of_request(req) : NULL;
}

#define MOVED_ROOM (ROOM_FOR(DATA_BYTES) + TUPLE_CAP)

ON_FD(sendto, "io_send", io_sr_msg, SOCKET_SENDTO_X, 5, MOVED_ROOM, {
	struct address none = {};
	u32 size = OP(len);

	put_user_bytes(e, OP(buf), kept_of(done.ret, size), DATA_BYTES);
	FD;
	put_u32(e, size);
	put_tuple(e, partner(req, &done), &none, TRAFFIC, OUT);
})
OPERATION_ALSO(sendto, "io_send_zc")

ON_FD(recvfrom, "io_recv", io_sr_msg, SOCKET_RECVFROM_X, 5, MOVED_ROOM, {
	struct address none = {};

	put_user_bytes(e, OP(buf), done.ret < 0 ? 0 : done.ret, DATA_BYTES);
	put_tuple(e, partner(req, &done), &none, TRAFFIC, IN);
	FD;
	put_u32(e, OP(len));
})

ON_FD(sendmsg, "io_sendmsg", io_sr_msg, SOCKET_SENDMSG_X, 5, MOVED_ROOM, {
	struct message m = {};
	struct address to;
	u32 size;

	read_message(&m, (u64)OP(umsg), false);
	read_address(&to, m.name, m.name_length);
	size = size_of(&m.vectors, done.ret);
	put_vectors(e, &m.vectors, kept_of(done.ret, size), DATA_BYTES);
	FD;
	put_u32(e, size);
	put_tuple(e, partner(req, &done), &to, TRAFFIC, OUT);
})
OPERATION_ALSO(sendmsg, "io_sendmsg_zc")

ON_FD(recvmsg, "io_recvmsg", io_sr_msg, SOCKET_RECVMSG_X, 6, MOVED_ROOM, {
	struct message m = {};
	struct address from;
	u64 bytes = done.ret < 0 ? 0 : done.ret;

	read_message(&m, (u64)OP(umsg), false);
	read_address(&from, m.name, m.name_length);
	put_u32(e, bytes);
	put_vectors(e, &m.vectors, bytes, DATA_BYTES);
	put_tuple(e, partner(req, &done), &from, TRAFFIC, IN);
	put_null(e);
	FD;
})
