//! Incidents: how much is kept around an alert, where, and for how long.

use std::{path::PathBuf, time::Duration};

use event::alert::Priority;

use super::{
    key::{Doc, Key, Problems},
    value,
};
use crate::yaml::Node;

/// What the file says of incidents; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Incidents {
    /// Folder that they are kept in.
    pub(crate) store: Option<PathBuf>,
    /// Time before the first alert.
    pub(crate) before: Option<Duration>,
    /// Time after the last alert.
    pub(crate) after: Option<Duration>,
    /// Alerts of a lesser priority make no incidents.
    pub(crate) min_priority: Option<Priority>,
    /// Windows of their own, in the order of the file.
    pub(crate) windows: Vec<Window>,
    /// Memory for the look-back, bytes.
    pub(crate) look_back: Option<u64>,
    /// Alerts of one incident that are kept whole.
    pub(crate) max_alerts: Option<usize>,
    /// An incident that lasts longer goes on as another.
    pub(crate) max_duration: Option<Duration>,
    /// An incident that takes more bytes goes on as another.
    pub(crate) max_size: Option<u64>,
    /// What is kept at most.
    pub(crate) keep: Keep,
}

/// What is kept at most; the oldest incidents go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Since its last alert.
    pub(crate) age: Option<Duration>,
    /// All incidents together, bytes.
    pub(crate) size: Option<u64>,
    /// How many.
    pub(crate) count: Option<u64>,
}

/// A window for the alerts of some rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// Rules with this tag.
    pub(crate) tag: Option<String>,
    /// The rule with this name.
    pub(crate) rule: Option<String>,
    /// Time before the first alert.
    pub(crate) before: Option<Duration>,
    /// Time after the last alert.
    pub(crate) after: Option<Duration>,
}

pub(super) static KEYS: [Key<Incidents>; 10] = [
    Key {
        doc: Doc {
            name: "store",
            ty: "path",
            default: "no incidents are kept",
            of: &[],
            doc: "Folder that incidents are kept in; it is made if it is not there. `--store` takes precedence.",
            example: "store: /var/lib/watchkeeper",
        },
        set: |incidents, node, problems| incidents.store = problems.parsed(node, value::path),
    },
    Key {
        doc: Doc {
            name: "before",
            ty: "duration",
            default: "30s",
            of: &[],
            doc: "How much of the time before the first alert an incident has. `--before` takes precedence.",
            example: "before: 60s",
        },
        set: |incidents, node, problems| incidents.before = problems.parsed(node, value::span),
    },
    Key {
        doc: Doc {
            name: "after",
            ty: "duration",
            default: "30s",
            of: &[],
            doc: "How much of the time after the last alert an incident has. `--after` takes precedence.",
            example: "after: 2m",
        },
        set: |incidents, node, problems| incidents.after = problems.parsed(node, value::span),
    },
    Key {
        doc: Doc {
            name: "min_priority",
            ty: "priority",
            default: "debug",
            of: &[],
            doc: "Alerts of a lesser priority make no incidents.",
            example: "min_priority: notice",
        },
        set: |incidents, node, problems| {
            incidents.min_priority = problems.parsed(node, str::parse::<Priority>)
        },
    },
    Key {
        doc: Doc {
            name: "windows",
            ty: "list of maps",
            default: "none",
            of: &[],
            doc: "Other windows for the alerts of some rules. The first that names the rule, or one of its tags, counts. What a rule's author says takes precedence: tags as `before:90s` and `after:5m`, and `capture_duration` for the time after.",
            example: "windows: [{tag: container, before: 2m}, {rule: Web shell written, before: 5m, after: 5m}]",
        },
        set: |incidents, node, problems| {
            let items = problems.items(node);
            incidents.windows = items.iter().filter_map(|item| window(item, problems)).collect();
        },
    },
    Key {
        doc: Doc {
            name: "look_back",
            ty: "size",
            default: "64MiB",
            of: &[],
            doc: "Memory for the events before an alert. Where they need more, the window begins later, and the incident says by how much.",
            example: "look_back: 256MiB",
        },
        set: |incidents, node, problems| incidents.look_back = problems.parsed(node, value::size),
    },
    Key {
        doc: Doc {
            name: "max_alerts",
            ty: "number",
            default: "1000",
            of: &[],
            doc: "Alerts of one incident that are kept whole; further ones are counted.",
            example: "max_alerts: 200",
        },
        set: |incidents, node, problems| {
            incidents.max_alerts = problems.parsed(node, value::number(1..=100_000))
        },
    },
    Key {
        doc: Doc {
            name: "max_duration",
            ty: "duration",
            default: "15m",
            of: &[],
            doc: "An incident that lasts longer ends, and goes on as another one that names it.",
            example: "max_duration: 1h",
        },
        set: |incidents, node, problems| {
            incidents.max_duration = problems.parsed(node, value::duration)
        },
    },
    Key {
        doc: Doc {
            name: "max_size",
            ty: "size",
            default: "1GiB",
            of: &[],
            doc: "The same for an incident whose events take more bytes.",
            example: "max_size: 256MiB",
        },
        set: |incidents, node, problems| incidents.max_size = problems.parsed(node, value::size),
    },
    Key {
        doc: Doc {
            name: "keep",
            ty: "map",
            default: "everything is kept",
            of: &[],
            doc: "What is kept at most; the oldest incidents go first. Applied by `watchkeeper store prune`, and whenever an incident was added.",
            example: "keep: {age: 30d, size: 10GiB}",
        },
        set: |incidents, node, problems| problems.map(&KEEP, node, &mut incidents.keep),
    },
];

pub(super) static WINDOW: [Key<Window>; 4] = [
    Key {
        doc: Doc {
            name: "tag",
            ty: "text",
            default: "",
            of: &[],
            doc: "For rules with this tag. This or `rule` is required.",
            example: "tag: container",
        },
        set: |window, node, problems| window.tag = problems.parsed(node, value::text),
    },
    Key {
        doc: Doc {
            name: "rule",
            ty: "text",
            default: "",
            of: &[],
            doc: "For the rule with this name.",
            example: "rule: Web shell written",
        },
        set: |window, node, problems| window.rule = problems.parsed(node, value::text),
    },
    Key {
        doc: Doc {
            name: "before",
            ty: "duration",
            default: "as for all",
            of: &[],
            doc: "Time before the first alert.",
            example: "before: 5m",
        },
        set: |window, node, problems| window.before = problems.parsed(node, value::span),
    },
    Key {
        doc: Doc {
            name: "after",
            ty: "duration",
            default: "as for all",
            of: &[],
            doc: "Time after the alert.",
            example: "after: 5m",
        },
        set: |window, node, problems| window.after = problems.parsed(node, value::span),
    },
];

pub(super) static KEEP: [Key<Keep>; 3] = [
    Key {
        doc: Doc {
            name: "age",
            ty: "duration",
            default: "no bound",
            of: &[],
            doc: "Time since an incident's last alert.",
            example: "age: 30d",
        },
        set: |keep, node, problems| keep.age = problems.parsed(node, value::duration),
    },
    Key {
        doc: Doc {
            name: "size",
            ty: "size",
            default: "no bound",
            of: &[],
            doc: "All incidents together.",
            example: "size: 10GiB",
        },
        set: |keep, node, problems| keep.size = problems.parsed(node, value::size),
    },
    Key {
        doc: Doc {
            name: "count",
            ty: "number",
            default: "no bound",
            of: &[],
            doc: "How many incidents.",
            example: "count: 1000",
        },
        set: |keep, node, problems| {
            keep.count = problems.parsed(node, value::number(1..=u64::from(u32::MAX)))
        },
    },
];

/// Reads a window.
fn window(node: &Node, problems: &mut Problems) -> Option<Window> {
    problems.right(node.pairs())?;
    let mut window = Window::default();
    problems.map(&WINDOW, node, &mut window);
    if node.get("tag").is_some() == node.get("rule").is_some() {
        problems.add(node.place, "a window needs a 'tag' or a 'rule', and only one of both");
        return None;
    }
    Some(window)
}

/// Every key of this file, with where it stands.
pub(super) fn documented() -> impl Iterator<Item = (&'static str, &'static Doc)> {
    let own = KEYS.iter().map(|key| ("incidents.", &key.doc));
    let windows = WINDOW.iter().map(|key| ("incidents.windows[].", &key.doc));
    let keep = KEEP.iter().map(|key| ("incidents.keep.", &key.doc));
    own.chain(windows).chain(keep)
}
