//! Alerts by rule: a rule that raised many is one line, with a number by which others name it.

use std::collections::BTreeMap;

use event::alert::Priority;

use crate::model::{Alert, Timeline};

/// The rules that raised alerts, by the first alert of each.
#[derive(Clone, Debug, Default)]
pub struct Rules<'t> {
    rules: Vec<OfRule<'t>>,
    places: BTreeMap<(Priority, &'t str), usize>,
}

/// The alerts of one rule, by time; at least one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the name says it")]
pub struct OfRule<'t> {
    pub alerts: Vec<&'t Alert>,
}

impl<'t> Rules<'t> {
    /// The rules of a timeline.
    pub fn of(timeline: &'t Timeline) -> Self {
        let mut alerts: Vec<&Alert> = timeline.alerts.iter().collect();
        alerts.sort_by_key(|alert| alert.at);
        let mut rules = Self::default();
        for alert in alerts {
            let next = rules.rules.len();
            let place = *rules.places.entry((alert.priority, &alert.rule)).or_insert(next);
            match rules.rules.get_mut(place) {
                Some(of) => of.alerts.push(alert),
                None => rules.rules.push(OfRule { alerts: vec![alert] }),
            }
        }
        rules
    }

    /// Each rule's alerts; the first is number 1.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &OfRule<'t>)> {
        (1..).zip(&self.rules)
    }

    /// How many rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The number of an alert's rule; 0 if it is of another timeline.
    pub fn number(&self, alert: &Alert) -> usize {
        self.places.get(&(alert.priority, alert.rule.as_str())).map_or(0, |place| place + 1)
    }
}

impl OfRule<'_> {
    /// How many alerts, with those that were folded into others.
    pub fn count(&self) -> u64 {
        self.alerts.iter().map(|alert| alert.count.max(1)).fold(0, u64::saturating_add)
    }

    /// Time of the last, ns since 1970.
    pub fn last_ns(&self) -> u64 {
        self.alerts.iter().map(|alert| alert.last_ns.max(alert.at.ts_ns)).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn alerts_are_numbered_by_their_rules_in_the_order_of_time() {
        let mut sample = testing::sample();
        let again = Alert { priority: Priority::Critical, ..sample.alerts[1].clone() };
        sample.alerts.insert(0, Alert { at: sample.alerts[3].at, ..again });
        let rules = Rules::of(&sample);
        let told: Vec<(usize, &str, u64)> =
            rules.iter().map(|(n, of)| (n, of.alerts[0].rule.as_str(), of.count())).collect();
        assert_eq!(
            told,
            [
                (1, "web_shell", 2),
                (2, "drop_and_run", 2),
                (3, "cron_persistence", 1),
                (4, "shadow_read", 1)
            ]
        );
        assert_eq!(rules.number(&sample.alerts[0]), 2);
    }
}
