//! A timeline for programs: the model as JSON, as `docs/timeline-json.md` tells it.

use std::io::{self, Write};

use crate::model::Timeline;

/// How the JSON is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Over many lines.
    Pretty,
    /// On one line.
    Compact,
}

/// Writes a timeline as one JSON object and a line feed.
pub fn write(timeline: &Timeline, form: Form, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Pretty => serde_json::to_writer_pretty(&mut *out, timeline)?,
        Form::Compact => serde_json::to_writer(&mut *out, timeline)?,
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;
    use crate::{
        model::{
            Change, ContainerFacts, End, Gap, GapKind, How, Moment, Origin, Outcome,
            PrivilegeChange, Session, SessionKind, Source,
        },
        testing,
    };

    /// Fields by the section of the page that tells of them.
    type Fields = BTreeMap<String, BTreeSet<String>>;

    fn json(timeline: &Timeline, form: Form) -> String {
        let mut out = Vec::new();
        write(timeline, form, &mut out).expect("a vector takes all");
        String::from_utf8(out).expect("UTF-8")
    }

    /// The sample, with everything that the model can say.
    fn everything() -> Timeline {
        let mut timeline = testing::sample();
        let at = Moment { ts_ns: 1, event: 1 };
        let process = &mut timeline.processes[3];
        process.privileges = changes()
            .into_iter()
            .map(|change| PrivilegeChange { at, change, error: Some(1) })
            .collect();
        process.end = Some(End { at, how: How::Killed { signal: 9, core: true } });
        process.commands[0].origin = Origin::Failed { errno: 2 };
        process.commands[0].login = Some(testing::user(1, "one"));
        process.network = vec![testing::connection("203.0.113.9:1", 1)];
        process.network[0].outcome = Outcome::Failed { errno: 111 };
        timeline.gaps.extend(
            [
                GapKind::LookBack { missing_ns: 1 },
                GapKind::Clipped,
                GapKind::ClockStep { back_ns: 1 },
                GapKind::Forgotten { count: 1 },
            ]
            .map(|kind| Gap { from_ns: 1, to_ns: 2, kind }),
        );
        let source = Source { at: Some(at), ..source(&timeline.sessions[0]) };
        timeline.sessions.push(Session {
            kind: SessionKind::Container(ContainerFacts::default()),
            source: Some(source),
            ..timeline.sessions[0].clone()
        });
        timeline
    }

    fn source(session: &Session) -> Source {
        session.source.clone().expect("the sample's first session has a source")
    }

    fn changes() -> Vec<Change> {
        vec![
            Change::User {
                from: testing::user(1, "a"),
                to: testing::user(0, "root"),
                by: "setuid",
            },
            Change::Group { from: 1, to: 2 },
            Change::Capabilities { gained: vec!["CAP_KILL"], lost: vec!["CAP_CHOWN"] },
            Change::Namespaces { by: "setns", kinds: vec!["mnt"] },
            Change::Ptrace { request: "PTRACE_ATTACH".to_owned(), pid: 1 },
            Change::Memory { by: "process_vm_readv", pid: 1 },
            Change::Module { by: "init_module", name: "m".into() },
            Change::Mount { by: "mount", source: "a".into(), target: "b".into(), kind: "c".into() },
            Change::Chroot { path: "/".into() },
            Change::Bpf { command: "BPF_PROG_LOAD".to_owned() },
            Change::Signal { signal: "SIGKILL".to_owned(), pid: 1 },
            Change::Session,
        ]
    }

    /// The section that tells of the objects in this field.
    fn section<'s>(above: &str, field: &'s str) -> &'s str {
        match (above, field) {
            (_, "summary") => "sentence",
            ("timeline", "alerts") => "alert",
            (_, "sessions") => "session",
            ("timeline", "processes") => "process",
            (_, "commands") => "command",
            (_, "files") => "file",
            (_, "network") => "connection",
            (_, "privileges") => "change",
            ("process", "terminal") => "line",
            (_, "pipelines") => "pipeline",
            (_, "gaps") => "gap",
            (_, "redirects") => "redirect",
            (_, "start" | "at" | "first" | "last" | "closed") => "moment",
            (_, "login" | "from" | "to" | "user") => "user",
            ("source" | "connection", "remote" | "local") => "endpoint",
            ("command", "origin") => "failed",
            (_, same) => same,
        }
    }

    fn collect(section_name: &str, value: &Value, fields: &mut Fields) {
        match value {
            Value::Array(items) => {
                items.iter().for_each(|item| collect(section_name, item, fields));
            }
            Value::Object(object) => {
                let known = fields.entry(section_name.to_owned()).or_default();
                known.extend(object.keys().cloned());
                // What failed is told in one row.
                for (field, value) in object.iter().filter(|_| section_name != "failed") {
                    collect(section(section_name, field), value, fields);
                }
            }
            _ => {}
        }
    }

    fn documented() -> Fields {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/timeline-json.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let mut fields = Fields::new();
        let mut section = String::new();
        for line in page.lines() {
            if let Some(name) = line.strip_prefix("## ") {
                section = name.to_owned();
            } else if let Some((field, _)) =
                line.strip_prefix("| `").and_then(|rest| rest.split_once('`'))
            {
                fields.entry(section.clone()).or_default().insert(field.to_owned());
            }
        }
        fields
    }

    #[test]
    fn the_page_tells_of_every_field_and_of_no_other() {
        let value: Value = serde_json::from_str(&json(&everything(), Form::Compact)).expect("JSON");
        let mut fields = Fields::new();
        collect("timeline", &value, &mut fields);
        let documented = documented();
        for (section, fields) in &fields {
            assert_eq!(Some(fields), documented.get(section), "{section}");
        }
        assert_eq!(fields.len(), documented.len());
    }

    #[test]
    fn both_forms_hold_the_same_and_nothing_hidden() {
        // Rules and what they say do not come from the host.
        let hostile = Timeline { alerts: Vec::new(), ..testing::hostile() };
        for timeline in [testing::sample(), Timeline { summary: Vec::new(), ..hostile }] {
            let (pretty, compact) = (json(&timeline, Form::Pretty), json(&timeline, Form::Compact));
            let value = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
            assert_eq!(value(&pretty), value(&compact));
            assert_eq!(compact.matches('\n').count(), 1);
            assert!(!compact.contains(['\u{1b}', '\u{202e}', '\u{200b}']));
        }
    }
}
