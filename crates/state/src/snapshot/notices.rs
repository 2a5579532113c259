//! Containers, and users and groups beyond the entries, as the events that tell of them.

use event::{
    EventBuilder,
    snapshot::Record,
    syscalls::{CONTAINER_JSON_2_E, GROUP_ADDED_E, USER_ADDED_E},
};

use crate::{State, users::User};

/// No thread causes a notice.
pub(super) const NO_TID: i64 = -1;

impl State {
    /// Hands out, and tells `read`, what it does not know yet or knows otherwise.
    pub(super) fn notices(
        &self,
        ts_ns: u64,
        read: &mut Self,
        tell: &mut dyn FnMut(Record<'_>, &mut Self),
    ) {
        let mut builder = EventBuilder::default();
        for (container, json) in self.containers.in_order() {
            if read.containers.get(&container.id) != Some(container) {
                builder.start(CONTAINER_JSON_2_E, ts_ns, NO_TID, 0).text(json);
                tell_built(&builder, read, tell);
            }
        }
        let (users, groups) = self.users.beyond(&read.users);
        for (container, uid, user) in users {
            let User { gid, name, home, shell } = user;
            builder.start(USER_ADDED_E, ts_ns, NO_TID, 0).u32(uid).u32(*gid);
            builder.text(name).text(home).text(shell).text(container);
            tell_built(&builder, read, tell);
        }
        for (container, gid, name) in groups {
            builder.start(GROUP_ADDED_E, ts_ns, NO_TID, 0).u32(gid).text(name).text(container);
            tell_built(&builder, read, tell);
        }
    }
}

fn tell_built(
    builder: &EventBuilder,
    read: &mut State,
    tell: &mut dyn FnMut(Record<'_>, &mut State),
) {
    // What is remembered is far shorter than what an event can carry.
    if let Ok(event) = builder.event() {
        tell(Record::Event(event), read);
    }
}
