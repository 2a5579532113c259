//! Texts of a process that are composed from several parts.

use std::ops::ControlFlow;

use state::{Context, Thread, strings};

use super::{Argument, Scratch};
use crate::value::Value;

/// The text that `compose` writes.
pub(super) fn composed<'v>(
    scratch: &'v mut Scratch,
    compose: impl FnOnce(&mut Vec<u8>),
) -> Option<Value<'v>> {
    scratch.text.clear();
    compose(&mut scratch.text);
    Some(Value::Text(&scratch.text))
}

/// Appends the strings of a list with a blank between them.
pub(super) fn join(list: &[u8], out: &mut Vec<u8>) {
    for (i, string) in strings(list).enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(string);
    }
}

/// Appends a name and the strings of a list, a blank before each.
pub(super) fn command(name: &[u8], list: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    for string in strings(list) {
        out.push(b' ');
        out.extend_from_slice(string);
    }
}

/// Appends the command line by which a process is known: its name and arguments.
pub(super) fn cmdline(thread: &Thread, out: &mut Vec<u8>) {
    command(&thread.comm, &thread.args, out);
}

/// Appends something of one thread to a text.
pub(super) type Part = fn(&Context<'_>, &Thread, &mut Vec<u8>);

/// What `part` says of the ancestor that the argument names, or of all of them, with blanks
/// between, if there is none.
pub(super) fn of_ancestors<'v>(
    ctx: &Context<'v>,
    argument: &Argument,
    scratch: &'v mut Scratch,
    part: Part,
) -> Option<Value<'v>> {
    let thread = ctx.thread?;
    if let Argument::Index(n) = argument {
        let ancestor = ctx.state.ancestor(thread, *n)?;
        return composed(scratch, |out| part(ctx, ancestor, out));
    }
    scratch.text.clear();
    for ancestor in ctx.state.ancestors(ctx.state.main_thread(thread)?) {
        if !scratch.text.is_empty() {
            scratch.text.push(b' ');
        }
        part(ctx, ancestor, &mut scratch.text);
    }
    (!scratch.text.is_empty()).then_some(Value::Text(&scratch.text))
}

/// Hands what `part` says of each ancestor to `receive`. Whether there is any ancestor.
pub(super) fn each_ancestor(
    ctx: &Context<'_>,
    scratch: &mut Scratch,
    receive: &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
    part: Part,
) -> bool {
    let Some(process) = ctx.thread.and_then(|t| ctx.state.main_thread(t)) else {
        return false;
    };
    let mut any = false;
    for ancestor in ctx.state.ancestors(process) {
        any = true;
        scratch.text.clear();
        part(ctx, ancestor, &mut scratch.text);
        if receive(Value::Text(&scratch.text)).is_break() {
            break;
        }
    }
    any
}
