//! The event table: the current scap schema (4.5.1), 454 event types, one file for each subject.
//!
//! To add a syscall, add its two lines to the file of its subject; everything else (names, field
//! arguments, printed forms, documentation) is derived from them. A number that is used twice or
//! not at all fails to compile.
//!
//! A line reads: number, constant, name, category, origin, flags, parameters with type and print
//! format (and symbols, directory fd or variants where the type needs them). Constants end in
//! `_E` for the event on entry and `_X` for the one on exit.
//!
//! Source: the event table of falcosecurity/libs 0.25 (facts of the format).

mod codes;
mod exec;
mod file;
mod io;
mod ipc;
mod memory;
mod meta;
mod native;
mod net;
mod process;
mod signal;
mod system;
mod time;
mod user;
mod variants;
mod wait;

pub use self::{
    exec::*, file::*, io::*, ipc::*, memory::*, meta::*, net::*, process::*, signal::*, system::*,
    time::*, user::*, wait::*,
};
pub use codes::SYSCALL_NAMES;
pub use native::code_of_x86_64;

use crate::schema::{EVENT_TYPES, EventInfo, EventType};

/// Declares the event types of one subject: a constant for each and their rows in `TABLE`.
macro_rules! events {
    ($(
        $number:literal $konst:ident $name:literal $category:ident $origin:ident [$($flag:ident)*] (
            $($param:literal : $ty:ident $format:ident $($detail:expr)?),* $(,)?
        );
    )*) => {
        #[allow(unused_imports, reason = "not every subject has every kind of detail")]
        use crate::schema::{Category, Detail, EventFlags, EventInfo, EventType, Format, ParamInfo, ParamType};

        $(
            #[doc = concat!("Event type ", stringify!($number), ": `", $name, "`.")]
            pub const $konst: EventType = EventType::of_table($number);
        )*

        pub(super) const TABLE: &[(EventType, EventInfo)] = &[$((
            $konst,
            EventInfo {
                name: $name,
                category: Category::$category,
                origin: Origin::$origin,
                flags: EventFlags::empty()$(.union(EventFlags::$flag))*,
                params: &[$(ParamInfo {
                    name: $param,
                    ty: ParamType::$ty,
                    format: Format::$format,
                    detail: super::detail!($($detail)?),
                }),*],
            },
        )),*];

        pub(super) const CONSTANTS: &[(EventType, &str)] = &[$(($konst, stringify!($konst))),*];

        use crate::schema::Origin;
    };
}
macro_rules! detail {
    () => {
        Detail::None
    };
    ($detail:expr) => {
        $detail
    };
}
use {detail, events};

const SUBJECTS: [&[(EventType, EventInfo)]; 13] = [
    exec::TABLE,
    file::TABLE,
    io::TABLE,
    ipc::TABLE,
    memory::TABLE,
    meta::TABLE,
    net::TABLE,
    process::TABLE,
    signal::TABLE,
    system::TABLE,
    time::TABLE,
    user::TABLE,
    wait::TABLE,
];

const CONSTANTS: [&[(EventType, &str)]; 13] = [
    exec::CONSTANTS,
    file::CONSTANTS,
    io::CONSTANTS,
    ipc::CONSTANTS,
    memory::CONSTANTS,
    meta::CONSTANTS,
    net::CONSTANTS,
    process::CONSTANTS,
    signal::CONSTANTS,
    system::CONSTANTS,
    time::CONSTANTS,
    user::CONSTANTS,
    wait::CONSTANTS,
];

/// The name of each event type's constant in this module, for those who generate code.
pub fn constants() -> impl Iterator<Item = (EventType, &'static str)> {
    CONSTANTS.into_iter().flatten().copied()
}

/// The whole table; the position is the event type's number.
pub static EVENTS: [&EventInfo; EVENT_TYPES] = assemble();

#[expect(clippy::panic, reason = "runs while compiling only")]
const fn assemble() -> [&'static EventInfo; EVENT_TYPES] {
    let mut table: [Option<&'static EventInfo>; EVENT_TYPES] = [None; EVENT_TYPES];
    let mut subject = 0;
    while subject < SUBJECTS.len() {
        let mut row = 0;
        while row < SUBJECTS[subject].len() {
            let (kind, info) = &SUBJECTS[subject][row];
            assert!(table[kind.number() as usize].is_none(), "an event number is used twice");
            table[kind.number() as usize] = Some(info);
            row += 1;
        }
        subject += 1;
    }
    let mut full = [&SUBJECTS[0][0].1; EVENT_TYPES];
    let mut number = 0;
    while number < EVENT_TYPES {
        match table[number] {
            Some(info) => full[number] = info,
            None => panic!("an event number is not used"),
        }
        number += 1;
    }
    full
}
