//! An alert as a message of RFC 5424.

use std::{io::Write, process};

use event::alert::Alert;
use jiff::Timestamp;

use super::Facility;
use crate::Form;

/// Longest message, bytes: what fits into a datagram. Longer ones are cut at their end.
const LONGEST: usize = 65_000;
/// Longest host name.
const LONGEST_HOST: usize = 255;
/// Longest value of structured data, bytes: rules may have any number of tags.
const LONGEST_VALUE: usize = 8_192;

/// The message for an alert.
pub(super) fn of(alert: &Alert, facility: Facility, form: Form) -> Vec<u8> {
    let mut message = Vec::new();
    let number = facility.with(alert.priority.severity());
    let pid = process::id();
    // Writing to a Vec cannot fail.
    let _ = write!(message, "<{number}>1 {} ", timestamp(alert.ts_ns));
    host(&alert.hostname, &mut message);
    // The number in the name of the data stands for examples: nobody is registered for these.
    let _ = write!(message, " watchkeeper {pid} alert [alert@32473");
    parameter("rule", &alert.rule, &mut message);
    parameter("priority", alert.priority.name(), &mut message);
    parameter("source", &alert.source, &mut message);
    parameter("tags", &alert.tags.join(","), &mut message);
    message.extend_from_slice(b"] ");
    message.extend_from_slice(&form.of(alert));
    cut(&mut message, LONGEST);
    message
}

/// To the microsecond, which is all that the RFC allows.
fn timestamp(ts_ns: u64) -> String {
    match Timestamp::from_nanosecond(i128::from(ts_ns)) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(),
        Err(_) => "-".to_owned(),
    }
}

/// Printable ASCII without spaces, or `-`.
fn host(name: &str, message: &mut Vec<u8>) {
    let start = message.len();
    message.extend(name.bytes().filter(u8::is_ascii_graphic).take(LONGEST_HOST));
    if message.len() == start {
        message.push(b'-');
    }
}

/// ` name="value"`, with a backslash before what would end the value or the data.
fn parameter(name: &str, value: &str, message: &mut Vec<u8>) {
    let _ = write!(message, " {name}=\"");
    let mut shown = value.as_bytes().to_vec();
    cut(&mut shown, LONGEST_VALUE);
    for byte in shown {
        if matches!(byte, b'"' | b'\\' | b']') {
            message.push(b'\\');
        }
        message.push(if byte.is_ascii_control() { b' ' } else { byte });
    }
    message.push(b'"');
}

/// Cuts text at a length, between characters.
fn cut(text: &mut Vec<u8>, most: usize) {
    if text.len() > most {
        let is_continued = |byte: u8| byte & 0xC0 == 0x80;
        let end = (0..=most).rev().find(|&end| !is_continued(text[end])).unwrap_or(0);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use event::alert::Priority;

    use super::*;
    use crate::line::tests::alert;

    fn text(alert: &Alert) -> String {
        String::from_utf8(of(alert, Facility::default(), Form::Text)).unwrap()
    }

    #[test]
    fn a_message_has_every_part_of_the_rfc() {
        let alert = Alert { ts_ns: 1_795_392_000_123_456_789, ..alert("written") };
        let want = format!(
            "<28>1 2026-11-23T00:00:00.123456Z shop-1 watchkeeper {} alert [alert@32473 \
             rule=\"Write below etc\" priority=\"Warning\" source=\"syscall\" \
             tags=\"T1543,host\"] ",
            process::id()
        );
        assert!(text(&alert).starts_with(&want), "{}", text(&alert));
        assert!(text(&alert).contains("written"));
    }

    #[test]
    fn priorities_become_severities() {
        for (priority, number) in
            [(Priority::Emergency, "<24>"), (Priority::Critical, "<26>"), (Priority::Debug, "<31>")]
        {
            assert!(text(&Alert { priority, ..alert("x") }).starts_with(number));
        }
    }

    #[test]
    fn what_would_end_the_data_is_escaped() {
        let rule = "a\"] [b@1 c=\"d\\e\nf".into();
        let message = text(&Alert { rule, ..alert("x") });
        assert!(message.contains(r#" rule="a\"\] [b@1 c=\"d\\e f" "#), "{message}");
    }

    #[test]
    fn host_names_are_printable_or_absent() {
        for (name, want) in [("", " - "), ("a b\n", " ab "), ("ä", " - ")] {
            let message = text(&Alert { hostname: name.into(), ..alert("x") });
            assert!(message.contains(&format!("Z{want}watchkeeper")), "{message}");
        }
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        for extra in 0..4 {
            let output = "x".repeat(extra) + &"€".repeat(40_000);
            let message = text(&Alert { output, ..alert("x") });
            assert!((LONGEST - 3..=LONGEST).contains(&message.len()), "{}", message.len());
        }
    }
}
