//! Our documents as others read them: whether the validators that are published for their forms take what we
//! write, of packages and of what is wrong with them.

use std::{fs::File, path::Path, process::Command};

use super::{targets::Target, tools};
use crate::{Outcome, bench, root};

/// The forms of lists of packages, by the names that both sides have for them.
const LISTS: [&str; 3] = ["cyclonedx", "spdx", "spdx3"];
/// Those of findings.
const FINDINGS: [&str; 2] = ["cyclonedx", "sarif"];

/// Writes every form of every target, and has each judged. Findings are by a database, where there is one.
///
/// # Errors
/// If a document is refused, or a program does not run.
pub(super) fn validate(targets: &[Target], database: Option<&Path>, scratch: &Path) -> Outcome {
    println!("\n**Documents, by validators of others**\n");
    for target in targets {
        for form in LISTS {
            judge(tools::list(target, form), form, scratch)
                .map_err(|it| format!("{target}: {it}"))?;
            println!("- {target}: {form} is valid");
        }
        let Some(database) = database else { continue };
        for form in FINDINGS {
            let write = tools::findings(target, form, database);
            judge(write, form, scratch).map_err(|it| format!("{target}, findings: {it}"))?;
            println!("- {target}: {form} with findings is valid");
        }
    }
    Ok(())
}

fn judge(mut write: Command, form: &str, scratch: &Path) -> Outcome {
    let document = scratch.join(form);
    let status = write.stdout(File::create(&document)?).status()?;
    // 3 says that some packages have no feed.
    if !matches!(status.code(), Some(0 | 3)) {
        return Err(format!("no {form} was written").into());
    }
    let mut judge = Command::new(bench::cache("tools")?.join("bin/python"));
    judge.arg(root().join("crates/xtask/src/compare/validate.py"));
    let judged = judge.arg(form).arg(&document).output()?;
    if judged.status.success() {
        return Ok(());
    }
    let said = [judged.stdout, judged.stderr].concat();
    Err(format!("the {form} is refused:\n{}", String::from_utf8_lossy(&said)).into())
}
