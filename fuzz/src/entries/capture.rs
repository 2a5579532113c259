//! A whole capture: read to its end or to the first damage.

use capture::{
    Record, Source,
    file::{MAX_HELD_BYTES, Reader},
};
use event::print::{self, NoNames};

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
