//! Which of the steps an alert is about: those with its program, its file or its connection.

use rules::filter::Memory;
use serde_json::{Map, Value};
use state::Context;

use super::truth::Step;
use crate::trial::Fields;

const FILES: [&str; 6] =
    ["fd.name", "fd.nameraw", "fs.path.name", "fs.path.source", "fs.path.target", "proc.exepath"];
const NAMES: [&str; 2] = ["proc.name", "proc.exe"];
const ARGS: &str = "proc.args";

/// Asks events what an alert on them is about.
pub(super) struct Witness {
    fields: Fields,
    memory: Memory,
}

impl Witness {
    pub(super) fn new() -> Option<Self> {
        let names = FILES.into_iter().chain(NAMES).chain([ARGS]);
        Some(Self { fields: Fields::new(names).ok()?, memory: Memory::default() })
    }

    /// Marks in `covered` the steps that an alert on this event is about.
    pub(super) fn mark(&mut self, context: &Context<'_>, steps: &[Step], covered: &mut [bool]) {
        let values = self.fields.values(context, &mut self.memory);
        for (step, covered) in steps.iter().zip(covered) {
            *covered = *covered || is_about(&values, step);
        }
    }
}

fn is_about(values: &Map<String, Value>, step: &Step) -> bool {
    let text = |name: &str| values.get(name).and_then(Value::as_str).unwrap_or_default();
    let names = NAMES.map(text);
    // What one program runs as another's arguments (`timeout 10 nc ...`) is of the step as well.
    let is_any = |argv: &Vec<String>| {
        (0..argv.len()).any(|start| is_command(&argv[start..], names, text(ARGS)))
    };
    step.commands.iter().any(is_any)
        || is_script(&step.shell, text(ARGS))
        || step.files().any(|file| FILES.iter().any(|name| is_within(text(name), file)))
        || step.network.iter().any(|end| is_end(text("fd.name"), end))
}

/// Whether a program of one of these names with these arguments is the command. A script has its
/// own path as the first argument of its interpreter.
fn is_command(argv: &[String], names: [&str; 2], args: &str) -> bool {
    let Some((program, expected)) = argv.split_first() else { return false };
    let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if !names.iter().any(|name| base(name) == base(program) || name == program) {
        return false;
    }
    let expected = expected.join(" ");
    let script = args.split_once(' ').filter(|(first, _)| base(first) == base(program));
    is_like(args, &expected) || script.is_some_and(|(_, rest)| is_like(rest, &expected))
}

/// Whether a text is as expected; `...` and the word `PID` stand for anything.
fn is_like(text: &str, expected: &str) -> bool {
    let expected: Vec<&str> =
        expected.split(' ').map(|word| if word == "PID" { "..." } else { word }).collect();
    let expected = expected.join(" ");
    let Some((first, rest)) = expected.split_once("...") else { return text == expected };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split("...").collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.split_once(part) {
            Some((_, behind)) => text = behind,
            None => return false,
        }
    }
    text.ends_with(last)
}

/// Whether it is a shell that was told just this.
fn is_script(script: &str, args: &str) -> bool {
    !script.is_empty() && args.strip_prefix("-c ").is_some_and(|told| told == script)
}

fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder).filter(|_| !folder.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a connection, `FROM->TO`, has this end.
fn is_end(connection: &str, end: &str) -> bool {
    connection.split("->").any(|one| one == end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(json: &str) -> Step {
        serde_json::from_str(json).expect("a step")
    }

    #[test]
    fn an_alert_is_about_the_step_of_its_program_file_or_connection() {
        let values = serde_json::json!({
            "proc.name": "cat", "proc.exe": "/bin/cat", "proc.args": "-n /etc/shadow",
            "fd.name": "10.0.0.1:5->203.0.113.20:4444", "fs.path.name": "/srv/data/a.csv",
        });
        let Value::Object(values) = values else { unreachable!() };
        let cases = [
            (r#"{"commands": [["cat", "-n", "/etc/shadow"]]}"#, true),
            (r#"{"commands": [["/usr/bin/cat", "-n", "PID"]]}"#, true),
            (r#"{"commands": [["id"], ["cat", "..."]]}"#, true),
            (r#"{"commands": [["timeout", "9", "cat", "-n", "/etc/shadow"]]}"#, true),
            (r#"{"commands": [["cat", "-n", "/etc/...ow"]]}"#, true),
            (r#"{"commands": [["cat", "-n", "/...sha...x"]]}"#, false),
            (r#"{"commands": [["-n", "/etc/shadow"]]}"#, false),
            (r#"{"commands": [["cat", "-n"]]}"#, false),
            (r#"{"commands": [["cat", "-n", "/etc/shadow", "x"]]}"#, false),
            (r#"{"commands": [[]]}"#, false),
            (r#"{"network": ["203.0.113.20:4444"]}"#, true),
            (r#"{"network": ["203.0.113.20:444"]}"#, false),
            (r#"{"files_deleted": ["/srv/data"]}"#, true),
            (r#"{"files_deleted": ["/srv/dat"]}"#, false),
            (r#"{"files_renamed": [["/x", "/srv/data/a.csv (times)"]]}"#, true),
            (r#"{"files_read": [""]}"#, false),
            ("{}", false),
        ];
        for (json, expected) in cases {
            assert_eq!(is_about(&values, &step(json)), expected, "{json}");
        }
    }

    #[test]
    fn its_fields_are_known() {
        assert!(Witness::new().is_some());
    }
}
