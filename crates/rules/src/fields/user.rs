//! The user and group on whose behalf the event happened.

use event::syscalls::{ASYNCEVENT_E, CONTAINER_JSON_2_E};
use state::{Context, User};

use super::Field;
use crate::value::{
    FieldType::{Int64, Uint32},
    Value::{self, Text},
};

/// What is said where a number has no name.
const UNKNOWN: &[u8] = b"<NA>";

/// The fields of users.
pub(super) const USER_FIELDS: &[Field] = &[
    Field::one("user.uid", Uint32, "User id of the thread.", "user.uid = 0", |c, _, _| {
        Some(Value::U64(c.thread?.uid.into()))
    }),
    Field::text(
        "user.name",
        "Name of that user, <NA> if it is not known. On an event that tells of a container, the \
         user that the container runs as.",
        "user.name = root",
        |c, _, _| {
            let uid = c.thread?.uid;
            container_user(c).or_else(|| named(c, uid, b"root", |user| &user.name))
        },
    ),
    Field::text(
        "user.homedir",
        "Home directory of that user, <NA> if it is not known.",
        "user.homedir startswith /home/",
        |c, _, _| named(c, c.thread?.uid, b"/root", |user| &user.home),
    ),
    Field::text(
        "user.shell",
        "Login shell of that user, <NA> if it is not known.",
        "user.shell endswith nologin",
        |c, _, _| named(c, c.thread?.uid, UNKNOWN, |user| &user.shell),
    ),
    Field::one(
        "user.loginuid",
        Int64,
        "Id of the user who logged in, whatever the thread became since (the audit user id); -1 \
         if none did.",
        "user.loginuid != -1",
        |c, _, _| {
            let uid = c.thread?.loginuid;
            Some(Value::I64(if uid == u32::MAX { -1 } else { uid.into() }))
        },
    ),
    Field::text(
        "user.loginname",
        "Name of the user who logged in, <NA> if none did or it is not known.",
        "user.loginname != root",
        |c, _, _| named(c, c.thread?.loginuid, b"root", |user| &user.name),
    ),
];

/// The fields of groups.
pub(super) const GROUP_FIELDS: &[Field] = &[
    Field::one("group.gid", Uint32, "Group id of the thread.", "group.gid = 0", |c, _, _| {
        Some(Value::U64(c.thread?.gid.into()))
    }),
    Field::text(
        "group.name",
        "Name of that group, <NA> if it is not known.",
        "group.name = wheel",
        |c, _, _| {
            let thread = c.thread?;
            let root = if thread.gid == 0 { b"root" } else { UNKNOWN };
            Some(Text(c.state.group(&thread.container_id, thread.gid).unwrap_or(root)))
        },
    ),
];

/// Something of a user of the thread's container; `root` stands in for an unknown user 0.
fn named<'v>(
    c: &Context<'v>,
    uid: u32,
    root: &'static [u8],
    text: fn(&'v User) -> &'v [u8],
) -> Option<Value<'v>> {
    let user = c.state.user(&c.thread?.container_id, uid);
    let unknown = if uid == 0 { root } else { UNKNOWN };
    Some(Text(user.map_or(unknown, text)))
}

/// The user that the thread's container runs as, on events that tell of containers.
fn container_user<'v>(c: &Context<'v>) -> Option<Value<'v>> {
    let tells = match c.event.kind {
        CONTAINER_JSON_2_E => true,
        ASYNCEVENT_E => c.event.text(1) == Some(b"container"),
        _ => false,
    };
    let id = &c.thread?.container_id;
    if !tells || id.is_empty() {
        return None;
    }
    c.state.container(id).map(|container| Text(&container.user)).filter(|user| *user != Text(b""))
}
