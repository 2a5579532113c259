//! What is missing in the record, and what was left out.

use super::{duration, plural};
use crate::model::{Cuts, Gap, GapKind};

/// Why something is missing: `12 events lost in 250 ms`.
pub fn gap(gap: &Gap) -> String {
    let length = duration(gap.to_ns.saturating_sub(gap.from_ns));
    match gap.kind {
        GapKind::Lost { events: 0 } => format!("events lost in {length}; how many is not known"),
        GapKind::Lost { events } => {
            format!("{} lost in {length}", plural(events, "event", "events"))
        }
        GapKind::LookBack { missing_ns } => {
            format!("{} before this were not kept", duration(missing_ns))
        }
        GapKind::Clipped => "the recording has nothing of the rest of the window".to_owned(),
        GapKind::ClockStep { back_ns } => {
            format!("the clock was set back by {}", duration(back_ns))
        }
        GapKind::Forgotten { count: forgotten } => {
            format!(
                "{} forgotten, names may be missing",
                plural(forgotten, "thread or fd", "threads or fds")
            )
        }
    }
}

/// What was left out: `4,000 files and 12 processes`; none if nothing was.
pub fn cuts(cuts: &Cuts) -> Vec<String> {
    [
        (cuts.processes, "process", "processes"),
        (cuts.commands, "command", "commands"),
        (cuts.files, "file", "files"),
        (cuts.connections, "connection", "connections"),
        (cuts.privileges, "change of rights", "changes of rights"),
        (cuts.terminal, "line of a terminal", "lines of terminals"),
        (cuts.alerts, "alert", "alerts"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| plural(number, one, many))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_cuts_are_told() {
        let of = |kind| gap(&Gap { from_ns: 0, to_ns: 250_000_000, kind });
        assert_eq!(of(GapKind::Lost { events: 12 }), "12 events lost in 250 ms");
        assert_eq!(
            of(GapKind::Forgotten { count: 1 }),
            "1 thread or fd forgotten, names may be missing"
        );
        let some = Cuts { files: 4_000, alerts: 1, ..Cuts::default() };
        assert_eq!(cuts(&some), ["4,000 files", "1 alert"]);
        assert!(cuts(&Cuts::default()).is_empty());
    }
}
