//! A whole capture: read to its end or to the first damage.

use capture::{Record, Source, file::Reader};
use event::print::{self, NoNames};

/// What the reader may hold: its window with the largest event block, and the enter events that
/// wait for their exits.
const MAX_HELD_BYTES: usize = (1 + 16 + 4) * 1024 * 1024;

/// The bytes as a capture file.
pub(crate) fn run(data: &[u8]) {
    let Ok(mut reader) = Reader::new(data) else { return };
    let mut out = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(Record::Event(event))) => {
                out.clear();
                print::args(&event, &NoNames, &mut out);
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert!(matches!(reader.next(), Ok(None)), "one error, then the end");
                break;
            }
        }
    }
    assert!(reader.held_bytes() <= MAX_HELD_BYTES, "{} bytes held", reader.held_bytes());
}
