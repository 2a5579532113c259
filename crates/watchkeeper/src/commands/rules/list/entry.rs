//! What is said about a rule.

use rules::{
    attack,
    engine::{Engine, Matching},
    load::{Rule, Sources, Status},
};

/// A rule and what follows from it.
pub(super) struct Entry<'d> {
    pub(super) rule: &'d Rule,
    pub(super) events: Events,
    /// Ids of ATT&CK techniques.
    pub(super) techniques: Vec<&'d str>,
    /// Ids of ATT&CK tactics.
    pub(super) tactics: Vec<&'static str>,
    pub(super) file: &'d str,
    pub(super) line: usize,
}

/// Which types of events a rule can match.
pub(super) enum Events {
    All,
    These(Vec<&'static str>),
    /// It cannot be compiled here.
    Unknown,
}

impl<'d> Entry<'d> {
    pub(super) fn new(rule: &'d Rule, sources: &'d Sources) -> Self {
        let place = sources.place(rule.span);
        let mut tactics: Vec<_> = rule.tags.iter().filter_map(|tag| attack::tactic(tag)).collect();
        tactics.sort_unstable();
        tactics.dedup();
        let tags = rule.tags.iter().map(|tag| &**tag);
        Self {
            rule,
            events: Events::of(rule),
            techniques: tags.filter(|tag| attack::is_technique(tag)).collect(),
            tactics,
            file: place.map_or("", |(file, _)| &file.name),
            line: place.map_or(0, |(_, place)| place.line),
        }
    }

    pub(super) fn state(&self) -> &'static str {
        match self.rule.status {
            Status::Active if self.rule.enabled => "on",
            Status::Active => "disabled",
            Status::UnknownSource => "no-source",
            Status::UnknownFilter => "unknown-field",
        }
    }
}

impl Events {
    fn of(rule: &Rule) -> Self {
        if rule.status != Status::Active {
            return Self::Unknown;
        }
        match Engine::new([rule], Matching::First).map(|engine| engine.event_names()) {
            Ok(None) => Self::All,
            Ok(Some(names)) => Self::These(names),
            Err(_) => Self::Unknown,
        }
    }
}

/// Whether a tag is the wanted one, a sub-technique of it, or names that tactic.
pub(super) fn tag_is(tag: &str, wanted: &str) -> bool {
    let is_tactic = attack::tactic(tag).is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    let technique = tag.split_once('.').map(|(technique, _)| technique);
    let in_technique = attack::is_technique(tag)
        && technique.is_some_and(|technique| technique.eq_ignore_ascii_case(wanted));
    tag.eq_ignore_ascii_case(wanted) || is_tactic || in_technique
}

#[cfg(test)]
mod tests {
    use super::tag_is;

    #[test]
    fn a_tag_is_found_by_itself_its_technique_and_its_tactic() {
        let cases = [
            ("T1059.004", "t1059", true),
            ("T1059.004", "T1059.004", true),
            ("T1059", "T1059.004", false),
            ("mitre_execution", "TA0002", true),
            ("TA0002", "ta0002", true),
            ("Host", "host", true),
            ("hosts", "host", false),
        ];
        for (tag, wanted, want) in cases {
            assert_eq!(tag_is(tag, wanted), want, "{tag} {wanted}");
        }
    }
}
