//! What many rules, expressions, fields or mistakes may cost together.

use std::time::{Duration, Instant};

use rules::load::{RuleFile, load};

/// The message of each error.
fn errors(text: &str) -> Vec<String> {
    let file = RuleFile { name: "a.yaml".to_owned(), text: text.to_owned() };
    let Err(problems) = load(vec![file]) else { return Vec::new() };
    problems.errors().map(|problem| problem.diagnostic.message.clone()).collect()
}

#[test]
fn regular_expressions_have_a_bound_together() {
    let rule = |n: usize| {
        format!(
            "- {{rule: r{n}, desc: d, output: o, priority: INFO, \
             condition: 'evt.type = open and proc.name regex \"{n}.{{900}}\"'}}\n"
        )
    };
    let few: String = (0..10).map(rule).collect();
    assert_eq!(errors(&few), [""; 0]);
    let many: String = (0..300).map(rule).collect();
    let errors = errors(&many);
    let want = "all regular expressions together need too much memory";
    assert!(errors.first().is_some_and(|error| error == want), "{errors:?}");
}

#[test]
fn a_mistake_in_every_one_of_many_rules_is_told_in_time() {
    let rule = |n| {
        format!(
            "- {{rule: r{n}, desc: d, condition: nme = a and x.y = b, output: o, priority: INFO}}\n"
        )
    };
    let text: String = (0..50_000).map(rule).collect();
    let start = Instant::now();
    let errors = errors(&text);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(errors.len(), 1_001);
    assert!(errors[1_000].starts_with("at least "), "{}", errors[1_000]);
}

#[test]
fn outputs_have_a_bound_and_their_mistakes_too() {
    let output = |field: &str| {
        let output = field.repeat(100_000);
        format!(
            "- {{rule: r, desc: d, condition: evt.type=open, output: '{output}', priority: INFO}}\n"
        )
    };
    let start = Instant::now();
    assert_eq!(errors(&output("%proc.name ")), ["more than 2000 fields and texts between them"]);
    assert_eq!(errors(&output("%nme")).len(), 50);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
