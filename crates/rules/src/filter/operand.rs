//! Operands as they are evaluated: fields, and transformers around them.

use std::ops::ControlFlow;

use state::Context;

use super::transform::{Found, Getopt, OptionString, Transformer};
use crate::{
    fields::{Extract, FieldRef, FieldTraits, Scratch},
    format,
    value::Value,
};

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Field(FieldRef),
    Constant(Box<[u8]>),
    /// A transformer of one text.
    Mapped(Transformer, Box<Source>),
    Len(Box<Source>),
    Join {
        separator: Box<Source>,
        list: Box<Source>,
    },
    Concat(Vec<Source>),
    Getopt {
        arguments: Box<Source>,
        options: Options,
        selector: Option<u8>,
    },
    List(Vec<Source>),
}

/// The option string of `getopt()`.
#[derive(Clone, Debug)]
pub(crate) enum Options {
    Constant(Box<OptionString>),
    Dynamic(Box<Source>),
}

type Receiver<'r> = &'r mut dyn FnMut(Value<'_>) -> ControlFlow<()>;

impl Source {
    /// Whether it gives a list, through [`Source::each`], rather than one value.
    pub(crate) fn is_list(&self) -> bool {
        match self {
            Self::Field(field) => field.field.is_list(),
            Self::Mapped(_, of) => of.is_list(),
            Self::Getopt { selector, .. } => selector.is_none(),
            Self::List(_) => true,
            Self::Constant(_) | Self::Len(_) | Self::Join { .. } | Self::Concat(_) => false,
        }
    }

    /// Whether, of a known file, its [names](crate::fields::FileNames) alone decide the value.
    pub(crate) fn is_of_file(&self) -> bool {
        match self {
            Self::Field(field) => field.field.traits.contains(FieldTraits::OF_FILE),
            Self::Mapped(_, of) => of.is_of_file(),
            _ => false,
        }
    }

    /// How many levels of scratch space evaluation needs.
    pub(crate) fn levels(&self) -> usize {
        match self {
            Self::Field(_) => 1,
            Self::Constant(_) => 0,
            Self::Mapped(_, of) => 1 + of.levels(),
            Self::Len(of) => of.levels(),
            Self::Join { separator, list } => 1 + separator.levels().max(list.levels()),
            Self::Concat(parts) => 1 + parts.iter().map(Self::levels).max().unwrap_or(0),
            Self::Getopt { arguments, options, .. } => match options {
                Options::Constant(_) => 1 + arguments.levels(),
                Options::Dynamic(source) => 1 + arguments.levels().max(source.levels()),
            },
            Self::List(items) => items.iter().map(Self::levels).max().unwrap_or(0),
        }
    }

    /// The one value, if there is one.
    #[inline]
    pub(crate) fn value<'v>(
        &'v self,
        context: &Context<'v>,
        scratch: &'v mut [Scratch],
    ) -> Option<Value<'v>> {
        let Self::Field(field) = self else { return self.composed(context, scratch) };
        match field.field.extract {
            Extract::One(one) | Extract::Searched { one, .. } => {
                one(context, &field.argument, scratch.first_mut()?)
            }
            Extract::List(_) | Extract::Ends(_) => None,
        }
    }

    /// The value of what is no field.
    #[inline(never)]
    fn composed<'v>(
        &'v self,
        context: &Context<'v>,
        scratch: &'v mut [Scratch],
    ) -> Option<Value<'v>> {
        match self {
            Self::Constant(text) => Some(Value::Text(text)),
            Self::Len(of) if of.is_list() => {
                let mut count = 0;
                let there = of.each(context, scratch, &mut |_| {
                    count += 1;
                    ControlFlow::Continue(())
                });
                there.then_some(Value::U64(count))
            }
            Self::Len(of) => match of.value(context, scratch)? {
                Value::Text(text) | Value::Bytes(text) => Some(Value::U64(text.len() as u64)),
                _ => None,
            },
            Self::Field(_) | Self::List(_) => None,
            Self::Mapped(..) | Self::Join { .. } | Self::Concat(_) | Self::Getopt { .. } => {
                let (mine, inner) = scratch.split_first_mut()?;
                mine.text.clear();
                self.compose(context, inner, &mut mine.text).then_some(Value::Text(&mine.text))
            }
        }
    }

    /// Composes a text in `out`; returns whether there is one.
    fn compose(&self, context: &Context<'_>, inner: &mut [Scratch], out: &mut Vec<u8>) -> bool {
        match self {
            Self::Mapped(transformer, of) => match of.value(context, inner) {
                Some(Value::Text(text)) => transformer.apply_to_text(text, out),
                Some(Value::Bytes(bytes)) => transformer.apply(bytes, out),
                _ => false,
            },
            Self::Concat(parts) => parts.iter().all(|part| part.append(context, inner, out)),
            Self::Join { separator, list } => join(separator, list, context, inner, out),
            Self::Getopt { arguments, options, selector: Some(selector) } => {
                let mut found = false;
                let there = getopt(arguments, options, context, inner, &mut |one| {
                    if let Some(value) = selected(one, *selector) {
                        found = true;
                        out.clear();
                        out.extend_from_slice(value);
                    }
                    ControlFlow::Continue(())
                });
                there && found
            }
            _ => false,
        }
    }

    /// Hands the value to `receive` if it is text.
    fn text<R>(
        &self,
        context: &Context<'_>,
        scratch: &mut [Scratch],
        receive: &mut dyn FnMut(&[u8]) -> R,
    ) -> Option<R> {
        match self.value(context, scratch)? {
            Value::Text(text) | Value::Bytes(text) => Some(receive(text)),
            _ => None,
        }
    }

    /// Appends the value as text; returns whether there is one.
    fn append(&self, context: &Context<'_>, scratch: &mut [Scratch], out: &mut Vec<u8>) -> bool {
        match self.value(context, scratch) {
            Some(value) => {
                format::text(value, FieldTraits::NONE, out);
                true
            }
            None => false,
        }
    }

    /// Hands over the values of a list (of one value, if it is none) one by one. Returns whether
    /// there is a list at all; if not, what was handed over does not count.
    pub(crate) fn each(
        &self,
        context: &Context<'_>,
        scratch: &mut [Scratch],
        receive: Receiver<'_>,
    ) -> bool {
        match self {
            Self::Field(field) => match (field.field.extract, scratch.first_mut()) {
                (
                    Extract::List(each) | Extract::Ends(each) | Extract::Searched { each, .. },
                    Some(scratch),
                ) => each(context, &field.argument, scratch, receive),
                _ => self.each_of_one(context, scratch, receive),
            },
            Self::Mapped(transformer, of) if of.is_list() => {
                let Some((mine, inner)) = scratch.split_first_mut() else { return false };
                let out = &mut mine.text;
                let mut good = true;
                let there = of.each(context, inner, &mut |value| {
                    let (Value::Text(text) | Value::Bytes(text)) = value else {
                        return ControlFlow::Continue(());
                    };
                    out.clear();
                    good = transformer.apply_to_text(text, out);
                    if good { receive(Value::Text(out)) } else { ControlFlow::Break(()) }
                });
                there && good
            }
            Self::Getopt { arguments, options, selector: None } => {
                getopt(arguments, options, context, scratch, &mut |found| listed(found, receive))
            }
            Self::List(items) => items.iter().all(|item| item.each(context, scratch, receive)),
            _ => self.each_of_one(context, scratch, receive),
        }
    }

    fn each_of_one(
        &self,
        context: &Context<'_>,
        scratch: &mut [Scratch],
        receive: Receiver<'_>,
    ) -> bool {
        match self.value(context, scratch) {
            Some(value) => {
                let _ = receive(value);
                true
            }
            None => false,
        }
    }
}

fn join(
    separator: &Source,
    list: &Source,
    context: &Context<'_>,
    scratch: &mut [Scratch],
    out: &mut Vec<u8>,
) -> bool {
    // The separator stands at the front until the list is complete.
    if !separator.append(context, scratch, out) {
        return false;
    }
    let len = out.len();
    let mut first = true;
    let there = list.each(context, scratch, &mut |value| {
        if !first {
            out.extend_from_within(..len);
        }
        first = false;
        format::text(value, FieldTraits::NONE, out);
        ControlFlow::Continue(())
    });
    out.drain(..len);
    there
}

/// What of a finding belongs to the option asked for.
fn selected(found: Found<'_>, selector: u8) -> Option<&[u8]> {
    static NAMES: [u8; 256] = {
        let mut names = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            names[byte] = byte as u8;
            byte += 1;
        }
        names
    };
    match found {
        Found::Option(option) if option == selector => {
            Some(std::slice::from_ref(&NAMES[usize::from(option)]))
        }
        Found::WithArgument(option, argument) if option == selector => Some(argument),
        Found::Incomplete(option) if option == selector => Some(b""),
        _ => None,
    }
}

fn listed(found: Found<'_>, receive: Receiver<'_>) -> ControlFlow<()> {
    match found {
        Found::Option(option) => receive(Value::Text(&[option])),
        Found::WithArgument(option, argument) => {
            receive(Value::Text(&[option]))?;
            receive(Value::Text(argument))
        }
        Found::Incomplete(_) => receive(Value::Text(b"")),
        Found::Unknown => receive(Value::Text(b"?")),
    }
}

fn getopt(
    arguments: &Source,
    options: &Options,
    context: &Context<'_>,
    scratch: &mut [Scratch],
    receive: &mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
) -> bool {
    let parsed;
    let options = match options {
        Options::Constant(options) => &**options,
        Options::Dynamic(source) => match source.text(context, scratch, &mut OptionString::parse) {
            Some(options) => {
                parsed = options;
                &parsed
            }
            None => return false,
        },
    };
    let mut getopt = Getopt::new(options);
    let mut broken = ControlFlow::Continue(());
    // Every argument has to be there, also those behind the last option.
    let there = arguments.each(context, scratch, &mut |value| {
        if let Value::Text(argument) | Value::Bytes(argument) = value {
            getopt.argument(argument, &mut |found| {
                if broken.is_continue() {
                    broken = receive(found);
                }
            });
        }
        ControlFlow::Continue(())
    });
    getopt.end(&mut |found| {
        if broken.is_continue() {
            broken = receive(found);
        }
    });
    there
}
