//! Measures `watchkeeper replay` beside sysdig, on the same long capture, with the same filter.
//!
//! Whole processes, turn by turn, output thrown away; medians of wall time and of peak memory. Then
//! what [`rules`] cost, and [`incidents`], and what [`trace`] costs the command that is traced,
//! what [`advisories`](mod@advisories) cost, and what recording a host costs ([`live`](mod@live)).

mod advisories;
mod incidents;
mod live;
mod rules;
mod trace;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Fault, Outcome, join::Parts, root};

/// The filter of the comparison; it matches nothing, so printing does not count.
const FILTER: &str = "fd.name contains /etc/zzz";
/// The real capture that the long one is made of, and how often its events are repeated.
const CAPTURE: &str = "scap/captures/sf-collector-mpm-event-full_capture.scap";
const TIMES: u64 = 60;
/// Events wanted when only the made-up intrusion is at hand.
const MADE_UP_EVENTS: u64 = 2_000_000;

/// One run of one program.
#[derive(Clone)]
pub(crate) struct Run {
    wall: Duration,
    /// Of all its threads, in user space and in the kernel.
    cpu: Duration,
    peak_bytes: u64,
}

/// Runs the comparisons `runs` times and prints tables of markdown.
pub(crate) fn run(runs: usize) -> Outcome {
    let (long, short) = captures()?;
    beside_sysdig(&long, &short, runs)?;
    rules::run(&long, runs)?;
    incidents::run(&short, runs)?;
    trace::run(runs)?;
    advisories(runs)?;
    live::run(None)
}

/// Runs only what advisories cost.
pub(crate) fn advisories(runs: usize) -> Outcome {
    advisories::run(runs)
}

/// Runs only what recording a host costs, or one part of that.
pub(crate) fn live(only: Option<&str>) -> Outcome {
    live::run(only)
}

/// Runs only what a trace costs.
pub(crate) fn trace(runs: usize) -> Outcome {
    trace::run(runs)
}

fn beside_sysdig(long: &Path, short: &Path, runs: usize) -> Outcome {
    let ours = root().join("target/release/watchkeeper");
    let replay = |file: &Path| {
        let mut command = Command::new(&ours);
        command.arg("replay").arg(file).args(["--filter", FILTER]);
        command
    };
    let sysdig = || {
        let mut command = Command::new("sysdig");
        command.arg("-r").arg(long).arg(FILTER);
        command
    };
    let mut results = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=runs {
        let round_of_all = [measure(replay(long))?, measure(sysdig())?, measure(replay(short))?];
        // The first round warms the page cache.
        if round > 0 {
            results.iter_mut().zip(round_of_all).for_each(|(all, one)| all.push(one));
        }
    }
    print!("{}", report(&results.map(median), runs, long));
    Ok(())
}

/// The long capture, made if it is not there yet, and the short one that it is made of.
fn captures() -> Result<(PathBuf, PathBuf), Box<dyn std::error::Error>> {
    let real = testkit::data().map(|folder| folder.join(CAPTURE)).filter(|path| path.exists());
    let short = real.clone().unwrap_or_else(|| root().join("tests/data/intrusion.scap"));
    let bytes = fs::read(&short).map_err(|e| format!("{}: {e}", short.display()))?;
    let parts = Parts::of(&bytes).map_err(|e| format!("{}: {e}", short.display()))?;
    let times = if real.is_some() { TIMES } else { MADE_UP_EVENTS.div_ceil(parts.count) };
    let long = cache("bench")?.join(format!("{}-{}.scap", parts.count, times));
    let bytes_wanted = parts.head.len() as u64 + parts.events.len() as u64 * times;
    if fs::metadata(&long).map_or(0, |m| m.len()) != bytes_wanted {
        parts.write(times, &long).map_err(|e| format!("{}: {e}", long.display()))?;
    }
    println!("{} events: {} × {times}", parts.count * times, parts.count);
    Ok((long, short))
}

/// A folder for what is slow to make.
pub(crate) fn cache(name: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .ok_or("neither HOME nor XDG_CACHE_HOME is set")?;
    let folder = base.join("watchkeeper").join(name);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

/// Runs it, its output thrown away.
pub(crate) fn measure(command: Command) -> Result<Run, Fault> {
    measure_into(command, Stdio::null())
}

/// Runs it, its output going there.
pub(crate) fn measure_into(mut command: Command, output: impl Into<Stdio>) -> Result<Run, Fault> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |why: String| Fault::Failed { name: name.clone(), why };
    let start = Instant::now();
    let child =
        command.stdin(Stdio::null()).stdout(output).spawn().map_err(|e| failed(e.to_string()))?;
    let (status, usage) = wait(child.id()).map_err(|e| failed(e.to_string()))?;
    let wall = start.elapsed();
    if status != 0 && !is_partial(status) {
        return Err(failed(format!("wait status {status:#x}")));
    }
    let cpu = duration(usage.ru_utime) + duration(usage.ru_stime);
    Ok(Run { wall, cpu, peak_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024 })
}

/// Whether a scan could not look at everything, and said so: packages without a version have no findings.
fn is_partial(status: i32) -> bool {
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 3
}

/// Waits for a child; its status and what it used.
fn wait(pid: u32) -> std::io::Result<(i32, libc::rusage)> {
    let pid = libc::pid_t::try_from(pid).map_err(std::io::Error::other)?;
    let mut status = 0;
    // SAFETY: rusage is plain numbers, for which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals that outlive the call; `pid` is our own child, which
    // nobody else waits for.
    let done = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if done == pid { Ok((status, usage)) } else { Err(std::io::Error::last_os_error()) }
}

fn duration(time: libc::timeval) -> Duration {
    let micros = time.tv_sec * 1_000_000 + time.tv_usec;
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// Medians of times and memory, each for itself.
fn median(runs: Vec<Run>) -> Run {
    Run {
        wall: middle(runs.iter().map(|run| run.wall)),
        cpu: middle(runs.iter().map(|run| run.cpu)),
        peak_bytes: middle(runs.iter().map(|run| run.peak_bytes)),
    }
}

/// The middle one in order; there is at least one.
fn middle<T: Ord + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

fn report([ours, sysdig, short]: &[Run; 3], runs: usize, long: &Path) -> String {
    let row = |name: &str, run: &Run| {
        let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
        format!("| {name} | {wall:.3} s | {cpu:.3} s | {:.1} MiB |\n", mib(run))
    };
    let mut out = format!("\n{}; {}; medians of {runs} runs\n\n", today(), machine());
    out += "| program | wall time | CPU time | peak memory |\n|---|---|---|---|\n";
    out += &row("watchkeeper replay", ours);
    out += &row(&sysdig_version(), sysdig);
    out += &row("watchkeeper replay, the short capture", short);
    out += &format!(
        "\nwatchkeeper / sysdig: {:.2} of the time, {:.2} of the CPU time, {:.2} of the memory\n{}\n",
        ours.wall.as_secs_f64() / sysdig.wall.as_secs_f64(),
        ours.cpu.as_secs_f64() / sysdig.cpu.as_secs_f64(),
        ours.peak_bytes as f64 / sysdig.peak_bytes as f64,
        long.display(),
    );
    out
}

/// A table of markdown: for each name its medians, and its wall time as a share of the first one's.
pub(crate) fn table(
    heading: &str,
    what: &str,
    share: &str,
    names: &[&str],
    results: Vec<Vec<Run>>,
) -> String {
    let mut out = format!(
        "\n{heading}\n\n| {what} | wall time | CPU time | peak memory | {share} |\n|---|---|---|---|---|\n"
    );
    let mut base = None;
    for (name, all) in names.iter().zip(results) {
        let run = median(all);
        let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
        let share = wall / *base.get_or_insert(wall);
        out +=
            &format!("| {name} | {wall:.3} s | {cpu:.3} s | {:.1} MiB | {share:.2} |\n", mib(&run));
    }
    out
}

fn mib(run: &Run) -> f64 {
    run.peak_bytes as f64 / (1024.0 * 1024.0)
}

fn sysdig_version() -> String {
    first_line(Command::new("sysdig").arg("--version")).replace(" version", "")
}

pub(crate) fn today() -> String {
    first_line(Command::new("date").args(["-u", "+%F"]))
}

/// Processor, number of CPUs and kernel.
pub(crate) fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{}, {cpus} CPUs, Linux {}", model.map_or("unknown CPU", |m| m.1), kernel.trim_end())
}

/// First line of what a command prints, empty if it fails.
pub(crate) fn first_line(command: &mut Command) -> String {
    let output = command.output().map(|o| o.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_each_figure_is_taken_for_itself() {
        let run = |ms, cpu_ms, peak_bytes| Run {
            wall: Duration::from_millis(ms),
            cpu: Duration::from_millis(cpu_ms),
            peak_bytes,
        };
        let median = median(vec![run(9, 4, 1), run(1, 2, 7), run(5, 8, 3)]);
        let figures = (median.wall.as_millis(), median.cpu.as_millis(), median.peak_bytes);
        assert_eq!(figures, (5, 4, 3));
    }

    #[test]
    fn a_program_that_fails_is_not_measured() {
        assert!(measure(Command::new("false")).is_err());
        assert!(measure(Command::new("no-such-program-here")).is_err());
    }

    #[test]
    fn a_process_has_used_memory() {
        let run = measure(Command::new("true")).expect("true runs");
        assert!(run.peak_bytes > 0);
    }
}
