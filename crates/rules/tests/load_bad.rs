//! What is wrong with rule files is told at its place; hostile ones are refused in time.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use rules::load::{Code, Loaded, Problems, RuleFile, load};

fn try_load(text: &str) -> Result<Loaded, Problems> {
    load(vec![RuleFile { name: "a.yaml".to_owned(), text: text.to_owned() }])
}

/// The first line of each error: `1:2: message; hint`.
fn errors(text: &str) -> Vec<String> {
    let Err(problems) = try_load(text) else { return Vec::new() };
    let shown = problems.to_string();
    let lines = shown.lines().filter_map(|line| line.strip_prefix("a.yaml:"));
    lines.map(str::to_owned).collect()
}

const BASE: &str = "- {rule: r, desc: d, condition: evt.type=open, output: o, priority: INFO}\n";

#[test]
fn mistakes_are_told_with_their_place_and_how_to_mend_them() {
    let cases = [
        ("a: b: c", "1:5: not YAML: mapping values are not allowed in this context"),
        ("- b: *x", "1:6: not YAML: while parsing node, found unknown anchor"),
        (
            "text",
            "1:1: a rule file has to be a list of items, not a text; begin each rule, macro and list with '- '",
        ),
        ("- text", "1:3: an item has to be a mapping, not a text"),
        ("- list: l", "1:3: list 'l' has no 'items'"),
        ("- {list: l, items: a}", "1:20: 'items' has to be a list, not a text; write [a]"),
        ("- {list: l, items: [a, [b]]}", "1:24: an item of 'items' has to be a text, not a list"),
        ("- {list: [l], items: []}", "1:10: 'list' has to be a text, not a list"),
        ("- {macro: m}", "1:4: macro 'm' has no 'condition'"),
        (
            "- {macro: m, condition: fd.num=1, override: append}",
            "1:45: 'override' has to be a mapping, not a text; write condition: append under it",
        ),
        (
            "- {macro: m, condition: fd.num=1, override: {condition: add}}",
            "1:57: 'add' is not an override; write condition: append or condition: replace",
        ),
        (
            "- {macro: m, condition: fd.num=1, override: {condition: append}}",
            "1:11: macro 'm' adds to one, but there is none of this name before",
        ),
        (
            "- {rule: r}",
            "1:10: rule 'r' has no 'condition'; a rule has condition, desc, output and priority; to change another, write 'override'",
        ),
        (
            "- {rule: q, enabled: true}",
            "1:10: rule 'q' has 'enabled' alone, but there is none of this name before",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type=open, output: o, priority: INFO, enabled: maybe}",
            "1:84: 'enabled' has to be true or false, not 'maybe'",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type=open, output: o, priority: HIGH}",
            "1:69: 'HIGH' is not a priority; priorities are emergency alert critical error warning notice info debug",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type=open, output: o, priority: INFO, capture_duration: 1s}",
            "1:93: 'capture_duration' has to be a whole number up to 4294967295, not '1s'",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type=open, output: o, priority: INFO, tags: a}",
            "1:81: 'tags' has to be a list, not a text; write [a]",
        ),
        (
            "- {rule: r, desc: d, condition: [a], output: o, priority: INFO}",
            "1:33: 'condition' has to be a text, not a list",
        ),
        (
            "- {rule: r, desc: d, condition: nothing, output: o, priority: INFO}",
            "1:33: undefined macro 'nothing'; a condition compares a field, such as proc.name = bash, or names a macro",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type=open, output: '%proc.nme', priority: INFO}",
            "1:58: unknown field 'proc.nme'; did you mean 'proc.name'?",
        ),
        (
            "- {rule: r, desc: d, condition: evt.type = val(proc.name), output: o, priority: INFO}",
            "1:44: a rule cannot compare the event type with another field",
        ),
        (
            "- {rule: r, desc: d, condition: toupper(evt.type) = OPEN, output: o, priority: INFO}",
            "1:41: a rule cannot transform the event type; compare it with names: evt.type in (open, openat)",
        ),
        (
            "- {macro: m, condition: m or fd.num=1}",
            "1:25: macro 'm' is used before it is defined; define it further up",
        ),
        (
            "- {macro: m, condition: fd.num=1}\n- {macro: m, condition: m or fd.num=1}",
            "2:25: reference loop in macro 'm': m > m",
        ),
        (
            "- {list: a, items: [b]}\n- {list: b, items: [c]}\n- {list: c, items: [a]}",
            "3:21: list 'a' holds itself: a > b > c > a",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn mistakes_in_changes_of_rules_are_told() {
    let cases = [
        (
            "condition: and fd.num=1, append: true, override: {condition: append}",
            "2:46: 'append' and 'override' don't go together; leave out 'append'",
        ),
        (
            "priority: INFO, override: {priority: append}",
            "2:40: 'priority' cannot take 'append'; write priority: replace",
        ),
        (
            "source: x, override: {source: replace}",
            "2:35: 'source' cannot take 'replace'; keys that can are condition output desc priority capture capture_duration tags exceptions enabled warn_evttypes skip-if-unknown-filter",
        ),
        (
            "desc: d, override: {desc: replace, condition: append}",
            "2:59: 'override' has condition: append, but there is no 'condition'",
        ),
        (
            "desc: d, priority: INFO, override: {desc: replace}",
            "2:22: 'override' does not say what becomes of 'priority'; write priority: replace under 'override'",
        ),
        (
            "source: k8s_audit, condition: and fd.num=1, append: true",
            "2:10: rule 'r' is for source 'syscall', not 'k8s_audit'",
        ),
        ("append: true", "2:10: rule 'r' adds nothing; give it a condition or exceptions"),
        (
            "condition: fd.num=1, override: {condition: append}",
            "2:24: expected 'and' or 'or', found 'fd.num'; put values with blanks, commas, parentheses or '=' into quotes",
        ),
        (
            "exceptions: [{name: x}], override: {exceptions: replace}",
            "2:33: exception 'x' has no 'fields'",
        ),
        (
            "exceptions: [{name: x, values: [a]}], override: {exceptions: append}",
            "2:33: exception 'x' has no 'fields'",
        ),
    ];
    for (keys, expected) in cases {
        assert_eq!(errors(&format!("{BASE}- {{rule: r, {keys}}}")), [expected], "{keys}");
    }
}

#[test]
fn mistakes_in_exceptions_are_told() {
    let cases = [
        ("- a", "8:5: an exception has to be a mapping, not a text"),
        ("- {fields: proc.name}", "8:6: this exception has no 'name'"),
        ("- {name: x}", "8:12: exception 'x' has no 'fields'"),
        ("- {name: x, fields: []}", "8:12: exception 'x' has no 'fields'"),
        (
            "- {name: x, fields: proc.nme}",
            "8:23: unknown field 'proc.nme'; did you mean 'proc.name'?",
        ),
        (
            "- {name: x, fields: [proc.name, nothing]}",
            "8:35: 'nothing' is not a field; put text into quotes: \"nothing\"",
        ),
        (
            "- {name: x, fields: proc.name, comps: [in]}",
            "8:41: 'fields' is a single one, so 'comps' has to be one operator",
        ),
        (
            "- {name: x, fields: proc.name, comps: '='}",
            "8:42: '=' does not compare one field with a list; write in, pmatch, intersects, or an operator with oneof, anyof or allof",
        ),
        (
            "- {name: x, fields: [proc.name], comps: in}",
            "8:43: 'fields' is a list, so 'comps' has to be one",
        ),
        (
            "- {name: x, fields: [proc.name], comps: ['=', '=']}",
            "8:43: 1 fields, but 2 operators in 'comps'",
        ),
        (
            "- {name: x, fields: [proc.name], values: a}",
            "8:44: 'values' has to be a list, not a text",
        ),
        (
            "- {name: x, fields: [proc.name], values: [a]}",
            "8:45: one text for 1 fields; each of 'values' is a list with one value for each field",
        ),
        (
            "- {name: x, fields: [proc.name], values: [[a, b]]}",
            "8:45: 2 values for 1 fields; each of 'values' is a list with one value for each field",
        ),
        (
            "- {name: x, fields: proc.name, values: [[a]]}",
            "8:43: 'fields' is a single one, so each value has to be a text",
        ),
        (
            "- {name: x, fields: [proc.name], values: [['']]}",
            "8:46: a value of 'values' has to be a text, not a text",
        ),
        ("- {name: x, fields: [proc.pid], values: [[abc]]}", "8:45: 'abc' is not a whole number"),
    ];
    let base = "- rule: r\n  desc: d\n  condition: evt.type=open\n  output: o\n  priority: INFO\n  tags: []\n  exceptions:\n";
    for (exception, expected) in cases {
        let found = errors(&format!("{base}  {exception}"));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{exception}: {found:?}");
    }
    for comp in ["no-comp", "frobulate oneof", "in oneof", ">= oneof", "oneof", "= oneof x"] {
        let text =
            format!("{base}  - {{name: x, fields: [proc.name], comps: ['{comp}'], values: [[a]]}}");
        let expected = format!("8:45: '{comp}' is not an operator");
        assert!(errors(&text).iter().all(|e| e.starts_with(&expected)), "{:?}", errors(&text));
        assert_eq!(errors(&text).len(), 1, "{comp}");
    }
}

#[test]
fn a_mistake_in_a_scalar_of_any_style_is_at_its_line_and_column() {
    let cases = [
        ("evt.type=open and proc.nme=a", "3:32"),
        ("evt.type=open\n    and proc.nme=a", "4:9"),
        ("'evt.type=open and\n    proc.name=''a'' and proc.nme=a'", "4:25"),
        ("\"evt.type=open and \\\n    proc.name=\\\"a\\\" and proc.nme=a\"", "4:25"),
        (">\n    evt.type=open\n\n    and proc.nme=a\n", "6:9"),
        ("|-\n    evt.type=open\n      and proc.nme=a\n", "5:11"),
        (">-  # why\n      evt.type=open and ä\n      or proc.nme=a", "5:10"),
    ];
    for (condition, place) in cases {
        let text = format!(
            "- rule: r\n  desc: d\n  condition: {condition}\n  output: o\n  priority: INFO\n"
        );
        let found = errors(&text.replace('ä', "not fd.name=ä"));
        assert_eq!(
            found,
            [format!("{place}: unknown field 'proc.nme'; did you mean 'proc.name'?")]
        );
    }
    let windows = "- rule: r\r\n  desc: d\r\n  condition: >\r\n    evt.type=open\r\n    and proc.nme=a\r\n  output: o\r\n  priority: INFO\r\n";
    assert_eq!(errors(windows)[0].split(' ').next(), Some("5:9:"));
    assert_eq!(errors(&format!("\u{feff}{windows}"))[0].split(' ').next(), Some("5:9:"));
    let output = "- rule: r\n  desc: d\n  condition: evt.type=open\n  priority: INFO\n  output: >\n    a %proc.name\n    b %proc.nme\n";
    assert_eq!(errors(output), ["7:8: unknown field 'proc.nme'; did you mean 'proc.name'?"]);
}

#[test]
fn a_mistake_is_told_where_it_stands_however_it_got_into_the_condition() {
    let lists = "- list: ips\n  items:\n    - 10.0.0.1\n    - nonsense\n";
    let rule = "- {rule: r, desc: d, condition: 'evt.type=open and fd.sip in (ips)', output: o, priority: INFO}\n";
    assert_eq!(errors(&[lists, rule].concat()), ["4:7: 'nonsense' is not an IP address"]);
    let more = "- {rule: r, condition: and proc.nme=a, override: {condition: append}}";
    assert_eq!(
        errors(&[BASE, more].concat()),
        ["2:28: unknown field 'proc.nme'; did you mean 'proc.name'?"]
    );
    // In a macro, once for all rules.
    let rules = "- {macro: m, condition: proc.nme=a}\n- {rule: r, desc: d, condition: evt.type=open and m, output: o, priority: INFO}\n- {rule: s, desc: d, condition: evt.type=dup and m, output: o, priority: INFO}\n";
    assert_eq!(errors(rules), ["1:25: unknown field 'proc.nme'; did you mean 'proc.name'?"]);
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_places() {
    let text = "
- {macro: m, condition: fd.num = }
- {rule: r, desc: d, condition: m and proc.nme=a, output: '%fd.nme', priority: INFO}
- {list: l}
- {rule: s, desc: d, condition: nothing or proc.nme=a, output: o, priority: INFO}
- {rule: t, condition: proc.name in (l)}
";
    let lines: Vec<_> =
        errors(text).iter().map(|e| e.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "2:32: expected a",
            "3:61: unknown field",
            "4:4: list 'l'",
            "5:33: undefined macro",
            "6:4: rule 't'",
            "6:4: rule 't'",
            "6:4: rule 't'",
        ]
    );
}

#[test]
fn so_many_problems_are_told_and_the_rest_counted() {
    let mut text = String::new();
    for number in 0..2_500 {
        writeln!(text, "- {{macro: m{number}, condition: nothing{number}}}").unwrap();
    }
    let problems = within(Duration::from_secs(120), || try_load(&text)).unwrap_err();
    assert_eq!(problems.errors().count(), 1_001);
    let last = problems.errors().last().unwrap();
    assert_eq!(last.diagnostic.message, "1500 more problems are not shown");
    assert!(within(Duration::from_secs(5), || problems.to_string()).contains("a.yaml:1:"));
}

fn within<T>(most: Duration, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    assert!(start.elapsed() < most, "{:?}", start.elapsed());
    result
}

fn one_error(text: &str) -> String {
    let problems = within(Duration::from_secs(120), || try_load(text)).unwrap_err();
    let all: Vec<_> = problems.errors().map(|p| p.diagnostic.message.clone()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

#[test]
fn bombs_are_refused_in_time() {
    let mut aliases = "- &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        writeln!(aliases, "- &a{level} [*a{0}, *a{0}]", level - 1).unwrap();
    }
    assert_eq!(one_error(&aliases), "more than 2000000 values, counting those of aliases");

    let mut macros = "- {macro: m0, condition: fd.num = 1}\n".to_owned();
    for level in 1..60 {
        writeln!(macros, "- {{macro: m{level}, condition: m{0} or m{0}}}", level - 1).unwrap();
    }
    macros.push_str(
        "- {rule: r, desc: d, condition: evt.type=open and m59, output: o, priority: INFO}\n",
    );
    assert_eq!(one_error(&macros), "more than 100000 comparisons, those of macros counted");

    let mut lists = "- {list: l0, items: [a]}\n".to_owned();
    for level in 1..60 {
        writeln!(lists, "- {{list: l{level}, items: [l{0}, l{0}]}}", level - 1).unwrap();
    }
    lists.push_str(
        "- {rule: r, desc: d, condition: proc.name in (l59), output: o, priority: INFO}\n",
    );
    assert_eq!(
        one_error(&lists),
        "lists of more than 1000000 items, those of lists in lists counted"
    );
}

#[test]
fn many_rules_with_long_lists_and_macros_are_refused_in_time() {
    let items = vec!["item"; 50_000].join(", ");
    let mut lists = format!("- {{list: l, items: [{items}]}}\n");
    let mut macros = "- {macro: m0, condition: fd.num = 1}\n".to_owned();
    for level in 1..15 {
        writeln!(macros, "- {{macro: m{level}, condition: m{0} or m{0}}}", level - 1).unwrap();
    }
    for number in 0..1_000 {
        let rule = |condition: &str| {
            format!(
                "- {{rule: r{number}, desc: d, condition: evt.type=open and {condition}, output: o, priority: INFO}}\n"
            )
        };
        lists.push_str(&rule("'l' in (l)").replace("'l' in", "proc.name in"));
        macros.push_str(&rule("m14"));
    }
    for (text, expected) in [
        (lists, "conditions of more than 32 MiB"),
        (macros, "rules with more than 1000000 comparisons"),
    ] {
        let problems = within(Duration::from_secs(180), || try_load(&text)).unwrap_err();
        assert!(problems.errors().all(|p| p.diagnostic.message.starts_with(expected)));
    }
}

#[test]
fn deep_nesting_fits_a_small_stack() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!(
            "- {{rule: r, desc: d, condition: '{}fd.num=1{}', output: o, priority: INFO}}",
            open.repeat(levels),
            close.repeat(levels)
        )
    };
    let macros = |levels: usize, nots: usize| {
        let mut text = "- {macro: m0, condition: fd.num = 1}\n".to_owned();
        for level in 1..levels {
            let open = "not (fd.num=1 and ".repeat(nots);
            let close = ")".repeat(nots);
            writeln!(text, "- {{macro: m{level}, condition: '{open}m{}{close}'}}", level - 1)
                .unwrap();
        }
        let last = levels - 1;
        writeln!(text, "- {{rule: r, desc: d, condition: m{last}, output: o, priority: INFO}}")
            .unwrap();
        text
    };
    let cases = [
        (deep("(", ")", 200), None),
        (deep("not (fd.num=1 and ", ")", 200), None),
        (deep("(", ")", 201), Some("more than 200 levels")),
        (deep("(", ")", 100_000), Some("more than 200 levels")),
        (deep("not ", "", 100_000), None),
        (macros(100, 1), None),
        (macros(5, 99), None),
        (macros(100, 20), Some("more than 1000 levels")),
        (macros(50_000, 0), Some("more than 100 macros within each other")),
        ("[".repeat(100_000), Some("not YAML: ")),
        (format!("- {}{}", "[".repeat(70), "]".repeat(70)), Some("more than 64 levels")),
    ];
    let run = move || {
        for (text, expected) in cases {
            let result = within(Duration::from_secs(120), || try_load(&text));
            let found = result.err().map(|problems| problems.list[0].diagnostic.message.clone());
            match (&found, expected) {
                (Some(found), Some(expected)) => {
                    assert!(found.starts_with(expected), "{found}; {expected}")
                }
                (found, expected) => {
                    assert_eq!(found.as_deref(), expected, "{}", &text[..text.len().min(200)]);
                }
            }
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn ten_megabytes_load_in_time() {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < 10 << 20 {
        number += 1;
        writeln!(text, "- list: l{number}\n  items: [a, b, c, /usr/bin/d, e]\n- macro: m{number}\n  condition: >\n    proc.name in (l{number}) and fd.name startswith /etc\n").unwrap();
    }
    let loaded = within(Duration::from_secs(180), || try_load(&text)).unwrap();
    assert_eq!(loaded.definitions.macros.len(), number);
    let blob = format!("- {{list: l, items: [{}]}}", "a, ".repeat(3_000_000));
    assert_eq!(one_error(&blob), "more than 2000000 values");
    assert!(within(Duration::from_secs(120), || try_load(&"\0".repeat(10 << 20))).is_err());
}

#[test]
fn nothing_and_comments_are_rule_files() {
    for text in ["", "# nothing", "---\n", "---\n---\n...\n", "- \n-\n", "\u{feff}", "~", "[]"] {
        let loaded = try_load(text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert!(loaded.definitions.rules.is_empty());
    }
}

#[test]
fn codes_and_items_are_those_of_falco() {
    let cases = [
        ("a: b: c", Code::YamlParse, "rules content", ""),
        ("- list: l", Code::YamlValidate, "list", "l"),
        ("- {macro: m, condition: x}", Code::Validate, "macro", "m"),
        ("- {macro: m, condition: fd.num}", Code::CompileCondition, "macro", "m"),
        ("- required_engine_version: 99", Code::Validate, "required_engine_version", ""),
        (
            "- {rule: r, desc: d, condition: fd.nm=1, output: o, priority: INFO}",
            Code::CompileCondition,
            "rule",
            "r",
        ),
        (
            "- {rule: r, desc: d, condition: fd.num=1, output: '%fd.nm', priority: INFO}",
            Code::CompileOutput,
            "rule",
            "r",
        ),
        (
            "- {rule: r, desc: d, condition: fd.num=1, output: o, priority: INFO, exceptions: [{name: x, fields: fd.nm}]}",
            Code::Validate,
            "exception",
            "x",
        ),
    ];
    for (text, code, kind, name) in cases {
        let problems = try_load(text).unwrap_err();
        let first = problems.errors().next().unwrap();
        assert_eq!((first.code, first.item.kind, &*first.item.name), (code, kind, name), "{text}");
    }
}
