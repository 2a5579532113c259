//! Many events for a minute, and what is lost of them. They are cheap ones: opening and closing a file
//! so often would take the whole processor without any agent.

use testkit::vm::Kernel;

use super::{figures, guest};
use crate::Outcome;

/// Events a second, and for how long.
const RATE: u64 = 100_000;
const SECONDS: u64 = 60;

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_12;
    let script = format!(
        r#"
start
sleep 1
before=$(ran)
echo "made $(xtask load flood {RATE} {SECONDS})"
sleep 2
echo "ran $(( $(ran) - before ))"
kill $agent; wait $agent
echo "lost $(sed -n 's/.* \([0-9]*\) of [0-9]* events were lost.*/\1/p' /tmp/said | grep . || echo 0)"
"#
    );
    let figures = figures(&guest(kernel)?.icount(), &script)?;
    let (made, lost) = (figures.get("made")?, figures.get("lost")?);
    println!(
        "\nLinux {kernel}, one processor of a billion instructions a second, the default rules:"
    );
    println!(
        "{:.0} events a second for {SECONDS} s: {lost} of {made} lost; the agent ran {:.1} s",
        made / SECONDS as f64,
        figures.get("ran")? / 1e9
    );
    Ok(())
}
