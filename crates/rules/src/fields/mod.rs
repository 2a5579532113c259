//! Every field: name, type, meaning, argument, example and test stand together, one file for each
//! class. The manual page and `watchkeeper fields` are made from here.
//!
//! To add a class: a file here with a `FIELDS` table, and one line in [`CLASSES`].

mod build;
mod container;
mod container_mounts;
#[cfg(test)]
mod container_tests;
pub mod evt;
mod fd;
mod fdlist;
mod fs_path;
mod k8s;
mod lookup;
mod param;
mod proc_args;
mod proc_exe;
mod proc_ids;
mod proc_names;
mod proc_resources;
#[cfg(test)]
mod proc_tests;
mod proc_text;
#[cfg(test)]
mod testing;
mod thread;
mod user;

use std::{fmt, ops::ControlFlow};

use bitflags::bitflags;
use state::Context;

pub(crate) use fd::{FileNames, file_names};
pub(crate) use lookup::is_field;
pub use lookup::{FieldError, FieldRef, all, find, nearest};

use crate::value::{FieldType, Value};

/// Fields about one subject, in the order in which they are listed.
pub struct FieldClass {
    /// What the names begin with: `evt`, `proc`.
    pub name: &'static str,
    /// What they are about, one sentence.
    pub doc: &'static str,
    /// The fields, one table for each file that they stand in.
    pub fields: &'static [&'static [Field]],
}

/// Every class.
pub static CLASSES: &[FieldClass] = &[
    FieldClass {
        name: "evt",
        doc: "The event itself: when, what, with which arguments, with which result.",
        fields: evt::FIELDS,
    },
    FieldClass {
        name: "process",
        doc: "The process and thread that caused the event, and the processes that it descends \
              from.",
        fields: &[
            proc_names::FIELDS,
            proc_args::FIELDS,
            proc_ids::FIELDS,
            proc_exe::FIELDS,
            proc_resources::FIELDS,
            thread::FIELDS,
        ],
    },
    FieldClass {
        name: "user",
        doc: "The user on whose behalf the event happened.",
        fields: &[user::USER_FIELDS],
    },
    FieldClass {
        name: "group",
        doc: "The group on whose behalf the event happened.",
        fields: &[user::GROUP_FIELDS],
    },
    FieldClass {
        name: "container",
        doc: "The container that the event happened in, or tells of, and its pod.",
        fields: &[container::FIELDS, container_mounts::FIELDS, k8s::FIELDS],
    },
    FieldClass {
        name: "fd",
        doc: "The file descriptor that the event works on.",
        fields: &[fd::file::FIELDS, fd::kind::FIELDS, fd::socket::FIELDS, fd::ends::FIELDS],
    },
    FieldClass {
        name: "fs.path",
        doc: "Paths that a file system call works on.",
        fields: &[fs_path::FIELDS],
    },
    FieldClass {
        name: "fdlist",
        doc: "File descriptors that a poll call waits for.",
        fields: &[fdlist::FIELDS],
    },
];

/// One field.
pub struct Field {
    /// Name as rules spell it.
    pub name: &'static str,
    /// Type of its value.
    pub ty: FieldType,
    /// What it means, one or two sentences.
    pub doc: &'static str,
    /// An example of its use in a filter.
    pub example: &'static str,
    /// What stands in brackets or after a dot behind the name.
    pub argument: ArgumentSpec,
    /// What is unusual about it; [`FieldTraits::NONE`] for most.
    pub traits: FieldTraits,
    /// How its value is found.
    pub extract: Extract,
}

bitflags! {
    /// What is unusual about a field: where it may stand and how it prints.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct FieldTraits: u16 {
        /// Cannot be printed.
        const FILTER_ONLY = 1 << 0;
        /// Cannot be compared with another field through `val()`, nor stand in one.
        /// (`Searched`, `Ends`, `List`, networks and dynamic fields need no mark.)
        const NO_RHS = 1 << 1;
        /// Takes no transformer. (`Searched`, `Ends`, networks and dynamic fields need no mark.)
        const NO_TRANSFORMER = 1 << 2;
        /// Still accepted, with a warning.
        const DEPRECATED = 1 << 3;
        /// The argument may follow a dot: `evt.arg.flags`.
        const DOTTED = 1 << 4;
        /// The argument, if not a number, is the name of a parameter of some event type.
        const KEY_IS_PARAMETER = 1 << 5;
        /// The argument, if not a number, is the name of an event type.
        const KEY_IS_EVENT_TYPE = 1 << 6;
        /// Text is padded with zeros to nine digits: the fraction of a time.
        const NINE_DIGITS = 1 << 7;
        /// Printed in hexadecimal, also in JSON (as a string).
        const HEX = 1 << 8;
        /// In JSON, the event's time in ns stands for it: times that are composed as text.
        const JSON_EVENT_TIME = 1 << 9;
        /// Only names of event types may be compared with it; in exchange the filter knows which
        /// event types can match at all. `evt.type` alone.
        const EVENT_TYPE = 1 << 10;
        /// It has so few different values that to know one tells little.
        const FEW_VALUES = 1 << 12;
        /// Of a file that is known by an fd, its [names](fd::file_names) alone decide the value.
        const OF_FILE = 1 << 13;
        /// Only `=` may follow, and means *at most*: a distance. `evt.around` alone.
        const AT_MOST = 1 << 11;
    }
}

impl FieldTraits {
    /// Nothing unusual.
    pub const NONE: Self = Self::empty();
}

/// Which arguments a field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgumentSpec {
    /// None.
    None,
    /// A number: `proc.aname[2]`, required or not.
    Index {
        /// Whether the field means nothing without it.
        required: bool,
    },
    /// A name: `proc.env[PATH]`, `evt.arg.flags`, required or not.
    Key {
        /// Whether the field means nothing without it.
        required: bool,
    },
    /// A number or a name: `evt.arg[0]`, `evt.arg.flags`.
    IndexOrKey {
        /// Whether the field means nothing without it.
        required: bool,
    },
}

impl fmt::Display for ArgumentSpec {
    /// As a manual shows it: `[index]`, `[key]`; what may be left out is said beside it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::Index { .. } => "[index]",
            Self::Key { .. } => "[key]",
            Self::IndexOrKey { .. } => "[index or key]",
        })
    }
}

/// A field's argument as written, parsed once when the filter is compiled.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Argument {
    /// None given.
    #[default]
    None,
    /// `[2]`. Wide, for `evt.around[1404996934793590564]`.
    Index(u64),
    /// `[PATH]` or `.flags`.
    Key(String),
}

/// Room for values that have to be composed; kept between events so that they allocate nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Composed text. Whoever composes clears it first.
    pub text: Vec<u8>,
}

/// Finds at most one value. `None`: there is none, and every comparison with it is false.
pub type ExtractOne = for<'v> fn(&Context<'v>, &Argument, &'v mut Scratch) -> Option<Value<'v>>;

/// Hands over several values, one after the other, until there are no more or the receiver breaks
/// off. Returns whether the thing asked about is there at all (`exists`), even if it has no value.
pub type ExtractEach = for<'v> fn(
    &Context<'v>,
    &Argument,
    &mut Scratch,
    &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
) -> bool;

/// How a field's value is found.
#[derive(Clone, Copy)]
pub enum Extract {
    /// At most one value.
    One(ExtractOne),
    /// A list: `fd.types`. Compared as a whole (`in`: all are, `intersects`: some are); printed in
    /// parentheses, joined by commas.
    List(ExtractEach),
    /// Both ends of a connection: `fd.ip`, `fd.port`, `fd.net`, `fd.proto`. A comparison needs one
    /// of them, `!=` needs all. Printed, they have no value.
    Ends(ExtractEach),
    /// One value where it is printed or has an argument, all of a line of ancestors where it is
    /// compared without: `proc.aname`. Every comparison, also `!=`, needs one of them.
    Searched {
        /// With an argument, or printed.
        one: ExtractOne,
        /// Compared without argument.
        each: ExtractEach,
    },
}
