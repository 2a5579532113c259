//! How much went through what is closed, as programs in the kernel tell it: `bpf/close.h`.

use event::written::Written;

use super::told::Told;

/// Appends the data of a notice; whether there is one.
pub(super) fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> bool {
    let Some(written) = of(record) else { return false };
    written.write_notice(out);
    true
}

fn of(record: &Told<'_>) -> Option<Written> {
    let [fd, written, read] = record.fields()?;
    Some(Written {
        fd: i64::from_le_bytes(fd.try_into().ok()?),
        written: u64::from_le_bytes(written.try_into().ok()?),
        read: read.try_into().ok().map(u64::from_le_bytes),
    })
}
