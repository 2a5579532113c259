//! Credentials and capabilities.

use crate::symbols::{QUOTACTL_CMDS, QUOTACTL_DQI_FLAGS, QUOTACTL_QUOTA_FMTS, QUOTACTL_TYPES};

use super::events;

events! {
    190 QUOTACTL_E "quotactl" User Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "cmd": Flags16 Dec Detail::Symbols(QUOTACTL_CMDS),
        "type": Flags8 Dec Detail::Symbols(QUOTACTL_TYPES),
        "id": Uint32 Dec,
        "quota_fmt": Flags8 Dec Detail::Symbols(QUOTACTL_QUOTA_FMTS),
    );
    191 QUOTACTL_X "quotactl" User Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "special": CharBuf Na,
        "quotafilepath": CharBuf Na,
        "dqb_bhardlimit": Uint64 Dec,
        "dqb_bsoftlimit": Uint64 Dec,
        "dqb_curspace": Uint64 Dec,
        "dqb_ihardlimit": Uint64 Dec,
        "dqb_isoftlimit": Uint64 Dec,
        "dqb_btime": RelTime Dec,
        "dqb_itime": RelTime Dec,
        "dqi_bgrace": RelTime Dec,
        "dqi_igrace": RelTime Dec,
        "dqi_flags": Flags8 Dec Detail::Symbols(QUOTACTL_DQI_FLAGS),
        "quota_fmt_out": Flags8 Dec Detail::Symbols(QUOTACTL_QUOTA_FMTS),
        "cmd": Flags16 Dec Detail::Symbols(QUOTACTL_CMDS),
        "type": Flags8 Dec Detail::Symbols(QUOTACTL_TYPES),
        "id": Uint32 Dec,
        "quota_fmt": Flags8 Dec Detail::Symbols(QUOTACTL_QUOTA_FMTS),
    );
    192 SETRESUID_E "setresuid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "ruid": Uid Dec,
        "euid": Uid Dec,
        "suid": Uid Dec,
    );
    193 SETRESUID_X "setresuid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "ruid": Uid Dec,
        "euid": Uid Dec,
        "suid": Uid Dec,
    );
    194 SETRESGID_E "setresgid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "rgid": Gid Dec,
        "egid": Gid Dec,
        "sgid": Gid Dec,
    );
    195 SETRESGID_X "setresgid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "rgid": Gid Dec,
        "egid": Gid Dec,
        "sgid": Gid Dec,
    );
    198 SETUID_E "setuid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "uid": Uid Dec,
    );
    199 SETUID_X "setuid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "uid": Uid Dec,
    );
    200 SETGID_E "setgid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "gid": Gid Dec,
    );
    201 SETGID_X "setgid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Errno Dec,
        "gid": Gid Dec,
    );
    202 GETUID_E "getuid" User Syscall [OLD_VERSION] ();
    203 GETUID_X "getuid" User Syscall [] ("uid": Uid Dec);
    204 GETEUID_E "geteuid" User Syscall [OLD_VERSION] ();
    205 GETEUID_X "geteuid" User Syscall [] ("euid": Uid Dec);
    206 GETGID_E "getgid" User Syscall [OLD_VERSION] ();
    207 GETGID_X "getgid" User Syscall [] ("gid": Gid Dec);
    208 GETEGID_E "getegid" User Syscall [OLD_VERSION] ();
    209 GETEGID_X "getegid" User Syscall [] ("egid": Gid Dec);
    210 GETRESUID_E "getresuid" User Syscall [OLD_VERSION] ();
    211 GETRESUID_X "getresuid" User Syscall [] (
        "res": Errno Dec,
        "ruid": Uid Dec,
        "euid": Uid Dec,
        "suid": Uid Dec,
    );
    212 GETRESGID_E "getresgid" User Syscall [OLD_VERSION] ();
    213 GETRESGID_X "getresgid" User Syscall [] (
        "res": Errno Dec,
        "rgid": Gid Dec,
        "egid": Gid Dec,
        "sgid": Gid Dec,
    );
    426 SETREUID_E "setreuid" User Syscall [MODIFIES_STATE OLD_VERSION] ();
    427 SETREUID_X "setreuid" User Syscall [MODIFIES_STATE] (
        "res": Errno Dec,
        "ruid": Uid Dec,
        "euid": Uid Dec,
    );
    428 SETREGID_E "setregid" User Syscall [OLD_VERSION] ();
    429 SETREGID_X "setregid" User Syscall [MODIFIES_STATE] (
        "res": Errno Dec,
        "rgid": Uid Dec,
        "egid": Uid Dec,
    );
}
