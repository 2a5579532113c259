//! Headers of HTTP requests. What is in them may be a secret: no message repeats a value.

use std::{fs, io::Read, path::Path};

use notify::http::Header;

use super::{
    key::{Doc, Key, Problems},
    value,
};
use crate::yaml::{Node, Value};

/// A header as far as it is known.
#[derive(Default)]
pub(super) struct Draft {
    name: Option<String>,
    value: Option<String>,
}

pub(super) static KEYS: [Key<Draft>; 3] = [
    Key {
        doc: Doc {
            name: "name",
            ty: "text",
            default: "",
            of: &["http"],
            doc: "Name of the header. Required.",
            example: "name: authorization",
        },
        set: |draft, node, problems| draft.name = problems.parsed(node, value::text),
    },
    Key {
        doc: Doc {
            name: "value",
            ty: "text",
            default: "",
            of: &["http"],
            doc: "Value of the header. This or `value_file` is required.",
            example: "value: Bearer 0123",
        },
        set: |draft, node, problems| match &node.value {
            Value::Text(text) => draft.value = Some(text.clone()),
            _ => problems.add(node.place, "put the value in quotes"),
        },
    },
    Key {
        doc: Doc {
            name: "value_file",
            ty: "path",
            default: "",
            of: &["http"],
            doc: "A file with the value of the header, for secrets that the configuration should \
                  not hold. It is read once, at the start; line feeds at its end are left out.",
            example: "value_file: /run/secrets/token",
        },
        set: |draft, node, problems| draft.value = problems.parsed(node, from_file),
    },
];

/// Reads one header.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Header> {
    let mut draft = Draft::default();
    problems.map(&KEYS, node, &mut draft);
    let is_there = |key: &str| node.get(key).is_some();
    if !is_there("name") {
        problems.add(node.place, "a header needs a 'name'");
    }
    if is_there("value") == is_there("value_file") && is_there("name") {
        problems
            .add(node.place, "a header needs a 'value' or a 'value_file', and only one of both");
        return None;
    }
    let (name, value) = draft.name.zip(draft.value)?;
    Header::new(&name, &value).map_err(|error| problems.add(node.place, error.to_string())).ok()
}

/// Longest value, bytes.
const LONGEST: u64 = 64 << 10;

fn from_file(path: &str) -> Result<String, String> {
    let mut value = String::new();
    let open = fs::File::open(Path::new(path))
        .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut value));
    open.map_err(|error| format!("{path}: {error}"))?;
    if value.len() as u64 > LONGEST {
        return Err(format!("{path}: is larger than 64 KiB, which no header is"));
    }
    Ok(value.trim_end_matches(['\r', '\n']).to_owned())
}
