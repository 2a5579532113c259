//! Outputs: which there are, and what of their keys belongs together.

use std::{path::PathBuf, time::Duration};

use event::alert::Priority;
use notify::{
    Bounds, Form, Retry, Target,
    file::{self, Rotate},
    http::{self, Client, Header, Tls, Url},
    program,
    syslog::{self, Facility, Place},
};

use super::{
    Output, headers,
    key::{Doc, Key, Problems},
    output_keys::{KEYS, QUEUE, RETRY, ROTATE, TLS},
};
use crate::yaml::Node;

/// What happens when more alerts come than may wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overflow {
    /// Whoever sends waits.
    Wait,
    /// The alert is dropped.
    Drop,
}

/// Types of outputs.
const TYPES: [&str; 5] = ["stdout", "file", "syslog", "http", "program"];

/// An output as far as it is known. What a type does not have is never set.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) path: Option<PathBuf>,
    pub(super) rotate: Rotate,
    pub(super) address: Option<Place>,
    pub(super) facility: Facility,
    pub(super) url: Option<Url>,
    pub(super) headers: Vec<Header>,
    pub(super) timeout: Option<Duration>,
    pub(super) ca: Option<PathBuf>,
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) command: Option<String>,
    pub(super) grace: Option<Duration>,
    pub(super) form: Option<Form>,
    pub(super) min_priority: Option<Priority>,
    pub(super) overflow: Option<Overflow>,
    pub(super) bounds: Bounds,
    pub(super) retry: Retry,
}

/// Reads one output.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Output> {
    let pairs = problems.right(node.pairs())?;
    let ty = ty(node, problems)?;
    let mut draft = Draft::default();
    for (written, value) in pairs {
        let Some(name) = problems.right(written.text()) else { continue };
        match KEYS.iter().find(|key| key.doc.name == name) {
            Some(key) if key.doc.is_of(ty) => (key.set)(&mut draft, value, problems),
            Some(Key { doc, .. }) => {
                let of = doc.of.join(", ");
                let message = format!("'{name}' is for outputs of type {of}, not {ty}");
                problems.add(written.place, message);
            }
            None => {
                let known = KEYS.iter().map(|key| &key.doc).filter(|doc| doc.is_of(ty));
                let known: Vec<&str> = known.map(|doc| doc.name).collect();
                problems.wrong(written.unknown("key", &name, &known));
            }
        }
    }
    if let Some(key) = required(ty).filter(|key| node.get(key).is_none()) {
        problems.add(node.place, format!("an output of type {ty} needs a '{key}'"));
    }
    draft.output(ty, node, problems)
}

/// The type of an output.
fn ty(node: &Node, problems: &mut Problems) -> Option<&'static str> {
    let Some(named) = node.get("type") else {
        let message = format!("an output needs a 'type': {}", TYPES.join(", "));
        problems.add(node.place, message);
        return None;
    };
    let name = problems.right(named.text())?;
    let found = TYPES.into_iter().find(|ty| *ty == name);
    if found.is_none() {
        problems.wrong(named.unknown("type", &name, &TYPES));
    }
    found
}

/// The key without which an output of this type is nothing.
fn required(ty: &str) -> Option<&'static str> {
    match ty {
        "file" => Some("path"),
        "http" => Some("url"),
        "program" => Some("command"),
        _ => None,
    }
}

impl Draft {
    fn output(self, ty: &str, node: &Node, problems: &mut Problems) -> Option<Output> {
        let (form, least, overflow) = (self.form, self.min_priority, self.overflow);
        let (bounds, retry) = (self.bounds, self.retry);
        let to = self.target(ty, node, problems)?;
        let usual = notify::Output::to(to);
        let output = notify::Output {
            form: form.unwrap_or(usual.form),
            min_priority: least.unwrap_or(usual.min_priority),
            bounds,
            retry,
            ..usual
        };
        Some(Output { output, overflow })
    }

    fn target(self, ty: &str, node: &Node, problems: &mut Problems) -> Option<Target> {
        Some(match ty {
            "stdout" => Target::Stdout,
            "file" => Target::File(file::Settings { path: self.path?, rotate: self.rotate }),
            "syslog" => {
                if self.path.is_some() && self.address.is_some() {
                    problems
                        .add(node.place, "a syslog daemon has a 'path' or an 'address', not both");
                }
                let local = self.path.map_or_else(Place::default, Place::Local);
                let to = self.address.unwrap_or(local);
                Target::Syslog(syslog::Settings { to, facility: self.facility })
            }
            "http" => {
                let client = match (self.cert, self.key) {
                    (Some(cert), Some(key)) => Some(Client { cert, key }),
                    (None, None) => None,
                    _ => {
                        problems.add(node.place, "'tls.cert' and 'tls.key' need each other");
                        None
                    }
                };
                let usual = http::Settings::new(self.url?);
                let (headers, tls) = (self.headers, Tls { ca: self.ca, client, ..Tls::default() });
                let timeout = self.timeout.unwrap_or(usual.timeout);
                Target::Http(http::Settings { headers, timeout, tls, ..usual })
            }
            _ => {
                let usual = program::Settings::new(&self.command?);
                let grace = self.grace.unwrap_or(usual.grace);
                Target::Program(program::Settings { grace, ..usual })
            }
        })
    }
}

impl Doc {
    fn is_of(&self, ty: &str) -> bool {
        self.of.is_empty() || self.of.contains(&ty)
    }
}

/// Every key of this file and of the one for headers, with where it stands.
pub(super) fn documented() -> impl Iterator<Item = (&'static str, &'static Doc)> {
    let headers = headers::KEYS.iter().map(|key| ("outputs[].headers[].", &key.doc));
    [
        ("outputs[].", &KEYS[..]),
        ("outputs[].rotate.", &ROTATE),
        ("outputs[].queue.", &QUEUE),
        ("outputs[].retry.", &RETRY),
        ("outputs[].tls.", &TLS),
    ]
    .into_iter()
    .flat_map(|(at, keys)| keys.iter().map(move |key| (at, &key.doc)))
    .chain(headers)
}
