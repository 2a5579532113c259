//! Lists of packages as others read them: whether the validators that are published for their forms take
//! what we write.

use std::{fs::File, path::Path, process::Command};

use super::{targets::Target, tools};
use crate::{Outcome, bench, root};

/// The forms, by the names that both sides have for them.
const FORMS: [&str; 3] = ["cyclonedx", "spdx", "spdx3"];

/// Writes every form of every target, and has each judged.
///
/// # Errors
/// If a document is refused, or a program does not run.
pub(super) fn validate(targets: &[Target], scratch: &Path) -> Outcome {
    println!("\n**Documents, by validators of others**\n");
    let python = bench::cache("tools")?.join("bin/python");
    for target in targets {
        for form in FORMS {
            let document = scratch.join(form);
            let mut write = tools::list(target, form);
            if !write.stdout(File::create(&document)?).status()?.success() {
                return Err(format!("{target}: no {form} was written").into());
            }
            let mut judge = Command::new(&python);
            judge.arg(root().join("crates/xtask/src/compare/validate.py"));
            let judged = judge.arg(form).arg(&document).output()?;
            if !judged.status.success() {
                let said = [judged.stdout, judged.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                return Err(format!("{target}: the {form} is refused:\n{said}").into());
            }
            println!("- {target}: {form} is valid");
        }
    }
    Ok(())
}
