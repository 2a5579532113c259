//! An alert: that an event matched a rule, in words and in fields.
//!
//! Made from an event and a rule, read by every output. The keys of its JSON form are those of
//! Falco's alerts, so that what reads Falco's reads these too.

use std::{fmt, io::Write as _, str::FromStr, sync::Arc};

use thiserror::Error;

use crate::{
    json,
    print::time::{Civil, Fraction, NS_PER_S},
};

/// How bad it is, from the worst to the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Priority {
    /// The system cannot be used.
    Emergency,
    /// Somebody has to act at once.
    Alert,
    /// Somebody has to act soon.
    Critical,
    /// Something went wrong.
    Error,
    /// Something is likely wrong.
    Warning,
    /// Unusual, yet in order.
    Notice,
    /// Good to know.
    Informational,
    /// For whoever looks for a mistake.
    Debug,
}

impl Priority {
    /// Every priority, the worst first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// As alerts spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "Emergency",
            Self::Alert => "Alert",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Notice => "Notice",
            Self::Informational => "Informational",
            Self::Debug => "Debug",
        }
    }

    /// The severity of RFC 5424, 0 to 7: the same scale.
    pub fn severity(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no priority.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "'{0}' is not a priority; priorities are emergency alert critical error warning notice info debug"
)]
pub struct UnknownPriority(pub String);

impl FromStr for Priority {
    type Err = UnknownPriority;

    /// In any case of letters; `INFO` is short for `INFORMATIONAL`.
    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        if text.eq_ignore_ascii_case("info") {
            return Ok(Self::Informational);
        }
        let found = Self::ALL.into_iter().find(|p| p.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownPriority(text.to_owned()))
    }
}

/// An event that matched a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The event's time, ns since 1970.
    pub ts_ns: u64,
    /// The event's number in its recording, from 1.
    pub event_num: u64,
    /// The rule's name.
    pub rule: Arc<str>,
    /// The rule's priority.
    pub priority: Priority,
    /// The source of events that the rule is for: `syscall`.
    pub source: Arc<str>,
    /// The rule's tags, sorted.
    pub tags: Arc<[Box<str>]>,
    /// The host where it happened; empty if unknown.
    pub hostname: Arc<str>,
    /// Time, priority and the rule's output with its fields filled in. What came from the host is
    /// safe to print; line breaks and tabs that the rule's author wrote are still there, and
    /// [`Alert::text`] makes spaces of them.
    pub output: String,
    /// The fields of the output and their values: a JSON object, keys sorted.
    pub fields: String,
    /// Who did it to what: repeats of the same rule with an equal subject are the same alert.
    pub subject: Subject,
    /// If it stands for several: how many and when.
    pub repeats: Option<Repeats>,
}

/// The process that caused an alert, and what it worked on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    /// Id of the process; -1 if unknown.
    pub pid: i64,
    /// When it started, ns since 1970, for ids are used again; 0 if unknown.
    pub start_ns: u64,
    /// The file, the address or the program; empty if there is none.
    pub target: Vec<u8>,
}

/// Repeats of an alert that were folded into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// How many events, the first included.
    pub count: u64,
    /// Time of the first, ns since 1970.
    pub first_ns: u64,
    /// Time of the last.
    pub last_ns: u64,
}

impl Alert {
    /// Appends the alert as one line for people, without a line break.
    pub fn text(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(self.output.as_bytes());
        for byte in &mut out[start..] {
            if byte.is_ascii_control() {
                *byte = b' ';
            }
        }
        if let Some(repeats) = &self.repeats {
            repeats.text(out);
        }
    }

    /// Appends the alert as a JSON object on one line, keys sorted, without a line break: the keys
    /// of Falco's alerts, and `count`, `first_time` and `last_time` if it stands for several.
    pub fn json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(repeats) = &self.repeats {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "\"count\":{},\"first_time\":", repeats.count);
            time(repeats.first_ns, out);
            out.push(b',');
        }
        member("hostname", &self.hostname, out);
        if let Some(repeats) = &self.repeats {
            out.extend_from_slice(b",\"last_time\":");
            time(repeats.last_ns, out);
        }
        out.push(b',');
        member("output", &self.output, out);
        out.extend_from_slice(b",\"output_fields\":");
        out.extend_from_slice(self.fields.as_bytes());
        for (name, value) in
            [("priority", self.priority.name()), ("rule", &self.rule), ("source", &self.source)]
        {
            out.push(b',');
            member(name, value, out);
        }
        self.tags(out);
        out.extend_from_slice(b",\"time\":");
        time(self.ts_ns, out);
        out.push(b'}');
    }

    fn tags(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"tags\":[");
        for (index, tag) in self.tags.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            json::string(tag.as_bytes(), out);
        }
        out.push(b']');
    }
}

impl Repeats {
    /// Appends ` (41 times in 12.000s, last at 10:24:52)`.
    fn text(&self, out: &mut Vec<u8>) {
        let took = self.last_ns.saturating_sub(self.first_ns);
        let (seconds, ms) = (took / NS_PER_S, took % NS_PER_S / 1_000_000);
        let _ = write!(out, " ({} times in {seconds}.{ms:03}s, last at ", self.count);
        Civil::of(self.last_ns).write_time(Fraction::Hidden, out);
        out.push(b')');
    }
}

/// Appends `"name":"value"`.
fn member(name: &str, value: &str, out: &mut Vec<u8>) {
    json::string(name.as_bytes(), out);
    out.push(b':');
    json::string(value.as_bytes(), out);
}

/// Appends a time in quotes: RFC 3339, UTC, nanoseconds.
fn time(ts_ns: u64, out: &mut Vec<u8>) {
    out.push(b'"');
    Civil::of(ts_ns).write(b'T', Fraction::Shown, out);
    out.extend_from_slice(b"Z\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert() -> Alert {
        Alert {
            ts_ns: 1_470_327_477_881_785_348,
            event_num: 7,
            rule: "open_from_cat".into(),
            priority: Priority::Warning,
            source: "syscall".into(),
            tags: ["a", "b \"x\""].map(Into::into).into(),
            hostname: "golden".into(),
            output: "16:17:57.881785348: Warning An open\n\tby cat".to_owned(),
            fields: r#"{"evt.time":1470327477881785348,"proc.name":null}"#.to_owned(),
            subject: Subject::default(),
            repeats: None,
        }
    }

    fn printed(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn json_has_falcos_keys_in_order() {
        assert_eq!(
            printed(|out| alert().json(out)),
            "{\"hostname\":\"golden\",\
             \"output\":\"16:17:57.881785348: Warning An open\\n\\tby cat\",\
             \"output_fields\":{\"evt.time\":1470327477881785348,\"proc.name\":null},\
             \"priority\":\"Warning\",\"rule\":\"open_from_cat\",\"source\":\"syscall\",\
             \"tags\":[\"a\",\"b \\\"x\\\"\"],\"time\":\"2016-08-04T16:17:57.881785348Z\"}"
        );
    }

    #[test]
    fn text_is_one_line() {
        let text = printed(|out| alert().text(out));
        assert_eq!(text, "16:17:57.881785348: Warning An open  by cat");
    }

    #[test]
    fn repeats_are_told_in_both_forms() {
        let mut alert = alert();
        let first_ns = alert.ts_ns;
        let repeats = Repeats { count: 41, first_ns, last_ns: first_ns + 12 * NS_PER_S };
        alert.repeats = Some(repeats);
        let text = printed(|out| alert.text(out));
        assert!(text.ends_with(" by cat (41 times in 12.000s, last at 16:18:09)"), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&printed(|out| alert.json(out))).expect("JSON");
        assert_eq!(json["count"], 41);
        assert_eq!(json["first_time"], "2016-08-04T16:17:57.881785348Z");
        assert_eq!(json["last_time"], "2016-08-04T16:18:09.881785348Z");
        let keys: Vec<_> = json.as_object().expect("object").keys().collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn priorities_are_read_in_any_case() {
        for priority in Priority::ALL {
            assert_eq!(priority.name().to_uppercase().parse(), Ok(priority));
        }
        assert_eq!("info".parse(), Ok(Priority::Informational));
        assert!("high".parse::<Priority>().is_err());
    }
}
