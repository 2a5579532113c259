//! The text of a filter, and of an output format.

use event::EventType;
use rules::{
    filter::{Filter, Report},
    format::Format,
};

/// The bytes as what someone typed.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Filter::compile(&text) {
        Ok(filter) => {
            let types = EventType::all().filter(|kind| filter.may_match(*kind)).count();
            assert!(!filter.to_string().is_empty(), "a program for {types} types");
        }
        Err(report) => explained(&report),
    }
    if let Err(report) = Format::compile(&text) {
        explained(&report);
    }
}

/// Every mistake has a place within the text, and words.
fn explained(report: &Report) {
    assert!(!report.diagnostics.is_empty());
    for diagnostic in &report.diagnostics {
        assert!(!diagnostic.message.is_empty());
        assert!(diagnostic.span.start <= report.source.len(), "{diagnostic:?}");
    }
    assert!(!report.to_string().is_empty());
}
