//! What processes show on terminals and read from them, as lines.

use event::{
    Event, syscalls as ev,
    tty::{self, Screen, Way},
};
use serde_json::Value;

use super::{
    draft::{Draft, Map},
    limits::{Budget, Row},
};
use crate::model::{Moment, ProcessId, TerminalLine};

/// Longer notices are not read: each byte of text takes six of JSON at most.
const MOST_NOTICE_BYTES: usize = 8 * tty::MOST_BYTES;

/// Lines that are under way at the same time; once there are more, all of them end where they are.
const MOST_LINES: usize = 1024;

/// What a notice says.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    tty: u32,
    way: Way,
    missing_bytes: u64,
    text: String,
}

/// Lines that are under way.
#[derive(Debug, Default)]
pub(super) struct Terminals {
    lines: Map<(ProcessId, u32), Line>,
}

#[derive(Debug, Default)]
struct Line {
    screen: Screen,
    /// When it began; `None`: nothing of it has come.
    at: Option<Moment>,
    typed: bool,
    missing_bytes: u64,
}

/// What a notice of a terminal says; `None` of any other event.
pub(super) fn of(event: &Event<'_>) -> Option<Told> {
    if event.kind != ev::ASYNCEVENT_E || event.text(1)? != tty::NOTICE.as_bytes() {
        return None;
    }
    let data = event.bytes(2).filter(|data| data.len() <= MOST_NOTICE_BYTES)?;
    let told: Value = serde_json::from_slice(data).ok()?;
    let text = told.get("text")?.as_str()?;
    let number = |key| told.get(key).and_then(Value::as_u64);
    let cut = number("bytes")?.saturating_sub(text.len() as u64);
    Some(Told {
        tty: number("tty")?.try_into().ok()?,
        way: Way::named(told.get("way")?.as_str()?)?,
        // What is not UTF-8 became longer; then nothing was cut.
        missing_bytes: number("missing").unwrap_or(0).saturating_add(cut),
        text: text.to_owned(),
    })
}

impl Terminals {
    /// A process wrote to a terminal, or read from it.
    pub(super) fn told(
        &mut self,
        told: &Told,
        (by, at): (ProcessId, Moment),
        drafts: &mut [Draft],
        budget: &mut Budget,
    ) {
        if self.lines.len() >= MOST_LINES && !self.lines.contains_key(&(by, told.tty)) {
            self.end(drafts, budget);
        }
        let Some(draft) = drafts.get_mut(by.index()) else { return };
        let line = self.lines.entry((by, told.tty)).or_default();
        line.missing_bytes = line.missing_bytes.saturating_add(told.missing_bytes);
        line.typed |= told.way == Way::Typed && !told.text.trim_end().is_empty();
        line.at.get_or_insert(at);
        let Line { screen, at: begun, typed, missing_bytes } = line;
        screen.write(&told.text, &mut |text| {
            let at = begun.replace(at).unwrap_or(at);
            let (typed, missing_bytes) = (std::mem::take(typed), std::mem::take(missing_bytes));
            let line = (at, told.tty, typed, missing_bytes);
            push(draft, line, &text, budget);
        });
        if screen.is_empty() {
            (*begun, *typed) = (None, false);
        }
    }

    /// Nothing more comes of the lines that are under way.
    pub(super) fn end(&mut self, drafts: &mut [Draft], budget: &mut Budget) {
        let mut lines: Vec<_> = std::mem::take(&mut self.lines).into_iter().collect();
        // In an order that does not depend on the map's.
        lines.sort_by_key(|(key, line)| (line.at, *key));
        for ((by, tty), mut line) in lines {
            let (Some(draft), Some(at)) = (drafts.get_mut(by.index()), line.at) else { continue };
            if let Some(text) = line.screen.take() {
                push(draft, (at, tty, line.typed, line.missing_bytes), &text, budget);
            }
        }
    }
}

fn push(
    draft: &mut Draft,
    (at, tty, typed, missing_bytes): (Moment, u32, bool, u64),
    text: &str,
    budget: &mut Budget,
) {
    if budget.admit(Row::Terminal, text.len()) {
        let text = text.into();
        draft.process.terminal.push(TerminalLine { at, tty, typed, text, missing_bytes });
    }
}
