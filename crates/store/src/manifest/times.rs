//! Times: in ns since 1970 for programs, and beside it as RFC 3339 for people. Only the former is
//! read.

use event::print::time::{Civil, Fraction};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

/// The window that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct AskedFor {
    /// Its beginning, ns since 1970.
    pub start_ns: u64,
    /// Its end.
    pub end_ns: u64,
}

/// The window that there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Seen {
    /// The earliest time of an event, ns since 1970; 0 if there is none.
    pub first_ns: u64,
    /// The latest.
    pub last_ns: u64,
}

/// When an alert was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct AlertTimes {
    /// Time of its event, ns since 1970.
    pub ts_ns: u64,
    /// Time of the last of its repeats; of its event if there are none.
    pub last_ns: u64,
}

impl Serialize for AskedFor {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        both(out, [("start_ns", "start", self.start_ns), ("end_ns", "end", self.end_ns)])
    }
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        both(out, [("first_ns", "first", self.first_ns), ("last_ns", "last", self.last_ns)])
    }
}

impl Serialize for AlertTimes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        both(out, [("ts_ns", "time", self.ts_ns), ("last_ns", "last", self.last_ns)])
    }
}

/// Times under their names for programs and for people.
fn both<S: Serializer>(out: S, times: [(&str, &str, u64); 2]) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(2 * times.len()))?;
    for (exact, read, ts_ns) in times {
        map.serialize_entry(exact, &ts_ns)?;
        map.serialize_entry(read, &rfc3339(ts_ns))?;
    }
    map.end()
}

/// RFC 3339 in UTC with nanoseconds.
fn rfc3339(ts_ns: u64) -> String {
    let mut out = Vec::with_capacity(30);
    Civil::of(ts_ns).write(b'T', Fraction::Shown, &mut out);
    out.push(b'Z');
    String::from_utf8(out).unwrap_or_default()
}
