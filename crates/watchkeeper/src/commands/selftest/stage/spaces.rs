//! Namespaces, in which nothing of the host is within reach of an action, and folders of memory that
//! cover those of the host.

use std::{ffi::CStr, fs, io, path::Path};

use rustix::{
    mount::{MountFlags, MountPropagationFlags, mount, mount_change},
    process::{getegid, geteuid},
    thread::{UnshareFlags, unshare_unsafe},
};
use thiserror::Error;

use super::Hindrance;

/// Why there can be none.
#[derive(Debug, Error)]
pub(super) enum Refused {
    #[error("the kernel makes no namespaces for us: {0}")]
    Made(io::Error),
    #[error("our ids cannot be mapped to the namespace: {0}")]
    Mapped(io::Error),
    #[error("mounts cannot be made in the namespace: {0}")]
    Mounts(io::Error),
    #[error("the loopback interface cannot be brought up: {0}")]
    Loopback(io::Error),
}

/// Enters new namespaces; children are in one of process ids, too, and the first of them ends it. A
/// user namespace has rights over what is within alone; where there can be none, root's own will do. The
/// folder is an empty one from here on.
pub(super) fn enter(folder: &Path) -> Result<(), Refused> {
    let ids = (geteuid().as_raw(), getegid().as_raw());
    let inner = UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWIPC;
    match apart(inner | UnshareFlags::NEWUSER) {
        Ok(()) => map(ids).map_err(Refused::Mapped)?,
        Err(why) => apart(inner).map_err(|_| Refused::Made(why))?,
    }
    keep_mounts().and_then(|()| cover(folder)).map_err(Refused::Mounts)?;
    loopback_up().map_err(Refused::Loopback)
}

/// Covers the stage's folder, and others, by empty ones, for this process and its children.
pub(super) fn cover_all(folder: &Path, others: &[&'static str]) -> Result<(), Hindrance> {
    let refused = Hindrance::of("covering folders of the host");
    apart(UnshareFlags::NEWNS).and_then(|()| keep_mounts()).map_err(refused)?;
    for path in others {
        if !Path::new(path).is_dir() {
            return Err(Hindrance::NoFolder(path));
        }
        cover(Path::new(path)).map_err(refused)?;
    }
    cover(folder).map_err(refused)
}

fn apart(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the process has one thread, and no flag takes its file descriptors from it.
    Ok(unsafe { unshare_unsafe(flags) }?)
}

/// Becomes root of the namespace, which is ourselves outside.
fn map((uid, gid): (u32, u32)) -> io::Result<()> {
    // Kernels before 3.19 have no such file, and want none.
    let _ = fs::write("/proc/self/setgroups", "deny");
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
}

/// What is mounted here is seen nowhere else.
fn keep_mounts() -> io::Result<()> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    Ok(mount_change("/", private)?)
}

fn cover(path: &Path) -> io::Result<()> {
    Ok(mount("none", path, "tmpfs", MountFlags::NOSUID, None::<&CStr>)?)
}

/// A network namespace begins with a loopback interface that is down.
fn loopback_up() -> io::Result<()> {
    let socket = std::net::UdpSocket::bind(("0.0.0.0", 0))?;
    // SAFETY: an ifreq is plain data.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = libc::c_char::from_ne_bytes([*from]);
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as i16;
    let fd = std::os::fd::AsRawFd::as_raw_fd(&socket);
    // SAFETY: the request is ours, with a name that ends in a NUL.
    if unsafe { libc::ioctl(fd, libc::SIOCSIFFLAGS as _, &raw const request) } == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
