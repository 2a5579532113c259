//! The keys at the top of the file.

use super::{
    Config,
    key::{Doc, Key},
    outputs,
};

pub(super) static KEYS: [Key<Config>; 1] = [Key {
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
}];
