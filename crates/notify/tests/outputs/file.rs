//! Files: rotation loses nothing, and neither do those who move them.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use notify::{
    Counters, Error, Notifier, Output, Target,
    file::{Rotate, Settings},
};
use tempfile::TempDir;

use crate::common::{Told, alert, delivered, end, eventually, numbers, output, run, start};

const NEVER: Rotate = Rotate { size_bytes: None, age: None, keep: 7 };

fn to(path: &Path, rotate: Rotate) -> Output {
    output(Target::File(Settings { path: path.to_owned(), rotate }))
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("alerts")
    }

    fn numbered(&self, number: u32) -> PathBuf {
        self.0.path().join(format!("alerts.{number}"))
    }

    /// The lines of all files, the oldest first.
    fn lines(&self) -> Vec<String> {
        let older = (1..100).rev().map(|number| self.numbered(number));
        let all = older.chain([self.path()]).filter_map(|path| fs::read_to_string(path).ok());
        all.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    fn count(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }
}

#[test]
fn rotation_by_size_keeps_every_alert_within_what_is_kept() {
    let folder = Folder::new();
    // Five bytes a line: two lines a file.
    let rotate = Rotate { size_bytes: Some(10), keep: 50, ..NEVER };
    assert_eq!(run(to(&folder.path(), rotate), 30).0, delivered(30));
    assert_eq!(folder.lines(), numbers(0..30));
    assert_eq!(folder.count(), 15);
    assert_eq!(fs::read_to_string(folder.numbered(1)).unwrap(), "0026\n0027\n");
}

#[test]
fn only_so_many_old_files_are_kept() {
    let folder = Folder::new();
    let rotate = Rotate { size_bytes: Some(10), keep: 3, ..NEVER };
    assert_eq!(run(to(&folder.path(), rotate), 30).0, delivered(30));
    assert_eq!(folder.lines(), numbers(22..30));
    assert_eq!(folder.count(), 4);
}

#[test]
fn a_line_larger_than_a_file_may_be_has_a_file_of_its_own() {
    let folder = Folder::new();
    let rotate = Rotate { size_bytes: Some(3), ..NEVER };
    assert_eq!(run(to(&folder.path(), rotate), 4).0, delivered(4));
    assert_eq!(folder.lines(), numbers(0..4));
    assert_eq!(folder.count(), 4);
}

#[test]
fn rotation_by_age_happens_with_the_next_alert() {
    let folder = Folder::new();
    let rotate = Rotate { age: Some(Duration::from_millis(300)), ..NEVER };
    let (notifier, _) = start(&[to(&folder.path(), rotate)]);
    let got = |count| notifier.reports()[0].counters.delivered == count;
    notifier.send(alert(0)).unwrap();
    eventually("the first is written", || got(1));
    thread::sleep(Duration::from_millis(400));
    assert_eq!(folder.count(), 1);
    notifier.send(alert(1)).unwrap();
    eventually("the second is written", || got(2));
    assert_eq!(folder.count(), 2);
    assert_eq!(folder.lines(), numbers(0..2));
}

#[test]
fn a_file_that_was_moved_away_is_made_anew() {
    let folder = Folder::new();
    let (notifier, told) = start(&[to(&folder.path(), NEVER)]);
    for number in 0..20 {
        notifier.send(alert(number)).unwrap();
        eventually("it is written", || {
            notifier.reports()[0].counters.delivered == number as u64 + 1
        });
        if number == 6 {
            fs::rename(folder.path(), folder.numbered(2)).unwrap();
        }
        if number == 12 {
            fs::rename(folder.path(), folder.numbered(1)).unwrap();
        }
    }
    assert_eq!(end(notifier), delivered(20));
    assert_eq!(folder.lines(), numbers(0..20));
    assert_eq!(fs::read_to_string(folder.numbered(1)).unwrap().lines().count(), 6);
    assert!(told.all().is_empty());
}

#[test]
fn a_new_start_goes_on_behind_what_is_there_with_a_line_of_its_own() {
    for (before, after) in
        [("", "0000\n"), ("9999\n", "9999\n0000\n"), ("cut of", "cut of\n0000\n")]
    {
        let folder = Folder::new();
        fs::write(folder.path(), before).unwrap();
        run(to(&folder.path(), NEVER), 1);
        assert_eq!(fs::read_to_string(folder.path()).unwrap(), after);
    }
}

#[test]
fn a_full_disk_is_told_once_and_counted() {
    let (counters, told) = run(to(Path::new("/dev/full"), Rotate::default()), 3);
    assert_eq!(counters, Counters { retried: 9, not_delivered: 3, ..Counters::default() });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("output file:/dev/full: cannot be written: No space"), "{told:?}");
}

#[test]
fn a_file_whose_folder_goes_and_comes_back_is_written_again() {
    let folder = Folder::new();
    let inside = folder.0.path().join("logs");
    fs::create_dir(&inside).unwrap();
    let mut output = to(&inside.join("alerts"), NEVER);
    output.retry.attempts = 1000;
    let (notifier, told) = start(&[output]);
    fs::remove_dir_all(&inside).unwrap();
    notifier.send(alert(0)).unwrap();
    eventually("it is told", || told.all().len() == 1);
    fs::create_dir(&inside).unwrap();
    assert_eq!(end(notifier).delivered, 1);
    assert_eq!(fs::read_to_string(inside.join("alerts")).unwrap(), "0000\n");
    assert!(told.all()[1].ends_with("works again"));
}

#[test]
fn what_cannot_be_rotated_is_written_all_the_same() {
    let folder = Folder::new();
    // A folder with something in it stands where the file would go.
    fs::create_dir_all(folder.numbered(1).join("x")).unwrap();
    let rotate = Rotate { size_bytes: Some(10), keep: 1, ..NEVER };
    let (counters, told) = run(to(&folder.path(), rotate), 6);
    assert_eq!(counters, delivered(6));
    assert_eq!(fs::read_to_string(folder.path()).unwrap().lines().count(), 6);
    assert!(told[0].contains("cannot be rotated"), "{told:?}");
}

#[test]
fn a_pipe_is_written_and_never_rotated() {
    let folder = Folder::new();
    let pipe = folder.path();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let rotate = Rotate { size_bytes: Some(1), ..NEVER };
    // Keeps the pipe open until the reader has it, too.
    let holder = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    assert_eq!(run(to(&pipe, rotate), 5).0, delivered(5));
    (&holder).write_all(b"end\n").unwrap();
    thread::sleep(Duration::from_millis(200));
    drop(holder);
    assert_eq!(reader.join().unwrap().lines().count(), 6);
    assert_eq!(folder.count(), 1);
}

#[test]
fn a_path_that_cannot_be_opened_is_refused_at_once() {
    let folder = Folder::new();
    let wrong = folder.0.path().join("no/such/folder");
    let result = Notifier::start(&[to(&wrong, NEVER)], &Told::default().tell());
    assert!(matches!(result, Err(Error::File { path, .. }) if path == wrong));
}

#[test]
fn others_cannot_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    run(to(&folder.path(), NEVER), 1);
    assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o007, 0);
}
