//! Old container events as the JSON of the current ones.

use std::io::Write;

use event::Event;

/// Writes the container that an old event names as JSON with its final NUL. `None` if the event
/// lacks a parameter.
pub(super) fn container(event: &Event<'_>, json: &mut Vec<u8>) -> Option<()> {
    json.clear();
    let kind = event.bytes(1)?;
    let mut number = [0; 4];
    number.get_mut(..kind.len())?.copy_from_slice(kind);
    json.extend_from_slice(b"{\"id\":");
    string(text(event, 0)?, json);
    // Writing to memory does not fail.
    let _ = write!(json, ",\"type\":{}", u32::from_le_bytes(number));
    json.extend_from_slice(b",\"name\":");
    string(text(event, 2)?, json);
    json.extend_from_slice(b",\"image\":");
    string(text(event, 3)?, json);
    json.extend_from_slice(b"}\0");
    Some(())
}

/// A parameter without its final NUL.
fn text<'a>(event: &Event<'a>, index: usize) -> Option<&'a [u8]> {
    event.bytes(index)?.split_last().map(|(_, text)| text)
}

fn string(text: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                let _ = write!(json, "\\u{byte:04x}");
            }
            _ => json.push(byte),
        }
    }
    json.push(b'"');
}
