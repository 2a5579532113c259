//! What is mounted into the container.

use state::{Container, Context, Mount};

use super::{Argument, ArgumentSpec, Field, container::container, proc_text::composed};
use crate::value::Value::Text;

/// Which mount.
const MOUNT: ArgumentSpec = ArgumentSpec::IndexOrKey { required: true };

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "container.mounts",
        "All mounts with commas between, source:destination:mode:writable:propagation each.",
        "container.mounts contains /var/run/docker.sock",
        |c, _, s| {
            let container = container(c)?;
            composed(s, |out| {
                for (i, mount) in container.mounts.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write(mount, out);
                }
            })
        },
    ),
    Field::text(
        "container.mount",
        "One mount, source:destination:mode:writable:propagation: by number from 0, or the first \
         whose source matches a pattern.",
        "container.mount[/var/run/*] exists",
        |c, argument, s| {
            let mount = mount(c, argument, |mount| &mount.source)?;
            composed(s, |out| write(mount, out))
        },
    )
    .with(MOUNT),
    Field::text(
        "container.mount.source",
        "Source of one mount: by number from 0, or the first whose destination matches a pattern.",
        "container.mount.source[/host/*] exists",
        |c, argument, _| Some(Text(&mount(c, argument, |mount| &mount.destination)?.source)),
    )
    .with(MOUNT),
    Field::text(
        "container.mount.dest",
        "Destination of one mount: by number from 0, or the first whose source matches a pattern.",
        "container.mount.dest[/proc*] exists",
        |c, argument, _| Some(Text(&mount(c, argument, |mount| &mount.source)?.destination)),
    )
    .with(MOUNT),
    Field::text(
        "container.mount.mode",
        "Mode of one mount: by number from 0, or the first whose source matches a pattern.",
        "container.mount.mode[0] = z",
        |c, argument, _| Some(Text(&mount(c, argument, |mount| &mount.source)?.mode)),
    )
    .with(MOUNT),
    Field::text(
        "container.mount.rdwr",
        "Whether one mount is writable, true or false: by number from 0, or the first whose source \
         matches a pattern.",
        "container.mount.rdwr[/etc*] = true",
        |c, argument, _| Some(Text(writable(mount(c, argument, |mount| &mount.source)?))),
    )
    .with(MOUNT),
    Field::text(
        "container.mount.propagation",
        "Propagation of one mount: by number from 0, or the first whose source matches a pattern.",
        "container.mount.propagation[0] = rprivate",
        |c, argument, _| Some(Text(&mount(c, argument, |mount| &mount.source)?.propagation)),
    )
    .with(MOUNT),
];

/// The mount with the argument's number, or the first of which `text` matches its pattern.
fn mount<'v>(c: &Context<'v>, argument: &Argument, text: fn(&Mount) -> &[u8]) -> Option<&'v Mount> {
    let container: &'v Container = container(c)?;
    match argument {
        Argument::Index(n) => container.mounts.get(usize::try_from(*n).ok()?),
        Argument::Key(pattern) => {
            container.mounts.iter().find(|mount| matches(pattern.as_bytes(), text(mount)))
        }
        Argument::None => None,
    }
}

/// Whether the whole path matches a pattern in which `*` stands for any text and `?` for any byte.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (mut p, mut at) = (0, 0);
    let mut star = None;
    while at < path.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, at));
                p += 1;
            }
            Some(&b) if b == b'?' || b == path[at] => (p, at) = (p + 1, at + 1),
            _ => {
                let Some((star_p, star_at)) = star else { return false };
                star = Some((star_p, star_at + 1));
                (p, at) = (star_p + 1, star_at + 1);
            }
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

fn writable(mount: &Mount) -> &'static [u8] {
    if mount.writable { b"true" } else { b"false" }
}

fn write(mount: &Mount, out: &mut Vec<u8>) {
    let parts: [&[u8]; 5] =
        [&mount.source, &mount.destination, &mount.mode, writable(mount), &mount.propagation];
    for (i, part) in parts.into_iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        out.extend_from_slice(part);
    }
}
