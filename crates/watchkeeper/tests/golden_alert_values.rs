//! The values in the outputs of alerts, for every capture that has any: fewer fields than
//! `golden_fields` compares, but of all attacks, recorded by two recorders.

#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use rules::{
    fields::{FieldRef, Scratch},
    format::field_json,
};
use serde_json::{Map, Value};
use state::{Engines, Limits, State};
use testkit::data;

/// Falco counts from the recording's beginning, not from the epoch: see the page on compatibility.
const MEANT: &str = "container.start_ts";

/// Values by time and type of the event that set off an alert.
type Expected = HashMap<(u64, String), Map<String, Value>>;

#[test]
fn alerts_show_the_values_that_falco_shows() {
    let Some(data) = data() else { return };
    let always = Engines::LXC | Engines::LIBVIRT_LXC | Engines::BPM;
    let attacks = always | Engines::DOCKER | Engines::PODMAN;
    let mut compared = 0;
    for (root, engines) in [
        ("scap", always),
        ("scap/attacks/sysdig-0.29.3", attacks),
        ("scap/attacks/sysdig-0.41.4", attacks),
    ] {
        let alerts = alerts(&data.join(root).join("golden/alerts"));
        for (capture, expected) in alerts {
            let path = data.join(root).join("captures").join(format!("{capture}.scap"));
            compared += compare(&path, engines, expected);
        }
    }
    println!("{compared} values compared");
    assert!(compared > 0, "nothing was compared");
}

/// What is known of each capture's alerts, over all the ways in which Falco was run.
fn alerts(folder: &Path) -> BTreeMap<String, Expected> {
    let mut all = BTreeMap::<String, Expected>::new();
    for file in files(folder).iter().flat_map(|mode| files(mode)) {
        if file.extension().is_none_or(|e| e != "jsonl") {
            continue;
        }
        let capture = file.file_stem().unwrap().to_str().unwrap();
        let expected = all.entry(capture.to_owned()).or_default();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let alert: Value = serde_json::from_str(line).unwrap();
            let values = alert["output_fields"].as_object().unwrap().clone();
            let key = (values["evt.time"].as_u64().unwrap(), text(&values["evt.type"]));
            expected.entry(key).or_default().extend(values);
        }
    }
    all.retain(|_, expected| !expected.is_empty());
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns how many values were compared.
fn compare(capture: &Path, engines: Engines, mut expected: Expected) -> usize {
    let mut reader = Reader::new(BufReader::new(fs::File::open(capture).unwrap())).unwrap();
    let mut state = State::new(Limits::default());
    state.set_engines(engines);
    let mut compared = 0;
    while let Some(record) = reader.next().unwrap() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        let key = (context.event.ts_ns, context.event.info().name.to_owned());
        for (name, want) in expected.remove(&key).unwrap_or_default() {
            if name != MEANT {
                let got = value(&name, &context);
                assert_eq!(got, want, "{name} of {} in {}", context.num, capture.display());
                compared += 1;
            }
        }
    }
    assert!(expected.is_empty(), "{}: never came: {:?}", capture.display(), expected.keys());
    compared
}

fn value(field: &str, context: &state::Context<'_>) -> Value {
    let mut json = Vec::new();
    let field = FieldRef::parse(field).unwrap();
    field_json(&field, context, &mut Scratch::default(), &mut json);
    serde_json::from_slice(&json).unwrap()
}
