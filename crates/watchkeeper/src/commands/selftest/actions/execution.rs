//! Programs that should not start, or not so.

use std::{
    fs::File,
    io::Write,
    net::{TcpListener, TcpStream},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Stdio,
};

use rustix::fs::{MemfdFlags, memfd_create};

use super::{Action, Hindrance, Place, World, idle_at};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "server-shell",
        technique: "T1190",
        what: "a program named nginx runs a shell",
        rules: &["Shell started by a server program"],
        place: Place::Anywhere,
        run: |world| {
            let shell = world.shell()?.get_program().to_owned();
            world.run(world.ourselves_as("nginx", "run")?.arg(shell).args(["-c", ":"]))
        },
    },
    Action {
        name: "socket-shell",
        technique: "T1059.004",
        what: "a shell reads from and writes to a connection, on the loopback interface",
        rules: &["Shell over a network connection"],
        place: Place::Anywhere,
        run: socket_shell,
    },
    Action {
        name: "reverse-shell-words",
        technique: "T1059",
        what: "a command line hands a shell to a connection to 127.0.0.1:9, where nobody listens",
        rules: &["Reverse shell in a command line"],
        place: Place::Anywhere,
        run: |world| world.run(world.shell()?.args(["-c", "exec 3<>/dev/tcp/127.0.0.1/9"])),
    },
    Action {
        name: "netcat-shell",
        technique: "T1095",
        what: "a program named nc, which does nothing, is told to serve a shell",
        rules: &["Netcat runs a program"],
        place: Place::Anywhere,
        run: |world| world.run(world.stand_in("nc")?.args(["-e", "/bin/sh", "127.0.0.1", "9"])),
    },
    Action {
        name: "memory-program",
        technique: "T1620",
        what: "a program is run from an anonymous file in memory",
        rules: &["Execution from memory"],
        place: Place::Anywhere,
        run: memory_program,
    },
    Action {
        name: "shared-memory",
        technique: "T1564",
        what: "a program in /dev/shm is run",
        rules: &["Execution from shared memory"],
        place: Place::Covered(&["/dev/shm"]),
        run: |world| world.run(&mut world.idle_copy("/dev/shm/selftest".as_ref())?),
    },
    Action {
        name: "kernel-thread-name",
        technique: "T1036.004",
        what: "a shell is called as if it were a thread of the kernel",
        rules: &["Program poses as a kernel thread"],
        place: Place::Anywhere,
        run: |world| world.run(world.shell()?.arg0("[kworker/0:1]").args(["-c", ":"])),
    },
    Action {
        name: "miner",
        technique: "T1496",
        what: "a program named xmrig, which does nothing, is given the options of a miner",
        rules: &["Crypto miner started"],
        place: Place::Anywhere,
        run: |world| world.run(world.stand_in("xmrig")?.args(["--donate-level", "1"])),
    },
    Action {
        name: "piped-script",
        technique: "T1105",
        what: "a shell reads its commands from a pipe, as in curl | sh",
        rules: &["Shell reads its commands from a pipe"],
        place: Place::Anywhere,
        run: piped_script,
    },
    Action {
        name: "hidden-program",
        technique: "T1564.001",
        what: "a program whose name begins with a dot is dropped and run",
        rules: &["Hidden program executed"],
        place: Place::Anywhere,
        run: |world| world.run(&mut world.idle_copy(&world.path(".selftest"))?),
    },
    Action {
        name: "privilege-search",
        technique: "T1548.001",
        what: "find looks for setuid files, in a folder without any",
        rules: &["Search for ways to more privileges"],
        place: Place::Anywhere,
        run: |world| world.run(world.tool("find")?.arg(world.path("")).args(["-perm", "-4000"])),
    },
    Action {
        name: "preloaded-library",
        technique: "T1574.006",
        what: "a shell is started with LD_PRELOAD naming a library in /tmp, which is not there",
        rules: &["Program loaded with a foreign library"],
        place: Place::Anywhere,
        run: |world| {
            let library = "/tmp/watchkeeper-selftest-none.so";
            world.run(world.shell()?.args(["-c", ":"]).env("LD_PRELOAD", library))
        },
    },
];

/// The second shell has its whole path: by their names, some shells run what is built into them.
fn piped_script(world: &World) -> Result<(), Hindrance> {
    let mut shell = world.shell()?;
    let line = format!("echo : | {}", shell.get_program().to_string_lossy());
    world.run(shell.args(["-c", &line]))
}

/// We are at the other end, and end it at once.
fn socket_shell(world: &World) -> Result<(), Hindrance> {
    let refused = Hindrance::of("a connection on the loopback interface");
    let connect = || {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let shell = TcpStream::connect(listener.local_addr()?)?;
        let (mut other_end, _) = listener.accept()?;
        other_end.write_all(b"exit\n")?;
        Ok((OwnedFd::from(shell.try_clone()?), OwnedFd::from(shell), other_end))
    };
    let (input, output, _other_end) = connect().map_err(refused)?;
    let mut shell = world.shell()?;
    shell.stdin(input).stdout(output).stderr(Stdio::null());
    World::wait_for(&mut shell)
}

fn memory_program(world: &World) -> Result<(), Hindrance> {
    let refused = Hindrance::of("a file in memory");
    let memory =
        memfd_create("selftest", MemfdFlags::CLOEXEC).map_err(|error| refused(error.into()))?;
    let mut memory = File::from(memory);
    memory.write_all(&world.idle_bytes()?).map_err(refused)?;
    let path = format!("/proc/self/fd/{}", memory.as_raw_fd());
    world.run(&mut idle_at(path.as_ref()))
}
