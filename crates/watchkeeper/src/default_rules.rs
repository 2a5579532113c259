//! The default rules, of which the program carries a copy for where no rules are named.

use rules::load::RuleFile;

/// Embeds the files with these names.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../rules/", $name)))),*]
    };
}

/// Name and text of each, in the order in which they are loaded.
const FILES: [(&str, &str); 10] = embedded![
    "00_macros.yaml",
    "10_execution.yaml",
    "20_persistence.yaml",
    "30_privilege.yaml",
    "40_evasion.yaml",
    "50_credentials.yaml",
    "60_network.yaml",
    "70_container.yaml",
    "80_integrity.yaml",
    "90_notices.yaml",
];

/// The files, as if they were read.
pub(crate) fn files() -> Vec<RuleFile> {
    let file = |(name, text): (&str, &str)| RuleFile {
        name: format!("default rules: {name}"),
        text: text.to_owned(),
    };
    FILES.map(file).to_vec()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rule_files;

    #[test]
    fn all_of_them_are_embedded_and_load() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
        let found = rule_files::find(&folder).into_iter().filter_map(Result::ok);
        let names: Vec<_> =
            found.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
        assert_eq!(names, FILES.map(|(name, _)| name));
        assert!(rules::load::load(files()).is_ok());
    }
}
