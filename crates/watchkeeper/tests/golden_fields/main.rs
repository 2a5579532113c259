//! Every field of every listed event against the values that Falco 0.44.1 gave for the same
//! capture. Differences that are meant stand in `docs/compatibility.md`; [`known`] tells them from
//! mistakes, and the test fails for a case that is not on the page or no longer needed.
//!
//! `GOLDEN_CAPTURE` and `GOLDEN_FIELD` (parts of names) narrow a run down; `GOLDEN_EXAMPLES` sets
//! how many differences are shown for each field.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod known;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    io::BufReader,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use known::{Difference, KNOWN};
use rules::{
    fields::{FieldRef, Scratch},
    format::field_json,
};
use serde_json::Value;
use state::{Engines, Limits, State};
use testkit::{Case, cases, data, json_lines};

#[test]
fn every_field_has_the_value_that_falco_gives() {
    let Some(data) = data() else { return };
    let fields =
        printed_fields(&fs::read_to_string(data.join("scap/golden/fields/dump.yaml")).unwrap());
    let only = env::var("GOLDEN_CAPTURE").unwrap_or_default();
    let cases: Vec<Case> =
        cases().into_iter().filter(|c| c.fields.is_some() && c.name.contains(&only)).collect();
    let report = Mutex::new(Report::default());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = compare(case, &fields);
                    report.lock().unwrap().merge(found);
                }
            });
        }
    });
    let report = report.into_inner().unwrap();
    report.print();
    assert!(report.compared > 0, "nothing was compared");
    assert!(report.differences.is_empty(), "{} fields differ", report.differences.len());
    if ["GOLDEN_CAPTURE", "GOLDEN_FIELD"].iter().all(|name| env::var_os(name).is_none()) {
        for (position, case) in KNOWN.iter().enumerate() {
            assert!(report.met.contains(&position), "no longer needed: {:?}", case.fields);
        }
    }
}

#[test]
fn every_known_difference_stands_on_the_page() {
    let page = include_str!("../../../../docs/compatibility.md");
    for field in KNOWN.iter().flat_map(|case| case.fields) {
        assert!(page.contains(&format!("`{field}`")), "{field} is not on the page");
    }
}

/// Names of the fields that the expected values were printed with.
fn printed_fields(rule: &str) -> Vec<FieldRef> {
    let only = env::var("GOLDEN_FIELD").unwrap_or_default();
    let output = rule.lines().find_map(|l| l.trim().strip_prefix("output: ")).unwrap();
    output
        .trim_matches('"')
        .split(' ')
        .filter_map(|word| word.strip_prefix('%'))
        .filter(|name| name.contains(&only))
        .map(|name| FieldRef::parse(name).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect()
}

/// As Falco was set up: its container plugin's engines off, but for these and, on the attacks, two
/// more.
fn golden_state(case: &Case) -> State {
    let mut state = State::new(Limits::default());
    let always = Engines::LXC | Engines::LIBVIRT_LXC | Engines::BPM;
    let is_attack = case.capture.components().any(|part| part.as_os_str() == "attacks");
    let more = if is_attack { Engines::DOCKER | Engines::PODMAN } else { Engines::empty() };
    state.set_engines(always | more);
    state
}

#[derive(Default)]
struct Report {
    compared: u64,
    events: u64,
    missing: Vec<String>,
    differences: BTreeMap<String, Vec<String>>,
    /// Positions in [`KNOWN`] of the cases that were met.
    met: BTreeSet<usize>,
}

impl Report {
    fn merge(&mut self, other: Report) {
        self.compared += other.compared;
        self.events += other.events;
        self.missing.extend(other.missing);
        self.met.extend(other.met);
        for (field, found) in other.differences {
            self.differences.entry(field).or_default().extend(found);
        }
    }

    fn print(&self) {
        let shown = env::var("GOLDEN_EXAMPLES").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
        let total: usize = self.differences.values().map(Vec::len).sum();
        println!("{} values of {} events compared, {total} differ", self.compared, self.events);
        for line in &self.missing {
            println!("{line}");
        }
        for (field, found) in &self.differences {
            println!("{:7}  {field}", found.len());
            for line in found.iter().take(shown) {
                println!("           {line}");
            }
        }
    }
}

fn compare(case: &Case, fields: &[FieldRef]) -> Report {
    let expected: HashMap<u64, Value> = json_lines(case.fields.as_ref().unwrap())
        .into_iter()
        .map(|line| (line["evt.num"].as_u64().unwrap(), line))
        .collect();
    let names: Vec<String> = fields.iter().map(ToString::to_string).collect();
    let mut reader = Reader::new(BufReader::new(fs::File::open(&case.capture).unwrap())).unwrap();
    let mut state = golden_state(case);
    let mut report = Report::default();
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    loop {
        let event = match reader.next() {
            Ok(Some(Record::Event(event))) => event,
            Ok(Some(record)) => {
                state.record(&record);
                continue;
            }
            Ok(None) => break,
            Err(error) => {
                report.missing.push(format!("{}: {error}", case.name));
                break;
            }
        };
        let context = state.event(event);
        let Some(line) = expected.get(&context.num) else { continue };
        report.events += 1;
        for (field, name) in fields.iter().zip(&names) {
            out.clear();
            field_json(field, &context, &mut scratch, &mut out);
            report.compared += 1;
            let got = serde_json::from_slice(&out)
                .unwrap_or_else(|e| Value::String(format!("not JSON: {e}: {out:?}")));
            let want = line.get(name).unwrap_or(&Value::Null);
            if got != *want {
                let difference = Difference { context: &context, line, got: &got, want };
                if let Some(case) = known::find(name, &difference) {
                    report.met.insert(case);
                    continue;
                }
                report.differences.entry(name.clone()).or_default().push(format!(
                    "{} {} {}: {got} not {want}",
                    case.name,
                    context.num,
                    context.event.info().name
                ));
            }
        }
    }
    let missed = expected.len() as u64 - report.events;
    if missed > 0 {
        report.missing.push(format!("{}: {missed} expected events never came", case.name));
    }
    report
}
