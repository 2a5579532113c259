//! What a guest is kept busy with while the agent is measured in it: `xtask load KIND …`, copied into
//! the guest. Times are the guest's; with `--icount`, instructions.

use std::{
    io::{self, BufRead as _},
    ptr,
    time::{Duration, Instant},
};

use libc::{AT_FDCWD, O_RDONLY, SYS_getppid};

use crate::Outcome;

const HELP: &str = "\
usage: xtask load KIND

  open N               open and close a file N times, five times over; ns each, the best of five
  getppid N            the same of a call that nobody records
  processes N          N processes, one after the other, that end at once; ns each
  rate EVENTS SECONDS  so many files opened, and closed, every second; how many that were
  flood EVENTS SECONDS so many changes of the working directory every second; how many that were
  alerts N             open /tmp/canary N times, each time reading the line that comes of it from
                       standard input; ns until then, a line each
";

/// A file that is there in every guest, and nobody's rules are about.
const FILE: &std::ffi::CStr = c"/etc/hosts";
/// A file that the alerts are about.
const CANARY: &std::ffi::CStr = c"/tmp/canary";
const ROUNDS: usize = 5;
/// Events come in bursts of this length of time.
const BURST: Duration = Duration::from_millis(10);
/// Alerts are this far apart, and a little more each time: the agent looks at fixed times.
const BETWEEN: Duration = Duration::from_millis(20);

/// Does what the arguments say, and prints what is to be known of it.
pub(crate) fn run(args: &[&str]) -> Outcome {
    match args {
        ["open", count] => println!("{}", best_of(count.parse()?, || open(FILE))),
        ["getppid", count] => println!("{}", best_of(count.parse()?, getppid)),
        ["processes", count] => println!("{}", each(count.parse()?, process)),
        ["rate", events, seconds] => {
            println!("{}", rate(events.parse()?, seconds.parse()?, || open(FILE)));
        }
        ["flood", events, seconds] => {
            println!("{}", rate(events.parse()?, seconds.parse()?, change_directory));
        }
        ["alerts", count] => alerts(count.parse()?)?,
        _ => return Err(HELP.into()),
    }
    Ok(())
}

/// Nanoseconds that an act takes, the best of some rounds.
fn best_of(count: u32, act: impl Fn()) -> u128 {
    (0..ROUNDS).map(|_| each(count, &act)).min().unwrap_or_default()
}

fn each(count: u32, act: impl Fn()) -> u128 {
    let start = Instant::now();
    (0..count).for_each(|_| act());
    start.elapsed().as_nanos() / u128::from(count.max(1))
}

fn open(path: &std::ffi::CStr) {
    // SAFETY: the path is a C string that outlives the call; the descriptor is this function's own.
    unsafe {
        let fd = libc::openat(AT_FDCWD, path.as_ptr(), O_RDONLY);
        libc::close(fd);
    }
}

fn getppid() {
    // SAFETY: the call takes and changes nothing. It is made by number, as no library answers it.
    unsafe { libc::syscall(SYS_getppid) };
}

/// A process that ends at once, waited for.
fn process() {
    // SAFETY: the child does nothing but end; nothing else runs in this program.
    unsafe {
        match libc::fork() {
            0 => libc::_exit(0),
            child => libc::waitpid(child, ptr::null_mut(), 0),
        };
    }
}

fn change_directory() {
    // SAFETY: the path is a C string that outlives the call.
    unsafe { libc::chdir(c"/".as_ptr()) };
}

/// Acts so many times a second; says how often that was.
fn rate(times: u64, seconds: u64, act: impl Fn()) -> u64 {
    let (start, end) = (Instant::now(), Duration::from_secs(seconds));
    let mut done = 0;
    while start.elapsed() < end {
        let due = times * start.elapsed().as_millis() as u64 / 1000;
        while done < due {
            act();
            done += 1;
        }
        std::thread::sleep(BURST);
    }
    done
}

/// Causes alerts and waits for each of them.
fn alerts(count: u32) -> Outcome {
    let mut lines = io::stdin().lock().lines();
    for turn in 0..count {
        std::thread::sleep(BETWEEN + Duration::from_micros(u64::from(turn % 100) * 100));
        let start = Instant::now();
        open(CANARY);
        lines.next().ok_or("no alert came")??;
        println!("{}", start.elapsed().as_nanos());
    }
    Ok(())
}
