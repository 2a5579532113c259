//! The text of a rule file, alone and behind another.

use rules::load::{Problems, RuleFile, load};

/// Something that the bytes can add to.
const BEFORE: &str = "
- {list: l, items: [a, b c]}
- {macro: m, condition: proc.name in (l)}
- {rule: r, desc: d, condition: evt.type = open and m, output: '%proc.name', priority: INFO}
";

/// The bytes as what someone wrote.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    loaded(&[&text]);
    loaded(&[BEFORE, &text]);
}

fn loaded(texts: &[&str]) {
    let file = |text: &&str| RuleFile { name: "rules".to_owned(), text: (*text).to_owned() };
    match load(texts.iter().map(file).collect()) {
        Ok(loaded) => {
            explained(&loaded.warnings);
            let rules = &loaded.definitions.rules;
            assert!(rules.iter().all(|rule| !rule.is_on() || rule.output.is_some()));
        }
        Err(problems) => {
            assert!(!problems.to_string().is_empty());
            explained(&problems);
        }
    }
}

/// Every problem has a place in one of the files, and words.
fn explained(problems: &Problems) {
    for problem in &problems.list {
        let diagnostic = &problem.diagnostic;
        assert!(!diagnostic.message.is_empty());
        assert!(problems.sources.place(diagnostic.span).is_some(), "{problem:?}");
    }
}
