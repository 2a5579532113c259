use event::{EventType, syscalls as ev};

use super::world::{Params, Value, World, process};
use crate::{
    build::Limits,
    model::{Acts, FileActivity, Sensitivity, Timeline},
};

const READ: i64 = 1;
const WRITE: i64 = 2;
const CREATE: i64 = 2 | 4 | 0x100;
const CREATED: i64 = CREATE | 0x4000;

fn row<'t>(timeline: &'t Timeline, path: &str) -> &'t FileActivity {
    let rows = &process(timeline, 100).files;
    rows.iter().find(|row| row.path.bytes() == path.as_bytes()).unwrap_or_else(|| {
        panic!("no {path} in {rows:#?}");
    })
}

/// Each file as its path, the other path, and what was done.
fn told(timeline: &Timeline) -> Vec<(String, String, Acts)> {
    let text = |row: &FileActivity| {
        let other = row.other.as_ref().map(|other| other.shown().into_owned());
        (row.path.shown().into_owned(), other.unwrap_or_default(), row.acts)
    };
    process(timeline, 100).files.iter().map(text).collect()
}

#[test]
fn calls_that_name_files_say_what_they_did() {
    let p = |name: &'static str, value: &str| (name, Value::from(value));
    let n = |name: &'static str, value: i64| (name, Value::from(value));
    let here = ("dirfd", Value::from(-100));
    let cases: [(EventType, Params, &str, &str, Acts); 9] = [
        (ev::MKDIR_2_X, vec![p("path", "d")], "/home/ann/d", "", Acts::FOLDER),
        (ev::RMDIR_2_X, vec![p("path", "/d/")], "/d", "", Acts::DELETED),
        (ev::UNLINKAT_2_X, vec![here.clone(), p("name", "../x")], "/home/x", "", Acts::DELETED),
        (ev::RENAME_X, vec![p("oldpath", "/a"), p("newpath", "/b")], "/a", "/b", Acts::RENAMED),
        (ev::LINK_2_X, vec![p("oldpath", "/c"), p("newpath", "/e")], "/c", "/e", Acts::LINKED),
        (
            ev::SYMLINKAT_X,
            vec![p("target", "../t"), n("linkdirfd", -100), p("linkpath", "l")],
            "/home/ann/l",
            "../t",
            Acts::SYMLINKED,
        ),
        (ev::CHMOD_X, vec![p("filename", "/m"), n("mode", 0o4755)], "/m", "", Acts::MODE),
        (ev::LCHOWN_X, vec![p("path", "/o"), n("uid", 33), n("gid", 34)], "/o", "", Acts::OWNER),
        (ev::MKNOD_X, vec![p("path", "/fifo"), n("mode", 0x1000)], "/fifo", "", Acts::CREATED),
    ];
    let mut world = World::new();
    for (kind, params, ..) in &cases {
        world.event(*kind, 100, &[&[("res", 0.into())], &params[..]].concat());
    }
    let timeline = world.finish();
    let wanted: Vec<_> = cases
        .into_iter()
        .map(|(.., path, other, acts)| (path.to_owned(), other.to_owned(), acts))
        .collect();
    assert_eq!(told(&timeline), wanted);
    assert_eq!(row(&timeline, "/m").mode, Some(0o4755));
    assert_eq!(row(&timeline, "/o").owner, Some((33, 34)));
}

#[test]
fn opening_tells_what_was_asked_and_what_the_kernel_did() {
    let cases = [
        ("/srv/a", READ, Acts::READ),
        ("/srv/b", WRITE, Acts::WRITTEN),
        ("/srv/c", CREATE, Acts::WRITTEN | Acts::TRUNCATED),
        ("/srv/d", CREATED, Acts::WRITTEN | Acts::CREATED),
        ("/srv/e", 3 | 4 | 0x20, Acts::READ | Acts::WRITTEN | Acts::CREATED),
    ];
    let mut world = World::new();
    for (path, flags, _) in cases {
        world.open(100, 5, path, flags);
    }
    let timeline = world.finish();
    for (path, _, acts) in cases {
        assert_eq!(row(&timeline, path).acts, acts, "{path}");
    }
}

#[test]
fn where_there_was_nothing_opening_makes_a_file() {
    let mut world = World::new();
    let missing = [("res", (-2).into()), ("dirfd", (-100).into()), ("path", "/srv/a".into())];
    world.event(ev::NEWFSTATAT_X, 100, &missing);
    world.event(ev::UNLINK_2_X, 100, &[("res", 0.into()), ("path", "/srv/b".into())]);
    world.open(100, -2, "/srv/c", READ);
    for path in ["/srv/a", "/srv/b", "/srv/c", "/srv/d"] {
        world.open(100, 5, path, CREATE);
    }
    let timeline = world.finish();
    let made = ["/srv/a", "/srv/b", "/srv/c", "/srv/d"]
        .map(|path| row(&timeline, path).acts.contains(Acts::CREATED));
    assert_eq!(made, [true, true, true, false]);
}

#[test]
fn bytes_count_at_the_file_whatever_its_fd() {
    let mut world = World::new();
    world.open(100, 5, "/srv/a", 3);
    world.read(100, 5, 100);
    world.dup(100, 5, 6);
    world.write(100, 6, 30);
    world.write(100, 6, -11);
    world.open(100, 7, "/srv/b", WRITE);
    let moved = [("res", 20.into()), ("out_fd", 7.into()), ("in_fd", 5.into())];
    world.event(ev::SENDFILE_X, 100, &moved);
    let timeline = world.finish();
    let bytes = |path| {
        let row = row(&timeline, path);
        (row.bytes_read, row.bytes_written)
    };
    assert_eq!((bytes("/srv/a"), bytes("/srv/b")), ((120, 30), (0, 20)));
    assert_eq!(row(&timeline, "/srv/a").calls, 4);
}

#[test]
fn bytes_that_are_told_at_the_close_count_where_writes_are_not_recorded() {
    let mut world = World::new();
    for (path, recorded, told) in
        [("/srv/a", None, 30), ("/srv/a", None, 12), ("/srv/b", Some(50), 50), ("/srv/c", None, 0)]
    {
        world.open(100, 5, path, WRITE);
        recorded.into_iter().for_each(|bytes| world.write(100, 5, bytes));
        world.written(100, 5, told, None);
        world.close(100, 5);
    }
    // No such fd.
    world.written(100, 77, 1, None);
    let timeline = world.finish();
    let told = |path| {
        let row = row(&timeline, path);
        (row.bytes_written, row.acts.contains(Acts::WRITTEN), row.calls)
    };
    assert_eq!(told("/srv/a"), (42, true, 2));
    assert_eq!(told("/srv/b"), (50, true, 2));
    assert_eq!(told("/srv/c").0, 0);
}

#[test]
fn an_error_stays_until_something_succeeds() {
    let mut world = World::new();
    world.open(100, -13, "/srv/a", READ);
    world.open(100, -13, "/srv/b", READ);
    world.open(100, 5, "/srv/b", READ);
    let timeline = world.finish();
    let errors = ["/srv/a", "/srv/b"].map(|path| row(&timeline, path).error);
    assert_eq!(errors, [Some(13), None]);
}

#[test]
fn a_file_that_is_wiped_under_other_names_keeps_its_row() {
    let mut world = World::new();
    for (from, to) in [("/srv/a", "/srv/000"), ("/srv/000", "/srv/00"), ("/srv/00", "/srv/0")] {
        let params = [("res", 0.into()), ("oldpath", from.into()), ("newpath", to.into())];
        world.event(ev::RENAME_X, 100, &params);
    }
    world.event(ev::UNLINK_2_X, 100, &[("res", 0.into()), ("path", "/srv/0".into())]);
    let timeline = world.finish();
    let acts = Acts::RENAMED | Acts::DELETED;
    assert_eq!(told(&timeline), [("/srv/a".to_owned(), "/srv/0".to_owned(), acts)]);
}

#[test]
fn programs_are_files_that_are_run() {
    let mut world = World::new();
    world.exec(100, "/dev/shm/x", &["x"]);
    world.exec(100, "/usr/bin/id", &["id"]);
    let timeline = world.finish();
    let x = row(&timeline, "/dev/shm/x");
    assert_eq!((x.acts, x.sensitivity), (Acts::EXECUTED, Some(Sensitivity::Temporary)));
    assert!(!x.routine && row(&timeline, "/usr/bin/id").routine);
}

#[test]
fn what_is_asked_for_by_name_is_no_routine() {
    let mut world = World::new();
    for (pid, argv) in [(200, &["cat", "/etc/passwd"][..]), (201, &["id"])] {
        world.fork(100, pid);
        world.exec(pid, "/usr/bin/cat", argv);
        world.open(pid, 5, "/etc/passwd", READ);
    }
    let timeline = world.finish();
    let routine = |pid| {
        let mut rows = process(&timeline, pid).files.iter();
        rows.find(|row| row.path.bytes() == b"/etc/passwd").map(|row| row.routine)
    };
    assert_eq!((routine(200), routine(201)), (Some(false), Some(true)));
}

#[test]
fn a_library_that_was_made_within_the_window_is_no_routine() {
    let mut world = World::new();
    world.open(100, 5, "/usr/lib/new.so", CREATED);
    world.fork(100, 200);
    for (fd, path) in [(5, "/usr/lib/new.so"), (6, "/usr/lib/old.so")] {
        world.open(200, fd, path, READ);
        let code = [("res", 0x1000.into()), ("prot", 5.into()), ("fd", fd.into())];
        world.event(ev::MMAP_X, 200, &code);
    }
    let timeline = world.finish();
    let rows = process(&timeline, 200).files.iter();
    let told: Vec<_> = rows.map(|row| (row.acts, row.routine)).collect();
    let acts = Acts::READ | Acts::MAPPED;
    assert_eq!(told, [(acts, false), (acts, true)]);
}

#[test]
fn who_looks_at_all_processes_reads_no_secrets() {
    let mut world = World::new();
    for (pid, program) in [(200, "/usr/bin/ps"), (201, "/usr/bin/cat")] {
        world.fork(100, pid);
        world.exec(pid, program, &["x"]);
        world.open(pid, 5, "/proc/1/environ", READ);
    }
    let timeline = world.finish();
    let sensitivity = |pid| {
        let mut rows = process(&timeline, pid).files.iter();
        rows.find(|row| row.path.bytes() == b"/proc/1/environ").and_then(|row| row.sensitivity)
    };
    assert_eq!((sensitivity(200), sensitivity(201)), (None, Some(Sensitivity::Credentials)));
}

#[test]
fn files_beyond_the_bound_are_counted() {
    let mut world = World::with_limits(Limits { files: 2, ..Limits::default() });
    for path in ["/a", "/b", "/c", "/a"] {
        world.open(100, 5, path, READ);
    }
    let timeline = world.finish();
    assert_eq!((process(&timeline, 100).files.len(), timeline.cuts.files), (2, 1));
    assert_eq!(row(&timeline, "/a").calls, 2);
}
