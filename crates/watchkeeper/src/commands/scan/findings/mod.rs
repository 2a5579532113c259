//! What is wrong with packages, for people: in a pipe the summary, what to upgrade first, and all findings; on a
//! terminal the other way round, for there what stands last is seen.
//!
//! - `table`: all findings; `upgrades`: what to upgrade first.

mod table;
mod upgrades;

use std::io::{self, Write};

use advisories::{matching::Matches, report};
use event::visible::visible;
use scan::Inventory;

pub(super) use self::table::severity;
use crate::{
    columns::{self, fitted::write_wrapped},
    output::Out,
};

/// On a terminal of fewer columns, several lines for each finding tell more than one.
const NARROW: usize = 72;

/// Prints all, as the terminal has room.
pub(super) fn print(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    out: &mut Out,
) -> io::Result<()> {
    write(matches, inventory, distro, columns::terminal_width(), out)
}

/// Without a width, lines are whole.
fn write(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    if width.is_some() {
        if table::write(matches, inventory, width, out)? {
            writeln!(out)?;
        }
        if upgrades::write(matches, inventory, width, out)? {
            writeln!(out)?;
        }
        return summary(matches, inventory, distro, width, out);
    }
    summary(matches, inventory, distro, width, out)?;
    let mut upgrades = Vec::new();
    if upgrades::write(matches, inventory, width, &mut upgrades)? {
        writeln!(out)?;
        out.write_all(&upgrades)?;
    }
    if !matches.findings.is_empty() {
        writeln!(out)?;
        table::write(matches, inventory, width, out)?;
    }
    Ok(())
}

/// The distribution, how many findings there are of what kind, and what nothing is known of.
fn summary(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines: Vec<String> = distro.into_iter().collect();
    lines.push(report::summary(matches));
    lines.extend(report::by_origin(matches, inventory));
    lines.extend(report::uses_summary(matches));
    let unscanned = matches.unscanned.iter();
    lines.extend(unscanned.map(|it| format!("unscanned: {}", report::unscanned(it, inventory))));
    for line in lines {
        write_wrapped("", &visible(line.as_bytes()), width.unwrap_or(usize::MAX), out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use advisories::{
        Exploited, Level, Nature, Space,
        matching::{Finding, InUse, Notes, Severity, Use},
    };
    use scan::{Kind, Package};

    use super::*;

    fn finding(package: usize, id: &str, fixed: &str, level: Option<Level>) -> Finding {
        Finding {
            id: id.to_owned(),
            package,
            space: Space::named("AlmaLinux:9"),
            fixed_version: Some(fixed.to_owned()),
            severity: Severity { level, ..Severity::default() },
            summary: "Important: a security update".to_owned(),
            ..Finding::default()
        }
    }

    /// A package with a long name, and one that is unmaintained.
    fn found() -> (Matches, Inventory) {
        let packages = vec![
            Package::new(Kind::Rpm, "glibc-minimal-langpack", "2.34-28.el9_0"),
            Package::new(Kind::Rpm, "vim", "2:8.2.2637-15.el9"),
        ];
        let mut findings = vec![
            finding(1, "CVE-2022-1", "2:8.2.2637-16.el9_0.2", Some(Level::Critical)),
            finding(0, "CVE-2023-4911", "2.34-60.el9_2.7", Some(Level::High)),
            finding(1, "RUSTSEC-2024-0001", "3", None),
        ];
        findings[1].exploited = Some(Exploited::default());
        findings[2].nature = Nature::Unmaintained;
        let matches = Matches { findings, ..Matches::default() };
        (matches, Inventory { packages, ..Inventory::default() })
    }

    fn written((matches, inventory): &(Matches, Inventory), width: Option<usize>) -> String {
        let mut out = Vec::new();
        write(matches, inventory, Some("AlmaLinux 9".to_owned()), width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_severities_and_fixed_versions_are_told_at_any_width() {
        let found = found();
        for width in (30..=200).map(Some).chain([None]) {
            let text = written(&found, width);
            for wanted in [
                "high EXPLOITED",
                "unmaintained",
                "CVE-2023-4911",
                "RUSTSEC-2024-0001",
                "2:8.2.2637-16.el9_0.2",
                "2.34-60.el9_2.7",
            ] {
                assert!(text.contains(wanted), "{width:?}: {wanted}: {text}");
            }
            assert!(text.find("CVE-2023-4911") < text.find("CVE-2022-1"), "{text}");
            let is_cut = width.is_some_and(|width| width < 129);
            let unwrapped = text.replace("\n    ", " ");
            assert_eq!(unwrapped.contains("a wider terminal"), is_cut, "{width:?}: {text}");
            for line in text.lines().filter(|_| width.is_some_and(|width| width >= 40)) {
                assert!(line.chars().count() <= width.unwrap(), "{width:?}: {line}");
            }
        }
    }

    #[test]
    fn where_there_is_little_room_names_are_shortened_or_lines_are_more() {
        let found = found();
        let (narrow, wide) = (written(&found, Some(50)), written(&found, Some(90)));
        let expected = "high EXPLOITED  CVE-2023-4911\n  glibc-minimal-langpack 2.34-28.el9_0: fixed in\n    \
                        2.34-60.el9_2.7\n";
        assert!(narrow.starts_with(expected), "{narrow}");
        assert!(
            wide.contains(
                "\nhigh EXPLOITED  CVE-2023-4911      glibc-m…angpack  2.34-28.el9_0    2.34-60"
            ),
            "{wide}"
        );
    }

    #[test]
    fn what_is_in_use_is_told_at_any_width() {
        let mut found = found();
        for finding in &mut found.0.findings {
            let in_use = InUse {
                state: Use::Listening,
                last_seen: String::new(),
                paths: Vec::new(),
                ports: vec!["443/tcp".to_owned()],
                watched_s: 0,
                reason: String::new(),
            };
            finding.notes = Notes { in_use: Some(in_use), ..Notes::default() };
        }
        for width in 40..=200 {
            let text = written(&found, Some(width));
            // The summary says it once more.
            assert_eq!(text.matches("listening").count(), 4, "{width}: {text}");
        }
        assert!(written(&found, Some(140)).contains("listening on 443/tcp"));
    }

    #[test]
    fn the_summary_is_first_in_a_pipe_and_last_on_a_terminal() {
        let found = found();
        let summary =
            "AlmaLinux 9\n3 findings, 1 exploited: 1 critical, 1 high, 1 notice (unmaintained)\n";
        let (pipe, terminal) = (written(&found, None), written(&found, Some(100)));
        assert!(pipe.starts_with(&format!("{summary}\nUPGRADE FIRST")), "{pipe}");
        assert!(terminal.ends_with(&format!("\n\n{summary}")), "{terminal}");
        assert!(terminal.find("SEVERITY") < terminal.find("UPGRADE FIRST"), "{terminal}");
        let nothing = (Matches::default(), Inventory::default());
        assert_eq!(written(&nothing, Some(80)), "AlmaLinux 9\n0 findings\n");
        assert_eq!(written(&nothing, None), "AlmaLinux 9\n0 findings\n");
    }
}
