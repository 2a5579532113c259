//! An image, the program, and engines that run.

use std::{
    fs::{self, File},
    io::Cursor,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use image::Digest;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

/// The name that the archive tells.
pub(crate) const NAME: &str = "app:1.2";
const LIBC: &str =
    "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n";
const CURL: &str =
    "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88-1\n";
const RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n";

/// A folder in which an archive of an image lies: packages of two layers, of which the upper one takes
/// some away, and has a file under two names.
pub(crate) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(fixture.archive(), saved()).unwrap();
        fixture
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.path("app.tar")
    }

    /// The program, in an environment in which it finds no engine but those that are told.
    pub(crate) fn scan(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
        let none = self.path("none");
        fs::create_dir_all(&none).unwrap();
        fs::write(none.join("storage.conf"), format!("[storage]\ngraphroot = {none:?}\n")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
            .args(["scan", "image", "--list-packages", "--format", "json"])
            .args(arguments)
            .env("HOME", &none)
            .env("XDG_RUNTIME_DIR", &none)
            .env("DOCKER_HOST", format!("unix://{}/docker.sock", none.display()))
            .env("CONTAINERS_STORAGE_CONF", none.join("storage.conf"))
            .env("CONTAINERD_ADDRESS", none.join("containerd.sock"))
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// What is told of an image, which all of has to be read.
    pub(crate) fn told(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Value {
        let output = self.scan(arguments, environment);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The same as of the archive, but for its name and how its layers lie there.
    pub(crate) fn check(&self, name: &str, arguments: &[&str], environment: &[(&str, &Path)]) {
        let archive = self.archive();
        let mut expected = self.told(&[archive.to_str().unwrap()], &[]);
        let mut told = self.told(arguments, environment);
        assert_eq!(told["target"], name, "{arguments:?}");
        for document in [&mut expected, &mut told] {
            document["target"].take();
            for layer in document["layers"].as_array_mut().unwrap() {
                layer.as_object_mut().unwrap().remove("digest");
            }
        }
        assert_eq!(told, expected, "{arguments:?}");
        assert_eq!(told["packages"].as_array().unwrap().len(), 4);
    }
}

/// Text of a file; `None` is another name of the one before.
fn layer(files: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    let mut before = "";
    for (path, text) in files {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        match text {
            Some(text) => {
                header.set_size(text.len() as u64);
                archive.append_data(&mut header, path, Cursor::new(text)).unwrap();
                before = path;
            }
            None => {
                header.set_entry_type(EntryType::Link);
                header.set_size(0);
                archive.append_link(&mut header, path, before).unwrap();
            }
        }
    }
    archive.into_inner().unwrap()
}

/// What `docker save` writes.
fn saved() -> Vec<u8> {
    let layers = [
        layer(&[
            ("etc/os-release", Some(RELEASE)),
            ("var/lib/dpkg/status", Some(LIBC)),
            ("srv/a/node_modules/left/package.json", Some(r#"{"name":"left","version":"1.0.0"}"#)),
            ("srv/old/node_modules/old/package.json", Some(r#"{"name":"old","version":"1.0.0"}"#)),
        ]),
        layer(&[
            ("var/lib/dpkg/status", Some(&format!("{LIBC}\n{CURL}"))),
            ("srv/.wh.old", Some("")),
            (
                "srv/b/node_modules/right/package.json",
                Some(r#"{"name":"right","version":"2.0.0"}"#),
            ),
            ("srv/c/node_modules/right/package.json", None),
        ]),
    ];
    let diff_ids: Vec<String> = layers.iter().map(|it| Digest::of(it).to_string()).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {}, "created": "2024-01-02T03:04:05Z",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": "ADD base"}, {"created_by": "RUN make"}],
    });
    let config = config.to_string();
    let name = format!("{}.json", Digest::of(config.as_bytes()).hex());
    let manifest =
        json!([{"Config": name, "RepoTags": [NAME], "Layers": ["1/layer.tar", "2/layer.tar"]}]);
    let mut archive = Builder::new(Vec::new());
    for (path, bytes) in [
        ("1/layer.tar", &layers[0][..]),
        ("2/layer.tar", &layers[1]),
        (&name, config.as_bytes()),
        ("manifest.json", manifest.to_string().as_bytes()),
    ] {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A program that serves until it is dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    /// Starts it, and waits for its socket; `None`, with a line, where it ends before.
    pub(crate) fn start(command: &mut Command, log: &Path, socket: &Path) -> Option<Self> {
        let out = File::create(log).unwrap();
        let errors = out.try_clone().unwrap();
        let name = command.get_program().to_owned();
        let Ok(child) = command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn() else {
            eprintln!("skipped: {} is not installed", name.display());
            return None;
        };
        let mut daemon = Self(child);
        while UnixStream::connect(socket).is_err() {
            if daemon.0.try_wait().unwrap().is_some() {
                let log = fs::read_to_string(log).unwrap();
                let last = log.lines().last().unwrap_or_default();
                eprintln!("skipped: {} does not run here: {last}", name.display());
                return None;
            }
            thread::sleep(Duration::from_millis(100));
        }
        Some(daemon)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has children, which it ends itself.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Whether a program could be run and did what it should; `None` where it is not installed.
pub(crate) fn done(command: &mut Command) -> Option<bool> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    if !output.status.success() {
        eprintln!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Some(output.status.success())
}

/// Whether this is root, as whom alone some engines run.
pub(crate) fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("skipped: the engine runs as root alone");
    }
    is_root
}
