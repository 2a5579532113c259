//! The whole break-in, as an account with and one without privileges: it ends as it should, and
//! leaves nothing.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::{CommandExt, ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The account `nobody`.
const NOBODY: u32 = 65_534;

/// Twice what it takes at the longest: the machine may be busy.
const BOUND: Duration = Duration::from_secs(30);

/// A place for a break-in, with a home, that anybody may use.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = TempDir::new().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_breakin"), dir.path().join("breakin")).unwrap();
        for name in ["home", "scratch", "work"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            open_to_all(&dir.path().join(name));
        }
        fs::write(dir.path().join("home/.bashrc"), "# as it was\n").unwrap();
        open_to_all(dir.path());
        Place { dir }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.dir.path().join("breakin"));
        command
            .current_dir(self.dir.path().join("work"))
            .env("HOME", self.dir.path().join("home"))
            .env("TMPDIR", self.dir.path().join("scratch"))
            .stdin(Stdio::null());
        command
    }

    /// Every file outside of the scratch directory: its name, size and time of change.
    fn outside(&self) -> Vec<(PathBuf, u64, i64, i64)> {
        let mut files = Vec::new();
        list(self.dir.path(), &mut files);
        let scratch = self.dir.path().join("scratch");
        let described = files.into_iter().filter(|path| *path != scratch).map(|path| {
            let meta = fs::symlink_metadata(&path).unwrap();
            (path, meta.size(), meta.mtime(), meta.mtime_nsec())
        });
        described.collect()
    }

    /// The processes whose environment, command line or directory speaks of this place.
    fn processes(&self) -> Vec<String> {
        let place = self.dir.path().to_str().unwrap();
        let entries = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let speaks = |process: &PathBuf| {
            let texts = ["environ", "cmdline"].map(|name| fs::read(process.join(name)));
            let cwd = fs::read_link(process.join("cwd"));
            texts.iter().flatten().any(|text| String::from_utf8_lossy(text).contains(place))
                || cwd.is_ok_and(|cwd| cwd.starts_with(place))
        };
        entries.filter(speaks).map(|process| process.display().to_string()).collect()
    }

    fn must_be_clean(&self) {
        let left: Vec<_> = fs::read_dir(self.dir.path().join("scratch")).unwrap().collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        self.must_be_alone();
    }

    /// The kernel takes down a process that has ended piece by piece.
    fn must_be_alone(&self) {
        let begin = Instant::now();
        while !self.processes().is_empty() && begin.elapsed() < BOUND {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(self.processes(), [""; 0], "still there");
    }
}

fn open_to_all(dir: &Path) {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o777)).unwrap();
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        }
        files.push(path);
    }
}

/// Plays it, and checks all that must be so whoever plays.
fn play(as_whom: impl Fn(&mut Command)) -> String {
    let place = Place::new();
    let before = place.outside();
    let mut command = place.command();
    as_whom(command.args(["--pause", "0"]));
    let begin = Instant::now();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (told, complained) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}\n{told}\n{complained}");
    assert_eq!(complained, "");
    assert!(begin.elapsed() < BOUND, "{:?}", begin.elapsed());
    assert_eq!(place.outside(), before, "outside of the scratch directory");
    place.must_be_clean();
    told
}

/// The steps, without what depends on the machine.
fn steps(told: &str) -> Vec<&str> {
    told.lines().filter(|line| line.contains("  The intruder ")).collect()
}

#[test]
fn it_plays_to_its_end_and_leaves_nothing() {
    let told = play(|_| ());
    let steps = steps(&told);
    assert_eq!(steps.first(), Some(&" 1  The intruder looks at the site."));
    assert_eq!(steps.last(), Some(&"22  The intruder leaves."));
    assert!(told.contains("    -----BEGIN OPENSSH PRIVATE KEY-----\n"), "{told}");
    assert!(told.contains("    DB_PASSWORD=made-up\n"), "{told}");
}

#[test]
fn it_needs_no_privilege_and_no_terminal() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let told = play(|command| {
        command.uid(NOBODY).gid(NOBODY);
        // SAFETY: setsid may be called between fork and exec, and touches no memory.
        unsafe { command.pre_exec(|| Ok(rustix::process::setsid().map(drop)?)) };
    });
    assert_eq!(steps(&told).len(), 22);
}

#[test]
fn when_it_is_stopped_it_leaves_nothing_either() {
    // Stopped before and while the intruder has a shell.
    for (line, signal) in [(" 3 ", libc::SIGTERM), ("14 ", libc::SIGINT)] {
        let place = Place::new();
        let mut child =
            place.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(told.into_iter().any(|told| told.starts_with(line)), "step {line}");
        // SAFETY: sends a signal to a process that this test started and has not waited for.
        unsafe { libc::kill(child.id().cast_signed(), signal) };
        let status = child.wait().unwrap();
        assert_eq!((status.code(), status.signal()), (Some(1), None), "step {line}");
        place.must_be_clean();
    }
}

#[test]
fn when_it_is_killed_no_process_stays() {
    let place = Place::new();
    let mut child = place.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.into_iter().any(|told| told.starts_with("12 ")));
    child.kill().unwrap();
    child.wait().unwrap();
    place.must_be_alone();
}

#[test]
fn wrong_arguments_start_nothing() {
    for args in [&["--pause"][..], &["--pause", "soon"], &["now"]] {
        let place = Place::new();
        let output = place.command().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(output.stdout, b"", "{args:?}");
        place.must_be_clean();
    }
}
