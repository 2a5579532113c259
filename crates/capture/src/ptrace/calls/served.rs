//! Which file systems are served by programs (FUSE), which may wait for us.

use std::{
    cell::RefCell,
    ffi::CString,
    fs::File,
    io::{self, Read, Seek},
    os::fd::AsFd,
    rc::Rc,
};

use crate::ptrace::sys::{self, Identity};

/// The devices of file systems that programs serve: major and minor number.
pub(in crate::ptrace) type Served = Rc<[(u32, u32)]>;

/// What was read of a mount namespace. It is read anew when the kernel tells that it changed, for
/// that costs a hundred times less than to read it.
struct Mounts {
    namespace: Identity,
    file: File,
    devices: Served,
}

thread_local! {
    /// The latest namespace that was asked about: most commands have one only.
    static LATEST: RefCell<Option<Mounts>> = const { RefCell::new(None) };
}

/// The file systems that a thread sees and programs serve; `None` if it can't be said.
pub(in crate::ptrace) fn by_programs(tid: i32) -> Option<Served> {
    LATEST.with_borrow_mut(|latest| {
        let served = ask(tid, latest);
        if served.is_err() {
            *latest = None;
        }
        served.ok()
    })
}

fn ask(tid: i32, latest: &mut Option<Mounts>) -> io::Result<Served> {
    let namespace = sys::identity(&CString::new(format!("/proc/{tid}/ns/mnt"))?)?;
    if let Some(mounts) = latest.as_mut().filter(|mounts| mounts.namespace == namespace) {
        if sys::mounts_changed(mounts.file.as_fd()) {
            mounts.devices = read(&mut mounts.file)?;
        }
        return Ok(Rc::clone(&mounts.devices));
    }
    let mut file = File::open(format!("/proc/{tid}/mountinfo"))?;
    let devices = read(&mut file)?;
    *latest = Some(Mounts { namespace, file, devices: Rc::clone(&devices) });
    Ok(devices)
}

fn read(file: &mut File) -> io::Result<Served> {
    let mut lines = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut lines)?;
    devices(&lines).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The devices of FUSE file systems in lines of proc_pid_mountinfo(5); `None` if one is malformed.
fn devices(lines: &[u8]) -> Option<Served> {
    let mut served = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let kind = line.windows(3).position(|part| part == b" - ")?;
        if line.get(kind + 3..)?.starts_with(b"fuse") {
            let device = line.split(|byte| *byte == b' ').nth(2)?;
            let (major, minor) = str::from_utf8(device).ok()?.split_once(':')?;
            served.push((major.parse().ok()?, minor.parse().ok()?));
        }
    }
    Some(served.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuse_is_found_by_its_type_not_by_names() {
        let disk = "22 1 254:0 / / rw - ext4 /dev/vda rw\n";
        for (line, expected) in [
            ("", Some(&[][..])),
            ("30 22 0:40 / /fuse rw - tmpfs fuse rw\n", Some(&[])),
            ("30 22 0:40 / /mnt rw shared:1 - fuse.sshfs host: rw\n", Some(&[(0, 40)])),
            ("30 22 8:1 / /mnt rw - fuseblk /dev/sda1 rw\n", Some(&[(8, 1)])),
            ("30 22 x / /mnt rw - fuse a rw\n", None),
            ("nothing of the kind\n", None),
        ] {
            let found = devices(format!("{disk}{line}").as_bytes());
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn the_same_namespace_is_not_read_again() {
        let tid = sys::own_tid();
        let mut latest = None;
        ask(tid, &mut latest).unwrap();
        latest.as_mut().unwrap().devices = Rc::new([(7, 7)]);
        assert_eq!(*ask(tid, &mut latest).unwrap(), [(7, 7)]);
        assert!(ask(-1, &mut latest).is_err());
    }
}
