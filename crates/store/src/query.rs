//! Which incidents are wanted.

use event::alert::Priority;

use crate::Summary;

/// Which incidents are wanted; the default is all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Whose last alert is at or after this time, ns since 1970.
    pub from_ns: Option<u64>,
    /// Whose first alert is at or before this time.
    pub to_ns: Option<u64>,
    /// At least as bad as this.
    pub priority: Option<Priority>,
    /// With an alert of a rule whose name has this in it, in letters of either case.
    pub rule: Option<String>,
    /// With an alert caused by a process of this short name.
    pub process: Option<String>,
    /// With an alert caused by a process of the user of this name or id.
    pub user: Option<String>,
    /// With an alert caused within the container of this name, or whose id begins so.
    pub container: Option<String>,
    /// On the host of this name, in letters of either case.
    pub host: Option<String>,
    /// The newest so many.
    pub limit: Option<usize>,
}

impl Query {
    /// Whether an incident is wanted, but for the limit.
    pub fn matches(&self, incident: &Summary) -> bool {
        let is = |wanted: &Option<String>, test: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(test)
        };
        self.from_ns.is_none_or(|from_ns| incident.last_alert_ns >= from_ns)
            && self.to_ns.is_none_or(|to_ns| incident.first_alert_ns <= to_ns)
            && self.priority.is_none_or(|least| incident.priority <= least)
            && is(&self.rule, &|part| has_rule(incident, part))
            && is(&self.process, &|name| incident.processes.iter().any(|it| **it == *name))
            && is(&self.user, &|name| incident.users.iter().any(|it| **it == *name))
            && is(&self.container, &|name| has_container(incident, name))
            && is(&self.host, &|name| incident.host.to_lowercase() == name.to_lowercase())
    }
}

fn has_rule(incident: &Summary, part: &str) -> bool {
    let part = part.to_lowercase();
    incident.rules.iter().any(|rule| rule.to_lowercase().contains(&part))
}

fn has_container(incident: &Summary, name: &str) -> bool {
    incident.containers.iter().any(|it| *it.name == *name || it.id.starts_with(name))
}
