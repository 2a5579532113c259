//! ATT&CK in the tags of rules: `T1059.004`, `TA0002`, `mitre_execution`.

/// Tactics of MITRE ATT&CK Enterprise (<https://attack.mitre.org/tactics/enterprise/>): the name as
/// tags have it, and the id.
const TACTICS: [(&str, &str); 14] = [
    ("reconnaissance", "TA0043"),
    ("resource_development", "TA0042"),
    ("initial_access", "TA0001"),
    ("execution", "TA0002"),
    ("persistence", "TA0003"),
    ("privilege_escalation", "TA0004"),
    ("defense_evasion", "TA0005"),
    ("credential_access", "TA0006"),
    ("discovery", "TA0007"),
    ("lateral_movement", "TA0008"),
    ("collection", "TA0009"),
    ("command_and_control", "TA0011"),
    ("exfiltration", "TA0010"),
    ("impact", "TA0040"),
];

/// The id of the tactic that a tag names: `TA0002` for `mitre_execution` and for itself.
pub fn tactic(tag: &str) -> Option<&'static str> {
    let named = |(name, id): &&(&str, &str)| {
        tag.eq_ignore_ascii_case(id)
            || tag.strip_prefix("mitre_").is_some_and(|rest| rest.eq_ignore_ascii_case(name))
    };
    TACTICS.iter().find(named).map(|(_, id)| *id)
}

/// Whether a tag is the id of a technique or sub-technique: `T1059`, `T1059.004`.
pub fn is_technique(tag: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = tag.strip_prefix('T') else { return false };
    match number.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_tactics_and_techniques() {
        let cases = [
            ("mitre_execution", Some("TA0002"), false),
            ("mitre_command_and_control", Some("TA0011"), false),
            ("TA0040", Some("TA0040"), false),
            ("T1059", None, true),
            ("T1059.004", None, true),
            ("T1059.04", None, false),
            ("T10590", None, false),
            ("execution", None, false),
            ("mitre_", None, false),
            ("host", None, false),
        ];
        for (tag, of_tactic, technique) in cases {
            assert_eq!((tactic(tag), is_technique(tag)), (of_tactic, technique), "{tag}");
        }
    }
}
