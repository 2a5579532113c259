//! Names of licences (the SPDX License List, and SPDX's expressions).

use spdx::Expression;

/// A licence as it is told, in the words of the SPDX License List where those are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Licence {
    /// One of the list.
    Id(&'static str),
    /// Several, with AND, OR and WITH.
    Expression(String),
    /// Other words.
    Name(String),
}

impl Licence {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        let usual = usual(text);
        // It would also take a plus for nothing.
        if let Some(id) = spdx::license_id(usual).filter(|id| id.name == usual) {
            return Self::Id(id.name);
        }
        match Expression::parse(text) {
            Ok(_) => Self::Expression(text.to_owned()),
            Err(_) => Self::Name(text.to_owned()),
        }
    }

    /// All of a package, as one expression; `None` where some are in other words.
    pub(crate) fn joined(texts: &[String]) -> Option<String> {
        let parts: Option<Vec<String>> = texts
            .iter()
            .map(|text| match Self::parse(text) {
                Self::Id(id) => Some(id.to_owned()),
                Self::Expression(text) if texts.len() > 1 => Some(format!("({text})")),
                Self::Expression(text) => Some(text),
                Self::Name(_) => None,
            })
            .collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(" AND "))
    }
}

/// What an expression joins by AND; all of it where it joins nothing so. Empty for words that say nothing.
pub(crate) fn parts(expression: &str) -> Vec<String> {
    let expression = expression.trim();
    if matches!(expression, "" | "NOASSERTION" | "NONE") {
        return Vec::new();
    }
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, mark) in expression.match_indices(['(', ')', ' ']) {
        match mark {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && at >= start && expression.get(at..).is_some_and(is_and) => {
                parts.extend(expression.get(start..at));
                start = at + " AND ".len();
            }
            _ => {}
        }
    }
    parts.extend(expression.get(start..));
    parts.into_iter().map(|part| bare(part.trim()).to_owned()).collect()
}

fn is_and(text: &str) -> bool {
    text.starts_with(" AND ") || text.starts_with(" and ")
}

/// Without brackets around all of it.
fn bare(part: &str) -> &str {
    let inner = part.strip_prefix('(').and_then(|part| part.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(part)
}

/// Words of distributions and of older lists, in those of today's.
fn usual(text: &str) -> &str {
    match text {
        "AGPL-3" | "AGPLv3" => "AGPL-3.0-only",
        "AGPL-3+" | "AGPLv3+" => "AGPL-3.0-or-later",
        "Apache-2"
        | "Apache 2.0"
        | "Apache License 2.0"
        | "Apache License, Version 2.0"
        | "ASL 2.0" => "Apache-2.0",
        "Artistic" => "Artistic-1.0-Perl",
        "BSD-2-clause" => "BSD-2-Clause",
        "BSD-3-clause" | "BSD 3-Clause" | "BSD-3" => "BSD-3-Clause",
        "Expat" | "MIT License" | "The MIT License" => "MIT",
        "GFDL-1.3" => "GFDL-1.3-only",
        "GPL-1" | "GPL-1.0" => "GPL-1.0-only",
        "GPL-1+" | "GPL-1.0+" => "GPL-1.0-or-later",
        "GPL-2" | "GPL-2.0" | "GPLv2" => "GPL-2.0-only",
        "GPL-2+" | "GPL-2.0+" | "GPLv2+" => "GPL-2.0-or-later",
        "GPL-3" | "GPL-3.0" | "GPLv3" => "GPL-3.0-only",
        "GPL-3+" | "GPL-3.0+" | "GPLv3+" => "GPL-3.0-or-later",
        "LGPL-2" | "LGPL-2.0" | "LGPLv2" => "LGPL-2.0-only",
        "LGPL-2+" | "LGPL-2.0+" | "LGPLv2+" => "LGPL-2.0-or-later",
        "LGPL-2.1" => "LGPL-2.1-only",
        "LGPL-2.1+" => "LGPL-2.1-or-later",
        "LGPL-3" | "LGPL-3.0" | "LGPLv3" => "LGPL-3.0-only",
        "LGPL-3+" | "LGPL-3.0+" | "LGPLv3+" => "LGPL-3.0-or-later",
        "MPLv2.0" | "MPL-2" => "MPL-2.0",
        "zlib" => "Zlib",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_taken_apart_where_they_join_licences() {
        for (text, expected) in [
            ("MIT", &["MIT"][..]),
            ("MIT AND (ISC OR Zlib)", &["MIT", "ISC OR Zlib"]),
            ("(MIT AND ISC) OR Zlib", &["(MIT AND ISC) OR Zlib"]),
            ("(A) AND (B)", &["A", "B"]),
            ("NOASSERTION", &[]),
            (") AND (", &[")", "("]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn licences_are_known_in_usual_words() {
        for (text, expected) in [
            ("MIT", Licence::Id("MIT")),
            ("GPL-2+", Licence::Id("GPL-2.0-or-later")),
            ("ASL 2.0", Licence::Id("Apache-2.0")),
            ("MIT OR Apache-2.0", Licence::Expression("MIT OR Apache-2.0".to_owned())),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0",
                Licence::Expression("GPL-2.0-only WITH Classpath-exception-2.0".to_owned()),
            ),
            ("as is", Licence::Name("as is".to_owned())),
            ("", Licence::Name(String::new())),
        ] {
            assert_eq!(Licence::parse(text), expected, "{text}");
        }
        let list = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(Licence::joined(&list(&["MIT", "GPL-2+"])).unwrap(), "MIT AND GPL-2.0-or-later");
        assert_eq!(
            Licence::joined(&list(&["MIT OR ISC", "Zlib"])).unwrap(),
            "(MIT OR ISC) AND Zlib"
        );
        assert_eq!(Licence::joined(&list(&["MIT", "as is"])), None);
        assert_eq!(Licence::joined(&[]), None);
    }
}
