//! What a recorder lost, told in the recording itself.
//!
//! A notice, an asynchronous event of no plugin (id 0) that is named [`NOTICE`]. Its data is JSON:
//!
//! ```json
//! {"events":3,"cause":"calls that could not be decoded","from_ns":1790000000000000000}
//! ```
//!
//! - `events`: how many are missing; 0 if that is not known;
//! - `cause`: why, for people;
//! - `from_ns`: since when, ns since the epoch. The notice's own time is until when.

use std::io::Write as _;

use crate::json;

/// Name of the notices.
pub const NOTICE: &str = "watchkeeper.lost";

/// Appends the data of a notice.
pub fn write_notice(events: u64, cause: &str, from_ns: u64, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{{\"events\":{events},\"cause\":");
    json::string(cause.as_bytes(), out);
    let _ = write!(out, ",\"from_ns\":{from_ns}}}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_notice_is_json() {
        let mut out = Vec::new();
        super::write_notice(3, "a \"cause\"", 7, &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["events"], 3);
        assert_eq!(value["cause"], "a \"cause\"");
        assert_eq!(value["from_ns"], 7);
    }
}
