//! Alerts of Falco's own rules against those that Falco 0.44.1 gave of the same captures, byte for
//! byte: which rules, when, in which words, with which values. Differences that are meant stand in
//! `docs/compatibility.md` and in [`known`], one by one; the test fails for one that is not there
//! or no longer needed.
//!
//! `GOLDEN_CAPTURE` (part of a name) narrows a run down.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod known;

use std::{
    collections::BTreeSet,
    env, fs,
    io::BufReader,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use capture::{Source, file::Reader};
use event::snapshot::{Machine, Record};
use known::{ORDER, VALUES};
use rules::{
    alert::{
        ContainerFields, Maker,
        select::{NamePattern, Selection},
    },
    engine::{Engine, EngineMemory, Matching},
    load::{Rule, RuleFile, load},
};
use serde_json::Value;
use state::{Context, Engines, Limits, State};
use testkit::data;

/// Falco's rule files, in the order in which they were loaded.
const FILES: [&str; 3] =
    ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

/// How Falco was run: name, number of files, which matches count, which rules were turned on.
const MODES: [(&str, usize, Matching, &[&str]); 4] = [
    ("stable-first", 1, Matching::First, &[]),
    ("default-first", 3, Matching::First, &[]),
    ("default-all", 3, Matching::All, &[]),
    ("every-rule-enabled-all", 3, Matching::All, &["*"]),
];

#[test]
fn alerts_are_those_that_falco_gives() {
    let Some(data) = data() else { return };
    let only = env::var("GOLDEN_CAPTURE").unwrap_or_default();
    let modes: Vec<Mode> = MODES.iter().map(|mode| Mode::new(&data, mode)).collect();
    let captures: Vec<Capture> =
        captures(&data).into_iter().filter(|c| c.name.contains(&only)).collect();
    assert!(!captures.is_empty());
    let report = Mutex::new(Report::default());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(capture) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for (mode, got) in modes.iter().zip(replay(capture, &modes)) {
                        let want = capture.expected(mode);
                        report.lock().unwrap().compare(capture, mode, &got, &want);
                    }
                }
            });
        }
    });
    let report = report.into_inner().unwrap();
    println!("{} alerts of {} captures compared", report.alerts, captures.len());
    for line in report.differences.iter().take(20) {
        println!("{line}");
    }
    assert!(report.differences.is_empty(), "{} alerts differ", report.differences.len());
    if only.is_empty() {
        for (position, known) in VALUES.iter().enumerate() {
            assert!(report.values.contains(&position), "no longer needed: {}", known.capture);
        }
        let order: BTreeSet<&str> = report.order.iter().map(String::as_str).collect();
        assert_eq!(order, ORDER.iter().copied().collect(), "captures with another order");
    }
}

#[test]
fn every_known_difference_stands_on_the_page() {
    let page = include_str!("../../../../docs/compatibility.md");
    for known in VALUES {
        let (recorder, capture) = known.capture.split_once('/').unwrap();
        let row = format!("| `{}` | {} | `{capture}`, {recorder} |", known.field, known.rule);
        assert!(page.contains(&row), "not on the page: {row}");
    }
    for capture in ORDER.iter().map(|name| name.split_once('/').unwrap().1) {
        assert!(page.contains(&format!("`{capture}`")), "not on the page: {capture}");
    }
}

/// Rules as Falco had them in a mode.
struct Mode {
    name: &'static str,
    rules: Vec<Rule>,
    matching: Matching,
}

impl Mode {
    fn new(
        data: &Path,
        &(name, files, matching, on): &(&'static str, usize, Matching, &[&str]),
    ) -> Self {
        let read = |file: &&str| RuleFile {
            name: (*file).to_owned(),
            text: fs::read_to_string(data.join("falco/rules").join(file)).unwrap(),
        };
        let loaded = load(FILES[..files].iter().map(read).collect()).unwrap();
        let with = on.iter().map(|&pattern| NamePattern(pattern.to_owned())).collect();
        let selection = Selection { with, ..Selection::default() };
        let rules = loaded.definitions.rules;
        Self { name, rules: rules.into_iter().filter(|r| selection.takes(r)).collect(), matching }
    }
}

/// A capture of which Falco's alerts are known.
struct Capture {
    name: String,
    path: PathBuf,
    golden: PathBuf,
    engines: Engines,
}

impl Capture {
    fn expected(&self, mode: &Mode) -> String {
        let name = format!("{}.jsonl", self.path.file_stem().unwrap().to_str().unwrap());
        fs::read_to_string(self.golden.join(mode.name).join(name)).unwrap()
    }
}

/// As Falco was set up: its container plugin's engines off, but for these and, on the attacks, two
/// more.
fn captures(data: &Path) -> Vec<Capture> {
    let always = Engines::LXC | Engines::LIBVIRT_LXC | Engines::BPM;
    let attacks = always | Engines::DOCKER | Engines::PODMAN;
    let mut all = Vec::new();
    for (root, engines) in
        [("", always), ("attacks/sysdig-0.29.3", attacks), ("attacks/sysdig-0.41.4", attacks)]
    {
        let folder = data.join("scap").join(root);
        let recorder = root.rsplit('/').next().unwrap();
        for entry in fs::read_dir(folder.join("captures")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "scap") {
                let stem = path.file_stem().unwrap().to_str().unwrap();
                let name = format!("{recorder}/{stem}");
                let golden = folder.join("golden/alerts");
                all.push(Capture { name, path, golden, engines });
            }
        }
    }
    all
}

/// One mode at work on a capture.
struct Run {
    engine: Engine,
    memory: EngineMemory,
    maker: Maker,
    lines: Vec<u8>,
}

impl Run {
    fn new(mode: &Mode) -> Self {
        Self {
            engine: Engine::new(&mode.rules, mode.matching).unwrap(),
            memory: EngineMemory::default(),
            maker: Maker::new(&mode.rules, ContainerFields::Appended, &[]).unwrap(),
            lines: Vec::new(),
        }
    }

    fn event(&mut self, context: &Context<'_>) {
        for &rule in self.engine.matches(context, &mut self.memory) {
            let subject = self.maker.subject(context);
            self.maker.alert(rule, context, subject).unwrap().json(&mut self.lines);
            self.lines.push(b'\n');
        }
    }
}

/// The alerts of each mode, as lines of JSON.
fn replay(capture: &Capture, modes: &[Mode]) -> Vec<String> {
    let mut runs: Vec<Run> = modes.iter().map(Run::new).collect();
    let file = BufReader::new(fs::File::open(&capture.path).unwrap());
    let mut reader = Reader::new(file).unwrap();
    let mut state = State::new(Limits::default());
    state.set_engines(capture.engines);
    state.record(&named(Machine::default()));
    // Damage ends a capture, as it does for Falco.
    while let Ok(Some(record)) = reader.next() {
        match record {
            Record::Event(event) => {
                let context = state.event(event);
                runs.iter_mut().for_each(|run| run.event(&context));
            }
            Record::Machine(machine) => state.record(&named(machine)),
            other => state.record(&other),
        }
    }
    runs.into_iter().map(|run| String::from_utf8(run.lines).unwrap()).collect()
}

/// The host has another name in what is expected.
fn named(machine: Machine<'_>) -> Record<'_> {
    Record::Machine(Machine { hostname: b"golden", ..machine })
}

#[derive(Default)]
struct Report {
    alerts: usize,
    differences: Vec<String>,
    /// Positions in [`VALUES`] of the cases that were met.
    values: BTreeSet<usize>,
    /// Captures whose alerts come in another order.
    order: BTreeSet<String>,
}

impl Report {
    fn compare(&mut self, capture: &Capture, mode: &Mode, got: &str, want: &str) {
        let mut want: Vec<&str> = want.lines().collect();
        let mut got: Vec<&str> = got.lines().collect();
        self.alerts += want.len();
        if mode.name == "every-rule-enabled-all" && rules_of(&got) != rules_of(&want) {
            self.order.insert(capture.name.clone());
            got.sort_unstable_by_key(|line| in_any_order(line));
            want.sort_unstable_by_key(|line| in_any_order(line));
        }
        for index in 0..got.len().max(want.len()) {
            let (got, want) = (got.get(index), want.get(index));
            if got != want && !self.is_known(capture, got, want) {
                let line = format!("{} {}\n  {got:?} not\n  {want:?}", capture.name, mode.name);
                self.differences.push(line);
            }
        }
    }

    fn is_known(&mut self, capture: &Capture, got: Option<&&str>, want: Option<&&str>) -> bool {
        let (Some(got), Some(want)) = (got, want) else { return false };
        let (got, mut want) = (alert(got), alert(want));
        let case = known::settle(&capture.name, &got, &mut want);
        self.values.extend(case);
        case.is_some() && got == want
    }
}

fn alert(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

fn rules_of(lines: &[&str]) -> Vec<Value> {
    lines.iter().map(|line| alert(line)["rule"].clone()).collect()
}

fn in_any_order(line: &str) -> (String, String) {
    let alert = alert(line);
    (alert["time"].to_string(), alert["rule"].to_string())
}
