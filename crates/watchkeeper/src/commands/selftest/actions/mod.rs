//! What is done: harmless versions of well-known attack actions, a row each.
//!
//! Each is done by a process of its own, in [`World`]: a folder that is gone afterwards and, where the
//! kernel allows it, namespaces of its own. What would be a real file of the host is another one there,
//! what would be a real tool is one that does nothing under its name, and nothing leaves the machine.
//!
//! To add one, add a row to the file of its subject, which is that of the rules it is for.

mod credentials;
mod evasion;
mod execution;
mod integrity;
mod network;
mod persistence;
mod privilege;

pub(super) use self::network::send_nothing;
use super::stage::{Hindrance, World, idle_at};

/// An action, and the rule that has to see it.
pub(super) struct Action {
    /// How it is called on the command line and in results.
    pub(super) name: &'static str,
    /// Technique of MITRE ATT&CK.
    pub(super) technique: &'static str,
    /// What is done.
    pub(super) what: &'static str,
    /// Name of the rule that has to see it; of several one, where it depends on the host which.
    pub(super) rules: &'static [&'static str],
    pub(super) place: Place,
    /// Does it. Processes that it starts have ended when it returns.
    pub(super) run: fn(&World) -> Result<(), Hindrance>,
}

impl Action {
    /// Whether this rule may be the one that sees it.
    pub(super) fn is_of(&self, rule: &str) -> bool {
        self.rules.contains(&rule)
    }
}

/// Where an action can be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Anywhere: it touches nothing but its folder.
    Anywhere,
    /// Only in namespaces of its own, in which these folders of the host lie below empty ones.
    Covered(&'static [&'static str]),
}

const GROUPS: [&[Action]; 7] = [
    execution::ACTIONS,
    persistence::ACTIONS,
    privilege::ACTIONS,
    evasion::ACTIONS,
    credentials::ACTIONS,
    network::ACTIONS,
    integrity::ACTIONS,
];

/// All of them, in the order in which they are done.
pub(super) fn all() -> impl Iterator<Item = &'static Action> {
    GROUPS.into_iter().flatten()
}

/// The one with this name.
pub(super) fn named(name: &str) -> Option<&'static Action> {
    all().find(|action| action.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rule_files::Sources;

    #[test]
    fn each_has_a_name_of_its_own_and_a_default_rule_with_its_technique() {
        let loaded = Sources::Default.load().unwrap();
        let mut names = BTreeSet::new();
        for action in all() {
            assert!(names.insert(action.name), "{} is there twice", action.name);
            for name in action.rules {
                let rule = loaded.definitions.rules.iter().find(|rule| *rule.name == **name);
                let rule = rule.unwrap_or_else(|| panic!("{}: no rule '{name}'", action.name));
                let has = rule.tags.iter().any(|tag| **tag == *action.technique);
                assert!(has, "{}: '{name}' is not about {}", action.name, action.technique);
            }
        }
        assert!(names.len() >= 30, "{names:?}");
    }
}
