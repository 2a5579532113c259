//! Paths in events, made absolute where the record allows.

use event::{ParamType, schema::Detail};
use state::{Context, Text, path};

/// `AT_FDCWD`: relative to the working directory.
const WORKING_DIRECTORY: i64 = -100;

/// What recorders write for text that they could not read.
const NOT_AVAILABLE: &[u8] = b"<NA>";

/// The path in this parameter of the event; `None` if the recorder could not read it. A relative
/// one stays as it was given if its directory is not known.
pub(crate) fn of_param(context: &Context<'_>, index: usize) -> Option<Text> {
    let event = &context.event;
    let param = event.param(index)?;
    let given = param.text().filter(|path| !path.is_empty() && *path != NOT_AVAILABLE)?;
    let dirfd = match (param.info.ty, &param.info.detail) {
        (ParamType::FsRelPath, Detail::DirFd(dirfd)) => event.int(*dirfd)?,
        _ => WORKING_DIRECTORY,
    };
    Some(absolute(context, dirfd, given))
}

/// `given` as seen from a directory of the thread.
pub(crate) fn absolute(context: &Context<'_>, dirfd: i64, given: &[u8]) -> Text {
    let mut full = Vec::with_capacity(128);
    let known = context.thread.filter(|thread| {
        if dirfd == WORKING_DIRECTORY {
            context.state.cwd(thread).starts_with(b"/")
        } else {
            context.state.fd(thread, dirfd).is_some()
        }
    });
    match known {
        Some(thread) => path::join(context.state.directory(thread, dirfd, given), given, &mut full),
        None => path::join(b"".as_slice(), given, &mut full),
    }
    full.into()
}

/// The directory without its final slash; nothing if it is not known.
pub(crate) fn folder(path: &[u8]) -> &[u8] {
    match path {
        b"/" => path,
        [b'/', ..] => path.strip_suffix(b"/").unwrap_or(path),
        _ => b"",
    }
}

/// The path as seen from a folder.
pub(crate) fn below(folder: &[u8], path: &[u8]) -> Text {
    if path.starts_with(b"/") || folder.is_empty() {
        return path.into();
    }
    let mut base = folder.to_vec();
    if !base.ends_with(b"/") {
        base.push(b'/');
    }
    let mut full = Vec::with_capacity(base.len() + path.len());
    path::join(base.as_slice(), path, &mut full);
    full.into()
}
