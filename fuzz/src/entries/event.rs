//! One event: parsed, decoded and printed in every form; and the data of notices.

use event::{
    Event, EventBuilder, EventType,
    found::Found,
    handed::Handed,
    print::{self, NoNames},
    raw::LenWidth,
    schema::EVENT_TYPES,
};

/// The bytes as an event as it stands in a capture, as a recipe for one, and as what notices have.
pub(crate) fn run(data: &[u8]) {
    for width in [LenWidth::U16, LenWidth::U32] {
        as_it_stands(data, width);
    }
    as_a_recipe(data);
    as_notices(data);
}

/// What is read of one is written as it was.
fn as_notices(data: &[u8]) {
    let mut again = Vec::new();
    if let Some(handed) = Handed::read_notice(data) {
        handed.write_notice(&mut again);
        assert_eq!(Handed::read_notice(&again), Some(handed));
    }
    if let Some(found) = Found::read_notice(data) {
        again.clear();
        found.write_notice(&mut again);
        assert_eq!(Found::read_notice(&again), Some(found));
    }
}

/// With the length in its header put right, which chance would hardly do.
fn as_it_stands(data: &[u8], width: LenWidth) {
    let mut bytes = data.to_vec();
    if let (Some(said), Ok(real)) = (bytes.get_mut(16..20), u32::try_from(data.len())) {
        said.copy_from_slice(&real.to_le_bytes());
    }
    if let Ok(event) = Event::parse(0, &bytes, width) {
        read(&event);
        let mut again = Vec::new();
        event.encode(&mut again).expect("it came from bytes");
        assert_eq!(again, bytes, "an event that was read is written as it was");
    }
}

/// Type (2 bytes), then each parameter: length (1 byte) and bytes.
fn as_a_recipe(data: &[u8]) {
    let Some((kind, mut rest)) = data.split_first_chunk::<2>() else { return };
    let number = u16::from_le_bytes(*kind) % EVENT_TYPES as u16;
    let kind = EventType::new(number).expect("below the number of types");
    let mut builder = EventBuilder::default();
    builder.start(kind, 0, 1, 0);
    while let Some((&len, tail)) = rest.split_first() {
        let (param, tail) = tail.split_at(usize::from(len).min(tail.len()));
        builder.raw(param);
        rest = tail;
    }
    if let Ok(event) = builder.event() {
        read(&event);
    }
}

fn read(event: &Event<'_>) {
    let mut out = Vec::new();
    print::args(event, &NoNames, &mut out);
    for index in 0..=event.param_count() {
        print::arg(event, index, &NoNames, &mut out);
        let _ = (event.bytes(index), event.int(index), event.text(index));
    }
    // A parameter's printed form is at most some names for each of its bytes.
    assert!(out.len() <= 4096 + 4096 * event.encoded_bytes(), "{} bytes printed", out.len());
}
