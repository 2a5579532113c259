//! The forms of an alert.

use event::alert::Alert;

/// In which form an output gets alerts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A line for people.
    Text,
    /// A line with a JSON object.
    Json,
}

impl Form {
    /// The alert in this form, without a line feed.
    pub(crate) fn of(self, alert: &Alert) -> Vec<u8> {
        let mut line = Vec::with_capacity(alert.output.len() + alert.fields.len() + 256);
        match self {
            Self::Text => alert.text(&mut line),
            Self::Json => alert.json(&mut line),
        }
        line
    }

    /// The alert in this form, with a line feed.
    pub(crate) fn line_of(self, alert: &Alert) -> Vec<u8> {
        let mut line = self.of(alert);
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use event::alert::{Priority, Subject};

    use super::*;

    /// A warning with this output.
    pub(crate) fn alert(output: &str) -> Alert {
        Alert {
            ts_ns: 1_795_392_000_000_000_000,
            event_num: 1,
            rule: "Write below etc".into(),
            priority: Priority::Warning,
            source: "syscall".into(),
            tags: ["T1543".into(), "host".into()].into(),
            hostname: "shop-1".into(),
            output: output.to_owned(),
            fields: "{}".to_owned(),
            subject: Subject::default(),
            repeats: None,
        }
    }
}
