//! What is added to an event here rather than in the kernel.

use event::{
    Event, EventBuilder,
    syscalls::{CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, FORK_20_X, VFORK_20_X},
};

use super::groups::{GROUPS_BYTES, Groups};

/// Where the events of clone and of exec have the control groups.
const GROUPS: usize = 14;
/// Where those of exec have the path of the program, which is missing if it has too many names.
const EXEPATH: usize = 27;

/// Whether the event is one that is not whole.
#[inline]
pub(super) fn is_partial(event: &Event<'_>) -> bool {
    is_exec(event) || matches!(event.kind, CLONE_20_X | CLONE3_X | FORK_20_X | VFORK_20_X)
}

fn is_exec(event: &Event<'_>) -> bool {
    matches!(event.kind, EXECVE_19_X | EXECVEAT_X)
}

/// Makes an event whole that is not.
pub(super) fn complete(
    event: &Event<'_>,
    groups: &mut Groups,
    builder: &mut EventBuilder,
    text: &mut Vec<u8>,
) {
    let is_exec = is_exec(event);
    builder.start(event.kind, event.ts_ns, event.tid, event.cpu);
    for at in 0..event.param_count() {
        let bytes = event.bytes(at).unwrap_or_default();
        match (at, <&[u8; GROUPS_BYTES]>::try_from(bytes)) {
            (GROUPS, Ok(told)) => {
                text.clear();
                groups.write(told, text);
                builder.raw(text);
            }
            (EXEPATH, _) if is_exec && bytes.is_empty() => {
                builder.raw(&exepath(event.tid).unwrap_or_default());
            }
            _ => {
                builder.raw(bytes);
            }
        }
    }
}

/// The path of what a thread runs, as long as it runs it, with a NUL.
fn exepath(tid: i64) -> Option<Vec<u8>> {
    let path = std::fs::read_link(format!("/proc/{tid}/exe")).ok()?;
    let mut path = path.into_os_string().into_encoded_bytes();
    path.push(0);
    Some(path)
}
