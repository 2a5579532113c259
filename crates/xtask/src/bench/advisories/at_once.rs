//! Whether readers wait for each other.

use std::{
    process::{Child, Command, Stdio},
    time::Instant,
};

use crate::{Fault, Outcome};

/// Runs one after the other, then as many at once, and tells how long both take.
pub(super) fn run(command: impl Fn() -> Command, many: usize) -> Outcome {
    let begin = |command: &mut Command| -> std::io::Result<Child> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()
    };
    let end = |mut child: Child| -> Outcome {
        let status = child.wait()?;
        // Of a made-up list some packages have no feed, which is told by 3.
        match status.code() {
            Some(0 | 3) => Ok(()),
            _ => Err(Fault::Failed { name: "scan".into(), why: status.to_string() }.into()),
        }
    };
    let start = Instant::now();
    for _ in 0..many {
        end(begin(&mut command())?)?;
    }
    let after = start.elapsed();
    let start = Instant::now();
    let all = (0..many).map(|_| begin(&mut command())).collect::<Result<Vec<_>, _>>()?;
    all.into_iter().try_for_each(end)?;
    let at_once = start.elapsed();
    println!(
        "{many} scans one after the other take {:.2} s, at once {:.2} s",
        after.as_secs_f64(),
        at_once.as_secs_f64()
    );
    Ok(())
}
