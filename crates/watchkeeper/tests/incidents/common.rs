//! Running the program, and reading what it left.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use capture::{Source as _, file::Reader};
use event::{
    Event,
    snapshot::Record,
    syscalls::{
        ASYNCEVENT_E, CONTAINER_JSON_2_E, GROUP_ADDED_E, GROUP_DELETED_E, USER_ADDED_E,
        USER_DELETED_E,
    },
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The made-up intrusion, which is always there.
pub(crate) fn intrusion() -> PathBuf {
    root().join("tests/data/intrusion.scap")
}

/// The default rules.
pub(crate) fn rules() -> PathBuf {
    root().join("rules")
}

pub(crate) fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().to_str().unwrap().to_owned()
}

/// A folder of its own with a store in it.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With the intrusion's incidents.
    pub(crate) fn with_intrusion() -> Self {
        let fixture = Self::new();
        let output = fixture.replay(&intrusion(), &[]);
        assert!(output.status.success(), "{}", stderr(&output));
        fixture
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> String {
        text(self.path("store"))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.folder.path()).env_remove("WATCHKEEPER_STORE").args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it prints, which must not fail.
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// Replays a capture with the default rules into the store.
    pub(crate) fn replay(&self, capture: &Path, arguments: &[&str]) -> Output {
        let (capture, rules, store) = (text(capture), text(rules()), self.store());
        let usual = ["--quiet", "replay", &capture, "--rules", &rules, "--store", &store];
        self.run(&[&usual[..], arguments].concat())
    }

    /// The folders of the incidents that are there.
    pub(crate) fn incidents(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("store/incidents")).into_iter().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        folders.retain(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'));
        folders.sort();
        folders
    }

    /// The ids that `incident list` names.
    pub(crate) fn listed(&self) -> Vec<String> {
        let lines =
            self.prints(&["incident", "list", "--store", &self.store(), "--format", "json"]);
        let id = |line: &str| {
            serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
        };
        lines.lines().map(id).collect()
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `incident.json` of a folder.
pub(crate) fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("incident.json")).unwrap()).unwrap()
}

/// An event of a recording, whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Seen {
    pub(crate) ts_ns: u64,
    tid: i64,
    kind: u16,
    cpu: u16,
    bytes: Vec<u8>,
}

/// The events of a recording that readers are shown: not those that only complete its beginning.
pub(crate) fn events(path: &Path) -> Vec<Seen> {
    let mut reader = Reader::new(File::open(path).unwrap()).unwrap();
    let mut events = Vec::new();
    let mut begun = false;
    while let Some(record) = reader.next().unwrap() {
        let Record::Event(event) = record else { continue };
        begun |= !is_notice(&event);
        if begun && !event.state_only {
            events.push(seen(&event));
        }
    }
    events
}

fn seen(event: &Event<'_>) -> Seen {
    let mut bytes = event.len_bytes().to_vec();
    bytes.extend_from_slice(event.data());
    let Event { ts_ns, tid, cpu, .. } = *event;
    Seen { ts_ns, tid, kind: event.kind.number(), cpu, bytes }
}

fn is_notice(event: &Event<'_>) -> bool {
    matches!(
        event.kind,
        ASYNCEVENT_E
            | CONTAINER_JSON_2_E
            | USER_ADDED_E
            | USER_DELETED_E
            | GROUP_ADDED_E
            | GROUP_DELETED_E
    )
}
