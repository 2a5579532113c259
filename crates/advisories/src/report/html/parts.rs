//! What the page tells, from what matters most to what is asked for last.

use std::io;

use scan::Package;

use super::{
    super::{Report, words},
    markup::Markup,
};
use crate::{
    Level,
    matching::{self, Finding, Matches, Means, Upgrade, urgency},
};

pub(super) fn heading(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    html.within("<header>\n<h1><small>Findings in</small> ", &report.subject.name, "</h1>\n")?;
    if let Some(version) = &report.subject.version {
        html.within("<p class=\"id\">", version, "</p>\n")?;
    }
    // That it ended is a warning.
    if let Some(support) = words::support(report).filter(|_| report.ended != Some(true)) {
        html.within("<p>", support, "</p>\n")?;
    }
    html.raw("</header>\n")
}

/// How many there are, and of which image.
pub(super) fn summary(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    let Matches { findings, suppressed, .. } = report.matches;
    html.within("<ul class=\"levels\">\n<li><b>", findings.len(), "</b> ")?;
    html.raw(if findings.len() == 1 { "finding</li>\n" } else { "findings</li>\n" })?;
    for (level, count) in levels(report.matches) {
        html.within("<li data-level=\"", level, "\"><b>")?;
        html.within("", count, "</b> ")?;
        let is_several = level == NOTICE && count != 1;
        html.within("", level, if is_several { "s</li>\n" } else { "</li>\n" })?;
    }
    let exploited = findings.iter().filter(|it| it.exploited.is_some()).count();
    if exploited > 0 {
        html.within("<li class=\"kev\"><b>", exploited, "</b> known to be exploited</li>\n")?;
    }
    if !suppressed.is_empty() {
        html.within("<li><b>", suppressed.len(), "</b> suppressed</li>\n")?;
    }
    html.raw("</ul>\n")?;
    for line in words::by_origin(report.matches, report.inventory) {
        html.within("<p class=\"base\">", line, "</p>\n")?;
    }
    Ok(())
}

/// How notices that nobody rated are told and chosen, beside the names of levels.
const NOTICE: &str = "notice";

fn level(finding: &Finding) -> &'static str {
    if finding.is_notice() { NOTICE } else { words::severity(finding) }
}

fn levels(matches: &Matches) -> Vec<(&'static str, usize)> {
    let count = |name| matches.findings.iter().filter(|it| level(it) == name).count();
    let names = Level::ALL.into_iter().rev().map(Some).chain([None]).map(words::level);
    let names = names.chain([NOTICE]);
    names.map(|name| (name, count(name))).filter(|(_, count)| *count > 0).collect()
}

/// What keeps findings from being all there is.
pub(super) fn warnings(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    let warnings = words::warnings(report);
    if warnings.is_empty() {
        return Ok(());
    }
    html.raw("<section class=\"warn\">\n")?;
    match report.matches.unscanned.iter().map(|it| it.packages.len()).sum() {
        0 => html.raw("<h2>Not the whole story</h2>\n<ul>\n")?,
        count => {
            html.within("<h2>Unscanned: ", words::plural(count, "package"), "</h2>\n")?;
            html.raw("<p>Nothing is known of them, which does not mean that nothing is wrong with them.</p>\n<ul>\n")?;
        }
    }
    for warning in warnings {
        html.within("<li>", warning, "</li>\n")?;
    }
    html.raw("</ul>\n</section>\n")
}

const UPGRADES: &str = "<table class=\"first\">\n<thead><tr><th>Package<th>Installed<th>Upgrade to\
     <th>Mends<th>Worst</tr></thead>\n<tbody>\n";
/// So many upgrades are seen at once; the others are folded.
const MOST_UPGRADES: usize = 10;

/// What to upgrade so that most is mended.
pub(super) fn upgrades(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    let upgrades = matching::upgrades(&report.matches.findings, report.inventory);
    if upgrades.is_empty() {
        return Ok(());
    }
    let (first, others) = upgrades.split_at(MOST_UPGRADES.min(upgrades.len()));
    html.raw("<section>\n<h2>Upgrade first</h2>\n")?;
    table(first, html)?;
    if !others.is_empty() {
        html.within("<details><summary>and ", others.len(), " more</summary>\n")?;
        table(others, html)?;
        html.raw("</details>\n")?;
    }
    html.raw("</section>\n")
}

fn table(upgrades: &[Upgrade<'_>], html: &mut Markup<'_>) -> io::Result<()> {
    html.raw(UPGRADES)?;
    for upgrade in upgrades {
        html.within("<tr><td>", upgrade.packages(), "")?;
        version(upgrade.from, html)?;
        version(upgrade.to, html)?;
        html.within("<td>", words::plural(upgrade.count, "finding"), "")?;
        if upgrade.exploited > 0 {
            html.within(", <b>", upgrade.exploited, " exploited</b>")?;
        }
        html.raw("<td>")?;
        let are_notices = upgrade.worst.is_none() && upgrade.notices == upgrade.count;
        let worst = if are_notices { NOTICE } else { words::level(upgrade.worst) };
        badge(worst, worst, html)?;
        html.raw("</tr>\n")?;
    }
    html.raw("</tbody>\n</table>\n")
}

fn badge(level: &str, text: &str, html: &mut Markup<'_>) -> io::Result<()> {
    html.within("<span class=\"badge\" data-level=\"", level, "\">")?;
    html.within("", text, "</span>")
}

/// Every finding, the worst first.
pub(super) fn findings(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    let mut findings: Vec<_> =
        words::with_packages(&report.matches.findings, report.inventory).collect();
    findings.sort_by_key(|(finding, _)| urgency(finding));
    html.raw("<section>\n<h2>Findings</h2>\n")?;
    if findings.is_empty() {
        let is_whole = report.matches.unscanned.is_empty();
        let none = if is_whole { "<p>None.</p>\n" } else { "<p>None in what was scanned.</p>\n" };
        html.raw(none)?;
        return html.raw("</section>\n");
    }
    html.raw(
        "<div id=\"controls\" hidden></div>\n<table class=\"all\" id=\"findings\">\n<thead><tr>",
    )?;
    html.raw(
        "<th>Severity<th>Finding<th>Package<th>Installed<th>Fixed in</tr></thead>\n<tbody>\n",
    )?;
    for (finding, package) in findings {
        row(finding, package, report, html)?;
    }
    html.raw("</tbody>\n</table>\n</section>\n")
}

fn row(
    finding: &Finding,
    package: &Package,
    report: &Report<'_>,
    html: &mut Markup<'_>,
) -> io::Result<()> {
    let origin = report.inventory.origin(package).map(|(origin, _)| origin);
    html.within("<tr data-level=\"", level(finding), "\"")?;
    if let Some(origin) = origin {
        html.within(" data-origin=\"", origin.name(), "\"")?;
    }
    html.raw(if finding.exploited.is_some() { " data-kev><td>" } else { "><td>" })?;
    badge(level(finding), words::told_severity(finding), html)?;
    html.within("<td><details><summary><b>", &finding.id, "</b> ")?;
    if finding.exploited.is_some() {
        html.raw("<span class=\"kev\">exploited</span> ")?;
    }
    if let Some(in_use) = &finding.notes.in_use {
        html.within("<small>", in_use.words(), "</small> ")?;
    }
    html.within("", about(finding), "</summary>\n")?;
    details(finding, package, report, html)?;
    html.within("</details><td>", &package.name, " <small>")?;
    html.within("", package.kind.name(), "</small>")?;
    if let Some(origin) = origin {
        html.within(" <small class=\"of\">", origin.name(), "</small>")?;
    }
    version(&package.version, html)?;
    match &finding.fixed_version {
        Some(fixed) => version(fixed, html)?,
        None => html.within("<td><i>", words::remedy(finding), "</i>")?,
    }
    html.raw("</tr>\n")
}

/// A version that is not longer stays on one line where there is room.
const LONGEST_LINE: usize = 24;

fn version(version: &str, html: &mut Markup<'_>) -> io::Result<()> {
    html.raw(if version.len() <= LONGEST_LINE { "<td class=\"v\">" } else { "<td>" })?;
    html.text(version)
}

/// What it is; that it is exploited stands before it.
fn about(finding: &Finding) -> String {
    let about = words::about(finding);
    let rest = about.strip_prefix("exploited").filter(|_| finding.exploited.is_some());
    rest.map_or(about.clone(), |rest| rest.trim_start_matches(": ").to_owned())
}

fn details(
    finding: &Finding,
    package: &Package,
    report: &Report<'_>,
    html: &mut Markup<'_>,
) -> io::Result<()> {
    let fact = |name: &'static str, value: &str, html: &mut Markup<'_>| {
        html.raw("<dt>")?;
        html.raw(name)?;
        html.within("<dd>", value, "\n")
    };
    html.raw("<dl>\n")?;
    fact("What to do", &words::remedy(finding), html)?;
    if !finding.aliases.is_empty() {
        fact("Other names", &finding.aliases.join(", "), html)?;
    }
    if let Some(kev) = &finding.exploited {
        fact("Known to be exploited", &format!("since {}", kev.since), html)?;
    }
    if let Some(in_use) = words::in_use(finding) {
        fact("In use", &in_use, html)?;
    }
    if let Some(origin) = words::origin(package, report.inventory) {
        fact("Brought by", &origin, html)?;
    }
    if let Some((score, vector)) = &finding.severity.score {
        fact("CVSS", &format!("{score:.1} {vector}"), html)?;
    }
    if let Some(epss) = finding.likelihood {
        let percent = f64::from(epss.score_e5) / 1e3;
        fact("EPSS", &format!("{percent:.1}% in the next 30 days"), html)?;
    }
    if !finding.severity.source.is_empty() {
        fact("Severity by", &finding.severity.source, html)?;
    }
    fact("In", &words::files(package, &report.subject.name).join(", "), html)?;
    fact("Told by", &finding.feeds.join(", "), html)?;
    if !finding.references.is_empty() {
        html.raw("<dt>More<dd><ul>\n")?;
        for reference in &finding.references {
            html.raw("<li>")?;
            html.link(reference)?;
            html.raw("</li>\n")?;
        }
        html.raw("</ul>\n")?;
    }
    html.raw("</dl>\n")
}

/// What would be findings, and why it is not.
pub(super) fn suppressed(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    let suppressed = &report.matches.suppressed;
    if suppressed.is_empty() {
        return Ok(());
    }
    html.within(
        "<section>\n<details><summary><h2>Suppressed: ",
        suppressed.len(),
        "</h2></summary>\n",
    )?;
    html.raw("<table class=\"by\">\n<thead><tr><th>Finding<th>Package<th>Why<th>By</tr></thead>\n<tbody>\n")?;
    for it in suppressed {
        let package = report.inventory.packages.get(it.finding.package);
        let (why, by) = match &it.by {
            Means::Vex(note) => {
                (format!("{}: {}", note.status.name(), note.reason()), (&note.source, &note.place))
            }
            Means::Ignored(note) => {
                (format!("ignored: {}", note.reason), (&note.source, &note.place))
            }
        };
        html.within("<tr><td>", &it.finding.id, "<td>")?;
        html.within("", package.map(words::package).unwrap_or_default(), "<td>")?;
        html.within("", why.trim_end_matches([':', ' ']), "<td>")?;
        html.within("", format!("{} {}", by.0, by.1), "</tr>\n")?;
    }
    html.raw("</tbody>\n</table>\n</details>\n</section>\n")
}

pub(super) fn remarks(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    if report.remarks.is_empty() {
        return Ok(());
    }
    html.raw("<section>\n<h2>To be looked at</h2>\n<ul>\n")?;
    for remark in report.remarks {
        html.within("<li>", remark, "</li>\n")?;
    }
    html.raw("</ul>\n</section>\n")
}

/// By which feeds, and how old they are.
pub(super) fn feeds(report: &Report<'_>, html: &mut Markup<'_>) -> io::Result<()> {
    html.raw("<section>\n<details><summary><h2>By these feeds</h2></summary>\n<table class=\"feeds\">\n<thead><tr><th>Feed")?;
    html.raw("<th>Advisories<th>Newest<th>Imported</tr></thead>\n<tbody>\n")?;
    for part in report.database.parts() {
        let header = part.header();
        html.within("<tr><td>", &header.feed, "<td>")?;
        html.within("", header.advisories, "<td>")?;
        html.within("", header.newest().unwrap_or("not told"), "<td>")?;
        html.within("", &header.imported, "</tr>\n")?;
    }
    html.raw("</tbody>\n</table>\n</details>\n</section>\n")
}
