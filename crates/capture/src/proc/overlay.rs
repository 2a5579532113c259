//! On which layer of an overlay a file is.
//!
//! The kernel tells it to no one, but the mount table names the folder of the upper layer. If that
//! can be reached from here (as it can on a host, but not in a container), the file is looked for
//! there.

use rustix::{
    fs::{AtFlags, CWD, statat},
    io::Errno,
};

use super::{
    dir::ThreadDir,
    parse::{Mount, lines, mount},
};

/// `OVERLAYFS_SUPER_MAGIC`.
pub(super) const MAGIC: u64 = 0x794c_7630;
const MAX_TEXT_BYTES: usize = 4 << 20;

/// A layer of an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Upper,
    Lower,
}

/// The layer of a file of the thread's mount `mount_id`; `None` if it can't be told.
pub(super) fn layer(
    dir: &ThreadDir,
    mount_id: u64,
    path: &[u8],
    text: &mut Vec<u8>,
) -> Option<Layer> {
    dir.read("mountinfo", MAX_TEXT_BYTES, text).ok()?;
    let found = lines(text).filter_map(mount).find(|mount| mount.id == mount_id)?;
    layer_in(&found, path)
}

fn layer_in(mount: &Mount<'_>, path: &[u8]) -> Option<Layer> {
    // An overlay without an upper layer cannot be written.
    let Some(upper) = mount.option(b"upperdir") else { return Some(Layer::Lower) };
    if statat(CWD, &*upper, AtFlags::empty()).is_err() {
        return None;
    }
    let point: &[u8] = if &*mount.point == b"/" { b"" } else { &mount.point };
    let root: &[u8] = if &*mount.root == b"/" { b"" } else { &mount.root };
    let rest = path.strip_prefix(point).filter(|rest| rest.starts_with(b"/"))?;
    let place = [&upper, root, rest].concat();
    match statat(CWD, &*place, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Some(Layer::Upper),
        Err(Errno::NOENT | Errno::NOTDIR) => Some(Layer::Lower),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_upper_folder_is_of_the_upper_layer() {
        let tree = tempfile::tempdir().unwrap();
        let upper = tree.path().join("up per");
        std::fs::create_dir_all(upper.join("sub/bin")).unwrap();
        std::fs::write(upper.join("sub/bin/new"), "").unwrap();
        let escaped = upper.to_str().unwrap().replace(' ', "\\040");
        let line = |options: String| {
            format!("7 1 0:30 /sub /mnt rw - overlay overlay rw,lowerdir=/l,{options}")
        };
        let there = line(format!("upperdir={escaped},workdir=/w"));
        let cases = [
            (there.clone(), "/mnt/bin/new", Some(Layer::Upper)),
            (there.clone(), "/mnt/bin/old", Some(Layer::Lower)),
            (there, "/elsewhere/bin/new", None),
            (line("upperdir=/nowhere/at/all".to_owned()), "/mnt/bin/new", None),
            (line("x".to_owned()), "/mnt/bin/new", Some(Layer::Lower)),
        ];
        for (line, path, want) in cases {
            let mount = mount(line.as_bytes()).unwrap();
            assert_eq!(layer_in(&mount, path.as_bytes()), want, "{line} {path}");
        }
    }
}
