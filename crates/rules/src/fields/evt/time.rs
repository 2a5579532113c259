//! When it happened. Times of day and dates are in UTC.

use event::print::time::{Civil, Fraction, NS_PER_S};
use state::Context;

use crate::{
    fields::{Argument, ArgumentSpec, ExtractOne, Field, FieldTraits, Scratch},
    value::{FieldType, Value},
};

const NS_PER_MS: u64 = 1_000_000;

/// A time composed as text; JSON shows the event's time in ns.
const fn composed(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::text(name, doc, example, one).with_traits(FieldTraits::JSON_EVENT_TIME)
}

const fn absolute(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::one(name, FieldType::AbsTime, doc, example, one)
}

const fn relative(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::one(name, FieldType::RelTime, doc, example, one)
}

/// Kept so that old rules and formats load: events on entry, which these need, are gone.
const fn latency(
    name: &'static str,
    ty: FieldType,
    doc: &'static str,
    traits: FieldTraits,
) -> Field {
    Field::one(name, ty, doc, "evt.latency = 0", |_, _, _| Some(Value::U64(0)))
        .with_traits(traits.union(FieldTraits::DEPRECATED))
}

pub(super) const FIELDS: &[Field] = &[
    Field::one(
        "evt.num",
        FieldType::Uint64,
        "Number of the event in the recording, from 1.",
        "evt.num > 1000",
        |context, _, _| Some(Value::U64(context.num)),
    ),
    composed(
        "evt.time",
        "Time of day with nanoseconds.",
        "evt.time startswith 12:",
        |context, _, scratch| {
            Some(compose(scratch, |out| civil(context).write_time(Fraction::Shown, out)))
        },
    ),
    composed(
        "evt.time.s",
        "Time of day to the second.",
        "evt.time.s = 12:00:00",
        |context, _, scratch| {
            Some(compose(scratch, |out| civil(context).write_time(Fraction::Hidden, out)))
        },
    ),
    composed(
        "evt.time.iso8601",
        "Date and time in the format of ISO 8601, with nanoseconds and offset.",
        "evt.time.iso8601 startswith 2024-02-29",
        |context, _, scratch| {
            Some(compose(scratch, |out| {
                civil(context).write(b'T', Fraction::Shown, out);
                out.extend_from_slice(b"+0000");
            }))
        },
    ),
    composed(
        "evt.datetime",
        "Date and time of day with nanoseconds.",
        "evt.datetime startswith 2024-02-29",
        |context, _, scratch| {
            Some(compose(scratch, |out| civil(context).write(b' ', Fraction::Shown, out)))
        },
    ),
    composed(
        "evt.datetime.s",
        "Date and time of day to the second.",
        "evt.datetime.s endswith 12:00:00",
        |context, _, scratch| {
            Some(compose(scratch, |out| civil(context).write(b' ', Fraction::Hidden, out)))
        },
    ),
    composed(
        "evt.outputtime",
        "Time of day with nanoseconds, as it stands before each printed event.",
        "evt.outputtime startswith 12:",
        |context, _, scratch| {
            Some(compose(scratch, |out| civil(context).write_time(Fraction::Shown, out)))
        },
    ),
    absolute(
        "evt.rawtime",
        "Time in nanoseconds since the epoch.",
        "evt.rawtime > 1709208000000000000",
        |context, _, _| Some(Value::U64(context.event.ts_ns)),
    ),
    absolute(
        "evt.rawtime.s",
        "Time in whole seconds since the epoch.",
        "evt.rawtime.s >= 1709208000",
        |context, _, _| Some(Value::U64(context.event.ts_ns / NS_PER_S)),
    ),
    absolute(
        "evt.rawtime.ns",
        "Nanoseconds of the second in which it happened.",
        "evt.rawtime.ns < 1000000",
        |context, _, _| Some(Value::U64(context.event.ts_ns % NS_PER_S)),
    )
    .with_traits(FieldTraits::NINE_DIGITS),
    relative(
        "evt.reltime",
        "Nanoseconds since the recording's first event.",
        "evt.reltime < 1000000000",
        |context, _, _| Some(Value::U64(since_first_ns(context))),
    )
    .with_traits(FieldTraits::NINE_DIGITS),
    relative(
        "evt.reltime.s",
        "Whole seconds since the recording's first event.",
        "evt.reltime.s >= 60",
        |context, _, _| Some(Value::U64(since_first_ns(context) / NS_PER_S)),
    ),
    relative(
        "evt.reltime.ns",
        "Nanoseconds beyond the whole seconds since the recording's first event.",
        "evt.reltime.ns < 1000",
        |context, _, _| Some(Value::U64(since_first_ns(context) % NS_PER_S)),
    )
    .with_traits(FieldTraits::NINE_DIGITS),
    relative(
        "evt.deltatime",
        "Nanoseconds since the event before this one.",
        "evt.deltatime > 1000000000",
        |context, _, _| Some(Value::U64(since_previous_ns(context))),
    ),
    relative(
        "evt.deltatime.s",
        "Whole seconds since the event before this one.",
        "evt.deltatime.s > 0",
        |context, _, _| Some(Value::U64(since_previous_ns(context) / NS_PER_S)),
    ),
    relative(
        "evt.deltatime.ns",
        "Nanoseconds beyond the whole seconds since the event before this one.",
        "evt.deltatime.ns > 500000000",
        |context, _, _| Some(Value::U64(since_previous_ns(context) % NS_PER_S)),
    )
    .with_traits(FieldTraits::NINE_DIGITS),
    Field::one(
        "evt.around",
        FieldType::Uint64,
        "Milliseconds, rounded up, between the event and the time in brackets (ns since the \
         epoch). `=` asks whether it is that near or nearer.",
        "evt.around[1404996934793590564] = 1000",
        |context, argument, _| {
            let Argument::Index(centre_ns) = argument else {
                return None;
            };
            Some(Value::U64(context.event.ts_ns.abs_diff(*centre_ns).div_ceil(NS_PER_MS)))
        },
    )
    .with(ArgumentSpec::Index { required: true })
    .with_traits(
        FieldTraits::FILTER_ONLY
            .union(FieldTraits::NO_RHS)
            .union(FieldTraits::NO_TRANSFORMER)
            .union(FieldTraits::AT_MOST),
    ),
    latency(
        "evt.latency",
        FieldType::RelTime,
        "Always 0; was the time between entering and leaving a syscall.",
        FieldTraits::NONE,
    ),
    latency("evt.latency.s", FieldType::RelTime, "Always 0.", FieldTraits::NONE),
    latency("evt.latency.ns", FieldType::RelTime, "Always 0.", FieldTraits::NINE_DIGITS),
    latency("evt.latency.quantized", FieldType::Uint64, "Always 0.", FieldTraits::NONE),
    latency("evt.wait_latency", FieldType::RelTime, "Always 0.", FieldTraits::NONE),
    Field::text("evt.latency.human", "Always `0ns`.", "evt.latency.human = 0ns", |_, _, _| {
        Some(Value::Text(b"0ns"))
    })
    .with_traits(FieldTraits::DEPRECATED),
];

fn civil(context: &Context<'_>) -> Civil {
    Civil::of(context.event.ts_ns)
}

fn compose(scratch: &mut Scratch, write: impl FnOnce(&mut Vec<u8>)) -> Value<'_> {
    scratch.text.clear();
    write(&mut scratch.text);
    Value::Text(&scratch.text)
}

fn since_first_ns(context: &Context<'_>) -> u64 {
    context.event.ts_ns.wrapping_sub(context.first_ts_ns)
}

fn since_previous_ns(context: &Context<'_>) -> u64 {
    context.event.ts_ns.saturating_sub(context.prev_ts_ns)
}
