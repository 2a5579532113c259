//! What transformers take and give.

use super::{
    ast::{Literal, Operand},
    check::{Checked, Typed, composed},
    error::{Diagnostic, Span},
    operand::{Options, Source},
    transform::{OptionString, Transformer, misfit},
};
use crate::value::FieldType;

/// A transformer of one value.
pub(super) fn map(span: Span, transformer: Transformer, mut args: Vec<Typed>) -> Checked<Typed> {
    let name = transformer.symbol();
    let arg = match (args.pop(), args.is_empty()) {
        (Some(arg), true) => arg,
        _ => return Err(misfit(span, transformer, "exactly one argument")),
    };
    if arg.field.is_some_and(|field| !field.takes_transformer()) {
        let message = format!("{} takes no transformer", arg.label());
        return Err(Diagnostic::new(span, message));
    }
    let fits = match (transformer, arg.ty) {
        (Transformer::Len, _) if arg.is_list => true,
        (_, FieldType::CharBuf) => true,
        (_, FieldType::ByteBuf) => matches!(transformer, Transformer::B64 | Transformer::Len),
        _ => false,
    };
    if !fits {
        let message =
            format!("{name}() does not work on {}, which is {}", arg.label(), arg.type_name());
        return Err(Diagnostic::new(span, message));
    }
    let Typed { source, ty, is_list, field, .. } = arg;
    Ok(if transformer == Transformer::Len {
        let source = Source::Len(Box::new(source));
        Typed { source, ty: FieldType::Uint64, is_list: false, field, is_literal: false }
    } else {
        let source = Source::Mapped(transformer, Box::new(source));
        Typed { source, ty, is_list, field, is_literal: false }
    })
}

pub(super) fn join(span: Span, args: Vec<Typed>) -> Checked<Typed> {
    let Ok([separator, list]) = <[Typed; 2]>::try_from(args) else {
        return Err(misfit(span, Transformer::Join, "a separator and a list"));
    };
    if separator.is_list || !list.is_list {
        return Err(misfit(span, Transformer::Join, "a separator and a list")
            .hint("write join(\",\", (proc.name, proc.pname))"));
    }
    let (separator, list) = (Box::new(separator.source), Box::new(list.source));
    Ok(composed(Source::Join { separator, list }, false))
}

pub(super) fn concat(span: Span, operands: &[Operand], args: Vec<Typed>) -> Checked<Typed> {
    if args.len() < 2 {
        return Err(misfit(span, Transformer::Concat, "at least two arguments"));
    }
    for (arg, operand) in args.iter().zip(operands) {
        if arg.is_list || arg.ty != FieldType::CharBuf {
            let needs = format!("texts; {} is {}", arg.label(), arg.type_name());
            return Err(misfit(operand.span(), Transformer::Concat, &needs));
        }
    }
    let parts = args.into_iter().map(|arg| arg.source).collect();
    Ok(composed(Source::Concat(parts), false))
}

pub(super) fn getopt(span: Span, args: Vec<Typed>, selector: Option<&Literal>) -> Checked<Typed> {
    let needs = "a list of arguments and an option string";
    let Ok([arguments, options]) = <[Typed; 2]>::try_from(args) else {
        return Err(misfit(span, Transformer::Getopt, needs));
    };
    if !arguments.is_list || options.is_list || options.ty != FieldType::CharBuf {
        return Err(misfit(span, Transformer::Getopt, needs)
            .hint("write getopt((proc.args[0], proc.args[1]), \"ab:\")"));
    }
    let selector = match selector {
        None => None,
        Some(literal) => match *literal.bytes.as_slice() {
            [option] => Some(option),
            _ => {
                let message = "the argument of getopt() has to be one option character";
                return Err(Diagnostic::new(literal.span, message));
            }
        },
    };
    let options = match options.source {
        Source::Constant(text) if options.is_literal => {
            Options::Constant(Box::new(OptionString::parse(&text)))
        }
        source => Options::Dynamic(Box::new(source)),
    };
    let arguments = Box::new(arguments.source);
    Ok(composed(Source::Getopt { arguments, options, selector }, selector.is_none()))
}
