//! The version that a program of Go was stamped with when it was linked: `-ldflags` of its build has
//! `-X NAME=VALUE` for each variable that is set. Only few programs have their version elsewhere.

/// Parts of names, before the last dot, that mean the program itself.
const OF_PROGRAM: [&str; 4] = ["main", "common", "version", "cmd"];

/// Most variables that are looked at.
const MOST_VARIABLES: usize = 1_000;

/// The version of the module of this name, if one version and no other is told: of a command of the
/// module first, then of what is named so that it means the program, then any.
pub(super) fn version(module: &str, flags: &str) -> Option<String> {
    let quoted = flags.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let flags = quoted.unwrap_or(flags).replace("\\\"", "\"");
    let mut told: [Vec<&str>; 3] = Default::default();
    let commands = format!("{module}/cmd/");
    for (name, value) in variables(&flags) {
        if !is_version_name(name) || !is_version(value) {
            continue;
        }
        let rank = if name.starts_with(&commands) {
            0
        } else if OF_PROGRAM.contains(&holder(name).to_ascii_lowercase().as_str()) {
            1
        } else {
            2
        };
        if let Some(told) = told.get_mut(rank) {
            told.push(value);
        }
    }
    let nearest = told.into_iter().find(|told| !told.is_empty())?;
    if let [version] = &nearest[..] { Some((*version).to_owned()) } else { None }
}

/// Variables that are set, each name once: what is set last stands.
fn variables(flags: &str) -> Vec<(&str, &str)> {
    let mut variables: Vec<(&str, &str)> = Vec::new();
    let mut words = flags.split_ascii_whitespace();
    while let Some(word) = words.next().filter(|_| variables.len() < MOST_VARIABLES) {
        let assignment = match word.strip_prefix("-X") {
            Some("") => words.next().unwrap_or_default(),
            Some(rest) => rest.strip_prefix('=').unwrap_or(rest),
            None => continue,
        };
        let is_quote = |char| char == '\'' || char == '"';
        let Some((name, value)) = assignment.trim_matches(is_quote).split_once('=') else {
            continue;
        };
        variables.retain(|(known, _)| *known != name);
        variables.push((name, value));
    }
    variables
}

fn is_version_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".version") || name.ends_with(".ver")
}

/// `github.com/owner/module/pkg/version.Version` is in `version`.
fn holder(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split('.').next().unwrap_or(last)
}

/// One to three numbers (semver.org; missing ones are 0), the rest after all three.
fn is_version(value: &str) -> bool {
    let value = value.strip_prefix('v').unwrap_or(value);
    let end = value.find(['-', '+']).unwrap_or(value.len());
    let (core, rest) = value.split_at(end);
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |number: &&str| {
        !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (*number == "0" || !number.starts_with('0'))
    };
    let is_rest = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte));
    numbers.iter().all(is_number)
        && is_rest
        && rest.len() != 1
        && (numbers.len() == 3 || (numbers.len() < 3 && rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_from_what_names_the_program() {
        let module = "github.com/o/tool";
        for (flags, expected) in [
            ("-s -w -X=main.version=1.2.3", Some("1.2.3")),
            ("-s -w -X 'main.version=v1.2.3' -X main.commit=abc", Some("v1.2.3")),
            ("-X=main.Version=1.0.0 -X github.com/o/tool/cmd/tool.version=2.0.0", Some("2.0.0")),
            ("-X github.com/other/lib.version=3.1.0", Some("3.1.0")),
            (
                "-X a/lib.version=3.1.0 -X github.com/o/tool/pkg/version.ver=v0.1.0-rc.1+b",
                Some("v0.1.0-rc.1+b"),
            ),
            ("-X a.version=1.0.0 -X b.version=2.0.0", None),
            ("-X a.version=1.0.0 -X a.version=2.0.0", Some("2.0.0")),
            ("-X main.version=dev", None),
            ("-X main.version=01.2.3", None),
            ("-X main.versions=1.2.3", None),
            (r#""-s -X \"main.version=1.2.3\"""#, Some("1.2.3")),
            ("-X", None),
            ("", None),
        ] {
            assert_eq!(version(module, flags).as_deref(), expected, "{flags}");
        }
    }
}
