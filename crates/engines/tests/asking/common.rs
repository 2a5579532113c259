//! What all tests need.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use engines::{
    Answer, Answers, Api, Asked, Engines, Figures, Hint, Limits, Settings, SourceSettings,
};
use serde_json::Value;
use tempfile::TempDir;

/// Long enough for anything but what never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The container of the files from Docker.
pub(crate) const DOCKER_ID: &str =
    "89108fb2711e46e28e5c24be717f9f61eaf0717b3cff6ea1efa088b197442dee";
pub(crate) const IMAGE_ID: &str =
    "68f198465f467fbeec33c32182c4c0fc41a76490a72e3ed11d017e8a485da4c7";
pub(crate) const IMAGE_DIGEST: &str =
    "sha256:6ee6cbcc3ed6755d3abdba4247f59616340549dd8586896a23621d4233cf6f44";

/// A recorded answer.
pub(crate) fn data(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read(folder.join(path)).unwrap()
}

/// A machine of which a folder is the root.
pub(crate) struct Machine {
    root: TempDir,
    pub(crate) settings: Settings,
}

impl Machine {
    /// One without any engine.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let pauses = [2, 4, 8].map(Duration::from_millis);
        let settings = Settings {
            host_root: root.path().into(),
            sources: Vec::new(),
            user_sources: Vec::new(),
            limits: Limits { retries: pauses.into(), ..Limits::default() },
        };
        Self { root, settings }
    }

    /// An engine that is asked at `path`; where that is for whoever plays it.
    pub(crate) fn engine(&mut self, api: Api, path: &str) -> PathBuf {
        self.settings.sources.push(SourceSettings { api, path: path.into() });
        self.at(path)
    }

    /// Where this path of the machine is, with its folder made.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        let place = self.root.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.at(path), text).unwrap();
    }

    pub(crate) fn start(&self) -> Running {
        let (engines, answers) = Engines::start(self.settings.clone()).unwrap();
        Running { engines, answers }
    }

    /// Asks about one container.
    pub(crate) fn ask(&self, id: &str) -> (Option<Value>, Figures) {
        self.ask_with(id, Hint::default())
    }

    pub(crate) fn ask_with(&self, id: &str, hint: Hint) -> (Option<Value>, Figures) {
        let running = self.start();
        assert_eq!(running.engines.ask(id, hint), Asked::Yes);
        let figures = running.settled();
        (running.answers.try_next().as_ref().map(container), figures)
    }
}

pub(crate) struct Running {
    pub(crate) engines: Engines,
    pub(crate) answers: Answers,
}

impl Running {
    /// Waits until no question is open.
    pub(crate) fn settled(&self) -> Figures {
        eventually("every question is settled", || self.engines.figures().waiting == 0);
        self.engines.figures()
    }

    pub(crate) fn answer(&self, id: &str) -> Option<Answer> {
        assert_eq!(self.engines.ask(id, Hint::default()), Asked::Yes);
        self.settled();
        self.answers.try_next()
    }
}

/// What an answer tells of its container.
pub(crate) fn container(answer: &Answer) -> Value {
    let value: Value = serde_json::from_slice(&answer.json).unwrap();
    assert_eq!(value["container"]["id"], answer.id);
    value["container"].clone()
}

/// Waits until something holds.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
