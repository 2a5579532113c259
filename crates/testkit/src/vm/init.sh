#!/bin/busybox sh
# Process 1 of a guest: makes it look like a system, runs /vm/script, tells how it ended.
#
# The kernel's log goes to the first serial port, what the script prints to the second; on the third
# this script says what it did, a line each: `module NAME failed: WHY`, `exit CODE`, `out kept`.

/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs -o mode=755 run /run
mount -t securityfs security /sys/kernel/security
mount -t tracefs tracing /sys/kernel/tracing
mount -t debugfs debug /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
ip link set lo up
hostname guest

stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo
exec 9>/dev/ttyS2
say() { echo "$@" >&9; }

# load FILE...: kernel modules, in this order.
load() {
    for file in "$@"; do
        [ -e "$file" ] || continue
        why=$(insmod "$file" 2>&1) || say "module ${file##*/} failed: $why"
    done
}

# Disks have names of their own: /dev/disk/image, /dev/disk/out.
name_disks() {
    load /vm/disk/*
    mkdir -p /dev/disk
    for disk in /sys/block/vd*; do
        [ -e "$disk/serial" ] && ln -sf "/dev/${disk##*/}" "/dev/disk/$(cat "$disk/serial")"
    done
}

[ ! -e /vm/image ] || name_disks
load /vm/modules/*

# The script writes to a pipe, as it would to whoever reads it; what it leaves running ends with it,
# so that the pipe ends.
mkfifo /run/.printed
cat /run/.printed >/dev/ttyS1 &
printer=$!
setsid sh /vm/script </dev/null >/run/.printed 2>&1 9>&-
code=$?
for process in /proc/[0-9]*; do
    process=${process##*/}
    case $process in 1 | $$ | $printer) ;; *) kill -9 "$process" 2>/dev/null ;; esac
done
wait $printer
say "exit $code"

# What it left in /out goes to the disk for it.
if [ -n "$(ls -A /out)" ]; then
    [ -e /dev/disk/out ] || name_disks
    why=$(tar -c -f /dev/disk/out -C /out . 2>&1) && sync && say "out kept" || say "out failed: $why"
fi
exec 9>&-
poweroff -f
