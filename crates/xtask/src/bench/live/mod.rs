//! Measures what recording a host costs, in virtual machines: instructions where they can be counted
//! (one processor, an instruction a nanosecond), else times, which mean little under emulation.
//!
//! - `kernel`: what a call costs that is recorded, and one that is not; what an event costs the agent
//! - `flood`: many events for a minute, and what is lost of them
//! - `processes`: memory after many of them
//! - `alerts`: how long it takes until one is told

mod alerts;
mod flood;
mod kernel;
mod processes;

use std::{env, path::PathBuf, time::Duration};

use testkit::vm::{Echo, Guest, Kernel, Outcome as Came};

use super::{machine, today};
use crate::{Outcome, root};

const PARTS: [&str; 4] = ["kernel", "flood", "processes", "alerts"];

/// Starts the agent in a guest as `$agent`, and waits until it records.
const START: &str = r#"
start() {
    watchkeeper run "$@" >/tmp/alerts 2>/tmp/said &
    agent=$!
    for i in $(seq 600); do grep -q "recording this host" /tmp/said && return; sleep 0.2; done
    cat /tmp/said; exit 1
}
# Nanoseconds that all threads of the agent ran.
ran() { cat /proc/$agent/task/*/schedstat | awk '{ ns += $1 } END { printf "%.0f\n", ns }'; }
peak() { awk '/VmHWM/ { print $2 }' /proc/$agent/status; }
end() { kill $agent; wait $agent; cat /tmp/said >&2; }
"#;

/// Runs all of it, or one part, and prints tables of markdown.
pub(super) fn run(only: Option<&str>) -> Outcome {
    let wanted = only.map_or(PARTS.to_vec(), |only| vec![only]);
    println!("\n{}; {}; emulated by QEMU\n", today(), machine());
    wanted.into_iter().try_for_each(part)
}

fn part(name: &str) -> Outcome {
    match name {
        "kernel" => kernel::run(),
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
