//! What the user ought to know about the trace, in words.

use std::collections::BTreeSet;

use capture::ptrace::{Counts, Note};
use event::visible::visible;

use crate::output::plural;

/// Notes of one kind that are said when they come; further ones are counted.
const SAID: usize = 5;

/// What was noted.
#[derive(Default)]
pub(super) struct Notes {
    /// Texts that were said, each once.
    texts: BTreeSet<String>,
    /// How many of each kind there were.
    privileges: usize,
    refused: usize,
    listeners: usize,
    undecoded: usize,
}

impl Notes {
    /// What to say of a note; nothing if it was said, or too often.
    pub(super) fn add(&mut self, note: &Note) -> Option<String> {
        let kind = match note {
            Note::PrivilegesWithheld { .. } => Some(&mut self.privileges),
            Note::TracerRefused { .. } => Some(&mut self.refused),
            Note::Listener { .. } => Some(&mut self.listeners),
            Note::Undecoded { .. } => Some(&mut self.undecoded),
            _ => None,
        };
        if let Some(count) = kind {
            *count += 1;
            if *count > SAID {
                return None;
            }
        }
        let text = words(note);
        self.texts.insert(text.clone()).then_some(text)
    }

    /// How many notes were not said.
    pub(super) fn unsaid(&self) -> Vec<String> {
        [
            (self.privileges, "program", "ran without the privileges that its file gives"),
            (self.refused, "attempt", "to trace a program that is traced was refused"),
            (self.listeners, "program", "had its calls answered by a listener"),
            (self.undecoded, "program", "made x32 calls that were not recorded"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > SAID)
        .map(|(count, what, did)| {
            format!("{} {did}", plural((count - SAID) as u64, &format!("more {what}")))
        })
        .collect()
    }
}

/// A note in words.
fn words(note: &Note) -> String {
    match note {
        Note::NoFilter(why) => format!(
            "every system call stops the command, for no filter can be set: it runs slower ({why})"
        ),
        Note::PrivilegesWithheld { pid, path } => format!(
            "{} (process {pid}) runs without the privileges that its file gives, as programs do \
             that are traced; run watchkeeper as root to trace it with them",
            visible(path)
        ),
        Note::TracerRefused { pid } => format!(
            "process {pid} wanted to trace another that is traced here, which only one can: it was \
             refused"
        ),
        Note::Listener { pid } => format!(
            "process {pid} lets another answer its system calls: every one stops from here on, and \
             it runs slower"
        ),
        Note::Undecoded { pid } => {
            format!("process {pid} makes system calls of the x32 ABI; those are not recorded")
        }
        Note::LeftBehind { processes } => format!(
            "the command has ended and left {} running; ^C twice, or SIGTERM, kills what is left",
            plural(*processes as u64, "process")
        ),
        other => format!("{other:?}"),
    }
}

/// What is missing in the record, by its counts.
pub(super) fn missing(counts: &Counts) -> Vec<String> {
    [
        (counts.unbuilt, "event", "had more bytes than the format can say, and is not recorded"),
        (counts.unreadable, "call", "had arguments in memory that could not be read"),
        (counts.undecoded, "x32 call", "is not recorded"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, what, did)| {
        let did = if count == 1 { did.to_owned() } else { did.replace("is not", "are not") };
        format!("{} {did}", plural(count, what))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_often_is_said_a_few_times_and_counted() {
        let mut notes = Notes::default();
        let said = (0..9).filter(|&pid| notes.add(&Note::TracerRefused { pid }).is_some()).count();
        assert_eq!(said, SAID);
        assert_eq!(
            notes.unsaid(),
            ["4 more attempts to trace a program that is traced was refused"]
        );
    }

    #[test]
    fn counts_of_nothing_are_not_told() {
        let counts = Counts { events: 7, undecoded: 2, unbuilt: 1, ..Counts::default() };
        assert_eq!(
            missing(&counts),
            [
                "1 event had more bytes than the format can say, and is not recorded",
                "2 x32 calls are not recorded"
            ]
        );
        assert!(missing(&Counts::default()).is_empty());
    }
}
