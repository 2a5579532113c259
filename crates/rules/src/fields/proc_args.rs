//! What a process was started with: arguments, environment, directory.

use state::{Context, Thread, strings};

use super::{
    Argument, ArgumentSpec, Field, Scratch,
    proc_text::{cmdline, command, composed, each_ancestor, join, of_ancestors},
};
use crate::value::{
    FieldType,
    Value::{self, Text},
};

/// Number of an argument, or level of an ancestor.
const NUMBER: ArgumentSpec = ArgumentSpec::Index { required: false };

/// Levels up to which a variable is looked for.
const ENV_LEVELS: u64 = 20;

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "proc.args",
        "Arguments of the process without the first word, with blanks between. With a number, \
         that argument alone, counted from 0 after the first word; empty if there are fewer.",
        "proc.args contains --privileged",
        args,
    )
    .with(NUMBER),
    Field::text(
        "proc.aargs",
        "proc.args of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Without a number, those of all ancestors as one text with blanks between.",
        "proc.aargs[1] contains base64",
        |c, a, s| of_ancestors(c, a, s, |_, t, out| join(&t.args, out)),
    )
    .with(NUMBER),
    Field::text(
        "proc.cmdline",
        "proc.name and proc.args with blanks between.",
        "proc.cmdline contains 'rm -rf'",
        |c, _, s| {
            let thread = c.thread?;
            composed(s, |out| cmdline(thread, out))
        },
    ),
    Field::text(
        "proc.pcmdline",
        "proc.cmdline of the parent.",
        "proc.pcmdline startswith 'sh -c'",
        |c, _, s| {
            let parent = c.state.ancestor(c.thread?, 1)?;
            composed(s, |out| cmdline(parent, out))
        },
    ),
    Field::text(
        "proc.acmdline",
        "proc.cmdline of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Compared without a number, any ancestor may match; printed without one, those of all \
         ancestors with blanks between.",
        "proc.acmdline contains base64",
        |c, a, s| of_ancestors(c, a, s, |_, t, out| cmdline(t, out)),
    )
    .with(NUMBER)
    .searched(|c, _, s, r| each_ancestor(c, s, r, |_, t, out| cmdline(t, out))),
    Field::one(
        "proc.cmdnargs",
        FieldType::Uint64,
        "How many arguments proc.args has.",
        "proc.cmdnargs > 100",
        |c, _, _| Some(Value::U64(strings(&c.thread?.args).count() as u64)),
    ),
    Field::one(
        "proc.cmdlenargs",
        FieldType::Uint64,
        "Bytes of all arguments of proc.args together, without the blanks between.",
        "proc.cmdlenargs > 4000",
        |c, _, _| Some(Value::U64(strings(&c.thread?.args).map(|arg| arg.len() as u64).sum())),
    ),
    Field::text(
        "proc.exeline",
        "The whole command line: proc.exe and proc.args with blanks between.",
        "proc.exeline startswith ./",
        |c, _, s| {
            let thread = c.thread?;
            composed(s, |out| exeline(thread, out))
        },
    ),
    Field::text(
        "proc.env",
        "Environment of the process, NAME=value each, with blanks between. With a name, the value \
         of that variable without blanks around it; empty if it is not set.",
        "proc.env[LD_PRELOAD] != ''",
        |c, a, s| env(c, c.thread?, a, s),
    )
    .with(ArgumentSpec::Key { required: false }),
    Field::text(
        "proc.aenv",
        "Environment of an ancestor, [1] the parent, [2] its parent. With a name, the value of \
         that variable at the nearest ancestor that sets it, up to 20 levels. Without either, \
         compared: any ancestor's environment may match; printed: that of the process itself.",
        "proc.aenv[KUBECONFIG] exists",
        aenv,
    )
    .with(ArgumentSpec::IndexOrKey { required: false })
    .searched(|c, _, s, r| each_ancestor(c, s, r, |c, t, out| join(c.state.env(t), out))),
    Field::text(
        "proc.cwd",
        "Working directory of the process, with a slash at the end.",
        "proc.cwd = /root/",
        |c, _, _| {
            let main = c.state.main_thread(c.thread?);
            Some(Text(main.map_or(b"./", |main| &main.cwd)))
        },
    ),
];

fn args<'v>(c: &Context<'v>, argument: &Argument, s: &'v mut Scratch) -> Option<Value<'v>> {
    let thread = c.thread?;
    match argument {
        Argument::Index(n) => {
            let n = usize::try_from(*n).unwrap_or(usize::MAX);
            Some(Text(strings(&thread.args).nth(n).unwrap_or_default()))
        }
        _ => composed(s, |out| join(&thread.args, out)),
    }
}

/// The first word always has a blank after it, as other tools print it.
fn exeline(thread: &Thread, out: &mut Vec<u8>) {
    command(&thread.exe, &thread.args, out);
    if thread.args.is_empty() {
        out.push(b' ');
    }
}

fn env<'v>(
    c: &Context<'v>,
    thread: &'v Thread,
    argument: &Argument,
    s: &'v mut Scratch,
) -> Option<Value<'v>> {
    let env = c.state.env(thread);
    match argument {
        Argument::Key(name) => Some(Text(variable(env, name).unwrap_or_default())),
        _ => composed(s, |out| join(env, out)),
    }
}

fn aenv<'v>(c: &Context<'v>, argument: &Argument, s: &'v mut Scratch) -> Option<Value<'v>> {
    let thread = c.thread?;
    match argument {
        Argument::None | Argument::Index(0) => env(c, thread, &Argument::None, s),
        Argument::Index(n) => env(c, c.state.ancestor(thread, *n)?, &Argument::None, s),
        Argument::Key(name) => {
            let value = c.state.main_thread(thread).and_then(|main| {
                c.state
                    .ancestors(main)
                    .take(ENV_LEVELS as usize)
                    .find_map(|t| variable(c.state.env(t), name).filter(|v| !v.is_empty()))
            });
            Some(Text(value.unwrap_or_default()))
        }
    }
}

/// Value of the first variable of this name, without blanks around it. Empty values are passed
/// over.
fn variable<'e>(env: &'e [u8], name: &str) -> Option<&'e [u8]> {
    strings(env)
        .filter_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find(|value| !value.is_empty())
        .map(trim_blanks)
}

fn trim_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] | [rest @ .., b' '] = text {
        text = rest;
    }
    text
}
