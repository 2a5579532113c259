//! What holds for any events whatever.

use event::{EventBuilder, EventType, ParamType};
use proptest::prelude::*;
use state::{Limits, State};

/// A type, a thread, and numbers from which parameters are made.
fn any_event() -> impl Strategy<Value = (u16, i64, Vec<(u8, i64)>)> {
    let tid = prop_oneof![4 => 0..12i64, 1 => any::<i64>()];
    let number = prop_oneof![6 => -2..12i64, 2 => Just(i64::MAX), 1 => any::<i64>()];
    (0..454u16, tid, prop::collection::vec((any::<u8>(), number), 0..32))
}

/// Encodes one parameter: mostly as its type wants it, sometimes cut or absent.
fn parameter(builder: &mut EventBuilder, ty: ParamType, choice: u8, number: i64) {
    let bytes = number.to_le_bytes();
    match (choice % 16, ty) {
        (0, _) => builder.null(),
        (1, _) => builder.raw(&bytes[..usize::from(choice >> 4) % 8]),
        (_, ParamType::CharBuf | ParamType::FsPath | ParamType::FsRelPath) => {
            builder.text(["", "a", "../b", "/c/d", "x\n"][usize::from(choice >> 4) % 5])
        }
        (_, ParamType::SockAddr | ParamType::SockTuple) => {
            let family = [1, 2, 10, 16][usize::from(choice >> 4) % 4];
            builder
                .raw(&[&[family], &bytes[..], &bytes[..], &bytes[..], &bytes[..], &[0; 5]].concat())
        }
        (_, ParamType::ByteBuf) => builder.raw(b"cpu=/docker/x\0a\0"),
        (_, ParamType::Int8 | ParamType::Uint8 | ParamType::Flags8 | ParamType::EnumFlags8) => {
            builder.raw(&bytes[..1])
        }
        (_, ParamType::Uint16 | ParamType::Flags16 | ParamType::EnumFlags16) => {
            builder.raw(&bytes[..2])
        }
        (_, ParamType::Uint32 | ParamType::Flags32 | ParamType::Uid | ParamType::Gid) => {
            builder.raw(&bytes[..4])
        }
        _ => builder.raw(&bytes),
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_events_panic_or_break_the_limits(
        events in prop::collection::vec(any_event(), 0..300),
    ) {
        let limits = Limits { threads: 8, fds_per_process: 3, fds: 16, text_bytes: 64, containers: 2 };
        let mut state = State::new(limits);
        let mut builder = EventBuilder::default();
        for (at, (kind, tid, params)) in events.into_iter().enumerate() {
            let kind = EventType::new(kind).unwrap();
            builder.start(kind, at as u64 * 1_000_000_000, tid, 0);
            for (info, (choice, number)) in kind.info().params.iter().zip(params) {
                parameter(&mut builder, info.ty, choice, number);
            }
            let context = state.event(builder.event().unwrap());
            prop_assert_eq!(context.num, at as u64 + 1);
            if let Some(thread) = context.thread {
                prop_assert!(context.state.fds(thread).len() <= 3);
            }
            let mut threads = 0;
            state.snapshot(at as u64 * 1_000_000_000, &mut |record| {
                threads += usize::from(matches!(record, event::snapshot::Record::Thread(_)));
            });
            prop_assert!(threads <= 8);
        }
    }
}
