//! What is not to be heard of, and what of it is of findings.

use advisories::ignore;

use super::vex::scanned;

/// The bytes are a file.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let file = match ignore::read("ignore.yaml", &text) {
        Ok(file) => file,
        Err(wrong) => return assert!(!wrong.is_empty()),
    };
    let (inventory, subject, mut matches) = scanned();
    let before = matches.findings.len();
    ignore::apply(&file, &inventory, &subject, "2026-11-27", &mut matches);
    assert_eq!(matches.findings.len() + matches.suppressed.len(), before);
}
