//! A guest by hand: boots a kernel, runs a script in it, shows what it prints.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use testkit::vm::{Echo, Guest, Kernel, Outcome};

const HELP: &str = "\
usage: cargo xtask vm [OPTION]... -- SCRIPT

boots a kernel in a virtual machine and runs SCRIPT there, with busybox's sh as root; its output
and its exit code are the command's own

  --kernel NAME        5.10, 6.1 (the default), 6.12, newest, or all of them in turn: all
  --file HOST:GUEST    copy a file or folder; programs bring their libraries
  --out FOLDER         where files that the script leaves in /out go
  --module NAME        load a kernel module, and what it needs
  --append OPTION      more of the kernel's command line
  --image FILE         a raw disk image, /dev/disk/image; writes to it are dropped
  --cpus N             how many processors (2)
  --memory MIB         how much memory (1024)
  --limit SECONDS      stop it after this time (180)
  --icount             one processor, one nanosecond for every instruction: repeatable counts
  --log                show the kernel's log, too
  --time               tell how long it took

scripts/setup vm installs QEMU, busybox and the kernels 6.1 and 6.12; scripts/setup vm-all all four.
example: cargo xtask vm --kernel 6.12 --file target/debug/breakin:/bin/breakin -- breakin
";

/// A run by hand, from the command line.
struct Request {
    kernels: Vec<Kernel>,
    guest: Guest,
    out: Option<PathBuf>,
    log: bool,
    time: bool,
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Runs what the arguments ask for; ends with the script's own exit code, or 125 if it never ran.
pub(crate) fn run(args: &[&str]) -> ExitCode {
    if matches!(args, [] | ["--help" | "-h"]) {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match parse(args).and_then(|(request, script)| request.run(&script)) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(125)
        }
    }
}

impl Request {
    /// The exit code is that of the last script that failed.
    fn run(&self, script: &str) -> Fallible<i32> {
        let mut code = 0;
        for kernel in &self.kernels {
            if self.kernels.len() > 1 {
                eprintln!("--- {kernel}");
            }
            let outcome = self.guest.clone().kernel(*kernel).run(script)?;
            self.tell(&outcome);
            if let Some(to) = &self.out {
                copy(outcome.out(), to)?;
            }
            code = if outcome.code == 0 { code } else { outcome.code };
        }
        Ok(code)
    }

    fn tell(&self, outcome: &Outcome) {
        if self.log {
            eprint!("{}", outcome.log);
        }
        if self.time {
            eprintln!("{:.1} s", outcome.took.as_secs_f64());
        }
    }
}

fn parse(args: &[&str]) -> Fallible<(Request, String)> {
    let guest = Guest::new(Kernel::V6_1).echo(Echo::Stdout);
    let kernels = vec![Kernel::V6_1];
    let mut request = Request { kernels, guest, out: None, log: false, time: false };
    let mut args = args.iter().copied();
    loop {
        match args.next() {
            Some("--") => break,
            Some("--icount") => request.guest = request.guest.icount(),
            Some("--log") => request.log = true,
            Some("--time") => request.time = true,
            Some(option) => {
                let value = args.next().ok_or_else(|| format!("{option}: a value is missing"));
                request = valued(request, option, value?)?;
            }
            None => return Err(format!("no script: it stands behind --\n\n{HELP}").into()),
        }
    }
    let script = args.collect::<Vec<_>>().join(" ");
    Ok((request, script))
}

/// `request` with an option that has a value.
fn valued(mut request: Request, option: &str, value: &str) -> Fallible<Request> {
    let number = || value.parse::<u32>().map_err(|_| format!("{option} {value}: not a number"));
    let guest = request.guest;
    request.guest = match option {
        "--file" => {
            let (host, to) = value.split_once(':').ok_or("--file takes HOST:GUEST")?;
            guest.copy(host, to)
        }
        "--module" => guest.module(value),
        "--append" => guest.append(value),
        "--image" => guest.image(value),
        "--cpus" => guest.cpus(number()?),
        "--memory" => guest.memory_mib(number()?),
        "--limit" => guest.limit(Duration::from_secs(number()?.into())),
        "--kernel" => {
            request.kernels = kernels(value)?;
            guest
        }
        "--out" => {
            request.out = Some(value.into());
            guest
        }
        _ => return Err(format!("no option '{option}'\n\n{HELP}").into()),
    };
    Ok(request)
}

fn kernels(name: &str) -> Result<Vec<Kernel>, String> {
    match name {
        "all" => Ok(Kernel::ALL.to_vec()),
        name => Ok(vec![name.parse()?]),
    }
}

/// Copies all that is in a folder.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let status = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("cp failed")) }
}
