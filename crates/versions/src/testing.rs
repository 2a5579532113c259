//! Tables of the tests beside the code.

use crate::{Range, Scheme, Version};

fn version(scheme: Scheme, text: &str) -> Version {
    Version::parse(scheme, text).unwrap_or_else(|error| panic!("{error}"))
}

/// Each is below all that follow it.
pub(crate) fn ascending(scheme: Scheme, row: &[&str]) {
    for (index, low) in row.iter().enumerate() {
        for high in row.iter().skip(index + 1) {
            assert!(version(scheme, low) < version(scheme, high), "{scheme}: {low} < {high}");
        }
    }
}

/// In each row all are equal.
pub(crate) fn equal(scheme: Scheme, rows: &[&[&str]]) {
    for row in rows {
        for (a, b) in row.iter().zip(row.iter().skip(1)) {
            assert_eq!(version(scheme, a), version(scheme, b), "{scheme}");
        }
    }
}

/// None is a version.
pub(crate) fn refused(scheme: Scheme, texts: &[&str]) {
    for text in texts {
        assert!(Version::parse(scheme, text).is_err(), "{scheme}: {text}");
    }
}

/// A range has these in it, and none of those.
pub(crate) fn range(scheme: Scheme, text: &str, within: &[&str], without: &[&str]) {
    let range = Range::parse(scheme, text).unwrap_or_else(|error| panic!("{error}"));
    for (row, is_in) in [(within, true), (without, false)] {
        for text in row {
            assert_eq!(
                range.contains(&version(scheme, text)),
                is_in,
                "{scheme}: {text} in {range}"
            );
        }
    }
}

/// Each range goes by these spans.
pub(crate) fn spans(scheme: Scheme, rows: &[(&str, &str)]) {
    for (text, spans) in rows {
        let range = Range::parse(scheme, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(range.spans().to_string(), *spans, "{scheme}: {text}");
    }
}

/// None is a range; each message names the part.
pub(crate) fn no_ranges(scheme: Scheme, rows: &[(&str, &str)]) {
    for (text, part) in rows {
        let error = Range::parse(scheme, text).expect_err(text).to_string();
        assert!(error.contains(part), "{scheme}: {text}: {error}");
    }
}
