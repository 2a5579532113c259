//! `/proc/PID/uid_map` and `gid_map`.

use super::text::{fields, lines, unsigned};

/// Whether an id, as the reader of the map sees it, has a counterpart in the process's user
/// namespace.
pub fn is_mapped(map: &[u8], id: u32) -> bool {
    lines(map).any(|line| {
        let mut numbers = fields(line).map(|digits| unsigned(digits, 10));
        let (Some(_), Some(Some(outside)), Some(Some(count))) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return false;
        };
        u64::from(id).checked_sub(outside).is_some_and(|offset| offset < count)
    })
}
