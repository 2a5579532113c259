//! Measures what rules cost: the same long capture replayed without rules and with rule files, on
//! one CPU.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Run, cache, machine, measure, table, today};
use crate::{Outcome, root};

/// Rule files that somebody else wrote, in the shared test data, in load order.
const FALCO: [&str; 3] =
    ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];
/// Numbers of made-up rules.
const MADE: [usize; 2] = [100, 1000];

/// What is compared: a name, and the arguments behind `replay FILE`.
struct Case {
    name: String,
    rules: Vec<PathBuf>,
}

/// Runs the comparison `runs` times and prints a table of markdown.
pub(super) fn run(long: &Path, runs: usize) -> Outcome {
    let cases = cases()?;
    let mut results: Vec<Vec<Run>> = cases.iter().map(|_| Vec::new()).collect();
    for round in 0..=runs {
        for (case, all) in cases.iter().zip(&mut results) {
            let one = measure(case.command(long))?;
            // The first round warms the page cache.
            if round > 0 {
                all.push(one);
            }
        }
    }
    let names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
    let heading = format!("{}; {}, on one of them; medians of {runs} runs", today(), machine());
    print!("{}", table(&heading, "replay with", "of no rules", &names, results));
    Ok(())
}

impl Case {
    fn command(&self, long: &Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(root().join("target/release/watchkeeper"));
        command.arg("--quiet").arg("replay").arg(long);
        if self.rules.is_empty() {
            command.arg("--count");
        }
        for rules in &self.rules {
            command.arg("--rules").arg(rules);
        }
        command
    }
}

fn cases() -> Result<Vec<Case>, Box<dyn std::error::Error>> {
    let mut cases = vec![
        Case { name: "no rules".to_owned(), rules: Vec::new() },
        Case { name: "the default rules".to_owned(), rules: vec![root().join("rules")] },
    ];
    if let Some(data) = testkit::data() {
        let rules = FALCO.iter().map(|name| data.join("falco/rules").join(name)).collect();
        cases.push(Case { name: "Falco's three default files".to_owned(), rules });
    }
    for count in MADE {
        let file = cache("bench")?.join(format!("{count}.yaml"));
        fs::write(&file, made(count)).map_err(|e| format!("{}: {e}", file.display()))?;
        cases.push(Case { name: format!("{count} made-up rules"), rules: vec![file] });
    }
    Ok(cases)
}

/// Rules of many forms, each with texts and numbers of its own.
fn made(count: usize) -> String {
    let mut text = String::new();
    for i in 0..count {
        let condition = match i % 10 {
            0 => format!("evt.type in (open, openat, openat2) and fd.name startswith /made/up{i}"),
            1 => format!("evt.type = open and evt.is_open_write = true and fd.name endswith .x{i}"),
            2 => {
                format!("evt.type = execve and proc.name = prog{i} and not proc.pname in (a{i}, b)")
            }
            3 => format!("evt.type in (read, write) and fd.name contains made{i}"),
            4 => format!("evt.type in (connect, sendto) and fd.sport = {}", 20_000 + i),
            5 => format!("evt.type in (execve, execveat) and proc.cmdline contains \"word{i} \""),
            6 => format!("evt.type in (close, read) and proc.name in (x{i}, y{i}) and fd.num > 2"),
            7 => format!("evt.type in (unlink, rename) and proc.pname = parent{i}"),
            8 => format!("evt.type = open and (fd.name startswith /a{i}/ or fd.name = /b{i})"),
            _ => format!("evt.type in (read, close) and user.name = user{i} and proc.name != sh"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "- rule: made {i}\n  desc: made up\n  condition: {condition}\n  output: made up\n  \
             priority: NOTICE\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_rules_differ() {
        let text = made(200);
        let mut conditions: Vec<_> =
            text.lines().filter(|line| line.starts_with("  condition")).collect();
        conditions.sort_unstable();
        conditions.dedup();
        assert_eq!(conditions.len(), 200);
    }
}
