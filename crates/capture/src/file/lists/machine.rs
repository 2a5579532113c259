//! The machine block.

use event::snapshot::Machine;

use crate::file::cursor::Cursor;

/// Bytes of the block's body.
pub(in crate::file) const BYTES: usize = 180;
/// Bytes kept for the host name, with the NULs that fill them up.
pub(in crate::file) const HOSTNAME_BYTES: usize = 128;

/// The machine that `body` describes.
pub(in crate::file) fn machine(body: &[u8]) -> Option<Machine<'_>> {
    let mut body = Cursor::new(body);
    Some(Machine {
        cpus: body.u32()?,
        memory_bytes: body.u64()?,
        max_pid: body.u64()?,
        hostname: until_nul(body.take(HOSTNAME_BYTES)?),
        boot_ts_ns: body.u64()?,
        flags: body.u64()?,
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or(bytes)
}
