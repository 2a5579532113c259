//! The keys at the top of the file.

use capture::ebpf::Terminals;

use super::{
    Config, InUse, containers, incidents,
    key::{Doc, Key},
    outputs, value,
};

pub(super) static KEYS: [Key<Config>; 5] = [
    Key {
        doc: Doc {
            name: "outputs",
            ty: "list of maps",
            default: "stdout alone",
            of: &[],
            doc: "Where alerts go. Each output has a queue of its own; see the page on outputs.",
            example: "outputs: [{type: stdout}, {type: file, path: /var/log/watchkeeper.jsonl}]",
        },
        set: |config, node, problems| {
            let items = problems.items(node);
            let outputs = items.iter().filter_map(|item| outputs::read(item, problems));
            config.outputs = outputs.collect();
        },
    },
    Key {
        doc: Doc {
            name: "incidents",
            ty: "map",
            default: "no incidents are kept",
            of: &[],
            doc: "How much is kept around an alert, where and for how long; see the page on incidents.",
            example: "incidents: {store: /var/lib/watchkeeper, before: 60s, after: 60s}",
        },
        set: |config, node, problems| {
            problems.map(&incidents::KEYS, node, &mut config.incidents);
        },
    },
    Key {
        doc: Doc {
            name: "containers",
            ty: "map",
            default: "engines are asked where they usually are",
            of: &[],
            doc: "Where `run` asks container engines about containers; see the page on containers.",
            example: "containers: {host_root: /host}",
        },
        set: |config, node, problems| {
            problems.map(&containers::KEYS, node, &mut config.containers);
        },
    },
    Key {
        doc: Doc {
            name: "terminals",
            ty: "leave_out or record",
            default: "leave_out",
            of: &[],
            doc: "Whether `run` records what terminals show, and what is typed and shown, as with `--tty`; see the page on recording a host for what that means.",
            example: "terminals: record",
        },
        set: |config, node, problems| {
            config.terminals = problems.parsed(node, value::one_of(&TERMINALS)).unwrap_or_default();
        },
    },
    Key {
        doc: Doc {
            name: "in_use",
            ty: "keep or leave_out",
            default: "keep",
            of: &[],
            doc: "Whether `run`, `trace` and `replay` keep in the store which files are in use; see the page on what is in use.",
            example: "in_use: leave_out",
        },
        set: |config, node, problems| {
            config.in_use = problems.parsed(node, value::one_of(&IN_USE)).unwrap_or_default();
        },
    },
];

const IN_USE: [(&str, InUse); 2] = [("keep", InUse::Keep), ("leave_out", InUse::LeaveOut)];

const TERMINALS: [(&str, Terminals); 2] =
    [("leave_out", Terminals::LeftOut), ("record", Terminals::Recorded)];
