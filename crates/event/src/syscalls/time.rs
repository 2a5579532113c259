//! Clocks.

use super::events;

events! {
    136 TIMERFD_CREATE_E "timerfd_create" Time Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "clockid": Uint8 Dec,
        "flags": Uint8 Hex,
    );
    137 TIMERFD_CREATE_X "timerfd_create" Time Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] (
        "res": Fd Dec,
        "clockid": Uint8 Dec,
        "flags": Uint8 Hex,
    );
}
