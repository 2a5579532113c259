//! Every operator and transformer of the filter language against the events that Falco 0.44.1
//! picked with the same conditions, and the conditions that it refused.
//!
//! `GOLDEN_CAPTURE` and `GOLDEN_RULE` (parts of names) narrow a run down.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::BufReader,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    filter::{Filter, Memory, parse::parse},
};
use serde_json::Value;
use state::{Audience, Engines, Limits, State};
use testkit::{Case, cases, data, json_lines};

#[test]
fn conditions_that_falco_refuses_are_refused() {
    let Some(data) = data() else { return };
    let text = fs::read_to_string(data.join("scap/golden/operators/rejected.json")).unwrap();
    let rejected: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!rejected.is_empty());
    for case in rejected {
        let condition = case["condition"].as_str().unwrap();
        assert!(Filter::compile(condition).is_err(), "{condition} was accepted");
    }
}

#[test]
fn conditions_pick_the_events_that_falco_picks() {
    let Some(data) = data() else { return };
    let golden = data.join("scap/golden/operators");
    let conditions = conditions(&fs::read_to_string(golden.join("rules.yaml")).unwrap());
    let only = env::var("GOLDEN_CAPTURE").unwrap_or_default();
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| case.name.contains(&only) && expected_file(&golden, case).exists())
        .collect();
    assert!(!cases.is_empty() && !conditions.is_empty());
    let meant = Mutex::new(BTreeSet::<&str>::new());
    let differences = Mutex::new(BTreeMap::<&str, Vec<String>>::new());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for (condition, difference) in compare(case, &golden, &conditions) {
                        match difference {
                            Some(line) => {
                                let mut all = differences.lock().unwrap();
                                all.entry(&condition.rule).or_default().push(line);
                            }
                            None => drop(meant.lock().unwrap().insert(&condition.text)),
                        }
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    for (rule, found) in &differences {
        let condition = &conditions.iter().find(|c| c.rule == *rule).unwrap().text;
        println!("{rule} {condition}: differs in {} captures", found.len());
        for line in found.iter().take(3) {
            println!("    {line}");
        }
    }
    assert!(differences.is_empty(), "{} conditions differ", differences.len());
    let meant = meant.into_inner().unwrap();
    for (condition, _) in MEANT {
        let is_needed =
            meant.contains(condition) || conditions.iter().all(|c| c.text != *condition);
        assert!(is_needed || !only.is_empty(), "{condition} no longer differs");
    }
}

/// Where the answer is meant to differ; the documentation says why, and no other difference passes.
const MEANT: &[(&str, Meant)] = &[
    ("fd.ip in (127.0.0.1, 8.8.8.8)", Meant::More),
    ("fd.net in (127.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)", Meant::More),
    ("len(fd.name) >= 20", Meant::One("sf-collector-files-filesat", 556)),
    ("not (proc.name = bash or fd.type = file)", Meant::One("sf-collector-files-filesat", 556)),
];

/// A difference that is meant.
#[derive(Clone, Copy)]
enum Meant {
    /// Events besides those that Falco picks.
    More,
    /// This event of this capture.
    One(&'static str, u64),
}

impl Meant {
    fn covers(self, capture: &str, more: &BTreeSet<u64>, fewer: &BTreeSet<u64>) -> bool {
        match self {
            Self::More => fewer.is_empty(),
            Self::One(name, event) => {
                capture == name && more.iter().chain(fewer).all(|&number| number == event)
            }
        }
    }
}

#[test]
fn what_is_meant_to_differ_is_documented() {
    let page = include_str!("../../../docs/compatibility.md");
    for (condition, _) in MEANT {
        assert!(page.contains(&format!("| `{condition}` | ")), "{condition}");
    }
}

struct Condition {
    rule: String,
    text: String,
    filter: Filter,
}

/// The conditions of the rule file: a name, then its condition two lines below.
fn conditions(rules: &str) -> Vec<Condition> {
    let only = env::var("GOLDEN_RULE").unwrap_or_default();
    let mut found = Vec::new();
    let mut rule = "";
    let mut lines = rules.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("- rule: ") {
            rule = name;
        } else if line.trim_end() == "  condition: >" {
            let text = lines.next().unwrap().trim().to_owned();
            if rule.contains(&only) {
                let filter = Filter::compile(&text).unwrap_or_else(|e| panic!("{rule}: {e}"));
                found.push(Condition { rule: rule.to_owned(), text, filter });
            }
        }
    }
    found
}

fn engine(conditions: &[Condition]) -> Engine {
    let trees: Vec<_> = conditions.iter().map(|c| parse(&c.text).unwrap()).collect();
    let named = conditions.iter().zip(&trees).map(|(c, tree)| (&*c.rule, tree));
    Engine::of_conditions(named, Matching::All).unwrap()
}

fn expected_file(golden: &Path, case: &Case) -> std::path::PathBuf {
    golden.join(format!("{}.json.zst", case.name))
}

/// The conditions that differ, each with what differs; `None` if it is meant to.
fn compare<'c>(
    case: &Case,
    golden: &Path,
    conditions: &'c [Condition],
) -> Vec<(&'c Condition, Option<String>)> {
    let expected = json_lines(&expected_file(golden, case)).remove(0);
    let mut hits = vec![BTreeSet::new(); conditions.len()];
    let mut reader = Reader::new(BufReader::new(fs::File::open(&case.capture).unwrap())).unwrap();
    let mut state = State::new(Limits::default());
    // As the expected results were made.
    state.set_engines(Engines::LXC | Engines::LIBVIRT_LXC | Engines::BPM);
    let mut memory = Memory::default();
    let engine = engine(conditions);
    let mut engine_memory = EngineMemory::default();
    // A damaged end is another test's matter.
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        if context.audience == Audience::State {
            continue;
        }
        let mut matched = Vec::new();
        for (place, (condition, hits)) in conditions.iter().zip(&mut hits).enumerate() {
            if condition.filter.matches(&context, &mut memory) {
                hits.insert(context.num);
                matched.push(place);
            }
        }
        // All of them compiled together say the same.
        let together = engine.matches(&context, &mut engine_memory);
        assert_eq!(together, matched, "{} event {}", case.name, context.num);
    }
    let mut differences = Vec::new();
    for (condition, got) in conditions.iter().zip(&hits) {
        let want: BTreeSet<u64> = expected["hits"][&condition.rule]
            .as_array()
            .map(|numbers| numbers.iter().filter_map(Value::as_u64).collect())
            .unwrap_or_default();
        let more: BTreeSet<u64> = got.difference(&want).copied().collect();
        let fewer: BTreeSet<u64> = want.difference(got).copied().collect();
        let meant = MEANT.iter().find(|(text, _)| *text == condition.text);
        if more.is_empty() && fewer.is_empty() {
            continue;
        }
        if meant.is_some_and(|(_, meant)| meant.covers(&case.name, &more, &fewer)) {
            differences.push((condition, None));
            continue;
        }
        let few = |set: &BTreeSet<u64>| set.iter().take(5).copied().collect::<Vec<_>>();
        differences.push((
            condition,
            Some(format!(
                "{}: {} not {}; too many {:?}, missing {:?}",
                case.name,
                got.len(),
                want.len(),
                few(&more),
                few(&fewer),
            )),
        ));
    }
    differences
}
