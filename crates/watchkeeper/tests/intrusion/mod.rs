//! The made-up intrusion, asked through the program itself: what tests expect of it holds when its story
//! changes.

use std::process::Command;

pub(crate) const INTRUSION: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/intrusion.scap");

/// What `replay` prints of it.
pub(crate) fn replay(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(["replay", INTRUSION, "--quiet"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Something of the first event that a filter picks.
pub(crate) fn first(filter: &str, format: &str) -> String {
    replay(&["--limit", "1", "--filter", filter, "--print", format])
}
