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

use super::{Field, Scratch, fd, param::path_named};
use crate::value::Value;

/// The class.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "fs.path.name",
        "Path that the call works on, absolute.",
        "fs.path.name startswith /etc/",
        |context, _, scratch| resolved(context, Role::Name, scratch),
    ),
    Field::text(
        "fs.path.nameraw",
        "Path that the call works on, as the process gave it.",
        "fs.path.nameraw contains ../",
        |context, _, _| given(context, Role::Name).map(Value::Text),
    ),
    Field::text(
        "fs.path.source",
        "Of a call with two paths, the one that is moved, made or mounted, absolute.",
        "fs.path.source startswith /etc/",
        |context, _, scratch| resolved(context, Role::Source, scratch),
    ),
    Field::text(
        "fs.path.sourceraw",
        "Of a call with two paths, the one that is moved, made or mounted, as the process gave it.",
        "fs.path.sourceraw endswith .log",
        |context, _, _| given(context, Role::Source).map(Value::Text),
    ),
    Field::text(
        "fs.path.target",
        "Of a call with two paths, the one that is moved to, linked to or mounted on, absolute.",
        "fs.path.target startswith /etc/",
        |context, _, scratch| resolved(context, Role::Target, scratch),
    ),
    Field::text(
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

#[cfg(test)]
mod tests {
    use event::{
        EventBuilder,
        syscalls::{
            CHMOD_X, FCHMOD_X, LINKAT_2_X, MOUNT_X, OPENAT_2_X, READ_X, RENAME_X, RENAMEAT2_X,
            SYMLINKAT_X, UNLINK_2_X, UNLINKAT_2_X,
        },
    };

    use crate::fields::testing::{check, event};

    const AT_FDCWD: i64 = -100;

    fn check_two(event: &EventBuilder, source: [&str; 2], target: [&str; 2]) {
        check(
            event,
            &[
                ("fs.path.source", Some(source[0])),
                ("fs.path.sourceraw", Some(source[1])),
                ("fs.path.target", Some(target[0])),
                ("fs.path.targetraw", Some(target[1])),
                ("fs.path.name", None),
                ("fs.path.nameraw", None),
            ],
        );
    }

    #[test]
    fn one_path_is_the_name() {
        let unlink = event(UNLINK_2_X, |e| {
            e.i64(0).text("ann/../x");
        });
        check(
            &unlink,
            &[
                ("fs.path.name", Some("/home/x")),
                ("fs.path.nameraw", Some("ann/../x")),
                ("fs.path.source", None),
                ("fs.path.targetraw", None),
            ],
        );
        let chmod = event(CHMOD_X, |e| {
            e.i64(0).text("/a//b/").u32(0o644);
        });
        check(&chmod, &[("fs.path.name", Some("/a/b")), ("fs.path.nameraw", Some("/a//b/"))]);
        let fchmod = event(FCHMOD_X, |e| {
            e.i64(0).i64(3).u32(0o644);
        });
        check(&fchmod, &[("fs.path.name", Some("/etc/passwd"))]);
    }

    #[test]
    fn directory_fds_resolve_where_they_are_the_fd_of_the_event() {
        for (dirfd, expected) in [(4, "/home/ann/x"), (3, "<UNKNOWN>x"), (AT_FDCWD, "<UNKNOWN>x")] {
            let unlinkat = event(UNLINKAT_2_X, |e| {
                e.i64(0).i64(dirfd).text("x").u32(0);
            });
            check(&unlinkat, &[("fs.path.name", Some(expected))]);
        }
    }

    #[test]
    fn what_is_opened_counts_unless_it_failed_with_minus_one() {
        for (fd, expected) in [(12, Some("/home/x")), (-2, Some("<UNKNOWN>")), (-1, None)] {
            let openat = event(OPENAT_2_X, |e| {
                e.i64(fd).i64(AT_FDCWD).text("x").u32(1).u32(0).u32(0).u64(0);
            });
            check(&openat, &[("fs.path.name", expected)]);
        }
    }

    #[test]
    fn two_paths_are_source_and_target() {
        let rename = event(RENAME_X, |e| {
            e.i64(0).text("./a").text("/b");
        });
        check_two(&rename, ["/home/a", "./a"], ["/b", "/b"]);
        let renameat = event(RENAMEAT2_X, |e| {
            e.i64(0).i64(AT_FDCWD).text("a").i64(4).text("b").u32(0);
        });
        check_two(&renameat, ["/home/a", "a"], ["/home/ann/b", "b"]);
        let linkat = event(LINKAT_2_X, |e| {
            e.i64(0).i64(4).text("old").i64(4).text("new").u32(0);
        });
        check_two(&linkat, ["/home/new", "new"], ["/home/old", "old"]);
        let symlinkat = event(SYMLINKAT_X, |e| {
            e.i64(0).text("to").i64(4).text("link");
        });
        check_two(&symlinkat, ["/home/ann/link", "link"], ["<UNKNOWN>to", "to"]);
        let mount = event(MOUNT_X, |e| {
            e.i64(0).text("proc").text("/p/").text("proc").u32(0);
        });
        check_two(&mount, ["/home/proc", "proc"], ["/p", "/p/"]);
    }

    #[test]
    fn failed_and_other_calls_have_no_paths() {
        let unlink = event(UNLINK_2_X, |e| {
            e.i64(-2).text("x");
        });
        let read = event(READ_X, |e| {
            e.i64(0).null().i64(3).u32(10);
        });
        for event in [unlink, read] {
            check(&event, &[("fs.path.name", None), ("fs.path.nameraw", None)]);
        }
    }
}
