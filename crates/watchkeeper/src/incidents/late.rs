//! What is learned of a container when alerts of it were given already.

use std::collections::BTreeMap;

use event::alert::Alert;
use rules::{filter::Memory, format::Format};
use serde_json::value::RawValue;
use state::Context;

/// Fields that tell what engines say of a container begin so.
const LATE: [&str; 2] = ["container.", "k8s."];

/// Gives an alert the values that it lacks and that this event, which tells of the alert's container,
/// has. What the alert says in words stays as it was told.
pub(super) fn complete(alert: &mut Alert, context: &Context<'_>) {
    let Ok(mut fields) = serde_json::from_str::<Fields>(&alert.fields) else { return };
    let mut is_news = false;
    for (name, value) in fields.iter_mut().filter(|(name, value)| is_missing(name, value)) {
        if let Some(known) = value_of(name, context) {
            *value = known;
            is_news = true;
        }
    }
    if is_news && let Ok(text) = serde_json::to_string(&fields) {
        alert.fields = text;
    }
}

/// Values by the names of the fields, as they stand there.
type Fields = BTreeMap<String, Box<RawValue>>;

fn is_missing(name: &str, value: &RawValue) -> bool {
    value.get() == "null" && LATE.iter().any(|prefix| name.starts_with(prefix))
}

fn value_of(name: &str, context: &Context<'_>) -> Option<Box<RawValue>> {
    let format = Format::compile(&format!("%{name}")).ok()?;
    let mut json = Vec::new();
    format.json(context, &mut Memory::default(), &mut json);
    let told: Fields = serde_json::from_slice(&json).ok()?;
    told.into_values().next().filter(|value| value.get() != "null")
}

#[cfg(test)]
mod tests {
    use event::{EventBuilder, alert::Subject, syscalls::ASYNCEVENT_E};
    use state::{Limits, State};

    use super::*;

    fn alert(fields: &str) -> Alert {
        Alert {
            ts_ns: 1,
            event_num: 1,
            rule: "r".into(),
            priority: event::alert::Priority::Debug,
            source: "syscall".into(),
            tags: [].into(),
            hostname: "".into(),
            output: "name=<NA>".to_owned(),
            fields: fields.to_owned(),
            subject: Subject::default(),
            repeats: None,
        }
    }

    #[test]
    fn values_that_were_not_known_are_those_that_the_event_tells() {
        let json = r#"{"container":{"id":"abc","name":"web","image":"nginx:1","privileged":true,
            "labels":{"io.kubernetes.pod.name":"web-1","a":"b"}}}"#;
        let mut builder = EventBuilder::default();
        builder.start(ASYNCEVENT_E, 1, -1, 0).u32(0).text("container").text(json);
        let mut state = State::new(Limits::default());
        let context = state.event(builder.event().unwrap());
        let cases = [
            (
                r#"{"container.id":"abc","container.image.tag":null,"container.name":null}"#,
                r#"{"container.id":"abc","container.image.tag":"","container.name":"web"}"#,
            ),
            (r#"{"container.label[a]":null}"#, r#"{"container.label[a]":"b"}"#),
            (r#"{"container.privileged":null}"#, r#"{"container.privileged":true}"#),
            (
                r#"{"k8s.ns.name":null,"k8s.pod.name":null}"#,
                r#"{"k8s.ns.name":null,"k8s.pod.name":"web-1"}"#,
            ),
            (
                r#"{"evt.time":18446744073709551615,"proc.name":null}"#,
                r#"{"evt.time":18446744073709551615,"proc.name":null}"#,
            ),
            (r#"{"container.name":"old"}"#, r#"{"container.name":"old"}"#),
            ("nonsense", "nonsense"),
        ];
        for (before, after) in cases {
            let mut alert = alert(before);
            complete(&mut alert, &context);
            assert_eq!(alert.fields, after);
            assert_eq!(alert.output, "name=<NA>");
        }
    }
}
