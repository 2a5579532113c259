//! Rules compiled together: the compiled form as text.

#![allow(clippy::unwrap_used, reason = "tests say so by failing")]

use std::sync::Arc;

use rules::{
    engine::{Engine, Matching},
    filter::{ast::Expr, parse::parse},
};

fn engine(rules: &[(&'static str, &'static str)]) -> Engine {
    let trees: Vec<_> = rules.iter().map(|(_, condition)| parse(condition).unwrap()).collect();
    let named = rules.iter().map(|(name, _)| *name).zip(&trees);
    Engine::of_conditions(named, Matching::All).unwrap()
}

#[test]
fn types_are_decided_in_advance_and_shared_parts_are_blocks() {
    let engine = engine(&[
        ("one", "evt.type = chmod and (proc.name = a or proc.name = b) and user.uid = 0"),
        ("two", "evt.type in (chmod, fchmod) and (proc.name = a or proc.name = b) and fd.num > 3"),
        ("three", "evt.type = fchmod and not user.uid = 0"),
    ]);
    let expected = "\
on chmod:
  0: unless shared 5 go to 2
  1: try 'one', 'two'
  rule 'one':
    0: user.uid = 0  pass 1  fail reject
    1: shared 5  pass accept  fail reject
  rule 'two':
    0: fd.num > 3  pass 1  fail reject
    1: shared 5  pass accept  fail reject
on fchmod:
  0: try 'two', 'three'
  rule 'two':
    0: fd.num > 3  pass 1  fail reject
    1: shared 5  pass accept  fail reject
  rule 'three':
    0: user.uid = 0  pass reject  fail accept
on asyncevent:
  0: unless shared 5 go to 2
  1: try 'one', 'two'
  2: try 'three'
  rule 'one':
    0: evt.type = chmod  pass 1  fail reject
    1: user.uid = 0  pass 2  fail reject
    2: shared 5  pass accept  fail reject
  rule 'two':
    0: fd.num > 3  pass 1  fail reject
    1: evt.type in (chmod, fchmod)  pass 2  fail reject
    2: shared 5  pass accept  fail reject
  rule 'three':
    0: evt.type = fchmod  pass 1  fail reject
    1: user.uid = 0  pass reject  fail accept
shared 5:
    0: proc.name = a  pass accept  fail 1
    1: proc.name = b  pass accept  fail reject
";
    assert_eq!(engine.to_string(), expected);
}

#[test]
fn what_is_left_for_notices_is_printed_last() {
    let text = engine(&[("one", "evt.type = finit_module and fd.num > 3")]).to_string();
    let heads: Vec<_> = text.lines().filter(|line| line.starts_with("on ")).collect();
    assert_eq!(heads, ["on finit_module:", "on asyncevent:"]);
}

#[test]
fn events_that_can_match_are_named_also_those_without_a_type_of_their_own() {
    let names = |condition| engine(&[("one", condition)]).event_names();
    assert_eq!(names("evt.type in (open, sysinfo)"), Some(vec!["open", "sysinfo"]));
    assert_eq!(names("evt.type = sysinfo and fd.num = 1"), Some(vec!["sysinfo"]));
    assert_eq!(names("evt.type = open and evt.type = close"), Some(vec!["asyncevent"]));
    assert_eq!(names("fd.num = 1"), None);
}

#[test]
fn many_alternatives_of_many_values_are_compiled_quickly() {
    let parts: Vec<_> = (0..150_000).map(|i| format!("proc.env[NAME_OF_{i}] = 1")).collect();
    let tree = parse(&parts.join(" or ")).unwrap();
    let start = std::time::Instant::now();
    Engine::of_conditions([("wide", &tree)], Matching::All).unwrap();
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn many_rules_are_looked_up() {
    let rules: Vec<(String, String)> = (0..50)
        .map(|i| (format!("r{i}"), format!("evt.type = open and fd.name startswith /data/{i}/")))
        .collect();
    let trees: Vec<_> = rules.iter().map(|(_, condition)| parse(condition).unwrap()).collect();
    let named = rules.iter().map(|(name, _)| name.as_str()).zip(&trees);
    let engine = Engine::of_conditions(named, Matching::First).unwrap();
    assert!(engine.to_string().contains(
        "on open:\n  0: by the names of the file, look up fd.name among 50 keys\n  rule"
    ));
}

#[test]
fn macros_within_macros_are_compiled_once() {
    // Written out, this would be 2^40 comparisons.
    let mut body = Arc::new(parse("proc.name = a or proc.name = b").unwrap());
    for level in 0..40 {
        let named = |at: usize| {
            let mut expr = parse(&format!("m{level}x{at}")).unwrap();
            if let Expr::Macro(_, condition) = &mut expr {
                *condition = Some(Arc::clone(&body));
            }
            expr
        };
        let other = parse(&format!("proc.pid = {level}")).unwrap();
        body = Arc::new(Expr::Or(vec![
            Expr::And(vec![named(0), other]),
            Expr::And(vec![named(1), parse("fd.num = 1").unwrap()]),
        ]));
    }
    let engine = Engine::of_conditions([("bomb", &*body)], Matching::All).unwrap();
    assert!(engine.to_string().lines().count() < 1000);
}
