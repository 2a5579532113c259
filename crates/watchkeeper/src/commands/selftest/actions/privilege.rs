//! Ways to more rights, and into other processes.

use std::{fs, io, os::unix::fs::PermissionsExt, process::Child};

use libc::{c_long, c_void, iovec, pid_t};

use super::{Action, Hindrance, Place, World};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "setuid-file",
        technique: "T1548.001",
        what: "a file of text is given the setuid bit",
        rules: &["Setuid bit set"],
        place: Place::Anywhere,
        run: |world| {
            let path = world.path("text");
            world.write(&path, "no program\n")?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o4600))
                .map_err(Hindrance::of("the setuid bit"))
        },
    },
    Action {
        name: "setuid-shell",
        technique: "T1548.001",
        what: "a shell is told to keep rights, of which it has no more than before",
        rules: &["Shell keeps the rights of its file"],
        place: Place::Anywhere,
        run: |world| world.run(world.shell()?.args(["-p", "-c", ":"])),
    },
    Action {
        name: "attach",
        technique: "T1055.008",
        what: "a process attaches to its own child, and lets it go",
        rules: &["Another process attached"],
        place: Place::Anywhere,
        run: |world| with_child(world, attach),
    },
    Action {
        name: "foreign-memory",
        technique: "T1055.009",
        what: "a process writes no byte into the memory of its own child",
        rules: &["Memory of another process written"],
        place: Place::Anywhere,
        run: |world| with_child(world, write_memory),
    },
];

/// Does something to a child that waits for its input to end, and ends it.
fn with_child(world: &World, deed: fn(pid_t) -> Result<(), Hindrance>) -> Result<(), Hindrance> {
    let mut child = world.waiting_child()?;
    let done = deed(child.id().cast_signed());
    end(&mut child);
    done
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn attach(pid: pid_t) -> Result<(), Hindrance> {
    let none = std::ptr::null_mut::<c_void>();
    // SAFETY: PTRACE_SEIZE takes no memory of ours.
    if unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, none, none) } == 0 {
        // The child is killed next, which ends the attachment, too.
        return Ok(());
    }
    let why = io::Error::last_os_error();
    if is_traced() {
        Err(Hindrance::Attached)
    } else {
        Err(Hindrance::of("attaching to a child")(why))
    }
}

/// Whether this process has a tracer; then its children have, too.
fn is_traced() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|pid| pid.trim() != "0")
}

fn write_memory(pid: pid_t) -> Result<(), Hindrance> {
    let nothing = iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
    // SAFETY: both lists are one vector long and live through the call; no byte is copied.
    let wrote: c_long = unsafe {
        libc::process_vm_writev(pid, &raw const nothing, 1, &raw const nothing, 1, 0) as c_long
    };
    if wrote == 0 {
        return Ok(());
    }
    Err(Hindrance::of("writing to the memory of a child")(io::Error::last_os_error()))
}
