//! Parameters as several classes of fields read them.

use event::{Event, print::text::until_nul};

/// What stands for a path that the recorder could not read.
pub(super) const MISSING: &[u8] = b"<NA>";

/// Parameter `index`, a path, up to its first NUL; [`MISSING`] for NULL. `None` if the event has
/// no such parameter.
pub(super) fn path_param<'e>(event: &Event<'e>, index: usize) -> Option<&'e [u8]> {
    match event.bytes(index)? {
        b"" | b"(NULL)\0" => Some(MISSING),
        bytes => Some(until_nul(bytes)),
    }
}

/// As [`path_param`], of the parameter with this name.
pub(super) fn path_named<'e>(event: &Event<'e>, name: &str) -> Option<&'e [u8]> {
    path_param(event, event.info().param(name)?.0)
}
