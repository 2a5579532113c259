//! Memory after many processes.

use testkit::vm::Kernel;

use super::{figures, guest, table::Table};
use crate::Outcome;

const PROCESSES: u32 = 100_000;

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_1;
    let script = format!(
        r#"
start
echo "start $(peak)"
xtask load processes {PROCESSES}
sleep 1
echo "peak $(peak)"
end
"#
    );
    let figures = figures(&guest(kernel)?, &script)?;
    let cells =
        [figures.get("start")?, figures.get("peak")?].map(|kib| format!("{:.1} MiB", kib / 1024.0));
    let later = format!("after {PROCESSES} processes");
    let table = Table::new(kernel, "peak memory", &["when it has started", &later]);
    print!("{}", table.row("the agent", cells));
    Ok(())
}
