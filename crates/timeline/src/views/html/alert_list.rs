//! The list of alerts at the top: a row for each rule, with links to all places where it matched.

use std::{collections::HashMap, io};

use super::{Page, alerts::tone, anchors::Anchors};
use crate::{
    model::{Alert, AlertId, Timeline},
    views::words,
};

/// Rules that are listed without asking.
const LISTED: usize = 12;
/// Places that the row of a rule names.
const MAX_PLACES: usize = 3;

/// The alerts of one rule, at least one, by time.
struct Group<'t> {
    first: &'t Alert,
    alerts: Vec<(AlertId, &'t Alert)>,
}

impl Group<'_> {
    /// How many, those included that were folded before.
    fn count(&self) -> u64 {
        let counts = self.alerts.iter().map(|(_, alert)| alert.count.max(1));
        counts.fold(0, u64::saturating_add)
    }
}

/// By rule and priority, in the order of the first of each.
fn groups(timeline: &Timeline) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = HashMap::new();
    for (id, alert) in (0..).map(AlertId).zip(&timeline.alerts) {
        let place = *known.entry((&alert.rule, alert.priority)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.alerts.push((id, alert)),
            None => groups.push(Group { first: alert, alerts: vec![(id, alert)] }),
        }
    }
    groups
}

impl Page<'_> {
    /// The list of alerts.
    pub(super) fn alert_list(&mut self) -> io::Result<()> {
        let groups = groups(self.timeline);
        let (first, more) = groups.split_at(groups.len().min(LISTED));
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

    fn table(&mut self, groups: &[Group<'_>]) -> io::Result<()> {
        self.html.raw("<table><thead><tr><th scope=\"col\">First<th scope=\"col\">Priority")?;
        self.html.raw("<th scope=\"col\">Alert<th scope=\"col\">Where</thead>\n<tbody>")?;
        groups.iter().try_for_each(|group| self.group(group))?;
        self.html.raw("</table>\n")
    }

    fn group(&mut self, group: &Group<'_>) -> io::Result<()> {
        self.html.raw("<tr><td>")?;
        self.time(group.first.at.ts_ns)?;
        self.html.within("<td><span class=\"priority ", tone(group.first.priority), "\">")?;
        self.html.within("", group.first.priority.name(), "</span><td class=\"says\">")?;
        let (says, _) = words::alert(group.first);
        self.html.apart(&says)?;
        if group.count() > 1 {
            self.html.within(" <small>×", words::count(group.count()), "</small>")?;
        }
        self.html.raw("<td>")?;
        let (placed, lone): (Vec<_>, Vec<_>) =
            group.alerts.iter().partition(|(id, _)| self.anchors.home(*id).is_some());
        placed.iter().take(MAX_PLACES).try_for_each(|(id, _)| self.place(*id))?;
        if let Some(more) = placed.len().checked_sub(MAX_PLACES).filter(|&more| more > 0) {
            self.html.within("and ", words::count(more as u64), " more")?;
        }
        lone.iter().try_for_each(|(id, alert)| self.lone(*id, alert))?;
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
    fn lone(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        self.html.within("<p id=\"", Anchors::alert(id), "\">by no process that is told, at ")?;
        self.time(alert.at.ts_ns)?;
        self.repeats(alert)?;
        self.output(alert)?;
        self.html.raw("</p>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn alerts_of_a_rule_are_one_row_in_the_order_of_the_first() {
        let mut sample = testing::sample();
        let mut again = sample.alerts[0].clone();
        again.count = 3;
        sample.alerts.push(again);
        let shown: Vec<_> =
            groups(&sample).iter().map(|group| (group.first.rule.clone(), group.count())).collect();
        let want =
            [("web_shell", 5), ("drop_and_run", 1), ("cron_persistence", 1), ("shadow_read", 1)];
        assert_eq!(shown, want.map(|(rule, count)| (rule.to_owned(), count)));
    }
}
