//! The keys at the top of the file.

use super::{
    Config, incidents,
    key::{Doc, Key},
    outputs,
};

pub(super) static KEYS: [Key<Config>; 2] = [
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
];
