//! Windows of real captures: what every field says of an event is what it says in the whole
//! recording.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::BufReader,
    process::Command,
};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use recorder::{Ask, Recorder, Settings};
use rules::{
    fields::{FieldRef, all},
    filter::Memory,
    format::{Format, Missing},
};
use state::{Audience, Context, Limits, State};
use testkit::Case;

use crate::kept::{Closed, Kept, alert};

/// Most events of a window that are compared.
const COMPARED: usize = 300;

/// Fields that count from the beginning of the recording or from the event before.
const RELATIVE: [&str; 4] = ["evt.num", "evt.reltime", "evt.deltatime", "evt.outputtime"];

/// Fields that mean nothing without these arguments.
const WITH_ARGUMENTS: &[&str] = &[
    "proc.aname[1]",
    "proc.aname[3]",
    "proc.apid[1]",
    "proc.aexepath[2]",
    "proc.acmdline[1]",
    "proc.env[PATH]",
    "thread.cgroup.cpu",
    "evt.arg[0]",
    "container.mount[0]",
];

fn every_field() -> Format {
    let plain = all().filter(|field| field.is_printable()).map(|field| field.name);
    let plain = plain.filter(|name| FieldRef::parse(name).is_ok());
    let fields = plain.filter(|name| !RELATIVE.iter().any(|start| name.starts_with(start)));
    let fields: Vec<String> =
        fields.chain(WITH_ARGUMENTS.iter().copied()).map(|name| format!("%{name}")).collect();
    assert!(fields.len() > 200);
    Format::compile(&fields.join(" ")).unwrap().with_missing(Missing::IsMarked)
}

/// Hands a recording on through a state.
fn replay(
    mut reader: impl Source,
    mut before: impl FnMut(&State),
    mut record: impl FnMut(&Record<'_>),
    mut each: impl FnMut(&Context<'_>),
) {
    let mut state = State::new(Limits::default());
    while let Ok(Some(next)) = reader.next() {
        match next {
            Record::Event(event) => {
                before(&state);
                each(&state.event(event));
            }
            entry => {
                state.record(&entry);
                record(&entry);
            }
        }
    }
}

fn open(case: &Case) -> Reader<BufReader<File>> {
    Reader::new(BufReader::new(File::open(&case.capture).unwrap())).unwrap()
}

/// Windows around a few events of a capture, each an incident of its own.
fn windows(case: &Case) -> Vec<Closed> {
    let (mut count, mut first_ns, mut last_ns) = (0, u64::MAX, 0);
    replay(
        open(case),
        |_| {},
        |_| {},
        |context| {
            count += 1;
            if context.audience == Audience::Readers {
                first_ns = first_ns.min(context.event.ts_ns);
                last_ns = last_ns.max(context.event.ts_ns);
            }
        },
    );
    let tenth_ns = last_ns.saturating_sub(first_ns) / 10;
    let mut closed = Vec::new();
    for at in [count / 4, count / 2, count - count / 10] {
        let ask = Ask { before_ns: tenth_ns, after_ns: tenth_ns / 2 };
        let recorder = std::cell::RefCell::new(Recorder::new(Settings::default(), Kept::default()));
        replay(
            open(case),
            |state| assert_eq!(recorder.borrow_mut().before(state), Ok(())),
            |record| assert_eq!(recorder.borrow_mut().record(record), Ok(())),
            |context| {
                let mut recorder = recorder.borrow_mut();
                assert_eq!(recorder.event(context), Ok(()));
                if context.num == at.max(1) {
                    let alert = alert("rule", &context.event, context.num, 1);
                    assert_eq!(recorder.alert(context, &alert, ask), Ok(()));
                }
            },
        );
        let mut recorder = recorder.into_inner();
        assert_eq!(recorder.finish(), Ok(()));
        closed.append(&mut recorder.keeper_mut().closed);
    }
    closed
}

/// What fields say of events, by the events' numbers; those of windows count back from the alert.
type Said = BTreeMap<u64, (Audience, String)>;

fn said_in_window(closed: &Closed, format: &Format) -> Said {
    let alerted = &closed.incident.alerts[0];
    let (mut said, mut memory) = (Said::new(), Memory::default());
    let (from, to) = (alerted.alert.event_num, alerted.window_event);
    let step = (closed.incident.events as usize).div_ceil(COMPARED) as u64;
    replay(
        Reader::new(&closed.file[..]).unwrap(),
        |_| {},
        |_| {},
        |context| {
            let num = (from + context.num).checked_sub(to);
            let is_notice = context.event.tid == -1 && context.audience == Audience::State;
            let Some(num) = num.filter(|num| num % step == 0 && !is_notice) else { return };
            if !context.event.state_only {
                let mut out = Vec::new();
                format.json(context, &mut memory, &mut out);
                let text = String::from_utf8_lossy(&out).into_owned();
                said.insert(num, (context.audience, text));
            }
        },
    );
    said
}

#[test]
fn fields_of_events_in_windows_say_what_they_say_in_the_whole_recording() {
    let format = every_field();
    let mut compared = 0;
    for case in testkit::cases() {
        let windows: Vec<Said> =
            windows(&case).iter().map(|closed| said_in_window(closed, &format)).collect();
        let mut memory = Memory::default();
        replay(
            open(&case),
            |_| {},
            |_| {},
            |context| {
                for (index, window) in windows.iter().enumerate() {
                    let Some((audience, text)) = window.get(&context.num) else { continue };
                    let mut out = Vec::new();
                    format.json(context, &mut memory, &mut out);
                    let place = format!("{} window {index} event {}", case.name, context.num);
                    compare(&place, text, &String::from_utf8_lossy(&out));
                    assert_eq!(*audience, context.audience, "{place}");
                    compared += 1;
                }
            },
        );
    }
    assert!(testkit::data().is_none() || compared > 10_000, "{compared}");
}

fn compare(place: &str, window: &str, whole: &str) {
    if window == whole {
        return;
    }
    let values = |text: &str| -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(text).unwrap()
    };
    let (window, whole) = (values(window), values(whole));
    for (key, value) in &whole {
        assert_eq!(window.get(key), Some(value), "{place}: {key}");
    }
}

#[test]
fn windows_open_in_sysdig_which_shows_the_events_that_belong() {
    if testkit::data().is_none() {
        return;
    }
    if Command::new("sysdig").arg("--version").output().is_err() {
        println!("skipped: sysdig is not installed");
        return;
    }
    let names = ["libs-sample", "sf-collector-mpm-event-full_capture", "m01_webshell_to_exfil"];
    let cases = testkit::cases();
    for case in cases.iter().filter(|case| names.contains(&&*case.name)) {
        for closed in windows(case) {
            let file = std::env::temp_dir().join(format!("window-{}.scap", std::process::id()));
            fs::write(&file, &closed.file).unwrap();
            let shown = Command::new("sysdig")
                .arg("-r")
                .arg(&file)
                .args(["-p", "%evt.rawtime %proc.name"])
                .output()
                .unwrap();
            fs::remove_file(&file).unwrap();
            assert!(shown.status.success() && shown.stderr.is_empty(), "{shown:?}");
            let lines = String::from_utf8_lossy(&shown.stdout).into_owned();
            let incident = closed.incident;
            let (first, last) = (incident.first_event_ns, incident.last_event_ns);
            for line in lines.lines() {
                let (time, _) = line.split_once(' ').unwrap();
                assert!((first..=last).contains(&time.parse().unwrap()), "{line}");
            }
            let known = lines.lines().filter(|line| !line.ends_with("<NA>")).count();
            assert!(known * 2 > lines.lines().count(), "{} {known} {incident:?}", case.name);
        }
    }
}
