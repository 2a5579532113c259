//! The text of a rule file, formatted: what comes out formats to itself, and loads as the first
//! does.

use rules::{
    format_rules::format_rules,
    load::{Definitions, RuleFile, load},
};

/// The bytes as what someone wrote.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match format_rules(&text) {
        Ok(formatted) => {
            assert_eq!(format_rules(&formatted).as_deref(), Ok(&*formatted), "from {text:?}");
            assert_eq!(meaning(&text), meaning(&formatted), "from {text:?}");
        }
        Err(diagnostic) => assert!(!diagnostic.message.is_empty()),
    }
}

/// What a file defines, without its places; the codes of its errors if it has any.
fn meaning(text: &str) -> String {
    let file = RuleFile { name: "rules".to_owned(), text: text.to_owned() };
    match load(vec![file]) {
        Ok(loaded) => defined(&loaded.definitions),
        Err(problems) => {
            let mut codes: Vec<_> = problems.errors().map(|problem| problem.code.name()).collect();
            codes.sort_unstable();
            format!("{codes:?}")
        }
    }
}

fn defined(definitions: &Definitions) -> String {
    let rules = definitions.rules.iter().map(|rule| {
        let switches = (rule.enabled, rule.capture, rule.capture_duration_ms, rule.warn_evttypes);
        let texts = (&rule.name, &rule.desc, &rule.output_text, &rule.source, &rule.tags);
        format!("{texts:?} {:?} {switches:?} {:?}", rule.priority, rule.status)
    });
    let macros = definitions.macros.iter().map(|found| format!("{} {}", found.name, found.used));
    let lists = definitions.lists.iter().map(|list| format!("{} {:?}", list.name, list.items));
    rules.chain(macros).chain(lists).collect::<Vec<_>>().join("\n")
}
