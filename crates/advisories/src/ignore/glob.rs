//! Patterns of paths: `?` is any character but a slash, `*` any number of these, `**` any number of folders.

/// Whether a path is of a pattern. What is below a folder that the pattern names is of it as well.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|it| !it.is_empty() && *it != ".").map(str::to_owned).collect()
    };
    let (pattern, path) = (parts(pattern), parts(path));
    // Which beginnings of the path the pattern so far is of.
    let mut reached = vec![false; path.len() + 1];
    reached.iter_mut().take(1).for_each(|first| *first = true);
    for wanted in &pattern {
        let mut next = vec![false; path.len() + 1];
        let mut any = false;
        for (at, is_reached) in reached.iter().enumerate() {
            any |= *is_reached;
            let slot = if wanted == "**" { at } else { at + 1 };
            let is_next = match wanted.as_str() {
                "**" => any,
                _ => *is_reached && path.get(at).is_some_and(|part| is_part(wanted, part)),
            };
            if let Some(slot) = next.get_mut(slot) {
                *slot |= is_next;
            }
        }
        reached = next;
    }
    reached.contains(&true)
}

fn is_part(pattern: &str, part: &str) -> bool {
    let (pattern, part): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), part.chars().collect());
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last star is, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = part.get(at) {
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == character => {
                in_pattern += 1;
                at += 1;
            }
            _ => {
                let Some((begin, reach)) = star else { return false };
                star = Some((begin, reach + 1));
                (in_pattern, at) = (begin + 1, reach + 1);
            }
        }
    }
    pattern.iter().skip(in_pattern).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_of_paths() {
        for (pattern, path, expected) in [
            ("vendor", "vendor/a/go.mod", true),
            ("vendor/", "/vendor/a", true),
            ("vendor", "my/vendor/a", false),
            ("**/vendor", "my/vendor/a", true),
            ("**/vendor", "vendor", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/*/z", "a/b/c/z", false),
            ("*.jar", "app.jar", true),
            ("*.jar", "lib/app.jar", false),
            ("lib/*-?.jar", "lib/app-1.jar", true),
            ("lib/*-?.jar", "lib/app-12.jar", false),
            ("**", "", true),
            ("a", "", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
        let stars = "*a".repeat(2000);
        assert!(!matches(&stars, &"a".repeat(1999).replace("aaa", "aab")));
    }
}
