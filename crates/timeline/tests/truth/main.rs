//! Scripted attacks, recorded by two recorders: what each script is known to have done stands in
//! the timeline, as far as it is in the record, and nothing else does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod alerts;
mod known;
mod record;
mod story;
mod told;

use std::{collections::BTreeSet, path::Path};

use capture::{Record, Source, file::Reader};
use state::State;
use timeline::{
    build::{Builder, Limits},
    model::{Acts, Origin, Timeline},
};

use known::KNOWN;
use record::Seen;
use story::{Item, Story};

const RECORDERS: [&str; 2] = ["sysdig-0.29.3", "sysdig-0.41.4"];

/// Does `check` with the timeline of every attack, what its record holds, and what its script did.
fn each_attack(mut check: impl FnMut(&str, &Timeline, &Seen, &Story)) {
    let Some(data) = testkit::data() else { return };
    let attacks = data.join("scap/attacks");
    let mut count = 0;
    for recorder in RECORDERS {
        for story in story::all(&attacks.join("truth")) {
            let (timeline, seen) = read(&attacks.join(recorder), &story.name);
            check(&format!("{recorder} {}", story.name), &timeline, &seen, &story);
            count += 1;
        }
    }
    assert!(count >= 50, "only {count} attacks");
}

/// The timeline of an attack, with the alerts that Falco gave of it, and what the record holds.
fn read(recorder: &Path, name: &str) -> (Timeline, Seen) {
    let path = recorder.join("captures").join(format!("{name}.scap"));
    let mut reader = Reader::new(std::fs::File::open(path).expect("the capture opens")).unwrap();
    let alerts = alerts::of(recorder, name);
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    let mut seen = Seen::default();
    while let Some(record) = reader.next().expect("the capture reads") {
        seen.record(&record);
        match record {
            Record::Event(event) => {
                builder.event(&state.event(event));
                for alert in alerts.get(&event.ts_ns).into_iter().flatten() {
                    builder.alert(alert, 1, alert.ts_ns);
                }
            }
            other => state.record(&other),
        }
    }
    (builder.finish(&state), seen)
}

#[test]
fn what_the_scripts_did_stands_in_the_timeline() {
    let mut missing = BTreeSet::new();
    each_attack(|name, timeline, _, story| {
        for item in &story.items {
            if !stands(timeline, item) {
                missing.insert(format!("{name}: {item}"));
            }
        }
    });
    if testkit::data().is_none() {
        return;
    }
    let known: BTreeSet<String> = KNOWN.iter().flat_map(known::Case::names).collect();
    let unknown: Vec<_> = missing.difference(&known).collect();
    assert!(unknown.is_empty(), "not in the timeline: {unknown:#?}");
    let found: Vec<_> = known.difference(&missing).collect();
    assert!(found.is_empty(), "in the timeline after all, so no case any more: {found:#?}");
}

/// Whether what a script did stands in the timeline.
fn stands(timeline: &Timeline, item: &Item) -> bool {
    let processes = &timeline.processes;
    let mut files = processes.iter().flat_map(|process| &process.files);
    match item {
        Item::Command(argv) => processes.iter().flat_map(|process| &process.commands).any(|c| {
            let own: Vec<String> = c.argv.iter().map(|arg| arg.shown().into_owned()).collect();
            let script = c.script.as_ref().map(|script| script.shown().into_owned());
            c.origin == Origin::Exec
                && (story::matches(argv, &own) || story::is_script(argv, &own, script.as_deref()))
        }),
        Item::Written(path) => files.any(|row| {
            let made = row.acts.intersects(Acts::LINKED | Acts::RENAMED);
            let changed = if made { row.other.as_ref() } else { Some(&row.path) };
            let written = Acts::CREATED
                | Acts::WRITTEN
                | Acts::TRUNCATED
                | Acts::FOLDER
                | Acts::SYMLINKED
                | Acts::LINKED
                | Acts::RENAMED
                | Acts::MODE;
            row.error.is_none()
                && row.acts.intersects(written)
                && changed.is_some_and(|changed| story::is(path, &changed.shown()))
        }),
        Item::Renamed(from, to) => files.any(|row| {
            row.acts.contains(Acts::RENAMED)
                && story::is(from, &row.path.shown())
                && row.other.as_ref().is_some_and(|other| story::is(to, &other.shown()))
        }),
        Item::Deleted(path) => {
            files.any(|row| row.acts.contains(Acts::DELETED) && story::is(path, &row.path.shown()))
        }
        Item::Read(path) => files.any(|row| {
            row.acts.intersects(Acts::READ | Acts::LISTED) && story::is(path, &row.path.shown())
        }),
        Item::Endpoint(end) => {
            let rows = processes.iter().flat_map(|process| &process.network);
            let mut ends = rows.filter_map(|row| row.remote);
            ends.any(|remote| format!("{}:{}", remote.ip, remote.port) == *end)
        }
    }
}

#[test]
fn every_command_is_one_of_the_record() {
    each_attack(|name, timeline, seen, _| {
        for process in &timeline.processes {
            for command in &process.commands {
                let argv: Vec<Vec<u8>> =
                    command.argv.iter().map(|arg| arg.bytes().to_vec()).collect();
                let known = match command.origin {
                    Origin::Exec | Origin::Failed { .. } => seen.executed.contains(&argv),
                    Origin::Before => argv.is_empty() || seen.running.contains(&argv),
                    Origin::Forked => seen.running.contains(&argv) || seen.executed.contains(&argv),
                };
                assert!(known, "{name}: {command:#?}");
            }
        }
    });
}

#[test]
fn every_exec_of_the_record_is_a_command() {
    each_attack(|name, timeline, seen, _| {
        let commands = timeline.processes.iter().flat_map(|process| &process.commands);
        let told = commands.filter(|command| command.origin == Origin::Exec).count();
        assert_eq!(told, seen.successes, "{name}");
    });
}

#[test]
fn every_path_occurs_in_the_record() {
    each_attack(|name, timeline, seen, _| {
        for row in timeline.processes.iter().flat_map(|process| &process.files) {
            for path in [Some(&row.path), row.other.as_ref()].into_iter().flatten() {
                assert!(seen.has_path(path.bytes()), "{name}: {row:#?}");
            }
        }
    });
}

#[test]
fn every_endpoint_occurs_in_the_record() {
    each_attack(|name, timeline, seen, _| {
        for row in timeline.processes.iter().flat_map(|process| &process.network) {
            for end in [row.local, row.remote].into_iter().flatten() {
                assert!(seen.endpoints.contains(&(end.ip, end.port)), "{name}: {row:#?}");
            }
        }
    });
}
