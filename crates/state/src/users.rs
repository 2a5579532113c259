//! Users and groups, of the host and of containers.

use std::collections::HashMap;

use event::{
    Event,
    snapshot::{self, Record},
    syscalls::{GROUP_ADDED_E, GROUP_DELETED_E, USER_ADDED_E, USER_DELETED_E},
};

use crate::{State, Text};

/// Most users, and most groups, that are remembered. Later ones are counted and forgotten.
const MOST: usize = 65_536;

/// Bytes of a name that are kept.
const NAME_BYTES: usize = 255;

/// Bytes of a path that are kept.
const PATH_BYTES: usize = 1023;

/// One user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Main group.
    pub gid: u32,
    /// Name.
    pub name: Text,
    /// Home directory.
    pub home: Text,
    /// Login shell.
    pub shell: Text,
}

/// Names of users and groups by container (empty: the host) and number.
#[derive(Debug, Default)]
pub(crate) struct Users {
    users: Table<User>,
    groups: Table<Text>,
}

impl Users {
    /// Takes in an entry of the snapshot; what is no user or group is passed over.
    pub(crate) fn record(&mut self, record: &Record<'_>) {
        match record {
            Record::User(user) => self.add_user(b"", user),
            Record::Group(group) => self.add_group(b"", group.gid, group.name),
            _ => {}
        }
    }

    /// Takes in an event; what does not tell of users or groups is passed over.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        let text = |index| event.text(index).unwrap_or_default();
        let number = |index| event.int(index).map_or(u32::MAX, |n| n as u32);
        match event.kind {
            USER_ADDED_E => {
                let (uid, gid) = (number(0), number(1));
                let (name, home, shell) = (text(2), text(3), text(4));
                self.add_user(text(5), &snapshot::User { uid, gid, name, home, shell });
            }
            USER_DELETED_E => self.users.remove(text(5), number(0)),
            GROUP_ADDED_E => self.add_group(text(2), number(0), text(1)),
            GROUP_DELETED_E => self.groups.remove(text(2), number(0)),
            _ => {}
        }
    }

    /// Hands out the host's users and groups, by number.
    pub(crate) fn snapshot(&self, out: &mut dyn FnMut(Record<'_>)) {
        for (uid, user) in self.users.of_host() {
            let User { gid, name, home, shell } = user;
            out(Record::User(snapshot::User { uid, gid: *gid, name, home, shell }));
        }
        for (gid, name) in self.groups.of_host() {
            out(Record::Group(snapshot::Group { gid, name }));
        }
    }

    pub(crate) fn user(&self, container: &[u8], uid: u32) -> Option<&User> {
        self.users.get(container, uid)
    }

    pub(crate) fn group(&self, container: &[u8], gid: u32) -> Option<&Text> {
        self.groups.get(container, gid)
    }

    /// How many users and groups were forgotten because there were too many.
    #[cfg(test)]
    pub(crate) fn forgotten(&self) -> u64 {
        self.users.forgotten + self.groups.forgotten
    }

    fn add_user(&mut self, container: &[u8], user: &snapshot::User<'_>) {
        if is_directory_service(user.name) {
            return;
        }
        self.users.put(container, user.uid, || User {
            gid: user.gid,
            name: cut(user.name, NAME_BYTES),
            home: cut(user.home, PATH_BYTES),
            shell: cut(user.shell, PATH_BYTES),
        });
    }

    fn add_group(&mut self, container: &[u8], gid: u32, name: &[u8]) {
        if !is_directory_service(name) {
            self.groups.put(container, gid, || cut(name, NAME_BYTES));
        }
    }
}

impl State {
    /// The user with this number in this container (empty: the host).
    pub fn user(&self, container: &[u8], uid: u32) -> Option<&User> {
        self.users.user(container, uid)
    }

    /// Name of the group with this number in this container (empty: the host).
    pub fn group(&self, container: &[u8], gid: u32) -> Option<&[u8]> {
        self.users.group(container, gid).map(|name| &**name)
    }
}

/// Lines of passwd and group that begin so are no users but refer to a directory service.
fn is_directory_service(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'+' | b'-'))
}

fn cut(text: &[u8], most: usize) -> Text {
    text.get(..most).unwrap_or(text).into()
}

/// Something for each number, by container.
#[derive(Debug)]
struct Table<T> {
    by_container: HashMap<Text, HashMap<u32, T>>,
    len: usize,
    forgotten: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { by_container: HashMap::new(), len: 0, forgotten: 0 }
    }
}

impl<T> Table<T> {
    fn get(&self, container: &[u8], number: u32) -> Option<&T> {
        self.by_container.get(container)?.get(&number)
    }

    fn of_host(&self) -> Vec<(u32, &T)> {
        let host = self.by_container.get(&b""[..]);
        let mut all: Vec<(u32, &T)> = host.into_iter().flatten().map(|(&n, t)| (n, t)).collect();
        all.sort_unstable_by_key(|&(number, _)| number);
        all
    }

    fn put(&mut self, container: &[u8], number: u32, value: impl FnOnce() -> T) {
        if let Some(known) = self.by_container.get_mut(container).and_then(|t| t.get_mut(&number)) {
            *known = value();
            return;
        }
        if self.len >= MOST {
            self.forgotten += 1;
            return;
        }
        self.by_container.entry(cut(container, NAME_BYTES)).or_default().insert(number, value());
        self.len += 1;
    }

    fn remove(&mut self, container: &[u8], number: u32) {
        let Some(table) = self.by_container.get_mut(container) else { return };
        self.len -= usize::from(table.remove(&number).is_some());
        if table.is_empty() {
            self.by_container.remove(container);
        }
    }
}

#[cfg(test)]
mod tests {
    use event::EventBuilder;

    use super::*;

    fn host_user(users: &mut Users, uid: u32, name: &[u8]) {
        let (home, shell) = (b"/home".as_slice(), b"/bin/sh".as_slice());
        users.record(&Record::User(snapshot::User { uid, gid: 7, name, home, shell }));
    }

    #[test]
    fn users_of_the_host_and_of_containers_are_told_apart() {
        let mut users = Users::default();
        host_user(&mut users, 1000, b"alice");
        let mut builder = EventBuilder::default();
        builder.start(USER_ADDED_E, 1, 1, 0).u32(1000).u32(8);
        builder.text("bob").text("/srv").text("/bin/ash").text("c0ffee");
        users.event(&builder.event().unwrap());
        let name = |users: &Users, container: &[u8]| {
            users.user(container, 1000).map(|u| String::from_utf8_lossy(&u.name).into_owned())
        };
        assert_eq!(name(&users, b"").as_deref(), Some("alice"));
        assert_eq!(name(&users, b"c0ffee").as_deref(), Some("bob"));
        assert_eq!(name(&users, b"other"), None);

        builder.start(USER_DELETED_E, 2, 1, 0).u32(1000).u32(8);
        builder.text("bob").text("/srv").text("/bin/ash").text("c0ffee");
        users.event(&builder.event().unwrap());
        assert_eq!(name(&users, b"c0ffee"), None);
        assert_eq!(name(&users, b"").as_deref(), Some("alice"));
    }

    #[test]
    fn groups_come_and_go_with_events() {
        let mut users = Users::default();
        let mut builder = EventBuilder::default();
        builder.start(GROUP_ADDED_E, 1, 1, 0).u32(10).text("wheel").text("");
        users.event(&builder.event().unwrap());
        assert_eq!(users.group(b"", 10).map(|g| &**g), Some(b"wheel".as_slice()));
        builder.start(GROUP_DELETED_E, 2, 1, 0).u32(10).text("wheel").text("");
        users.event(&builder.event().unwrap());
        assert_eq!(users.group(b"", 10), None);
    }

    #[test]
    fn a_later_entry_for_the_same_number_takes_its_place() {
        let mut users = Users::default();
        host_user(&mut users, 5, b"old");
        host_user(&mut users, 5, b"new");
        assert_eq!(&*users.user(b"", 5).unwrap().name, b"new");
        assert_eq!(users.users.len, 1);
    }

    #[test]
    fn references_to_directory_services_are_no_users() {
        let mut users = Users::default();
        host_user(&mut users, 5, b"+nis");
        assert_eq!(users.user(b"", 5), None);
    }

    #[test]
    fn there_is_a_most_and_what_goes_beyond_is_counted() {
        let mut users = Users::default();
        for uid in 0..MOST as u32 + 3 {
            host_user(&mut users, uid, b"u");
        }
        assert_eq!((users.users.len, users.forgotten()), (MOST, 3));
        host_user(&mut users, 0, &[b'n'; 4096]);
        assert_eq!(users.user(b"", 0).unwrap().name.len(), NAME_BYTES);
    }
}
