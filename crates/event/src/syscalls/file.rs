//! Files and directories: open, create, rename, link, permissions, mounts.

use crate::symbols::{
    ACCESS_FLAGS, ANON_INODE_FD_TYPES, CHMOD_MODE, CREAT_FLAGS, FCHOWNAT_FLAGS, FILE_FLAGS,
    FLOCK_FLAGS, LINKAT_FLAGS, LSEEK_WHENCE, MOUNT_FLAGS, NEWFSTATAT_FLAGS, OPENAT2_FLAGS,
    RENAMEAT2_FLAGS, UMOUNT_FLAGS, UNLINKAT_FLAGS,
};

use super::events;

events! {
    2 OPEN_E "open" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "name": FsPath Na,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
    );
    3 OPEN_X "open" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "name": FsPath Na,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
        "dev": Uint32 Hex,
        "ino": Uint64 Dec,
    );
    58 CREAT_E "creat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "name": FsPath Na,
        "mode": Uint32 Oct,
    );
    59 CREAT_X "creat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "name": FsPath Na,
        "mode": Uint32 Oct,
        "dev": Uint32 Hex,
        "ino": Uint64 Dec,
        "creat_flags": Flags16 Hex Detail::Symbols(CREAT_FLAGS),
    );
    66 STAT_E "stat" File Syscall [OLD_VERSION] ();
    67 STAT_X "stat" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    68 LSTAT_E "lstat" File Syscall [OLD_VERSION] ();
    69 LSTAT_X "lstat" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    70 FSTAT_E "fstat" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] ("fd": Fd Na);
    71 FSTAT_X "fstat" File Syscall [USES_FD CONVERTER_MANAGED] ("res": Errno Dec, "fd": Fd Na);
    72 STAT64_E "stat64" File Syscall [OLD_VERSION] ();
    73 STAT64_X "stat64" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    74 LSTAT64_E "lstat64" File Syscall [OLD_VERSION] ();
    75 LSTAT64_X "lstat64" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    76 FSTAT64_E "fstat64" File Syscall [USES_FD OLD_VERSION] ("fd": Fd Na);
    77 FSTAT64_X "fstat64" File Syscall [] ("res": Errno Dec);
    86 LSEEK_E "lseek" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "offset": Uint64 Dec,
        "whence": EnumFlags8 Dec Detail::Symbols(LSEEK_WHENCE),
    );
    87 LSEEK_X "lseek" File Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "offset": Uint64 Dec,
        "whence": EnumFlags8 Dec Detail::Symbols(LSEEK_WHENCE),
    );
    88 LLSEEK_E "llseek" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "offset": Uint64 Dec,
        "whence": EnumFlags8 Dec Detail::Symbols(LSEEK_WHENCE),
    );
    89 LLSEEK_X "llseek" File Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "offset": Uint64 Dec,
        "whence": EnumFlags8 Dec Detail::Symbols(LSEEK_WHENCE),
    );
    92 GETCWD_E "getcwd" File Syscall [OLD_VERSION] ();
    93 GETCWD_X "getcwd" File Syscall [] ("res": Errno Dec, "path": CharBuf Na);
    94 CHDIR_E "chdir" File Syscall [MODIFIES_STATE OLD_VERSION] ();
    95 CHDIR_X "chdir" File Syscall [MODIFIES_STATE] ("res": Errno Dec, "path": CharBuf Na);
    96 FCHDIR_E "fchdir" File Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Na,
    );
    97 FCHDIR_X "fchdir" File Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Na,
    );
    98 MKDIR_E "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "path": FsPath Na,
        "mode": Uint32 Hex,
    );
    99 MKDIR_X "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    100 RMDIR_E "rmdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("path": FsPath Na);
    101 RMDIR_X "rmdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    102 OPENAT_E "openat" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "dirfd": Fd Dec,
        "name": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
    );
    103 OPENAT_X "openat" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
    );
    104 LINK_E "link" File Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "oldpath": FsPath Na,
        "newpath": FsPath Na,
    );
    105 LINK_X "link" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    106 LINKAT_E "linkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "olddir": Fd Dec,
        "oldpath": CharBuf Na,
        "newdir": Fd Dec,
        "newpath": CharBuf Na,
    );
    107 LINKAT_X "linkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    108 UNLINK_E "unlink" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("path": FsPath Na);
    109 UNLINK_X "unlink" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    110 UNLINKAT_E "unlinkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "dirfd": Fd Dec,
        "name": CharBuf Na,
    );
    111 UNLINKAT_X "unlinkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Errno Dec);
    174 RENAME_E "rename" File Syscall [OLD_VERSION] ();
    175 RENAME_X "rename" File Syscall [] (
        "res": Errno Dec,
        "oldpath": FsPath Na,
        "newpath": FsPath Na,
    );
    176 RENAMEAT_E "renameat" File Syscall [OLD_VERSION] ();
    177 RENAMEAT_X "renameat" File Syscall [] (
        "res": Errno Dec,
        "olddirfd": Fd Dec,
        "oldpath": FsRelPath Na Detail::DirFd(1),
        "newdirfd": Fd Dec,
        "newpath": FsRelPath Na Detail::DirFd(3),
    );
    178 SYMLINK_E "symlink" File Syscall [OLD_VERSION] ();
    179 SYMLINK_X "symlink" File Syscall [] (
        "res": Errno Dec,
        "target": CharBuf Na,
        "linkpath": FsPath Na,
    );
    180 SYMLINKAT_E "symlinkat" File Syscall [OLD_VERSION] ();
    181 SYMLINKAT_X "symlinkat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "target": CharBuf Na,
        "linkdirfd": Fd Dec,
        "linkpath": FsRelPath Na Detail::DirFd(2),
    );
    236 GETDENTS_E "getdents" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] ("fd": Fd Na);
    237 GETDENTS_X "getdents" File Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Na,
    );
    238 GETDENTS64_E "getdents64" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Na,
    );
    239 GETDENTS64_X "getdents64" File Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Na,
    );
    242 FLOCK_E "flock" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Na,
        "operation": Flags32 Hex Detail::Symbols(FLOCK_FLAGS),
    );
    243 FLOCK_X "flock" File Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fd": Fd Na,
        "operation": Flags32 Hex Detail::Symbols(FLOCK_FLAGS),
    );
    256 MOUNT_E "mount" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Flags32 Hex Detail::Symbols(MOUNT_FLAGS),
    );
    257 MOUNT_X "mount" File Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "dev": CharBuf Na,
        "dir": FsPath Na,
        "type": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(MOUNT_FLAGS),
    );
    258 UMOUNT_E "umount" File Syscall [MODIFIES_STATE OLD_VERSION] (
        "flags": Flags32 Hex Detail::Symbols(UMOUNT_FLAGS),
    );
    259 UMOUNT_X "umount" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "res": Errno Dec,
        "name": FsPath Na,
    );
    264 ACCESS_E "access" File Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "mode": Flags32 Hex Detail::Symbols(ACCESS_FLAGS),
    );
    265 ACCESS_X "access" File Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "name": FsPath Na,
        "mode": Flags32 Hex Detail::Symbols(ACCESS_FLAGS),
    );
    276 MKDIR_2_E "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] ("mode": Uint32 Hex);
    277 MKDIR_2_X "mkdir" File Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "path": FsPath Na,
        "mode": Uint32 Hex,
    );
    278 RMDIR_2_E "rmdir" File Syscall [OLD_VERSION] ();
    279 RMDIR_2_X "rmdir" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    300 UNLINK_2_E "unlink" File Syscall [OLD_VERSION] ();
    301 UNLINK_2_X "unlink" File Syscall [] ("res": Errno Dec, "path": FsPath Na);
    302 UNLINKAT_2_E "unlinkat" File Syscall [OLD_VERSION] ();
    303 UNLINKAT_2_X "unlinkat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "name": FsRelPath Na Detail::DirFd(1),
        "flags": Flags32 Hex Detail::Symbols(UNLINKAT_FLAGS),
    );
    304 MKDIRAT_E "mkdirat" File Syscall [OLD_VERSION] ();
    305 MKDIRAT_X "mkdirat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "path": FsRelPath Na Detail::DirFd(1),
        "mode": Uint32 Hex,
    );
    306 OPENAT_2_E "openat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "dirfd": Fd Dec,
        "name": FsRelPath Na Detail::DirFd(0),
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
    );
    307 OPENAT_2_X "openat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "dirfd": Fd Dec,
        "name": FsRelPath Na Detail::DirFd(1),
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
        "dev": Uint32 Hex,
        "ino": Uint64 Dec,
    );
    308 LINK_2_E "link" File Syscall [OLD_VERSION] ();
    309 LINK_2_X "link" File Syscall [] (
        "res": Errno Dec,
        "oldpath": FsPath Na,
        "newpath": FsPath Na,
    );
    310 LINKAT_2_E "linkat" File Syscall [OLD_VERSION] ();
    311 LINKAT_2_X "linkat" File Syscall [] (
        "res": Errno Dec,
        "olddir": Fd Dec,
        "oldpath": FsRelPath Na Detail::DirFd(1),
        "newdir": Fd Dec,
        "newpath": FsRelPath Na Detail::DirFd(3),
        "flags": Flags32 Hex Detail::Symbols(LINKAT_FLAGS),
    );
    312 FCHMODAT_E "fchmodat" File Syscall [OLD_VERSION] ();
    313 FCHMODAT_X "fchmodat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "filename": FsRelPath Na Detail::DirFd(1),
        "mode": Mode Oct Detail::Symbols(CHMOD_MODE),
    );
    314 CHMOD_E "chmod" File Syscall [OLD_VERSION] ();
    315 CHMOD_X "chmod" File Syscall [] (
        "res": Errno Dec,
        "filename": FsPath Na,
        "mode": Mode Oct Detail::Symbols(CHMOD_MODE),
    );
    316 FCHMOD_E "fchmod" File Syscall [OLD_VERSION] ();
    317 FCHMOD_X "fchmod" File Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "mode": Mode Oct Detail::Symbols(CHMOD_MODE),
    );
    318 RENAMEAT2_E "renameat2" File Syscall [OLD_VERSION] ();
    319 RENAMEAT2_X "renameat2" File Syscall [] (
        "res": Errno Dec,
        "olddirfd": Fd Dec,
        "oldpath": FsRelPath Na Detail::DirFd(1),
        "newdirfd": Fd Dec,
        "newpath": FsRelPath Na Detail::DirFd(3),
        "flags": Flags32 Hex Detail::Symbols(RENAMEAT2_FLAGS),
    );
    320 USERFAULTFD_E "userfaultfd" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    321 USERFAULTFD_X "userfaultfd" File Syscall [CREATES_FD MODIFIES_STATE] (
        "res": Errno Dec,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
    );
    326 OPENAT2_E "openat2" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "dirfd": Fd Dec,
        "name": FsRelPath Na Detail::DirFd(0),
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
        "resolve": Flags32 Hex Detail::Symbols(OPENAT2_FLAGS),
    );
    327 OPENAT2_X "openat2" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "dirfd": Fd Dec,
        "name": FsRelPath Na Detail::DirFd(1),
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mode": Uint32 Oct,
        "resolve": Flags32 Hex Detail::Symbols(OPENAT2_FLAGS),
        "dev": Uint32 Hex,
        "ino": Uint64 Dec,
    );
    332 COPY_FILE_RANGE_E "copy_file_range" File Syscall [USES_FD READS_FROM_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] (
        "fdin": Fd Dec,
        "offin": Uint64 Dec,
        "len": Uint64 Dec,
    );
    333 COPY_FILE_RANGE_X "copy_file_range" File Syscall [USES_FD READS_FROM_FD WRITES_TO_FD CONVERTER_MANAGED] (
        "res": Errno Dec,
        "fdout": Fd Dec,
        "offout": Uint64 Dec,
        "fdin": Fd Dec,
        "offin": Uint64 Dec,
        "len": Uint64 Dec,
    );
    336 OPEN_BY_HANDLE_AT_E "open_by_handle_at" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] (
    );
    337 OPEN_BY_HANDLE_AT_X "open_by_handle_at" File Syscall [CREATES_FD MODIFIES_STATE] (
        "fd": Fd Dec,
        "mountfd": Fd Dec,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "path": FsPath Na,
        "dev": Uint32 Hex,
        "ino": Uint64 Dec,
    );
    378 CHOWN_E "chown" File Syscall [OLD_VERSION] ();
    379 CHOWN_X "chown" File Syscall [] (
        "res": Errno Dec,
        "path": FsPath Na,
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    380 LCHOWN_E "lchown" File Syscall [OLD_VERSION] ();
    381 LCHOWN_X "lchown" File Syscall [] (
        "res": Errno Dec,
        "path": FsPath Na,
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    382 FCHOWN_E "fchown" File Syscall [OLD_VERSION] ();
    383 FCHOWN_X "fchown" File Syscall [USES_FD] (
        "res": Errno Dec,
        "fd": Fd Dec,
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
    );
    384 FCHOWNAT_E "fchownat" File Syscall [OLD_VERSION] ();
    385 FCHOWNAT_X "fchownat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "pathname": FsRelPath Na Detail::DirFd(1),
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "flags": Flags32 Hex Detail::Symbols(FCHOWNAT_FLAGS),
    );
    386 UMOUNT_1_E "umount" File Syscall [MODIFIES_STATE OLD_VERSION] ();
    387 UMOUNT_1_X "umount" File Syscall [MODIFIES_STATE] ("res": Errno Dec, "name": FsPath Na);
    390 UMOUNT2_E "umount2" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "flags": Flags32 Hex Detail::Symbols(UMOUNT_FLAGS),
    );
    391 UMOUNT2_X "umount2" File Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "name": FsPath Na,
        "flags": Flags32 Hex Detail::Symbols(UMOUNT_FLAGS),
    );
    418 NEWFSTATAT_E "newfstatat" File Syscall [OLD_VERSION] ();
    419 NEWFSTATAT_X "newfstatat" File Syscall [USES_FD] (
        "res": Errno Dec,
        "dirfd": Fd Dec,
        "path": FsRelPath Na Detail::DirFd(1),
        "flags": Flags32 Hex Detail::Symbols(NEWFSTATAT_FLAGS),
    );
    432 ITER_TASK_FILE_PIPE_E "task_file_pipe" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "path": FsPath Na,
        "ino_num": Uint64 Dec,
    );
    433 ITER_TASK_FILE_PIPE_X "NA" Unknown Nothing [UNUSED] ();
    434 ITER_TASK_FILE_MEMFD_E "task_file_memfd" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "path": FsPath Na,
        "ino_num": Uint64 Dec,
    );
    435 ITER_TASK_FILE_MEMFD_X "NA" Unknown Nothing [UNUSED] ();
    436 ITER_TASK_FILE_REGULAR_E "task_file_regular" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "path": FsPath Na,
        "flags": Flags32 Hex Detail::Symbols(FILE_FLAGS),
        "mnt_id": Uint32 Dec,
        "ino_num": Uint64 Dec,
    );
    437 ITER_TASK_FILE_REGULAR_X "NA" Unknown Nothing [UNUSED] ();
    438 ITER_TASK_FILE_DIRECTORY_E "task_file_directory" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "path": FsPath Na,
        "ino_num": Uint64 Dec,
    );
    439 ITER_TASK_FILE_DIRECTORY_X "NA" Unknown Nothing [UNUSED] ();
    440 ITER_TASK_FILE_SOCKET_INET_E "task_file_socket_inet" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "sk_type": Uint16 Dec,
        "sk_proto": Uint16 Dec,
        "local_ip": Ipv4Addr Hex,
        "local_port": Port Hex,
        "remote_ip": Ipv4Addr Hex,
        "remote_port": Port Hex,
        "ino_num": Uint64 Dec,
    );
    441 ITER_TASK_FILE_SOCKET_INET_X "NA" Unknown Nothing [UNUSED] ();
    442 ITER_TASK_FILE_SOCKET_INET6_E "task_file_socket_inet6" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "sk_type": Uint16 Dec,
        "sk_proto": Uint16 Dec,
        "local_ip": Ipv6Addr Hex,
        "local_port": Port Hex,
        "remote_ip": Ipv6Addr Hex,
        "remote_port": Port Hex,
        "ino_num": Uint64 Dec,
    );
    443 ITER_TASK_FILE_SOCKET_INET6_X "NA" Unknown Nothing [UNUSED] ();
    444 ITER_TASK_FILE_SOCKET_UNIX_E "task_file_socket_unix" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "sk_type": Uint16 Dec,
        "sk_proto": Uint16 Dec,
        "sk_pointer": Uint64 Na,
        "sun_path": FsPath Na,
        "ino_num": Uint64 Dec,
    );
    445 ITER_TASK_FILE_SOCKET_UNIX_X "NA" Unknown Nothing [UNUSED] ();
    446 ITER_TASK_FILE_SOCKET_NETLINK_E "task_file_socket_netlink" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "sk_type": Uint16 Dec,
        "sk_proto": Uint16 Dec,
        "ino_num": Uint64 Dec,
    );
    447 ITER_TASK_FILE_SOCKET_NETLINK_X "NA" Unknown Nothing [UNUSED] ();
    448 ITER_TASK_FILE_ANON_INODE_E "task_file_anon_inode" File Iter [MODIFIES_STATE] (
        "fd": Fd32 Dec,
        "fd_type": Flags8 Dec Detail::Symbols(ANON_INODE_FD_TYPES),
        "path": FsPath Na,
        "ino_num": Uint64 Dec,
    );
    449 ITER_TASK_FILE_ANON_INODE_X "NA" Unknown Nothing [UNUSED] ();
}
