//! What a recorder itself tells beside the calls: containers, and users in them.

use event::syscalls as sys;

use super::Stage;

/// What comes from no process.
const NOBODYS: i64 = -1;

impl Stage {
    pub(crate) fn container_seen(&mut self, json: &str) {
        self.emit(NOBODYS, sys::ASYNCEVENT_E, |b| {
            b.u32(0).text("container").text(json);
        });
    }

    /// A user, and the group of the same name.
    pub(crate) fn user_seen(&mut self, container: &str, id: u32, name: &str, home: &str) {
        self.emit(NOBODYS, sys::USER_ADDED_E, |b| {
            b.u32(id).u32(id).text(name).text(home).text("/usr/sbin/nologin").text(container);
        });
        self.emit(NOBODYS, sys::GROUP_ADDED_E, |b| {
            b.u32(id).text(name).text(container);
        });
    }
}
