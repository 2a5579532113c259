//! How programs come to run behind calls: each attached to the function of its call, or, on kernels
//! without trampolines (arm64 before Linux 6.4), all jumped to by one at the end of every call.

use std::os::fd::{AsFd as _, AsRawFd as _};

use libbpf_rs::{MapCore as _, MapFlags, Object};

use crate::ptrace::{compat_ways, native_numbers};

/// Which way is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hook {
    /// Trampolines where the kernel has them, else the dispatcher.
    #[default]
    Auto,
    /// Trampolines only.
    Trampolines,
    /// The dispatcher, whatever the kernel has. What is not behind a call is not recorded this way:
    /// files closed, answers of name servers; nor what 32-bit programs do through `socketcall`.
    Dispatcher,
}

/// Which way is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// A program behind each call.
    Trampolines,
    /// One at the end of all calls, which is slower.
    Dispatcher,
}

/// Whether it is the dispatcher that is attached, or a program that it jumps to, from section and name.
pub(super) fn is_part(section: &str, name: &str) -> bool {
    section == "tp_btf/sys_exit" && !is_attached(name)
}

/// Whether a program at the end of all calls is attached itself.
pub(super) fn is_attached(name: &str) -> bool {
    name == "dispatch"
}

/// Tells the dispatcher where to jump.
///
/// # Errors
/// What the kernel says of a program that it would not have there.
pub(super) fn fill(object: &Object) -> Result<(), libbpf_rs::Error> {
    for (number, call) in native_numbers() {
        put(object, "native_calls", number, &format!("t_{call}"))?;
    }
    // Numbers of calls of 32-bit programs are known of i386 alone.
    if cfg!(target_arch = "x86_64") {
        for (number, call, way) in compat_ways() {
            put(object, "compat_calls", number, &format!("t{way}_{call}"))?;
        }
    }
    Ok(())
}

/// A program that is not loaded is none to jump to.
fn put(object: &Object, map: &str, number: u32, program: &str) -> Result<(), libbpf_rs::Error> {
    let map = object.maps().find(|one| one.name() == map);
    let program = object.progs().find(|one| one.autoload() && one.name() == program);
    match map.zip(program) {
        Some((map, program)) => {
            let fd = program.as_fd().as_raw_fd().to_ne_bytes();
            map.update(&number.to_ne_bytes(), &fd, MapFlags::ANY)
        }
        None => Ok(()),
    }
}
