//! Annotations of GitHub's workflows: lines that it takes out of what a step prints ("Workflow commands for
//! GitHub Actions").

use std::io::{self, Write};

use event::visible::visible;

use super::{Report, words};
use crate::{Level, matching::urgency};

/// The distribution and what is unscanned first, for GitHub shows no more than ten of a kind for a step.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for warning in words::warnings(report) {
        line("warning", &[("title", "watchkeeper")], &warning, out)?;
    }
    let mut findings: Vec<_> =
        words::with_packages(&report.matches.findings, report.inventory).collect();
    findings.sort_by_key(|(finding, _)| urgency(finding));
    for (finding, package) in findings {
        let kind = match finding.severity.level {
            None if finding.is_notice() => "notice",
            Some(Level::Critical | Level::High) => "error",
            Some(Level::Medium) | None => "warning",
            Some(Level::Low | Level::Negligible) => "notice",
        };
        let title = format!("{} in {}", finding.id, words::package(package));
        let about = words::about(finding);
        let colon = if about.is_empty() { "" } else { ". " };
        let beside = words::in_use(finding).into_iter();
        let beside = beside.chain(words::origin(package, report.inventory));
        let beside: String = beside.map(|it| format!(" ({it})")).collect();
        let message = format!("{}{beside}{colon}{about}", words::sentence(finding, package));
        for file in words::files(package, &report.subject.name) {
            line(kind, &[("file", file), ("line", "1"), ("title", &title)], &message, out)?;
        }
    }
    let told = words::by_origin(report.matches, report.inventory);
    for told in std::iter::once(words::summary(report.matches)).chain(told) {
        line("notice", &[("title", "watchkeeper")], &told, out)?;
    }
    Ok(())
}

fn line(kind: &str, keys: &[(&str, &str)], text: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{kind} ")?;
    for (at, (key, value)) in keys.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(out, "{comma}{key}={}", escaped(value).replace(':', "%3A").replace(',', "%2C"))?;
    }
    writeln!(out, "::{}", escaped(text))
}

/// What would end a line or begin another does not.
fn escaped(text: &str) -> String {
    visible(text.as_bytes()).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
