//! `fs.path.*`: the paths that a successful file system call works on, whether or not it opens
//! anything.
//!
//! Calls with one path (`unlink`, `chmod`) have a name, those with two (`rename`, `link`, `mount`)
//! a source and a target. A link's source is the link that is made, its target what it leads to.

use event::{
    EventType,
    snapshot::FdKind,
    syscalls::{
        CHMOD_X, CHOWN_X, FCHMOD_X, FCHMODAT_X, FCHOWN_X, FCHOWNAT_X, LCHOWN_X, LINK_2_X,
        LINKAT_2_X, MKDIR_2_X, MKDIRAT_X, MOUNT_X, OPEN_X, OPENAT_2_X, OPENAT2_X, QUOTACTL_X,
        RENAME_X, RENAMEAT_X, RENAMEAT2_X, RMDIR_2_X, SYMLINK_X, SYMLINKAT_X, UMOUNT_1_X,
        UMOUNT2_X, UNLINK_2_X, UNLINKAT_2_X,
    },
};
use state::{
    Context, Thread,
    path::{self, BaseDir},
};

use super::{
    ArgumentSpec, Extract, ExtractOne, Field, FieldTraits, Scratch, fd, param::path_named,
};
use crate::value::{FieldType, Value};

const fn field(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    extract: ExtractOne,
) -> Field {
    Field {
        name,
        ty: FieldType::CharBuf,
        doc,
        example,
        argument: ArgumentSpec::None,
        traits: FieldTraits::NONE,
        extract: Extract::One(extract),
    }
}

/// The class.
pub(super) const FIELDS: &[Field] = &[
    field(
        "fs.path.name",
        "Path that the call works on, absolute.",
        "fs.path.name startswith /etc/",
        |context, _, scratch| resolved(context, Role::Name, scratch),
    ),
    field(
        "fs.path.nameraw",
        "Path that the call works on, as the process gave it.",
        "fs.path.nameraw contains ../",
        |context, _, _| given(context, Role::Name).map(Value::Text),
    ),
    field(
        "fs.path.source",
        "Of a call with two paths, the one that is moved, made or mounted, absolute.",
        "fs.path.source startswith /etc/",
        |context, _, scratch| resolved(context, Role::Source, scratch),
    ),
    field(
        "fs.path.sourceraw",
        "Of a call with two paths, the one that is moved, made or mounted, as the process gave it.",
        "fs.path.sourceraw endswith .log",
        |context, _, _| given(context, Role::Source).map(Value::Text),
    ),
    field(
        "fs.path.target",
        "Of a call with two paths, the one that is moved to, linked to or mounted on, absolute.",
        "fs.path.target startswith /etc/",
        |context, _, scratch| resolved(context, Role::Target, scratch),
    ),
    field(
        "fs.path.targetraw",
        "Of a call with two paths, the one that is moved to, linked to or mounted on, as the \
         process gave it.",
        "fs.path.targetraw endswith .bak",
        |context, _, _| given(context, Role::Target).map(Value::Text),
    ),
];

/// Which of the paths.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Name,
    Source,
    Target,
}

/// Where a call has its paths.
enum Paths {
    /// One path, in this parameter.
    One(&'static str),
    /// Source and target, in these parameters.
    Two(&'static str, &'static str),
    /// One path, that of the fd.
    Fd,
}

fn paths_of(kind: EventType) -> Option<Paths> {
    Some(match kind {
        MKDIR_2_X | MKDIRAT_X | RMDIR_2_X | UNLINK_2_X | CHOWN_X | LCHOWN_X => Paths::One("path"),
        OPEN_X | OPENAT_2_X | OPENAT2_X | UNLINKAT_2_X | UMOUNT_1_X | UMOUNT2_X => {
            Paths::One("name")
        }
        FCHMODAT_X | CHMOD_X => Paths::One("filename"),
        FCHOWNAT_X => Paths::One("pathname"),
        QUOTACTL_X => Paths::One("special"),
        FCHMOD_X | FCHOWN_X => Paths::Fd,
        RENAME_X | RENAMEAT_X | RENAMEAT2_X => Paths::Two("oldpath", "newpath"),
        LINK_2_X | LINKAT_2_X => Paths::Two("newpath", "oldpath"),
        SYMLINK_X | SYMLINKAT_X => Paths::Two("linkpath", "target"),
        MOUNT_X => Paths::Two("dev", "dir"),
        _ => return None,
    })
}

/// Whether the call counts as successful. One that opens something fails only with `EPERM`: rules
/// are written for tools that compare its result with -1.
fn succeeded(context: &Context<'_>) -> bool {
    let event = &context.event;
    match event.kind {
        OPEN_X | OPENAT_2_X | OPENAT2_X => event.int(0).is_some_and(|fd| fd != -1),
        _ => event.int(0) == Some(0),
    }
}

/// The path as the process gave it.
fn given<'v>(context: &Context<'v>, role: Role) -> Option<&'v [u8]> {
    let paths = paths_of(context.event.kind)?;
    if !succeeded(context) {
        return None;
    }
    match (role, paths) {
        (Role::Name, Paths::Fd) => fd::open_name(context),
        (Role::Name, Paths::One(param))
        | (Role::Source, Paths::Two(param, _))
        | (Role::Target, Paths::Two(_, param)) => path_named(&context.event, param),
        _ => None,
    }
}

fn resolved<'v>(context: &Context<'v>, role: Role, scratch: &'v mut Scratch) -> Option<Value<'v>> {
    let given = given(context, role)?;
    let thread = context.thread?;
    let out = &mut scratch.text;
    if given.starts_with(b"/") {
        path::join(b"".as_slice(), given, out);
    } else if matches!(context.event.kind, OPENAT_2_X | OPENAT2_X) {
        // Opening has resolved the path already.
        let opened = context.fd.map_or(UNKNOWN, |fd| &fd.name);
        path::join(b"".as_slice(), opened, out);
    } else {
        path::join(base(context, thread, role, given), given, out);
    }
    Some(Value::Text(out))
}

/// The directory that a relative path begins at.
fn base<'v>(context: &Context<'v>, thread: &'v Thread, role: Role, path: &[u8]) -> BaseDir<'v> {
    let event = &context.event;
    match event.kind {
        FCHOWNAT_X | FCHMODAT_X | MKDIRAT_X | UNLINKAT_2_X => directory_fd(context),
        SYMLINKAT_X if role == Role::Source => directory_fd(context),
        SYMLINKAT_X => UNKNOWN.into(),
        RENAMEAT2_X => {
            let param = if role == Role::Source { 1 } else { 3 };
            event.int(param).map_or(UNKNOWN.into(), |fd| context.state.directory(thread, fd, path))
        }
        _ => context.state.cwd(thread).into(),
    }
}

const UNKNOWN: &[u8] = b"<UNKNOWN>";

/// The directory fd that is the event's fd. Not the working directory: calls that give `AT_FDCWD`
/// have no fd, and so begin at an unknown place.
fn directory_fd<'v>(context: &Context<'v>) -> BaseDir<'v> {
    let directory = context.fd.filter(|fd| fd.kind == FdKind::Directory);
    directory.map_or(UNKNOWN.into(), BaseDir::of)
}
