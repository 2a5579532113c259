/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Closing: of sockets, pipes and files that are open for writing, which is what is asked about. Most
 * files are opened to read, and cost a few loads here and no event.
 *
 * The file is looked at before the call, for behind it there is none. So the result of the call is not
 * known and stands as 0: close(2) fails for an fd of a file only where a file system says late that
 * what was written is lost.
 *
 * How much was written: of a TCP connection, what its socket has counted. Of a regular file, where it
 * stands: writes are made too often to be counted for this. What a file says by itself is
 * - its size, if the open that made this fd created it;
 * - its position, if it can only be written, and not only at its end.
 * That is exact for whoever writes from the start to the end; it is more where the position was moved
 * on over a hole, less where something was written twice or elsewhere (pwrite, mappings). For others
 * (log files, data bases) nothing is told, nor for files that are closed by exit, exec, dup2 or
 * close_range.
 */
#include "net/ends.h"

#define FMODE_READ 1
#define FMODE_LSEEK 4
#define S_IFIFO 0010000
#define O_APPEND 02000

/* Told to the reader alone, before the event, for then the fd means the file still: fd, bytes that were
 * written, bytes that came in (of sockets). */
enum { WRITTEN = 0xff11 };

/* What a closed file tells of itself. */
struct told {
	u64 written;
	u64 read;
	bool has_read;
};

#define SOCK_DONE 1

/* In place of the id of the thread that is running: to ask for it costs something, which most files that
 * are closed do without. */
#define CURRENT 0

static inline_always u32 or_current(const struct event *e, u32 tid)
{
	return tid == CURRENT ? e->tid : tid;
}

/* What a TCP socket was given to send and what came in. What was sent again counts once, what waits to
 * be sent counts; that the other side has ended (SOCK_DONE) does not, though the kernel counts it as a
 * byte. */
static inline_always void told_by_tcp(struct told *told, const struct sock *sk)
{
	const struct tcp_sock *tcp = (void *)sk;
	u32 waiting = BPF_CORE_READ(tcp, write_seq) - BPF_CORE_READ(tcp, snd_nxt);

	told->written = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans) + waiting;
	told->read = BPF_CORE_READ(tcp, bytes_received);
	if (told->read && BPF_CORE_READ(sk, __sk_common.skc_flags) & (1 << SOCK_DONE))
		told->read--;
	told->has_read = true;
}

static inline_always void told_by_socket(struct told *told, const struct sock *sk)
{
	u16 family = sk ? family_of(sk) : OTHER;

	if ((family == AF_INET || family == AF_INET6) && !is_datagram(sk) &&
	    BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP &&
	    BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN)
		told_by_tcp(told, sk);
}

static inline_always void told_by_file(struct told *told, struct file *file, fmode_t mode)
{
	if (mode & FMODE_CREATED)
		told->written = BPF_CORE_READ(file, f_inode, i_size);
	else if (!(mode & FMODE_READ || BPF_CORE_READ(file, f_flags) & O_APPEND))
		told->written = BPF_CORE_READ(file, f_pos);
}

/* Nothing is told where nothing was moved. */
static inline_always void write_told(s64 fd, u32 tid, const struct told *told)
{
	struct event e;

	if (!(told->written | told->read) || !reserve(&e, MAIN, BYTES(3, 0, 0), 0))
		return;
	begin(&e, WRITTEN, 3, or_current(&e, tid));
	put_s64(&e, fd);
	put_u64(&e, told->written);
	if (told->has_read)
		put_u64(&e, told->read);
	else
		put_null(&e);
	submit(&e, MAIN);
}

static inline_always void write_close(s64 fd, u32 tid, const struct told *told)
{
	struct event e;

	write_told(fd, tid, told);
	if (!reserve(&e, MAIN, BYTES(2, 0, 0), 0))
		return;
	begin(&e, CLOSE_X, 2, or_current(&e, tid));
	put_s64(&e, 0);
	put_s64(&e, fd);
	submit(&e, MAIN);
}

/* What can be read and sought in is no socket and no pipe. */
static inline_always bool is_read_only(fmode_t mode)
{
	return !(mode & FMODE_WRITE) && mode & FMODE_LSEEK;
}

/* A thread is about to close it: `tid`, or the current one for `CURRENT`. */
static inline_always int closing(s64 fd, u32 tid)
{
	struct file *file = file_of(fd);
	struct told told = {};
	fmode_t mode;
	u16 kind;

	if (!file)
		return 0;
	mode = BPF_CORE_READ(file, f_mode);
	if (is_read_only(mode))
		return 0;
	kind = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
	if (kind == S_IFSOCK)
		told_by_socket(&told, sock_of_file(file));
	else if (kind == S_IFREG)
		told_by_file(&told, file, mode);
	else if (kind != S_IFIFO && !(mode & FMODE_WRITE))
		return 0;
	write_close(fd, tid, &told);
	return 0;
}

SEC("fentry/" NATIVE "close")
int BPF_PROG(n_close, const struct pt_regs *regs)
{
	struct call c = { .regs = registers_at(regs) };

	return closing(arg_int(&c, 0), CURRENT);
}

SEC("fentry/" COMPAT "close")
int BPF_PROG(c_close, const struct pt_regs *regs)
{
	struct call c = { .regs = registers_at(regs), .compat = true };

	return closing(arg_int(&c, 0), CURRENT);
}
