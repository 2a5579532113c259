//! What a call costs that is recorded, and one that is not; what an event costs the agent.

use testkit::vm::Kernel;

use super::{
    figures, guest,
    table::{Table, count, times},
};
use crate::Outcome;

const SCRIPT: &str = r#"
loops before
start --store /tmp/store
sleep 1
# The agent's own work does not count in the loops.
kill -STOP $agent
loops recorded
kill -CONT $agent
sleep 3
echo "event $(each $agent)"
before=$(ran $agent)
sleep 10
echo "idle $(( $(ran $agent) - before ))"
end
"#;

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_1;
    let figures = figures(&guest(kernel)?.icount(), SCRIPT)?;
    let mut calls = Table::new(kernel, "instructions", &["not recorded", "recorded", "share"]);
    for (name, what) in [("open", "`openat` and `close`"), ("getppid", "`getppid`, which is not")] {
        let [before, recorded] =
            [figures.get(&format!("{name}-before"))?, figures.get(&format!("{name}-recorded"))?];
        calls = calls.row(what, [count(before), count(recorded), times(recorded, before)]);
    }
    let agent = Table::new(kernel, "instructions of the agent", &["an event", "a second"])
        .row("files are opened", [count(figures.get("event")?), String::new()])
        .row("nothing happens", [String::new(), count(figures.get("idle")? / 10.0)]);
    print!("{calls}\n{agent}");
    Ok(())
}
