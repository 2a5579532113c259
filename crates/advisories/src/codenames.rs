//! Names of releases, and their numbers.

/// Debian's. What has no number yet is called by its name.
const DEBIAN: [(&str, &str); 13] = [
    ("sarge", "3"),
    ("etch", "4"),
    ("lenny", "5"),
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
];

/// Ubuntu's, from the first that had security updates for long.
const UBUNTU: [(&str, &str); 41] = [
    ("dapper", "6.06"),
    ("edgy", "6.10"),
    ("feisty", "7.04"),
    ("gutsy", "7.10"),
    ("hardy", "8.04"),
    ("intrepid", "8.10"),
    ("jaunty", "9.04"),
    ("karmic", "9.10"),
    ("lucid", "10.04"),
    ("maverick", "10.10"),
    ("natty", "11.04"),
    ("oneiric", "11.10"),
    ("precise", "12.04"),
    ("quantal", "12.10"),
    ("raring", "13.04"),
    ("saucy", "13.10"),
    ("trusty", "14.04"),
    ("utopic", "14.10"),
    ("vivid", "15.04"),
    ("wily", "15.10"),
    ("xenial", "16.04"),
    ("yakkety", "16.10"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

/// The number of a release of Debian; the name of one that has none yet.
pub(crate) fn debian(name: &str) -> &str {
    number(&DEBIAN, name).unwrap_or(name)
}

/// Whether a release of Debian, by its number or name, is not out yet: nobody says more of it than its name.
pub(crate) fn is_in_the_making(release: &str) -> bool {
    ["14", "15"].contains(&release) || release.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The number of a release of Ubuntu.
pub(crate) fn ubuntu(name: &str) -> Option<&'static str> {
    number(&UBUNTU, name)
}

fn number(all: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    all.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbers_where_there_are_some() {
        assert_eq!([debian("bookworm"), debian("forky"), debian("sid")], ["12", "14", "sid"]);
        assert_eq!([ubuntu("jammy"), ubuntu("devel")], [Some("22.04"), None]);
    }
}
