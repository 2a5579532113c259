//! Which rules take part.

use event::alert::Priority;

use crate::load::{Rule, Status};

/// What was asked for besides what the rule files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Unless empty: only rules with one of these tags, whether or not the files turn them off.
    pub only_tags: Vec<String>,
    /// No rules with one of these tags.
    pub without_tags: Vec<String>,
    /// No rules with these names.
    pub without: Vec<NamePattern>,
    /// Rules with these names in any case.
    pub with: Vec<NamePattern>,
    /// No rules that are less bad.
    pub least: Option<Priority>,
}

/// Part of a rule's name; with `*` in it, the whole name, where `*` is any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(pub String);

impl Selection {
    /// Whether the rule takes part. One that [cannot match here](Status) never does.
    pub fn takes(&self, rule: &Rule) -> bool {
        rule.status == Status::Active
            && self.least.is_none_or(|least| rule.priority <= least)
            && (self.is_on(rule) || self.with.iter().any(|pattern| pattern.matches(&rule.name)))
    }

    fn is_on(&self, rule: &Rule) -> bool {
        let has = |tags: &[String]| rule.tags.iter().any(|tag| tags.iter().any(|t| **t == **tag));
        let enabled = if self.only_tags.is_empty() { rule.enabled } else { has(&self.only_tags) };
        enabled
            && !has(&self.without_tags)
            && !self.without.iter().any(|pattern| pattern.matches(&rule.name))
    }

    /// Tags and names in it that are those of no rule: mistyped, most likely.
    pub fn idle<'s>(&'s self, rules: &'s [Rule]) -> impl Iterator<Item = &'s str> {
        let tags = self.only_tags.iter().chain(&self.without_tags).filter(|tag| {
            !rules.iter().any(|rule| rule.tags.iter().any(|known| **known == ***tag))
        });
        let names = self
            .without
            .iter()
            .chain(&self.with)
            .filter(|pattern| !rules.iter().any(|rule| pattern.matches(&rule.name)));
        tags.map(String::as_str).chain(names.map(|pattern| pattern.0.as_str()))
    }
}

impl NamePattern {
    /// Whether it is the name, or in it.
    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return name.contains(&self.0) };
        let Some(mut name) = name.strip_prefix(first) else { return false };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            match name.find(part) {
                Some(at) => name = &name[at + part.len()..],
                None => return false,
            }
        }
        name.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_picked_by_a_part_or_by_a_pattern_of_the_whole() {
        let cases = [
            ("below", "Write below etc", true),
            ("Below", "Write below etc", false),
            ("", "anything", true),
            ("*", "anything", true),
            ("Write*", "Write below etc", true),
            ("below*", "Write below etc", false),
            ("*etc", "Write below etc", true),
            ("W*b*w e*c", "Write below etc", true),
            ("W*x*c", "Write below etc", false),
            ("aa*aa", "aaa", false),
            ("a*", "a*b ($\\.*+?)", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(NamePattern(pattern.to_owned()).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn rules_are_picked_by_file_tag_name_and_priority() {
        let rules = crate::load::load(vec![crate::load::RuleFile {
            name: "rules.yaml".to_owned(),
            text: "
- {rule: on, desc: d, condition: evt.type = open, output: o, priority: ERROR, tags: [a, b]}
- {rule: off, desc: d, condition: evt.type = open, output: o, priority: INFO, tags: [b], enabled: false}
- {rule: bare, desc: d, condition: evt.type = open, output: o, priority: INFO}
"
            .to_owned(),
        }])
        .expect("rules")
        .definitions
        .rules;
        let words = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        let names = |patterns: &[&str]| words(patterns).into_iter().map(NamePattern).collect();
        let none = Selection::default();
        let cases: [(Selection, &[&str]); 7] = [
            (none.clone(), &["on", "bare"]),
            (Selection { only_tags: words(&["b"]), ..none.clone() }, &["on", "off"]),
            (Selection { without_tags: words(&["a"]), ..none.clone() }, &["bare"]),
            (Selection { without: names(&["o"]), ..none.clone() }, &["bare"]),
            (Selection { with: names(&["*"]), ..none.clone() }, &["on", "off", "bare"]),
            (Selection { without: names(&[""]), with: names(&["off"]), ..none.clone() }, &["off"]),
            (Selection { least: Some(Priority::Error), with: names(&["*"]), ..none }, &["on"]),
        ];
        for (selection, expected) in cases {
            let taken: Vec<&str> =
                rules.iter().filter(|r| selection.takes(r)).map(|r| &*r.name).collect();
            assert_eq!(taken, expected, "{selection:?}");
        }
        let mistyped = Selection {
            only_tags: words(&["b", "c"]),
            with: names(&["x*"]),
            ..Selection::default()
        };
        assert_eq!(mistyped.idle(&rules).collect::<Vec<_>>(), ["c", "x*"]);
    }
}
