//! Intervals of versions, read by the order of a scheme.

use std::fmt;

use versions::{Cut, Scheme, Side, Span, Version};

use crate::{Bound, Ends, Interval};

impl Interval {
    /// As a span; `None` where an end is no version of the scheme.
    pub fn read(&self, scheme: Scheme) -> Option<Span> {
        let cut = |bound: &Option<Bound>, within: Side, without: Side| {
            let Some(bound) = bound else { return Some(None) };
            let side = if bound.ends == Ends::Within { within } else { without };
            let version = Version::parse(scheme, &bound.version).ok()?;
            Some(Some(Cut::new(&version, side)))
        };
        let low = cut(&self.low, Side::Before, Side::After)?;
        let high = cut(&self.high, Side::After, Side::Before)?;
        Some(Span { low, high })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = self.low.as_ref().map(|bound| match bound.ends {
            Ends::Within => format!(">= {}", bound.version),
            Ends::Without => format!("> {}", bound.version),
        });
        let high = self.high.as_ref().map(|bound| match bound.ends {
            Ends::Within => format!("<= {}", bound.version),
            Ends::Without => format!("< {}", bound.version),
        });
        match (low, high) {
            (None, None) => f.write_str("*"),
            (Some(low), Some(high)) => write!(f, "{low}, {high}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(&one),
        }
    }
}
