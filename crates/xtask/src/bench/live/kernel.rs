//! What a call costs that is recorded, and one that is not; what an event costs the agent.

use testkit::vm::Kernel;

use super::{figures, guest};
use crate::Outcome;

const SCRIPT: &str = r#"
loops() {
    echo "open-$1 $(xtask load open 2000)"
    echo "getppid-$1 $(xtask load getppid 2000)"
}
loops before
start --store /tmp/store
sleep 1
# The agent's own work does not count in the loops.
kill -STOP $agent
loops recorded
kill -CONT $agent
sleep 3
before=$(ran)
xtask load rate 10000 10 >/tmp/made
sleep 1
echo "ran $(( $(ran) - before ))"
echo "made $(cat /tmp/made)"
before=$(ran)
sleep 10
echo "idle $(( $(ran) - before ))"
end
"#;

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_1;
    let figures = figures(&guest(kernel)?.icount(), SCRIPT)?;
    println!("Linux {kernel}, instructions, the default rules, incidents kept:\n");
    println!("| | not recorded | recorded | |\n|---|---|---|---|");
    for (name, what) in [("open", "`openat` and `close`"), ("getppid", "`getppid`, which is not")] {
        let [before, recorded] =
            [figures.get(&format!("{name}-before"))?, figures.get(&format!("{name}-recorded"))?];
        println!("| {what} | {before} | {recorded} | {:.3} × |", recorded / before);
    }
    let (ran, made, idle) = (figures.get("ran")?, figures.get("made")?, figures.get("idle")?);
    println!("\nthe agent: {:.0} instructions an event", ran / made);
    println!("the agent where nothing happens: {:.0} instructions a second", idle / 10.0);
    Ok(())
}
