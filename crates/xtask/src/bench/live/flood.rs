//! Many events for a minute, and what is lost of them. They are cheap ones: opening and closing a file
//! so often would take the whole processor without any agent.

use testkit::vm::Kernel;

use super::{
    figures, guest,
    table::{Table, count},
};
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
before=$(ran $agent)
echo "made $(xtask load flood {RATE} {SECONDS})"
sleep 2
echo "ran $(( $(ran $agent) - before ))"
end
echo "lost $(lost)"
"#
    );
    let figures = figures(&guest(kernel)?.icount(), &script)?;
    let (made, lost, ran) = (figures.get("made")?, figures.get("lost")?, figures.get("ran")?);
    let what = format!("one processor of a billion instructions a second, {SECONDS} s");
    let columns = ["events a second", "made", "lost", "the agent ran", "instructions an event"];
    let cells = [
        count(made / SECONDS as f64),
        count(made),
        count(lost),
        format!("{:.1} s", ran / 1e9),
        count(ran / made),
    ];
    print!("{}", Table::new(kernel, &what, &columns).row("changes of directory", cells));
    Ok(())
}
