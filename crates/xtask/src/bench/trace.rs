//! Measures what a trace costs the command that is traced: a C project compiled, and a loop of calls
//! that nobody asked for; by itself, under `watchkeeper trace`, and under strace.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Run, cache, machine, measure, median, today};
use crate::{Outcome, root};

/// Files of the project, and functions in each.
const FILES: usize = 100;
const FUNCTIONS: usize = 30;
/// Calls of the loop.
const CALLS: u64 = 10_000_000;

/// Runs both comparisons and prints tables of markdown.
pub(super) fn run(runs: usize) -> Outcome {
    let project = project()?;
    let getpid = getpid()?;
    let make = Case {
        name: "make, a hundred C files",
        folder: &project,
        before: &["make", "-s", "clean"],
        command: &["make", "-s"],
        stops: Stops::Usual,
    };
    print!("{}", make.compare(runs)?);
    let looped = Case {
        name: "a loop of getpid",
        folder: &getpid,
        before: &[],
        command: &["./getpid"],
        stops: Stops::TooMany,
    };
    print!("{}", looped.compare(runs)?);
    Ok(())
}

/// A command, measured in several ways.
struct Case<'a> {
    name: &'a str,
    folder: &'a Path,
    /// What makes everything as it was.
    before: &'a [&'a str],
    command: &'a [&'a str],
    stops: Stops,
}

/// What a tracer without a filter would have to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stops {
    /// As many calls as programs usually make.
    Usual,
    /// So many that it would take hours.
    TooMany,
}

impl Case<'_> {
    fn compare(&self, runs: usize) -> Result<String, Box<dyn std::error::Error>> {
        let ways = ways(self.stops);
        let mut results: Vec<Vec<Run>> = ways.iter().map(|_| Vec::new()).collect();
        for round in 0..=runs {
            for ((_, prefix), all) in ways.iter().zip(&mut results) {
                if let Some((program, arguments)) = self.before.split_first() {
                    Command::new(program).args(arguments).current_dir(self.folder).status()?;
                }
                let words: Vec<&str> =
                    prefix.iter().map(String::as_str).chain(self.command.iter().copied()).collect();
                let mut command = Command::new(words[0]);
                command
                    .args(&words[1..])
                    .current_dir(self.folder)
                    .stderr(std::process::Stdio::null());
                let run = measure(command)?;
                // The first round warms the page cache.
                if round > 0 {
                    all.push(run);
                }
            }
        }
        Ok(self.report(&ways, results, runs))
    }

    fn report(
        &self,
        ways: &[(String, Vec<String>)],
        results: Vec<Vec<Run>>,
        runs: usize,
    ) -> String {
        let mut out = format!(
            "\n{}; {}; {}; medians of {runs} runs\n\n| | wall time | of untraced | CPU time | cost beside ours |\n|---|---|---|---|---|\n",
            self.name,
            today(),
            machine()
        );
        let medians: Vec<Run> = results.into_iter().map(median).collect();
        let wall = |at: usize| medians.get(at).map_or(0.0, |run| run.wall.as_secs_f64());
        let ours = (wall(1) - wall(0)).max(0.001);
        for (at, ((name, _), run)) in ways.iter().zip(&medians).enumerate() {
            let cost = (wall(at) - wall(0)) / ours;
            let cost = if at == 0 { String::new() } else { format!("{cost:.1} ×") };
            let _ = writeln!(
                out,
                "| {name} | {:.3} s | {:.2} | {:.3} s | {cost} |",
                wall(at),
                wall(at) / wall(0),
                run.cpu.as_secs_f64()
            );
        }
        out
    }
}

/// Each way to run a command: its name, and what stands before the command.
fn ways(stops: Stops) -> Vec<(String, Vec<String>)> {
    let ours = root().join("target/release/watchkeeper").display().to_string();
    let rules = root().join("rules").display().to_string();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let calls = capture::ptrace::recorded_calls();
    // The mark lets strace pass over calls that it does not know.
    let calls: Vec<String> = calls.iter().map(|call| format!("?{}", call.name)).collect();
    let same = format!("trace={}", calls.join(","));
    let mut ways = vec![
        ("untraced".to_owned(), Vec::new()),
        ("watchkeeper trace".to_owned(), words(&[&ours, "--quiet", "trace", "--"])),
        (
            "watchkeeper trace, the default rules, a recording".to_owned(),
            words(&[&ours, "--quiet", "trace", "--rules", &rules, "--output", "/dev/null", "--"]),
        ),
    ];
    if super::first_line(Command::new("strace").arg("-V")).is_empty() {
        return ways;
    }
    if stops == Stops::Usual {
        ways.push((
            "strace -f, the same calls".to_owned(),
            words(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &same]),
        ));
    }
    ways.push((
        "strace -f --seccomp-bpf, the same calls".to_owned(),
        words(&["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", &same]),
    ));
    ways
}

/// A C project, written if it is not there.
fn project() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder = cache("bench")?.join("project");
    fs::create_dir_all(&folder)?;
    let mut objects = String::new();
    let mut header = String::new();
    for file in 0..FILES {
        let mut text = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n#include \"all.h\"\n".to_owned();
        for function in 0..FUNCTIONS {
            let _ = writeln!(
                text,
                "int f{file}_{function}(int a, const char *s) {{ int t = 0; for (int j = 0; j < a; j++) {{ t += strlen(s) * {function} + j; if (t % 7 == 0) printf(\"%d %s\\n\", t, s); }} return t; }}"
            );
            let _ = writeln!(header, "int f{file}_{function}(int, const char *);");
        }
        fs::write(folder.join(format!("f{file}.c")), text)?;
        let _ = write!(objects, " f{file}.o");
    }
    fs::write(folder.join("all.h"), header)?;
    fs::write(folder.join("main.c"), "#include \"all.h\"\nint main(void) { return 0; }\n")?;
    fs::write(
        folder.join("Makefile"),
        format!("CFLAGS = -O2\nprog: main.o{objects}\n\tcc -o $@ $^\nclean:\n\trm -f *.o prog\n"),
    )?;
    Ok(folder)
}

/// A program that asks for its pid many times.
fn getpid() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder = cache("bench")?.join("getpid");
    fs::create_dir_all(&folder)?;
    let text = format!(
        "#include <unistd.h>\n#include <sys/syscall.h>\nint main(void) {{ for (long i = 0; i < {CALLS}; i++) syscall(SYS_getpid); return 0; }}\n"
    );
    fs::write(folder.join("getpid.c"), text)?;
    let built = Command::new("cc")
        .args(["-O2", "-o", "getpid", "getpid.c"])
        .current_dir(&folder)
        .status()?;
    if !built.success() {
        return Err("cc could not build getpid.c".into());
    }
    Ok(folder)
}
