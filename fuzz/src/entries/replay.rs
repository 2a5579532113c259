//! A whole capture through the whole pipeline: state, and every field of every event, in a filter
//! and printed.

use std::sync::OnceLock;

use capture::{Record, Source, file::Reader};
use rules::{
    fields,
    filter::{Filter, Memory},
    format::Format,
};
use state::{Limits, State};

/// Few enough that chance meets them.
fn limits() -> Limits {
    let few = Limits { threads: 64, fds_per_process: 32, fds: 256, ..Limits::default() };
    Limits { text_bytes: 1 << 16, containers: 8, ..few }
}

/// The bytes as a capture file.
pub(crate) fn run(data: &[u8]) {
    let Ok(mut reader) = Reader::new(data) else { return };
    let mut state = State::new(limits());
    let (format, filter) = questions();
    let (mut memory, mut out) = (Memory::default(), Vec::new());
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        out.clear();
        filter.matches(&context, &mut memory);
        format.text(&context, &mut memory, &mut out);
        format.json(&context, &mut memory, &mut out);
    }
}

/// A format with every field that can be printed, and a filter that has to look at every field.
fn questions() -> &'static (Format, Filter) {
    static QUESTIONS: OnceLock<(Format, Filter)> = OnceLock::new();
    QUESTIONS.get_or_init(|| {
        let mut format = "*".to_owned();
        let mut filter = "evt.num exists".to_owned();
        for field in fields::all() {
            let spellings = ["", "[1]", "[PATH]", "[flags]", "[1404996934793590564]"];
            let spellings = spellings.map(|argument| format!("{}{argument}", field.name));
            if let Some(name) = spellings.iter().find(|s| Format::compile(&format!("%{s}")).is_ok())
            {
                format += &format!("%{name} ");
            }
            let exists = spellings.iter().map(|s| format!("{s} exists"));
            if let Some(check) = exists.into_iter().find(|s| Filter::compile(s).is_ok()) {
                filter += &format!(" and ({check} or not {check})");
            }
        }
        let format = Format::compile(&format).expect("each field was tried");
        (format, Filter::compile(&filter).expect("each check was tried"))
    })
}
