//! Every field: name, type, meaning, argument, example and test stand together, one file for each
//! class. The manual page and `watchkeeper fields` are made from here.

use std::ops::ControlFlow;

use state::Context;

use crate::value::{FieldType, Value};

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
    /// How its value is found.
    pub extract: Extract,
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

/// A field's argument as written, parsed once when the filter is compiled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Argument {
    /// None given.
    #[default]
    None,
    /// `[2]`.
    Index(u32),
    /// `[PATH]` or `.flags`.
    Key(String),
}

/// Room for values that have to be composed; kept between events so that they allocate nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Composed text.
    pub text: Vec<u8>,
}

/// How a field's value is found.
#[derive(Clone, Copy)]
pub enum Extract {
    /// At most one value; `None`: there is none (a comparison with it is false).
    One(for<'v> fn(&Context<'v>, &Argument, &'v mut Scratch) -> Option<Value<'v>>),
    /// Several values, of which a comparison needs any: ancestors, both addresses of a connection.
    /// Printed joined by commas in parentheses, as the language does with lists.
    Each(for<'v> fn(&Context<'v>, &Argument, &mut dyn FnMut(Value<'_>) -> ControlFlow<()>)),
}
