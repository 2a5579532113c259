//! The machine: QEMU as a child that never outlives its parent, and what comes out of it.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Instant,
};

use super::{
    clock,
    error::{Error, tail},
    guest::{Echo, Guest},
    kernel::Installed,
    outcome::{self, Outcome},
    programs,
};

/// The root file system's archive, in the folder of a run.
pub(super) const INITRAMFS: &str = "initramfs";
/// What the kernel logged, what init did, what QEMU complained about, and the disk for `/out`.
const LOG: &str = "log";
const STATUS: &str = "status";
const COMPLAINTS: &str = "complaints";
const OUT_DISK: &str = "out";

/// Room for what comes back in `/out`; the file has holes where nothing was written.
const OUT_DISK_BYTES: u64 = 2 << 30;
/// A script that prints more is stopped.
const MOST_TEXT_BYTES: usize = 64 << 20;
/// What every guest's kernel is told. Nothing of it may differ between two runs (`nokaslr`), a
/// kernel that is in trouble ends at once (`panic`, `oops`), and the clock is the processor's: the
/// others are slow to ask, and seem to be unsteady, without hardware help. So does the timer, on
/// which a kernel gives up at boot when this machine is busy (`no_timer_check`). Warnings and worse
/// are logged to the serial port, which is slow, too.
const KERNEL_OPTIONS: &str = "console=ttyS0 loglevel=5 panic=-1 oops=panic nokaslr mitigations=off \
                              tsc=reliable no_timer_check random.trust_cpu=on cryptomgr.notests";

/// Boots `guest` with what is in the folder `work`, and waits for its end.
pub(super) fn run(guest: &Guest, kernel: &Installed, work: &Path) -> Result<Outcome, Error> {
    let started = Instant::now();
    let disk = work.join(OUT_DISK);
    File::create(&disk)
        .and_then(|file| file.set_len(OUT_DISK_BYTES))
        .map_err(Error::file(&disk))?;
    let mut running = Running::start(guest, kernel, work)?;
    let ended = running.listen(guest, started);
    let printed = Printed { text: lossy(&running.text), log: read(&work.join(LOG)) };
    match ended {
        Ended::OutOfTime => Err(printed.out_of_time(guest)),
        Ended::TooMuchText => Err(printed.died(format!("it printed over {MOST_TEXT_BYTES} bytes"))),
        Ended::Itself => {
            running.wait();
            let status = outcome::Status::parse(&read(&work.join(STATUS)));
            let complaints = read(&work.join(COMPLAINTS));
            let code = status.verdict(&complaints).map_err(|why| printed.died(why))?;
            let out = outcome::unpack(&disk, status.has_out)?;
            Ok(Outcome::new(code, printed.text, printed.log, out, started.elapsed()))
        }
    }
}

/// What a guest said by its end.
struct Printed {
    text: String,
    log: String,
}

impl Printed {
    fn out_of_time(&self, guest: &Guest) -> Error {
        let (text, log) = self.tails();
        Error::TimeLimit { limit: guest.limit, text, log }
    }

    fn died(&self, why: String) -> Error {
        let (text, log) = self.tails();
        Error::Died { why, text, log }
    }

    fn tails(&self) -> (String, String) {
        (tail(&self.text), tail(&self.log))
    }
}

/// How listening to a guest ended.
enum Ended {
    Itself,
    OutOfTime,
    TooMuchText,
}

/// A QEMU that is killed, if it still runs, when this goes.
struct Running {
    qemu: Child,
    chunks: Receiver<Vec<u8>>,
    text: Vec<u8>,
}

impl Running {
    fn start(guest: &Guest, kernel: &Installed, work: &Path) -> Result<Running, Error> {
        let complaints = work.join(COMPLAINTS);
        let complaints = File::create(&complaints).map_err(Error::file(complaints))?;
        let mut command = command(guest, kernel, work)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(complaints);
        end_with_parent(&mut command);
        let mut qemu =
            command.spawn().map_err(|error| Error::program("qemu-system-x86_64", error))?;
        let chunks = match qemu.stdout.take() {
            Some(stdout) => forward(stdout),
            None => mpsc::channel().1,
        };
        Ok(Running { qemu, chunks, text: Vec::new() })
    }

    /// Takes what the script prints until the guest ends, or its time.
    fn listen(&mut self, guest: &Guest, started: Instant) -> Ended {
        loop {
            let left = guest.limit.saturating_sub(started.elapsed());
            match self.chunks.recv_timeout(left) {
                Ok(chunk) => self.keep(&chunk, guest.echo),
                Err(RecvTimeoutError::Disconnected) => return Ended::Itself,
                Err(RecvTimeoutError::Timeout) => return Ended::OutOfTime,
            }
            if self.text.len() > MOST_TEXT_BYTES {
                return Ended::TooMuchText;
            }
        }
    }

    fn keep(&mut self, chunk: &[u8], echo: Echo) {
        self.text.extend_from_slice(chunk);
        if echo == Echo::Stdout {
            let mut stdout = std::io::stdout();
            // Whoever read along may be gone; the guest goes on.
            let _ = stdout.write_all(chunk).and_then(|()| stdout.flush());
        }
    }

    fn wait(&mut self) {
        let _ = self.qemu.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only if it ended already.
        let _ = self.qemu.kill();
        self.wait();
    }
}

/// Has the kernel kill the child when the thread that started it ends, however that comes about.
fn end_with_parent(command: &mut Command) {
    let set = || {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
            .map_err(std::io::Error::from)
    };
    // SAFETY: between fork and exec this is one system call; it neither allocates nor locks.
    unsafe { command.pre_exec(set) };
}

/// Hands on what comes from the second serial port, which is QEMU's standard output.
fn forward(mut stdout: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 64 << 10];
        while let Ok(read @ 1..) = stdout.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn command(guest: &Guest, kernel: &Installed, work: &Path) -> Result<Command, Error> {
    let mut command = Command::new(program()?);
    // Hardware help (KVM) is never asked for: where it is there it may not work, and results
    // would depend on the machine.
    command.args(["-machine", "q35", "-cpu", "max", "-display", "none", "-no-reboot"]);
    command.args(["-nodefaults", "-no-user-config", "-m", &guest.memory_mib.to_string()]);
    if guest.icount {
        command.args(["-accel", "tcg", "-smp", "1", "-icount", "shift=0,sleep=off", "-seed", "1"]);
        command.args(["-rtc", "base=2026-01-01T00:00:00,clock=vm"]);
    } else {
        command.args(["-accel", "tcg,thread=multi", "-smp", &guest.cpus.to_string()]);
    }
    command.arg("-kernel").arg(&kernel.vmlinux).arg("-initrd").arg(work.join(INITRAMFS));
    command.arg("-append").arg(kernel_options(guest));
    serial(&mut command, "log", named("file,path=", &work.join(LOG)));
    serial(&mut command, "text", "stdio,signal=off".into());
    serial(&mut command, "status", named("file,path=", &work.join(STATUS)));
    if let Some(image) = &guest.image {
        disk(&mut command, "image", named("snapshot=on,file=", image));
    }
    disk(&mut command, "out", named("cache=unsafe,file=", &work.join(OUT_DISK)));
    Ok(command)
}

fn kernel_options(guest: &Guest) -> String {
    // With icount the counter is QEMU's own: one count for every nanosecond.
    let khz = if guest.icount { Some(1_000_000) } else { clock::counter_khz() };
    let khz = khz.map(|khz| format!("tsc_early_khz={khz}"));
    let options = [KERNEL_OPTIONS.to_owned()].into_iter().chain(khz);
    options.chain(guest.append.iter().cloned()).collect::<Vec<_>>().join(" ")
}

/// Where QEMU is.
pub(super) fn program() -> Result<PathBuf, Error> {
    programs::find("qemu-system-x86_64").ok_or_else(|| Error::Missing {
        what: "qemu-system-x86_64".into(),
        mend: "scripts/setup vm",
    })
}

/// The next serial port; they are ttyS0, ttyS1, … in the order of calls.
fn serial(command: &mut Command, id: &str, mut backend: OsString) {
    backend.push(format!(",id={id}"));
    command.arg("-chardev").arg(backend).args(["-serial", &format!("chardev:{id}")]);
}

/// A disk of which the guest can read the name.
fn disk(command: &mut Command, id: &str, mut file: OsString) {
    file.push(format!(",format=raw,if=none,id={id}"));
    command.arg("-drive").arg(file);
    command.args(["-device", &format!("virtio-blk-pci,drive={id},serial={id}")]);
}

/// An option of QEMU that ends in a path, in which a comma is written twice.
fn named(option: &str, path: &Path) -> OsString {
    format!("{option}{}", path.to_string_lossy().replace(',', ",,")).into()
}

fn read(path: &Path) -> String {
    lossy(&fs::read(path).unwrap_or_default())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
