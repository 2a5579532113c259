//! Alerts stay small enough for a manifest, whatever was recorded.

use serde_json::Value;

use super::Alert;
use crate::Shown;

/// An alert takes no more, so that one alone never fills a manifest.
const MAX_ALERT_BYTES: usize = 256 << 10;
/// Of an alert that takes more, so much of each text is kept.
const KEPT_TEXT_BYTES: usize = 16 << 10;
/// Of an alert that takes more, so many tags are kept.
const KEPT_TAGS: usize = 4;
/// What an alert takes beside its texts: its numbers and the names of its fields in JSON.
const BASE_BYTES: usize = 1024;

impl Alert {
    /// What it takes, about.
    pub(super) fn size_bytes(&self) -> usize {
        let fields = self.fields.iter().map(|(name, value)| name.len() + value_bytes(value));
        let tags = self.tags.iter().map(|tag| tag.len() + 8);
        let texts = self.texts().into_iter().map(|text| text.len());
        BASE_BYTES + fields.sum::<usize>() + tags.sum::<usize>() + texts.sum::<usize>()
    }

    /// Leaves out what is too large.
    pub(super) fn shorten(&mut self) {
        if self.size_bytes() > MAX_ALERT_BYTES {
            self.fields.clear();
            self.tags.truncate(KEPT_TAGS);
            self.tags.iter_mut().for_each(Shown::shorten);
            self.texts_mut().into_iter().for_each(Shown::shorten);
        }
    }

    fn texts(&self) -> [&Shown; 8] {
        let Self { rule, output, actor: who, .. } = self;
        let container = [&who.container_id, &who.container_name];
        [rule, output, &who.comm, &who.exe, &who.cmdline, &who.user, container[0], container[1]]
    }

    fn texts_mut(&mut self) -> [&mut Shown; 8] {
        let Self { rule, output, actor: who, .. } = self;
        let container = [&mut who.container_id, &mut who.container_name];
        let [id, name] = container;
        [rule, output, &mut who.comm, &mut who.exe, &mut who.cmdline, &mut who.user, id, name]
    }
}

fn value_bytes(value: &Value) -> usize {
    const BASE_BYTES: usize = 16;
    BASE_BYTES
        + match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(value_bytes).sum(),
            Value::Object(map) => map.iter().map(|(name, it)| name.len() + value_bytes(it)).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

impl Shown {
    /// Keeps the beginning of a very long text.
    fn shorten(&mut self) {
        if self.len() > KEPT_TEXT_BYTES {
            let end = self.floor_char_boundary(KEPT_TEXT_BYTES);
            *self = format!("{}…", self.get(..end).unwrap_or_default()).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, Manifest, manifest::tests::alert};

    #[test]
    fn a_very_large_alert_keeps_the_beginnings_of_its_texts() {
        let mut large = alert(1, "rule");
        large.actor.cmdline = "é".repeat(1 << 20).into();
        large.fields.insert("proc.args".to_owned(), "x".repeat(1 << 20).into());
        large.shorten();
        assert!(large.size_bytes() <= MAX_ALERT_BYTES, "{}", large.size_bytes());
        assert_eq!(large.actor.cmdline.len(), KEPT_TEXT_BYTES + "…".len());
        assert!(large.actor.cmdline.ends_with("é…"));
        assert_eq!(large.rule, "rule".into());
        let small = alert(1, "rule");
        let mut same = small.clone();
        same.shorten();
        assert_eq!(same, small);
    }

    #[test]
    fn whatever_is_added_the_manifest_can_be_read_again_and_counts_all() {
        // Quotes take twice as much in JSON.
        for text in ["\"", "x", "\u{1b}"] {
            let mut manifest = Manifest::new(Id::of(&[]));
            for ts_ns in 0..300 {
                let mut large = alert(ts_ns, "rule");
                large.output = text.repeat(50_000).into();
                let place = manifest.add(large);
                assert_eq!(place.map(|place| place + 1), place.map(|_| manifest.alerts().len()));
            }
            let json = manifest.to_json().expect("fits");
            let read = Manifest::parse(&json).expect("reads");
            assert_eq!(read, manifest);
            assert_eq!(read.alerts_total, 300);
            assert!((10..300).contains(&read.alerts().len()), "{}", read.alerts().len());
        }
    }
}
