//! Users and groups, of the host and of containers.

use std::{collections::HashMap, sync::Arc};

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
#[derive(Clone, Debug, Default)]
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

    /// The host's users, by number.
    pub(crate) fn of_host(&self) -> Vec<(u32, &User)> {
        self.users.of(b"")
    }

    /// The names of the host's groups, by number.
    pub(crate) fn groups_of_host(&self) -> Vec<(u32, &Text)> {
        self.groups.of(b"")
    }

    /// Every user and then every group that `read` does not know, or knows otherwise: container,
    /// number and what there is to know, sorted.
    pub(crate) fn beyond<'a>(
        &'a self,
        read: &Self,
    ) -> (Vec<Place<'a, User>>, Vec<Place<'a, Text>>) {
        (self.users.beyond(&read.users), self.groups.beyond(&read.groups))
    }

    pub(crate) fn user(&self, container: &[u8], uid: u32) -> Option<&User> {
        self.users.get(container, uid)
    }

    pub(crate) fn group(&self, container: &[u8], gid: u32) -> Option<&Text> {
        self.groups.get(container, gid)
    }

    /// About how many bytes they take on this state's account, which shares them with its copies.
    pub(crate) fn approx_bytes(&self) -> usize {
        self.users.approx_bytes() + self.groups.approx_bytes()
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

/// Container, number, and what is known.
pub(crate) type Place<'a, T> = (&'a [u8], u32, &'a T);

/// Something for each number, by container. Copies share what neither of them changes.
#[derive(Clone, Debug)]
struct Table<T> {
    by_container: HashMap<Text, Arc<HashMap<u32, T>>>,
    len: usize,
    forgotten: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { by_container: HashMap::new(), len: 0, forgotten: 0 }
    }
}

impl<T: Clone + PartialEq> Table<T> {
    fn get(&self, container: &[u8], number: u32) -> Option<&T> {
        self.by_container.get(container)?.get(&number)
    }

    fn of(&self, container: &[u8]) -> Vec<(u32, &T)> {
        let table = self.by_container.get(container).into_iter().flat_map(|all| all.iter());
        let mut all: Vec<(u32, &T)> = table.map(|(&number, known)| (number, known)).collect();
        all.sort_unstable_by_key(|&(number, _)| number);
        all
    }

    fn beyond<'a>(&'a self, read: &Self) -> Vec<Place<'a, T>> {
        let mut containers: Vec<&Text> = self.by_container.keys().collect();
        containers.sort_unstable();
        let all = containers.into_iter().flat_map(|container| {
            self.of(container).into_iter().map(move |(number, known)| (&**container, number, known))
        });
        all.filter(|(container, number, known)| read.get(container, *number) != Some(known))
            .collect()
    }

    fn approx_bytes(&self) -> usize {
        /// What an entry takes, with a name of usual length.
        const ENTRY: usize = 192;
        let tables = self.by_container.values();
        tables.map(|table| ENTRY + table.len() * ENTRY / Arc::strong_count(table)).sum()
    }

    fn put(&mut self, container: &[u8], number: u32, value: impl FnOnce() -> T) {
        if let Some(table) = self.by_container.get_mut(container)
            && table.contains_key(&number)
        {
            Arc::make_mut(table).insert(number, value());
            return;
        }
        if self.len >= MOST {
            self.forgotten += 1;
            return;
        }
        let table = self.by_container.entry(cut(container, NAME_BYTES)).or_default();
        Arc::make_mut(table).insert(number, value());
        self.len += 1;
    }

    fn remove(&mut self, container: &[u8], number: u32) {
        let Some(table) = self.by_container.get_mut(container) else { return };
        if !table.contains_key(&number) {
            return;
        }
        Arc::make_mut(table).remove(&number);
        self.len -= 1;
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
