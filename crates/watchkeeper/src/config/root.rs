//! The keys at the top of the file.

use super::{
    Config, containers, incidents,
    key::{Doc, Key},
    outputs,
};

pub(super) static KEYS: [Key<Config>; 3] = [
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
];
