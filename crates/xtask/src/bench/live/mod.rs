//! Measures what recording a host costs, in virtual machines: instructions where they can be counted
//! (one processor, an instruction a nanosecond), else times, which mean little under emulation.
//!
//! - `kernel`: what a call costs that is recorded, and one that is not; what an event costs the agent
//! - `sysdig`: the same beside sysdig with its kernel module
//! - `flood`: many events for a minute, and what is lost of them
//! - `processes`: memory after many of them
//! - `alerts`: how long it takes until one is told
//!
//! Each prints [`table`]s.

mod alerts;
mod flood;
mod kernel;
mod processes;
mod sysdig;
mod table;

use std::{env, path::PathBuf, time::Duration};

use testkit::vm::{Echo, Guest, Kernel, Outcome as Came};

use super::{machine, today};
use crate::{Outcome, root};

const PARTS: [&str; 5] = ["kernel", "sysdig", "flood", "processes", "alerts"];

/// Functions of scripts.
const START: &str = r#"
# Starts the agent as `$agent`, and waits until it records.
start() {
    watchkeeper run "$@" >/tmp/alerts 2>/tmp/said &
    agent=$!
    for i in $(seq 600); do grep -q "recording this host" /tmp/said && return; sleep 0.2; done
    cat /tmp/said; exit 1
}
# ran PID: nanoseconds that all its threads ran.
ran() { cat /proc/$1/task/*/schedstat | awk '{ ns += $1 } END { printf "%.0f\n", ns }'; }
# loops NAME: what calls cost now.
loops() {
    echo "open-$1 $(xtask load open 2000)"
    echo "getppid-$1 $(xtask load getppid 2000)"
}
# each PID: nanoseconds that it runs for each file that is opened and closed.
each() {
    before=$(ran $1)
    made=$(xtask load rate 10000 10)
    sleep 1
    echo $(( ($(ran $1) - before) / made ))
}
peak() { awk '/VmHWM/ { print $2 }' /proc/$agent/status; }
end() { kill $agent; wait $agent; cat /tmp/said >&2; }
# How many events it said that it lost.
lost() { sed -n 's/.* \([0-9]*\) of [0-9]* events were lost.*/\1/p' /tmp/said | grep . || echo 0; }
"#;

/// Runs all of it, or one part, and prints tables of markdown.
pub(super) fn run(only: Option<&str>) -> Outcome {
    let wanted = only.map_or(PARTS.to_vec(), |only| vec![only]);
    println!("\n{}; {}; emulated by QEMU\n", today(), machine());
    wanted.into_iter().try_for_each(|name| {
        part(name)?;
        println!();
        Ok(())
    })
}

fn part(name: &str) -> Outcome {
    match name {
        "kernel" => kernel::run(),
        "sysdig" => sysdig::run(),
        "flood" => flood::run(),
        "processes" => processes::run(),
        "alerts" => alerts::run(),
        _ => Err(format!("no part '{name}': {}", PARTS.join(", ")).into()),
    }
}

/// A guest with the agent and this program in it.
fn guest(kernel: Kernel) -> Result<Guest, Box<dyn std::error::Error>> {
    Ok(Guest::new(kernel)
        .copy(agent(), "/bin/watchkeeper")
        .copy(env::current_exe()?, "/bin/xtask")
        .echo(Echo::Silent)
        .limit(Duration::from_secs(3600)))
}

fn agent() -> PathBuf {
    root().join("target/release/watchkeeper")
}

/// Runs a script in a guest, with the functions of [`START`]; what it printed, line by line, is
/// `name value`.
fn figures(guest: &Guest, script: &str) -> Result<Figures, Box<dyn std::error::Error>> {
    let came = guest.run(&format!("{START}\n{script}"))?.success()?;
    Ok(Figures(came))
}

/// What a script printed.
struct Figures(Came);

impl Figures {
    /// The last figure of this name.
    fn get(&self, name: &str) -> Result<f64, String> {
        let lines = self.0.text.lines().rev();
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = values.next().and_then(|value| value.trim().parse().ok());
        value.ok_or_else(|| format!("no figure '{name}' in:\n{}", self.0.text))
    }
}
