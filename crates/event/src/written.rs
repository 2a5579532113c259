//! How much was written to a file or went through a socket until it was closed, told by recorders that
//! do not record each call that does so.
//!
//! A notice, an asynchronous event of no plugin (id 0) that is named [`NOTICE`]. It comes right before
//! the event of the call that closes the fd, so that the fd still means what was closed, and has that
//! call's thread. Its data is JSON:
//!
//! ```json
//! {"fd":5,"written":1200,"read":64}
//! ```
//!
//! - `fd`: which fd is closed;
//! - `written`: bytes that were written to it since it was opened;
//! - `read`: bytes that came in, of sockets; missing if that is not known.
//!
//! Nothing is told of what is not known, and where nothing was moved.

use std::io::Write as _;

/// Name of the notices.
pub const NOTICE: &str = "watchkeeper.written";

/// What went through an fd until it was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The fd, which is open still.
    pub fd: i64,
    /// Bytes that were written.
    pub written: u64,
    /// Bytes that came in; `None` if that is not known.
    pub read: Option<u64>,
}

impl Written {
    /// Appends the data of a notice.
    pub fn write_notice(&self, out: &mut Vec<u8>) {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{{\"fd\":{},\"written\":{}", self.fd, self.written);
        if let Some(read) = self.read {
            let _ = write!(out, ",\"read\":{read}");
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn a_notice_is_json_and_leaves_out_what_is_not_known() {
        for (read, expected) in [
            (Some(64), r#"{"fd":5,"written":1200,"read":64}"#),
            (None, r#"{"fd":5,"written":1200}"#),
        ] {
            let mut out = Vec::new();
            Written { fd: 5, written: 1200, read }.write_notice(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
