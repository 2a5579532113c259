//! Memory after many processes.

use testkit::vm::Kernel;

use super::{figures, guest};
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
    let [start, peak] = [figures.get("start")?, figures.get("peak")?].map(|kib| kib / 1024.0);
    println!("\nLinux {kernel}: peak memory of the agent {start:.1} MiB when it has started, ");
    println!("{peak:.1} MiB after {PROCESSES} processes");
    Ok(())
}
