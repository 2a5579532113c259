//! Whether file systems are served by programs (FUSE), which may wait for us.

use std::{
    cell::RefCell,
    ffi::CString,
    fs::File,
    io::{self, Read, Seek},
    os::fd::AsFd,
};

use crate::ptrace::sys::{self, Identity};

/// What was read of a mount namespace. It is read anew when the kernel tells that it changed, for
/// that costs a hundred times less than to read it.
struct Mounts {
    namespace: Identity,
    file: File,
    by_programs: bool,
}

thread_local! {
    /// The latest namespace that was asked about: most commands have one only.
    static LATEST: RefCell<Option<Mounts>> = const { RefCell::new(None) };
}

/// Whether a thread sees a file system that a program serves; also if it can't be said.
pub(super) fn by_programs(tid: i32) -> bool {
    LATEST.with_borrow_mut(|latest| match ask(tid, latest) {
        Ok(answer) => answer,
        Err(_) => {
            *latest = None;
            true
        }
    })
}

fn ask(tid: i32, latest: &mut Option<Mounts>) -> io::Result<bool> {
    let namespace = sys::identity(&CString::new(format!("/proc/{tid}/ns/mnt"))?)?;
    if let Some(mounts) = latest.as_mut().filter(|mounts| mounts.namespace == namespace) {
        if sys::mounts_changed(mounts.file.as_fd()) {
            mounts.by_programs = read(&mut mounts.file)?;
        }
        return Ok(mounts.by_programs);
    }
    let mut file = File::open(format!("/proc/{tid}/mountinfo"))?;
    let by_programs = read(&mut file)?;
    *latest = Some(Mounts { namespace, file, by_programs });
    Ok(by_programs)
}

fn read(file: &mut File) -> io::Result<bool> {
    let mut lines = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut lines)?;
    Ok(has_fuse(&lines))
}

/// Whether one of the lines (proc_pid_mountinfo(5)) is of a FUSE file system.
fn has_fuse(lines: &[u8]) -> bool {
    let is_fuse = |line: &[u8]| {
        let kind =
            line.windows(3).position(|part| part == b" - ").and_then(|at| line.get(at + 3..));
        kind.is_none_or(|kind| kind.starts_with(b"fuse"))
    };
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).any(is_fuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuse_is_found_by_its_type_not_by_names() {
        let disk = "22 1 254:0 / / rw - ext4 /dev/vda rw\n";
        for (line, expected) in [
            ("", false),
            ("30 22 0:40 / /fuse rw - tmpfs fuse rw\n", false),
            ("30 22 0:40 / /mnt rw shared:1 - fuse.sshfs host: rw\n", true),
            ("30 22 8:1 / /mnt rw - fuseblk /dev/sda1 rw\n", true),
            ("nothing of the kind\n", true),
        ] {
            assert_eq!(has_fuse(format!("{disk}{line}").as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn the_same_namespace_is_not_read_again() {
        let tid = sys::own_tid();
        let mut latest = None;
        let first = ask(tid, &mut latest).unwrap();
        latest.as_mut().unwrap().by_programs = !first;
        assert_eq!(ask(tid, &mut latest).unwrap(), !first);
        assert!(ask(-1, &mut latest).is_err());
    }
}
