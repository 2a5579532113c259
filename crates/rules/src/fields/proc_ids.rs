//! Numbers that name a process, its ancestors, its session and its groups.

use state::{Context, IdSpace, Thread};

use super::{Argument, ArgumentSpec, Field};
use crate::value::{
    FieldType::{Bool, Int64, Uint32},
    Value::{self, Text},
};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::one(
        "proc.loginshellid",
        Int64,
        "Process id of the farthest ancestor, or of the process itself, whose name ends in 'sh'. \
         Tells the login sessions of one user apart.",
        "proc.loginshellid = 1620",
        |c, _, _| {
            let main = c.state.main_thread(c.thread?)?;
            let shells = std::iter::once(main).chain(c.state.ancestors(main));
            shells.filter(|t| t.comm.ends_with(b"sh")).last().map(|t| Value::I64(t.pid))
        },
    ),
    Field::one(
        "proc.tty",
        Uint32,
        "Device number of the controlling terminal; 0 if there is none.",
        "proc.tty != 0",
        |c, _, _| Some(Value::U64(c.thread?.tty.into())),
    ),
    Field::one("proc.pid", Int64, "Process id.", "proc.pid = 1", |c, _, _| pid(c.thread?)),
    Field::one("proc.ppid", Int64, "Process id of the parent.", "proc.ppid = 1", |c, _, _| {
        pid(c.state.ancestor(c.thread?, 1)?)
    }),
    Field::one(
        "proc.apid",
        Int64,
        "Process id of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Compared without a number, any ancestor may match; printed without one, the process \
         itself.",
        "proc.apid = 1337",
        |c, argument, _| {
            let level = if let Argument::Index(n) = argument { *n } else { 0 };
            pid(c.state.ancestor(c.thread?, level)?)
        },
    )
    .with(ArgumentSpec::Index { required: false })
    .searched(|c, _, _, receive| {
        let Some(main) = c.thread.and_then(|t| c.state.main_thread(t)) else { return false };
        let mut any = false;
        for ancestor in c.state.ancestors(main) {
            any = true;
            if receive(Value::I64(ancestor.pid)).is_break() {
                break;
            }
        }
        any
    }),
    Field::one(
        "proc.vpid",
        Int64,
        "Process id as the process itself sees it, in its own pid namespace.",
        "proc.vpid = 1",
        |c, _, _| Some(c.thread?.vpid).filter(|&vpid| vpid != -1).map(Value::I64),
    ),
    Field::one(
        "proc.pvpid",
        Int64,
        "Process id of the parent as the parent itself sees it.",
        "proc.pvpid = 1",
        |c, _, _| Some(Value::I64(c.state.thread(c.thread?.ptid)?.vpid)),
    ),
    Field::one(
        "proc.sid",
        Int64,
        "Session id, as seen in the process's own pid namespace.",
        "proc.sid = 1",
        |c, _, _| Some(Value::I64(c.thread?.sid)),
    ),
    Field::text(
        "proc.sname",
        "proc.name of the session's leader: the process whose id is proc.sid or, in a pid \
         namespace, the farthest ancestor of the same session. Empty if it is not known.",
        "proc.sname = bash",
        |c, _, _| of_leader(c, SESSION, |t| &t.comm),
    ),
    Field::text(
        "proc.sid.exe",
        "proc.exe of the session's leader; see proc.sname.",
        "proc.sid.exe = -bash",
        |c, _, _| of_leader(c, SESSION, |t| &t.exe),
    ),
    Field::text(
        "proc.sid.exepath",
        "proc.exepath of the session's leader; see proc.sname.",
        "proc.sid.exepath = /usr/sbin/sshd",
        |c, _, _| of_leader(c, SESSION, |t| &t.exepath),
    ),
    Field::one(
        "proc.vpgid",
        Int64,
        "Process group id, as seen in the process's own pid namespace.",
        "proc.vpgid = 1",
        |c, _, _| Some(Value::I64(c.thread?.vpgid)),
    ),
    Field::text(
        "proc.vpgid.name",
        "proc.name of the group's leader: the process whose id is proc.vpgid or, in a pid \
         namespace, the farthest ancestor of the same group. Empty if it is not known.",
        "proc.vpgid.name = make",
        |c, _, _| of_leader(c, NAMESPACE_GROUP, |t| &t.comm),
    ),
    Field::text(
        "proc.vpgid.exe",
        "proc.exe of the group's leader; see proc.vpgid.name.",
        "proc.vpgid.exe = make",
        |c, _, _| of_leader(c, NAMESPACE_GROUP, |t| &t.exe),
    ),
    Field::text(
        "proc.vpgid.exepath",
        "proc.exepath of the group's leader; see proc.vpgid.name.",
        "proc.vpgid.exepath = /usr/bin/make",
        |c, _, _| of_leader(c, NAMESPACE_GROUP, |t| &t.exepath),
    ),
    Field::one(
        "proc.pgid",
        Int64,
        "Process group id on the host; -1 if the recording does not tell.",
        "proc.pgid = 1",
        |c, _, _| Some(Value::I64(c.thread?.pgid)),
    ),
    Field::text(
        "proc.pgid.name",
        "proc.name of the process whose id is proc.pgid or, if that one is gone, of the farthest \
         ancestor of the same group. Empty if it is not known.",
        "proc.pgid.name = make",
        |c, _, _| of_leader(c, HOST_GROUP, |t| &t.comm),
    ),
    Field::text(
        "proc.pgid.exe",
        "proc.exe of the group's leader; see proc.pgid.name.",
        "proc.pgid.exe = make",
        |c, _, _| of_leader(c, HOST_GROUP, |t| &t.exe),
    ),
    Field::text(
        "proc.pgid.exepath",
        "proc.exepath of the group's leader; see proc.pgid.name.",
        "proc.pgid.exepath = /usr/bin/make",
        |c, _, _| of_leader(c, HOST_GROUP, |t| &t.exepath),
    ),
    Field::one(
        "proc.is_sid_leader",
        Bool,
        "Whether the process leads its session: proc.sid = proc.vpid.",
        "proc.is_sid_leader = true",
        |c, _, _| c.thread.map(|t| Value::Bool(t.sid == t.vpid)),
    ),
    Field::one(
        "proc.is_vpgid_leader",
        Bool,
        "Whether the process leads its group: proc.vpgid = proc.vpid. Commands typed at a shell \
         do, those that a script runs do not.",
        "proc.is_vpgid_leader = true",
        |c, _, _| c.thread.map(|t| Value::Bool(t.vpgid == t.vpid)),
    ),
    Field::one(
        "proc.is_pgid_leader",
        Bool,
        "Whether the process leads its group, in the host's numbers: proc.pgid = proc.pid.",
        "proc.is_pgid_leader = true",
        |c, _, _| c.thread.map(|t| Value::Bool(t.pgid == t.pid)),
    ),
];

type Group = (IdSpace, fn(&Thread) -> i64);

const SESSION: Group = (IdSpace::Namespace, |t| t.sid);
const NAMESPACE_GROUP: Group = (IdSpace::Namespace, |t| t.vpgid);
const HOST_GROUP: Group = (IdSpace::Host, |t| t.pgid);

fn of_leader<'v>(
    c: &Context<'v>,
    (space, id_of): Group,
    text: fn(&'v Thread) -> &'v [u8],
) -> Option<Value<'v>> {
    Some(Text(c.state.group_leader(c.thread?, space, id_of).map_or(b"", text)))
}

/// Ids outside of the kernel's range stand for processes that sources without ids made up.
fn pid(thread: &Thread) -> Option<Value<'static>> {
    (-1..=i64::from(u32::MAX)).contains(&thread.pid).then_some(Value::I64(thread.pid))
}
