//! What a process and its ancestors are called.

use super::{ArgumentSpec, Field, proc_text::each_ancestor, proc_text::of_ancestors};
use crate::value::Value::Text;

/// Level of an ancestor; 0 is the process itself.
const LEVEL: ArgumentSpec = ArgumentSpec::Index { required: false };

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "proc.exe",
        "First word of the command line (argv[0]), as whoever started the process chose it. Often \
         the program's path or name, but nothing forces it to be.",
        "proc.exe = /usr/sbin/sshd",
        |c, _, _| Some(Text(&c.thread?.exe)),
    ),
    Field::text("proc.pexe", "proc.exe of the parent.", "proc.pexe endswith bash", |c, _, _| {
        Some(Text(&c.state.ancestor(c.thread?, 1)?.exe))
    }),
    Field::text(
        "proc.aexe",
        "proc.exe of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Compared without a number, any ancestor may match; printed without one, those of all \
         ancestors with blanks between.",
        "proc.aexe[2] endswith java",
        |c, a, s| of_ancestors(c, a, s, |_, t, out| out.extend_from_slice(&t.exe)),
    )
    .with(LEVEL)
    .searched(|c, _, s, r| each_ancestor(c, s, r, |_, t, out| out.extend_from_slice(&t.exe))),
    Field::text(
        "proc.exepath",
        "Path of the file that the process runs, symbolic links resolved, as the kernel knows it.",
        "proc.exepath = /usr/bin/curl",
        |c, _, _| Some(Text(&c.thread?.exepath)),
    ),
    Field::text(
        "proc.pexepath",
        "proc.exepath of the parent.",
        "proc.pexepath startswith /tmp/",
        |c, _, _| Some(Text(&c.state.ancestor(c.thread?, 1)?.exepath)),
    ),
    Field::text(
        "proc.aexepath",
        "proc.exepath of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Compared without a number, any ancestor may match; printed without one, those of all \
         ancestors with blanks between.",
        "proc.aexepath endswith /java",
        |c, a, s| of_ancestors(c, a, s, |_, t, out| out.extend_from_slice(&t.exepath)),
    )
    .with(LEVEL)
    .searched(|c, _, s, r| each_ancestor(c, s, r, |_, t, out| out.extend_from_slice(&t.exepath))),
    Field::text(
        "proc.name",
        "Name of the process, at most 15 bytes (the kernel's comm). Usually the last part of the \
         program's path, but a process may change it.",
        "proc.name in (bash, sh, zsh)",
        |c, _, _| Some(Text(&c.thread?.comm)),
    ),
    Field::text("proc.pname", "proc.name of the parent.", "proc.pname = nginx", |c, _, _| {
        Some(Text(&c.state.ancestor(c.thread?, 1)?.comm))
    }),
    Field::text(
        "proc.aname",
        "proc.name of an ancestor: [1] is the parent, [2] its parent, [0] the process itself. \
         Compared without a number, any ancestor may match; printed without one, those of all \
         ancestors with blanks between.",
        "proc.aname = sshd",
        |c, a, s| of_ancestors(c, a, s, |_, t, out| out.extend_from_slice(&t.comm)),
    )
    .with(LEVEL)
    .searched(|c, _, s, r| each_ancestor(c, s, r, |_, t, out| out.extend_from_slice(&t.comm))),
];
