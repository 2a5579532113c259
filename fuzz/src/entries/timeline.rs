//! A whole capture as a timeline: built, summed up, filtered, and shown in every view.

use capture::{Record, Source, file::Reader};
use event::{
    alert::{Alert, Priority, Subject},
    visible::is_hidden,
};
use state::{Limits, State};
use timeline::{
    Builder,
    filter::{Filter, Kinds},
    summary,
    views::{
        heading::Heading,
        html, json, markdown,
        text::{self, Options, Scope},
    },
};

/// Every so many events there is an alert.
const ALERT_EVERY: u64 = 7;

/// Few enough that chance meets them.
fn limits() -> timeline::Limits {
    timeline::Limits {
        processes: 48,
        commands: 96,
        files: 96,
        connections: 48,
        privileges: 48,
        alerts: 16,
        text_bytes: 1 << 16,
        ..timeline::Limits::default()
    }
}

/// The bytes as a capture file.
pub(crate) fn run(data: &[u8]) {
    let Ok(mut reader) = Reader::new(data) else { return };
    let mut state = State::new(Limits { threads: 64, fds: 256, ..Limits::default() });
    let mut builder = Builder::new(limits());
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        builder.event(&context);
        if context.num.is_multiple_of(ALERT_EVERY) {
            builder.alert(&alert(context.num, event.ts_ns), 1, event.ts_ns);
        }
    }
    let mut timeline = builder.finish(&state);
    timeline.summary = summary::sentences(&timeline);
    show(&timeline);
    let filter = Filter { kinds: Kinds::FILES | Kinds::NETWORK, ..Filter::default() };
    show(&filter.apply(&timeline));
}

fn alert(number: u64, ts_ns: u64) -> Alert {
    Alert {
        ts_ns,
        event_num: number,
        rule: "a rule".into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: [].into(),
        hostname: "host".into(),
        output: "output".to_owned(),
        fields: "{}".to_owned(),
        subject: Subject::default(),
        repeats: None,
    }
}

fn show(timeline: &timeline::model::Timeline) {
    let heading = Heading::default();
    let mut out = Vec::new();
    let options = Options { width: 61, scope: Scope::All, ..Options::default() };
    text::write(timeline, &heading, &options, &mut out).expect("a Vec takes all");
    markdown::write(timeline, &heading, Scope::All, &mut out).expect("a Vec takes all");
    html::write(timeline, &heading, &mut out).expect("a Vec takes all");
    json::write(timeline, json::Form::Compact, &mut out).expect("a Vec takes all");
    let shown = String::from_utf8(out).expect("views are UTF-8");
    assert!(!shown.contains(|c| c != '\n' && is_hidden(c)), "nothing hidden is shown");
}
