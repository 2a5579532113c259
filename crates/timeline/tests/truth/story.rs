//! What the scripts are known to have done.

use std::{fmt, fs, path::Path};

use serde_json::Value;

/// What a script did.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) name: String,
    pub(crate) items: Vec<Item>,
}

/// One thing that a script did.
#[derive(Debug)]
pub(crate) enum Item {
    Command(Vec<String>),
    Written(String),
    Renamed(String, String),
    Deleted(String),
    Read(String),
    Endpoint(String),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(argv) => write!(f, "command {}", argv.join(" ")),
            Self::Written(path) => write!(f, "written {path}"),
            Self::Renamed(from, to) => write!(f, "renamed {from} {to}"),
            Self::Deleted(path) => write!(f, "deleted {path}"),
            Self::Read(path) => write!(f, "read {path}"),
            Self::Endpoint(end) => write!(f, "endpoint {end}"),
        }
    }
}

/// What shells do themselves.
const BUILTINS: [&str; 5] = ["echo", "cd", ":", "kill", "printf"];

/// Every story in a folder, by name.
pub(crate) fn all(folder: &Path) -> Vec<Story> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| story(path)).collect()
}

fn story(path: &Path) -> Story {
    let text = fs::read(path).expect("the story reads");
    let value: Value = serde_json::from_slice(&text).expect("the story is JSON");
    let steps = value["steps"].as_array().expect("steps");
    Story {
        name: value["scenario"].as_str().expect("a name").to_owned(),
        items: steps.iter().flat_map(items).collect(),
    }
}

fn items(step: &Value) -> Vec<Item> {
    let list = |key: &str| step[key].as_array().cloned().unwrap_or_default();
    let paths = |key: &str| list(key).into_iter().map(|path| plain(&text(&path)));
    let commands = list("commands").into_iter().map(|argv| words(&argv));
    let mut items: Vec<Item> =
        commands.filter(|argv| !BUILTINS.contains(&argv[0].as_str())).map(Item::Command).collect();
    items.extend(paths("files_written").map(Item::Written));
    items.extend(list("files_renamed").iter().map(|pair| {
        let pair = words(pair);
        Item::Renamed(pair[0].clone(), pair[1].clone())
    }));
    items.extend(paths("files_deleted").map(Item::Deleted));
    items.extend(paths("files_read").map(Item::Read));
    items.extend(paths("network").map(Item::Endpoint));
    items
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(text).collect()
}

/// A path without the remark behind it, and without what `..` takes away.
fn plain(path: &str) -> String {
    let path = path.split(" (").next().unwrap_or(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether arguments are those that a story tells: `...` stands for the rest of them or of one,
/// `PID` for any number.
pub(crate) fn matches(told: &[String], own: &[String]) -> bool {
    match (told, own) {
        ([], []) => true,
        ([last], _) if last == "..." => true,
        ([first, told @ ..], [own_first, own @ ..]) => {
            is_argument(first, own_first) && matches(told, own)
        }
        _ => false,
    }
}

/// Whether arguments are those of a script that a story tells as a program: the kernel puts its
/// interpreter before it.
pub(crate) fn is_script(told: &[String], own: &[String], script: Option<&str>) -> bool {
    let (Some(script), [program, told @ ..], [_, _, own @ ..]) = (script, told, own) else {
        return false;
    };
    let is_it = script == program || script.rsplit('/').next() == Some(program);
    is_it && matches(told, own)
}

fn is_argument(told: &str, own: &str) -> bool {
    if told == "PID" {
        return own.parse::<u32>().is_ok();
    }
    let parts: Vec<&str> = told.split("...").collect();
    match parts.as_slice() {
        [whole] => is(whole, own),
        parts => {
            let mut rest = own;
            parts.iter().all(|part| match rest.split_once(part) {
                Some((_, behind)) => {
                    rest = behind;
                    true
                }
                None => false,
            })
        }
    }
}

/// Whether a path is the one that is told: a part `-N.` stands for any number.
pub(crate) fn is(told: &str, own: &str) -> bool {
    match told.split_once("-N.") {
        None => told == own,
        Some((before, behind)) => own
            .strip_prefix(before)
            .and_then(|own| own.strip_prefix('-'))
            .and_then(|own| own.split_once('.'))
            .is_some_and(|(number, own)| number.parse::<u32>().is_ok() && own == behind),
    }
}
