//! How long it takes until an alert is told.

use testkit::vm::Kernel;

use super::guest;
use crate::{Outcome, bench::live::START};

const ALERTS: usize = 500;
const RULE: &str = "\
- rule: canary
  desc: somebody opens it
  condition: evt.type = openat and fd.name = /tmp/canary
  output: opened
  priority: NOTICE
";

pub(super) fn run() -> Outcome {
    let kernel = Kernel::V6_1;
    let script = format!(
        r#"
touch /tmp/canary
mkfifo /tmp/alerts
exec 3<>/tmp/alerts
start --rules /rule.yaml
xtask load alerts {ALERTS} <&3
end
"#
    );
    let guest = guest(kernel)?.bytes("/rule.yaml", RULE, 0o644);
    let came = guest.run(&format!("{START}\n{script}"))?.success()?;
    let mut took: Vec<u64> = came.text.lines().filter_map(|line| line.parse().ok()).collect();
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    let [median, p99] = [at(50), at(99)].map(|ns| ns as f64 / 1e6);
    println!("\nLinux {kernel}: from the call to the line, {} alerts:", took.len());
    println!("median {median:.1} ms, p99 {p99:.1} ms");
    Ok(())
}
