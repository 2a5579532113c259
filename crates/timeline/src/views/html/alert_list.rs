//! The list of alerts at the top: a row for each rule, with links to all places where it matched.

use std::io;

use super::{Page, alerts::tone, anchors::Anchors};
use crate::{
    model::{Alert, AlertId, Timeline},
    views::{rules::Rules, words},
};

/// Rules that are listed without asking.
const LISTED: usize = 16;
/// Places that the row of a rule names.
const MAX_PLACES: usize = 3;

/// The alerts of a rule.
struct Row<'t> {
    first: &'t Alert,
    count: u64,
    ids: Vec<AlertId>,
}

/// A row for each rule, in the order of the first alert of each.
fn rows(timeline: &Timeline) -> Vec<Row<'_>> {
    let rules = Rules::of(timeline);
    let mut ids = vec![Vec::new(); rules.len()];
    for (id, alert) in (0..).map(AlertId).zip(&timeline.alerts) {
        let place = rules.number(alert).checked_sub(1);
        if let Some(ids) = place.and_then(|place| ids.get_mut(place)) {
            ids.push(id);
        }
    }
    let rows = rules.iter().zip(ids).filter_map(|((_, of), ids)| {
        let first = of.alerts.first().copied()?;
        Some(Row { first, count: of.count(), ids })
    });
    rows.collect()
}

impl Page<'_> {
    /// The list of alerts.
    pub(super) fn alert_list(&mut self) -> io::Result<()> {
        let rows = rows(self.timeline);
        let (first, more) = rows.split_at(rows.len().min(LISTED));
        if first.is_empty() {
            return Ok(());
        }
        self.html.raw("<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Alerts</h2>\n")?;
        self.table(first)?;
        if !more.is_empty() {
            let number = words::plural(more.len() as u64, "more rule", "more rules");
            self.html.raw("<details class=\"more\"><summary class=\"turn\">")?;
            self.html.within("", number, " matched</summary>")?;
            self.table(more)?;
            self.html.raw("</details>\n")?;
        }
        self.html.raw("</section>\n")
    }

    fn table(&mut self, rows: &[Row<'_>]) -> io::Result<()> {
        self.html.raw("<table><thead><tr><th scope=\"col\">First<th scope=\"col\">Priority")?;
        self.html.raw("<th scope=\"col\">Alert<th scope=\"col\">Where</thead>\n<tbody>")?;
        rows.iter().try_for_each(|row| self.rule(row))?;
        self.html.raw("</table>\n")
    }

    fn rule(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.html.raw("<tr><td>")?;
        self.time(row.first.at.ts_ns)?;
        self.html.within("<td><span class=\"priority ", tone(row.first.priority), "\">")?;
        self.html.within("", row.first.priority.name(), "</span><td class=\"says\">")?;
        let (says, _) = words::alert(row.first);
        self.html.apart(&says)?;
        if row.count > 1 {
            self.html.within(" <small>×", words::count(row.count), "</small>")?;
        }
        self.html.raw("<td>")?;
        let (placed, lone): (Vec<_>, Vec<_>) =
            row.ids.iter().partition(|&&id| self.anchors.home(id).is_some());
        placed.iter().take(MAX_PLACES).try_for_each(|&&id| self.place(id))?;
        if let Some(more) = placed.len().checked_sub(MAX_PLACES).filter(|&more| more > 0) {
            self.html.within("and ", words::count(more as u64), " more")?;
        }
        lone.iter().try_for_each(|&&id| self.lone(id))?;
        self.html.raw("\n")
    }

    /// The process in whose tree an alert stands, with a link to the alert.
    fn place(&mut self, id: AlertId) -> io::Result<()> {
        let home = self.anchors.home(id).and_then(|process| self.timeline.process(process));
        let name = home.map_or_else(String::new, words::name);
        self.html.within("<a href=\"#", Anchors::alert(id), "\">")?;
        self.html.apart_within("", &name, "</a> ")
    }

    /// An alert that stands here alone.
    fn lone(&mut self, id: AlertId) -> io::Result<()> {
        let Some(alert) = self.timeline.alert(id) else { return Ok(()) };
        self.html.within("<p id=\"", Anchors::alert(id), "\">by no process that is told, at ")?;
        self.time(alert.at.ts_ns)?;
        self.repeats(alert)?;
        self.output(alert)?;
        self.html.raw("</p>")
    }
}
