//! How long it takes until an alert is told.

use testkit::vm::Kernel;

use super::{START, guest, table::Table};
use crate::Outcome;

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
    let cells = [at(50), at(99)].map(|ns| format!("{:.1} ms", ns as f64 / 1e6));
    let what = format!("from the call to the line, {} alerts", took.len());
    print!("{}", Table::new(kernel, &what, &["median", "99th percentile"]).row("an alert", cells));
    Ok(())
}
