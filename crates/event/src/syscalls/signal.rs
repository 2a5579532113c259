//! Signals sent and received.

use crate::symbols::FILE_FLAGS;

use super::events;

events! {
    126 SIGNALFD_E "signalfd" Signal Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "mask": Uint32 Hex,
        "flags": Uint8 Hex,
    );
    127 SIGNALFD_X "signalfd" Signal Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "fd": Fd Dec,
        "mask": Uint32 Hex,
        "flags": Uint8 Hex,
    );
    128 KILL_E "kill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "pid": Pid Dec,
        "sig": SigType Dec,
    );
    129 KILL_X "kill" Signal Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "pid": Pid Dec,
        "sig": SigType Dec,
    );
    130 TKILL_E "tkill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "tid": Pid Dec,
        "sig": SigType Dec,
    );
    131 TKILL_X "tkill" Signal Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "tid": Pid Dec,
        "sig": SigType Dec,
    );
    132 TGKILL_E "tgkill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "pid": Pid Dec,
        "tid": Pid Dec,
        "sig": SigType Dec,
    );
    133 TGKILL_X "tgkill" Signal Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "pid": Pid Dec,
        "tid": Pid Dec,
        "sig": SigType Dec,
    );
    232 SIGNALDELIVER_E "signaldeliver" Signal Tracepoint [] (
        "spid": Pid Dec,
        "dpid": Pid Dec,
        "sig": SigType Dec,
    );
    233 SIGNALDELIVER_X "NA" Unknown Nothing [UNUSED] ();
    398 SIGNALFD4_E "signalfd4" Signal Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "fd": Fd Dec,
        "mask": Uint32 Hex,
    );
    399 SIGNALFD4_X "signalfd4" Signal Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "flags": Flags16 Hex Detail::Symbols(FILE_FLAGS),
        "fd": Fd Dec,
        "mask": Uint32 Hex,
    );
}
