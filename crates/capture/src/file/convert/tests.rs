//! Rules by kind, the whole table, and what happens where a rule cannot be followed.

use event::{Event, EventBuilder, EventType, schema::EventFlags, syscalls::*};

use super::{Action, Class, Conversions, Converter, Outcome, Plan, Take, rules::RULES};

/// Parameters given or expected: `None` for NULL.
type Params<'a> = &'a [Option<&'a [u8]>];

const fn long(value: u8) -> [u8; 8] {
    [value, 0, 0, 0, 0, 0, 0, 0]
}

fn event<'a>(builder: &'a mut EventBuilder, kind: EventType, params: Params<'_>) -> Event<'a> {
    builder.start(kind, 7, 42, 3);
    for param in params {
        builder.raw(param.unwrap_or_default());
    }
    builder.event().unwrap()
}

/// What comes out for an event: its type and parameters, or nothing.
fn convert(
    converter: &mut Converter,
    kind: EventType,
    params: Params<'_>,
) -> Option<(EventType, Vec<Vec<u8>>)> {
    let mut builder = EventBuilder::default();
    let event = event(&mut builder, kind, params);
    let out = match converter.convert(&event) {
        Outcome::Dropped => return None,
        Outcome::Pass => event,
        Outcome::Converted => converter.event().unwrap(),
    };
    assert_eq!((out.ts_ns, out.tid, out.cpu), (7, 42, 3), "the header stays");
    let params = (0..out.param_count()).map(|i| out.bytes(i).unwrap().to_vec()).collect();
    Some((out.kind, params))
}

struct Case<'a> {
    name: &'a str,
    /// An enter event before, dropped or passed.
    enter: Option<(EventType, Params<'a>)>,
    event: (EventType, Params<'a>),
    expected: Option<(EventType, Params<'a>)>,
}

#[test]
fn each_kind_of_rule_does_what_it_says() {
    let (a, b, c) = (long(1), long(2), long(3));
    let zero = [0u8; 8];
    let cases = [
        Case {
            name: "an enter event is stored and its parameters appended to the exit",
            enter: Some((READ_E, &[Some(&a), Some(&b[..4])])),
            event: (READ_X, &[Some(&c), Some(b"data")]),
            expected: Some((READ_X, &[Some(&c), Some(b"data"), Some(&a), Some(&b[..4])])),
        },
        Case {
            name: "without the enter event its parameters have their types' defaults",
            enter: None,
            event: (READ_X, &[Some(&c), Some(b"data")]),
            expected: Some((READ_X, &[Some(&c), Some(b"data"), Some(&zero), Some(&zero[..4])])),
        },
        Case {
            name: "or are NULL where the rule says so",
            enter: None,
            event: (SETUID_X, &[Some(&zero)]),
            expected: Some((SETUID_X, &[Some(&zero), None])),
        },
        Case {
            name: "an enter event of another syscall counts as none",
            enter: Some((CLOSE_E, &[Some(&a)])),
            event: (READ_X, &[Some(&c), Some(b"data")]),
            expected: Some((READ_X, &[Some(&c), Some(b"data"), Some(&zero), Some(&zero[..4])])),
        },
        Case {
            name: "a type is renewed with the enter event of the old type",
            enter: Some((DUP_E, &[Some(&a)])),
            event: (DUP_X, &[Some(&b)]),
            expected: Some((DUP_1_X, &[Some(&b), Some(&a)])),
        },
        Case {
            name: "and not with that of another type",
            enter: Some((READ_E, &[Some(&a), Some(&b[..4])])),
            event: (DUP_X, &[Some(&b)]),
            expected: Some((DUP_1_X, &[Some(&b), None])),
        },
        Case {
            name: "a renewed type takes old parameters, defaults and the enter event's",
            enter: Some((SOCKET_ACCEPT4_E, &[Some(&a[..4])])),
            event: (SOCKET_ACCEPT4_X, &[Some(&b), Some(b"tuple"), Some(&[9])]),
            expected: Some((
                SOCKET_ACCEPT4_6_X,
                &[
                    Some(&b),
                    Some(b"tuple"),
                    Some(&[9]),
                    Some(&zero[..4]),
                    Some(&zero[..4]),
                    Some(&a[..4]),
                ],
            )),
        },
        Case {
            name: "several steps follow one another",
            enter: None,
            event: (OPEN_X, &[Some(&a), Some(b"/x\0"), Some(&b[..4]), Some(&c[..4])]),
            expected: Some((
                OPEN_X,
                &[Some(&a), Some(b"/x\0"), Some(&b[..4]), Some(&c[..4]), None, None],
            )),
        },
        Case {
            name: "an event with all parameters passes",
            enter: None,
            event: (CLOSE_X, &[Some(&a), Some(&b)]),
            expected: Some((CLOSE_X, &[Some(&a), Some(&b)])),
        },
        Case {
            name: "an enter event that is still needed passes",
            enter: None,
            event: (OPEN_E, &[Some(b"/x\0"), Some(&a[..4]), Some(&b[..4])]),
            expected: Some((OPEN_E, &[Some(b"/x\0"), Some(&a[..4]), Some(&b[..4])])),
        },
        Case {
            name: "an old execve passes on entry, renewed",
            enter: None,
            event: (EXECVE_8_E, &[]),
            expected: Some((EXECVE_19_E, &[None])),
        },
        Case {
            name: "an enter event that nobody needs is dropped",
            enter: None,
            event: (STAT_E, &[]),
            expected: None,
        },
        Case {
            name: "a parameter is cut to its new type",
            enter: Some((BPF_E, &[Some(&[5, 6, 7, 8, 9, 10, 11, 12])])),
            event: (BPF_X, &[Some(&a)]),
            expected: Some((BPF_2_X, &[Some(&a), Some(&[5, 6, 7, 8])])),
        },
        Case {
            name: "a container becomes JSON",
            enter: None,
            event: (
                CONTAINER_E,
                &[Some(b"ab\0"), Some(&[1, 0, 0, 0]), Some(b"n\"\n\0"), Some(b"i\0")],
            ),
            expected: Some((
                CONTAINER_JSON_2_E,
                &[Some(b"{\"id\":\"ab\",\"type\":1,\"name\":\"n\\\"\\u000a\",\"image\":\"i\"}\0")],
            )),
        },
        Case {
            name: "a container that lacks its image becomes NULL",
            enter: None,
            event: (CONTAINER_E, &[Some(b"ab\0"), Some(&[1, 0, 0, 0]), Some(b"n\0"), None]),
            expected: Some((CONTAINER_JSON_2_E, &[None])),
        },
        Case {
            name: "an unknown number of parameters is filled up with NULL",
            enter: None,
            event: (EXECVE_19_X, &[Some(&a[..]); 25]),
            expected: Some((EXECVE_19_X, &{
                let mut params: [Option<&[u8]>; 31] = [None; 31];
                let mut at = 0;
                while at < 25 {
                    params[at] = Some(&a);
                    at += 1;
                }
                params
            })),
        },
    ];
    for case in cases {
        let mut converter = Converter::default();
        if let Some((kind, params)) = case.enter {
            assert_eq!(convert(&mut converter, kind, params), None, "{}", case.name);
        }
        let seen = convert(&mut converter, case.event.0, case.event.1);
        let expected = case.expected.map(|(kind, params)| {
            (kind, params.iter().map(|p| p.unwrap_or_default().to_vec()).collect::<Vec<_>>())
        });
        assert_eq!(seen, expected, "{}", case.name);
    }
}

#[test]
fn every_rule_leads_to_a_complete_event_of_the_current_schema() {
    for &(kind, count, _) in RULES {
        for with_enter in [false, true] {
            let mut converter = Converter::default();
            if with_enter && kind.is_exit() {
                let enter = EventType::new(kind.number() - 1).unwrap();
                let params = vec![Some(&[1u8, 2, 3, 4, 5, 6, 7, 8][..]); enter.info().params.len()];
                convert(&mut converter, enter, &params);
            }
            let params = vec![Some(&[9u8][..]); count];
            if let Some((kind, params)) = convert(&mut converter, kind, &params) {
                assert!(!kind.info().flags.contains(EventFlags::OLD_VERSION) || kind.is_enter());
                assert_eq!(params.len(), kind.info().params.len(), "{}", kind.info().name);
            } else {
                assert!(kind.is_enter(), "{} lost", kind.info().name);
            }
            assert_eq!(converter.counts.unruled, 0, "{} {count}", kind.info().name);
        }
    }
}

#[test]
fn every_exit_event_comes_out_complete_whatever_its_number_of_parameters() {
    for kind in EventType::all().filter(|kind| kind.is_exit()) {
        if Plan::of(kind).class != Class::Managed {
            continue;
        }
        for count in 0..=kind.info().params.len() {
            let params = vec![Some(&b"\x01"[..]); count];
            let out = convert(&mut Converter::default(), kind, &params);
            let (kind, params) = out.unwrap_or_else(|| panic!("{} {count} lost", kind.info().name));
            assert!(!kind.info().flags.contains(EventFlags::OLD_VERSION));
            assert_eq!(params.len(), kind.info().params.len(), "{} {count}", kind.info().name);
        }
    }
}

#[test]
fn rules_name_parameters_that_exist() {
    for &(kind, count, action) in RULES {
        let enter = EventType::new(kind.number() & !1).unwrap().info().params.len();
        let takes = match action {
            Action::Append(takes) | Action::Become(_, takes) => takes,
            Action::Pass | Action::Store | Action::StoreAndPass => continue,
        };
        for take in takes {
            let (index, params) = match *take {
                Take::Old(last) | Take::Olds(_, last) => {
                    assert!(matches!(action, Action::Become(..)));
                    (last, count)
                }
                Take::Enter(last)
                | Take::Enters(_, last)
                | Take::EnterOrNull(last)
                | Take::EntersOrNull(_, last) => (last, enter),
                _ => continue,
            };
            assert!(usize::from(index) < params, "{} {count} {take:?}", kind.info().name);
        }
    }
}

#[test]
fn what_could_not_be_followed_is_counted() {
    let mut converter = Converter::default();
    let a = long(1);
    convert(&mut converter, READ_X, &[Some(&a), None]);
    convert(&mut converter, CLOSE_E, &[Some(&a)]);
    convert(&mut converter, READ_X, &[Some(&a), None]);
    convert(&mut converter, CLOSE_X, &[Some(&a)]);
    convert(&mut converter, READ_E, &[Some(&a), Some(&a)]);
    convert(&mut converter, READ_X, &[Some(&a), None]);
    convert(&mut converter, STAT_E, &[]);
    convert(&mut converter, SCHEDSWITCH_1_X, &[]);
    convert(&mut converter, EXECVE_19_X, &[]);
    let expected = Conversions {
        converted: 5,
        stored: 2,
        completed: 1,
        dropped_enters: 1,
        dropped_unused: 1,
        enters_missing: 2,
        enters_mismatched: 1,
        enters_evicted: 0,
        params_missing: 0,
        unruled: 1,
    };
    assert_eq!(converter.counts, expected);
}

#[test]
fn a_blocked_thread_keeps_its_enter_event_however_many_others_come_and_go() {
    for (last, params) in [(PROCEXIT_1_E, 5), (PROCEXIT_E, 0)] {
        let mut converter = Converter::default();
        let mut builder = EventBuilder::default();
        let mut see = |kind: EventType, tid: i64, params: &[&[u8]]| {
            builder.start(kind, 7, tid, 0);
            params.iter().for_each(|param| {
                builder.raw(param);
            });
            converter.convert(&builder.event().unwrap());
            (converter.counts, converter.event().and_then(|event| event.int(2)))
        };
        see(READ_E, 1, &[&long(9), &[0; 4]]);
        for tid in 2..80_000 {
            see(GENERIC_E, tid, &[&[60, 0], &[0; 2]]);
            see(last, tid, &[&[0u8; 8][..]; 5][..params]);
        }
        let (counts, fd) = see(READ_X, 1, &[&long(0), b""]);
        assert_eq!((counts.enters_evicted, counts.completed, fd), (0, 1, Some(9)));
    }
}
