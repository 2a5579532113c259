/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Terminals: what programs show on them, and what is typed into them and shown. Only if asked for.
 *
 * Where: behind the line discipline of terminals, where all ways to write and to read meet (write,
 * writev, splice, rings of io_uring), and which has the bytes in the kernel's memory: they are those
 * that the terminal gets, whatever the program does to its own afterwards.
 *
 * Not what goes to the far side of a pseudo terminal: that is what somebody types into sshd, tmux or a
 * window, passwords as well.
 *
 * What is read counts only while the terminal shows what is typed (ECHO). A program that asks for a
 * password turns that off, and so does one that edits lines by itself (readline); but that one then
 * shows the line, and so it is in what is shown.
 */
#include "file.h"
#include "task.h"

/* Flag of a terminal that shows what is typed (asm-generic/termbits-common.h). */
#define ECHO 0000010

/* Device numbers of far sides (Documentation/admin-guide/devices.txt): of pseudo terminals of Unix 98,
 * and of BSD's. */
#define UNIX98_MASTERS 128
#define UNIX98_SLAVES 136
#define BSD_MASTERS 2

/* Told to the reader alone: device, way, bytes that were moved, bytes that were left out before, the
 * first of the bytes. */
enum { TERMINAL = 0xff20 };
enum tty_way { SHOWN, TYPED };

/* Bytes that are kept of what is moved at once: a line, or what the kernel writes at once. */
#define LINE_BYTES 256
#define SCREEN_BYTES 4096

/* Bytes of a terminal and way that are told in a second. */
#define BYTES_PER_SECOND (64 << 10)

/* How much was told of a terminal and way. Several CPUs may write it at once, which makes the bound a
 * little softer. */
struct told_bytes {
	u64 second;
	u64 bytes;
	u64 missing;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct told_bytes);
} terminals SEC(".maps");

static inline_always struct told_bytes *told_bytes_of(u64 terminal)
{
	struct told_bytes *told = bpf_map_lookup_elem(&terminals, &terminal);
	struct told_bytes none = {};

	if (told)
		return told;
	bpf_map_update_elem(&terminals, &terminal, &none, BPF_ANY);
	return bpf_map_lookup_elem(&terminals, &terminal);
}

/* Whether there is room for more in this second. */
static inline_always bool has_room(struct told_bytes *told)
{
	u64 second = bpf_ktime_get_boot_ns() / 1000000000;

	if (told->second != second) {
		told->second = second;
		told->bytes = 0;
	}
	return told->bytes < BYTES_PER_SECOND;
}

/* `max` is a constant. */
static inline_always void tell_terminal(struct told_bytes *told, u32 tty, enum tty_way way,
					const u8 *from, u64 bytes, u64 max)
{
	struct event e;
	u64 kept = bytes;
	u8 *to;

	if (!reserve(&e, MAIN, BYTES(5, 0, 0) + 2 * max, 0)) {
		told->missing += bytes;
		return;
	}
	begin(&e, TERMINAL, 5, e.tid);
	put_u32(&e, tty);
	put_u8(&e, way);
	put_u64(&e, bytes);
	put_u64(&e, told->missing);
	to = place(&e, max);
	clamp(kept, max);
	if (bpf_probe_read_kernel(to, kept, from) < 0)
		kept = 0;
	put_written(&e, kept);
	told->bytes += bytes;
	told->missing = 0;
	submit(&e, MAIN);
}

static inline_always int through_terminal(struct tty_struct *tty, enum tty_way way, const u8 *from,
					  s64 moved)
{
	u32 major = tty->driver->major, minor = tty->driver->minor_start + tty->index;
	u32 number = device(major << 20 | minor);
	struct told_bytes *told;

	if (moved <= 0 || current_ids().tgid == settings.reader_tgid)
		return 0;
	if (major == BSD_MASTERS || (major >= UNIX98_MASTERS && major < UNIX98_SLAVES))
		return 0;
	told = told_bytes_of((u64)number << 1 | way);
	if (!told)
		return 0;
	if (!has_room(told))
		told->missing += moved;
	else if (moved <= LINE_BYTES)
		tell_terminal(told, number, way, from, moved, LINE_BYTES);
	else
		tell_terminal(told, number, way, from, moved, SCREEN_BYTES);
	return 0;
}

SEC("fexit/n_tty_write")
int BPF_PROG(shown_tty, struct tty_struct *tty, struct file *file, const unsigned char *buf,
	     size_t nr, long ret)
{
	return through_terminal(tty, SHOWN, buf, ret);
}

/* Kernels before 5.12, unless they have that from later ones, refuse this: they hand over no memory of
 * the kernel's there. */
SEC("fexit/n_tty_read")
int BPF_PROG(typed_tty, struct tty_struct *tty, struct file *file, unsigned char *kbuf, size_t nr,
	     void **cookie, unsigned long offset, long ret)
{
	if (!(tty->termios.c_lflag & ECHO))
		return 0;
	return through_terminal(tty, TYPED, kbuf, ret);
}
