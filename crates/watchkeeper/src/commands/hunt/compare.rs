//! Two versions of rules on the same events.

use event::alert::Alert;
use state::Context;

use crate::detector::Detector;

/// What a change of rules does to an alert.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Change {
    /// There is only one version, or both give it.
    Same,
    /// The new version adds it.
    Added,
    /// The new version loses it.
    Lost,
}

impl Change {
    /// As a mark at the start of a line; nothing if there is one version only.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Added => "+ ",
            Self::Lost => "- ",
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Added => Some("added"),
            Self::Lost => Some("lost"),
        }
    }
}

/// The old rules and the new ones.
pub(super) struct Pair {
    old: Detector,
    new: Detector,
    was: Vec<(usize, Alert)>,
    is: Vec<(usize, Alert)>,
    /// What differs on the event looked at last.
    pub(super) found: Vec<(Change, Alert)>,
}

impl Pair {
    pub(super) fn new(old: Detector, new: Detector) -> Self {
        Self { old, new, was: Vec::new(), is: Vec::new(), found: Vec::new() }
    }

    /// Finds the alerts that only one of both versions gives of the event. An alert is known by its
    /// rule's name: another text or priority alone is no difference.
    pub(super) fn changes(&mut self, context: &Context<'_>) {
        self.was.clear();
        self.is.clear();
        self.found.clear();
        self.old.alerts(context, &mut self.was);
        self.new.alerts(context, &mut self.is);
        let missing = |alert: &Alert, there: &[(usize, Alert)]| {
            there.iter().all(|(_, other)| other.rule != alert.rule)
        };
        let (was, is) = (&self.was, &self.is);
        let lost = was.iter().filter(|(_, alert)| missing(alert, is));
        let added = is.iter().filter(|(_, alert)| missing(alert, was));
        self.found.extend(lost.map(|(_, alert)| (Change::Lost, alert.clone())));
        self.found.extend(added.map(|(_, alert)| (Change::Added, alert.clone())));
    }
}
