//! The recording as readers see it: sound events, whole state, alerts where they belong.

use std::{collections::BTreeSet, fs};

use event::{ParamType as T, alert::Priority, schema::EventFlags, snapshot::Record};
use rules::{
    engine::{Engine, EngineMemory, Matching},
    load::{RuleFile, load},
};
use state::{Context, Limits, State};

use super::{FILE, file, host::ADA, records, shop};
use crate::root;

const SECOND_NS: u64 = 1_000_000_000;
/// At the most so long are the windows around alerts in what tests ask of it.
const MARGIN_NS: u64 = 60 * SECOND_NS;

/// Hands on every event with the state at it.
fn each_event(mut see: impl FnMut(&Context<'_>)) {
    let mut state = State::new(Limits::default());
    records(&mut |record| {
        match record {
            Record::Event(event) => see(&state.event(event)),
            other => state.record(&other),
        }
        Ok(())
    })
    .expect("the story can be told");
}

#[test]
fn every_event_has_the_parameters_of_its_type() {
    let mut events = 0;
    let mut last_ns = 0;
    each_event(|context| {
        let (event, info) = (context.event, context.event.info());
        events += 1;
        assert_eq!(event.param_count(), info.params.len(), "{}", info.name);
        assert!(!info.flags.contains(EventFlags::OLD_VERSION), "{} of old", info.name);
        assert!(event.ts_ns > last_ns, "time goes on");
        last_ns = event.ts_ns;
        for param in event.params().filter(|p| !p.bytes.is_empty()) {
            let is_number = !matches!(
                param.info.ty,
                T::CharBuf | T::ByteBuf | T::FsPath | T::FsRelPath | T::SockAddr | T::SockTuple
            );
            let width_is_right = param.int().is_some() || !is_number;
            assert!(width_is_right, "{} of {}", param.info.name, info.name);
        }
    });
    assert!(events > 3_000, "{events} events");
}

#[test]
fn everything_that_is_used_was_there_before() {
    each_event(|context| {
        let event = context.event;
        let name = event.info().name;
        let here = format!("{name} of {} at {}", event.tid, event.ts_ns);
        let known = context.thread.is_some_and(|thread| !thread.comm.is_empty());
        assert!(known || event.tid == -1, "the thread: {here}");
        // Negative ones are errors, or stand for the working directory.
        let fd = event.params().find(|param| param.info.ty == T::Fd).and_then(|fd| fd.int());
        if event.info().flags.contains(EventFlags::USES_FD) && fd.is_some_and(|fd| fd >= 0) {
            assert!(context.fd.is_some(), "the file: {here}");
        }
    });
}

/// An alert of the default rules: when, how bad, where, and who had logged in.
struct Found {
    ts_ns: u64,
    critical: bool,
    in_shop: bool,
    login: u32,
    pid: i64,
}

fn alerts() -> Vec<Found> {
    let mut paths: Vec<_> = fs::read_dir(root().join("rules"))
        .expect("the default rules are there")
        .map(|entry| entry.expect("they can be listed").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    paths.sort();
    let file = |path: &std::path::PathBuf| RuleFile {
        name: path.display().to_string(),
        text: fs::read_to_string(path).expect("they can be read"),
    };
    let rules = load(paths.iter().map(file).collect()).expect("they are sound").definitions.rules;
    let engine = Engine::new(rules.iter(), Matching::First).expect("they compile");
    let mut memory = EngineMemory::default();
    let mut found = Vec::new();
    each_event(|context| {
        for &rule in engine.matches(context, &mut memory) {
            let thread = context.thread.expect("somebody does it");
            found.push(Found {
                ts_ns: context.event.ts_ns,
                critical: rules[rule].priority == Priority::Critical,
                in_shop: &*thread.container_id == shop::short_id().as_bytes(),
                login: thread.loginuid,
                pid: thread.pid,
            });
        }
    });
    found
}

#[test]
fn alerts_are_about_the_intrusion_and_the_colleague_alone() {
    let mut span = (u64::MAX, 0);
    each_event(|context| {
        span = (span.0.min(context.event.ts_ns), context.event.ts_ns);
    });
    let alerts = alerts();
    let critical = alerts.iter().filter(|alert| alert.critical).count();
    assert!(critical >= 5, "{critical} critical alerts");
    for alert in &alerts {
        assert!(alert.in_shop || alert.login == ADA, "pid {} at {}", alert.pid, alert.ts_ns);
        assert!(alert.ts_ns >= span.0 + MARGIN_NS && alert.ts_ns + MARGIN_NS <= span.1);
    }
    let [shops, adas] = [true, false].map(|in_shop| {
        let times = alerts.iter().filter(|alert| alert.in_shop == in_shop).map(|a| a.ts_ns);
        times.collect::<BTreeSet<u64>>()
    });
    let at = *adas.first().expect("ada gives an alert");
    assert!(shops.first() < Some(&at) && shops.last() > Some(&at), "both at the same time");
}

#[test]
fn the_committed_file_is_the_story_as_told_here() {
    let committed = fs::read(root().join(FILE)).expect("the recording is there");
    assert!(committed == file().expect("it can be written"), "run `cargo xtask intrusion`");
}
