//! What rule files define: overrides, exceptions, lists, macros, in every shape.

#![allow(clippy::panic, clippy::unwrap_used, reason = "what is missing fails the test")]

use rules::load::{Code, Definitions, Loaded, Problems, Rule, RuleFile, Severity, Status, load};

fn try_load(texts: &[&str]) -> Result<Loaded, Problems> {
    let file = |(at, text): (usize, &&str)| RuleFile {
        name: format!("{}.yaml", ["a", "b", "c"][at]),
        text: (*text).to_owned(),
    };
    load(texts.iter().enumerate().map(file).collect())
}

fn loaded(text: &str) -> Loaded {
    try_load(&[text]).unwrap_or_else(|problems| panic!("{problems}\nin\n{text}"))
}

fn only_rule(text: &str) -> Rule {
    let mut rules = loaded(text).definitions.rules;
    assert_eq!(rules.len(), 1, "{text}");
    rules.remove(0)
}

/// The first line of each error: `a.yaml:1:2: message; hint`.
fn errors(texts: &[&str]) -> Vec<String> {
    let Err(problems) = try_load(texts) else { return Vec::new() };
    let shown = problems.to_string();
    shown.lines().filter(|line| !line.starts_with("  |")).map(str::to_owned).collect()
}

fn warnings(text: &str) -> Vec<(Code, String)> {
    let list = match try_load(&[text]) {
        Ok(loaded) => loaded.warnings.list,
        Err(problems) => problems.list,
    };
    let warnings = list.into_iter().filter(|problem| problem.severity() == Severity::Warning);
    warnings.map(|p| (p.code, p.diagnostic.message)).collect()
}

const BASE: &str = "
- rule: r
  desc: d
  condition: evt.type = open
  output: o %proc.name
  priority: INFO
  tags: [b, a]
";

/// [`BASE`] and one more item.
fn changed(more: &str) -> String {
    format!("{BASE}{more}")
}

#[test]
fn a_rule_has_what_its_keys_say() {
    let rule = only_rule(
        "- {rule: r, desc: d, condition: evt.type=open, output: ' o ', priority: info, enabled: No,
            capture: on, capture_duration: 2500, warn_evttypes: n, tags: [b, a, b]}",
    );
    assert_eq!((&*rule.name, rule.desc.as_str(), rule.output_text.as_str()), ("r", "d", "o"));
    assert_eq!(rule.priority.name(), "Informational");
    assert_eq!((rule.enabled, rule.capture, rule.warn_evttypes), (false, true, false));
    assert_eq!((rule.capture_duration_ms, &*rule.source), (2500, "syscall"));
    assert_eq!(rule.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(rule.status, Status::Active);
}

#[test]
fn later_items_add_to_rules_and_change_them() {
    type Look = fn(&Rule) -> String;
    let condition: Look = |rule| rule.condition_text.clone();
    let cases: [(&str, &str, Look); 13] = [
        (
            "condition: and proc.name = cat, override: {condition: append}",
            "evt.type = open and proc.name = cat",
            condition,
        ),
        (
            "condition: and proc.name = cat, append: true",
            "evt.type = open and proc.name = cat",
            condition,
        ),
        (
            "condition: evt.type = close, override: {condition: replace}",
            "evt.type = close",
            condition,
        ),
        ("output: '%evt.num', override: {output: append}", "o %proc.name %evt.num", |r| {
            r.output_text.clone()
        }),
        ("output: '%evt.num', override: {output: replace}", "%evt.num", |r| r.output_text.clone()),
        ("desc: more, override: {desc: append}", "d more", |r| r.desc.clone()),
        ("desc: more, override: {desc: replace}", "more", |r| r.desc.clone()),
        ("tags: [c], override: {tags: append}", "[\"a\", \"b\", \"c\"]", |r| {
            format!("{:?}", r.tags)
        }),
        ("tags: [c], override: {tags: replace}", "[\"c\"]", |r| format!("{:?}", r.tags)),
        ("priority: WARNING, override: {priority: replace}", "Warning", |r| r.priority.to_string()),
        ("enabled: false, override: {enabled: replace}", "false", |r| r.enabled.to_string()),
        (
            "capture: true, capture_duration: 7, override: {capture: replace, capture_duration: replace}",
            "true 7",
            |r| format!("{} {}", r.capture, r.capture_duration_ms),
        ),
        ("enabled: false", "false", |r| r.enabled.to_string()),
    ];
    for (keys, expected, look) in cases {
        let rule = only_rule(&changed(&format!("- {{rule: r, {keys}}}")));
        assert_eq!(look(&rule), expected, "{keys}");
        assert_eq!(rule.status, Status::Active);
    }
}

#[test]
fn one_item_adds_and_replaces() {
    let rule = only_rule(&changed(
        "- {rule: r, desc: new, condition: and proc.name = cat, priority: ERROR,
            override: {desc: replace, condition: append, priority: replace}}",
    ));
    assert_eq!(rule.desc, "new");
    assert_eq!(rule.condition.to_string(), "evt.type = open and proc.name = cat");
    assert_eq!(rule.priority.name(), "Error");
}

#[test]
fn a_rule_defined_again_replaces_the_first_at_its_place() {
    let definitions = loaded(&changed(
        "- {rule: s, desc: d, condition: evt.type=dup, output: o, priority: INFO}
- {rule: r, desc: e, condition: evt.type=close, output: o, priority: ERROR}",
    ))
    .definitions;
    let names: Vec<_> = definitions.rules.iter().map(|rule| (&*rule.name, &*rule.desc)).collect();
    assert_eq!(names, [("r", "e"), ("s", "d")]);
    assert!(definitions.rules[0].tags.is_empty());
}

/// The condition of a rule with these exceptions, printed.
fn with_exceptions(exceptions: &str) -> String {
    only_rule(&format!("{BASE}  exceptions:\n{exceptions}")).condition.to_string()
}

#[test]
fn exceptions_become_conditions() {
    let cases = [
        ("fields: proc.name, values: [a, b c]", "proc.name in (a, \"b c\")"),
        ("fields: proc.name, comps: pmatch, values: [/a, /b]", "proc.name pmatch (/a, /b)"),
        (
            "fields: proc.name, comps: startswith oneof, values: [a]",
            "proc.name startswith oneof (a)",
        ),
        ("fields: [proc.name], values: [[a]]", "proc.name = a"),
        ("fields: [proc.name], comps: [contains], values: [[a b]]", "proc.name contains \"a b\""),
        (
            "fields: [proc.name], comps: ['  startswith oneof '], values: [[[a, b]]]",
            "proc.name startswith oneof (a, b)",
        ),
        (
            "fields: [proc.name], comps: [startswith oneof], values: [[a]]",
            "proc.name startswith oneof (a)",
        ),
        ("fields: [proc.name], comps: [in], values: [['(a, b)']]", "proc.name in (a, b)"),
        ("fields: [tolower(proc.name)], values: [[a]]", "tolower(proc.name) = a"),
        ("fields: [proc.name], values: [['val(proc.pname)']]", "proc.name = val(proc.pname)"),
        ("fields: [proc.name], values: [['\"a b\"']]", "proc.name = \"a b\""),
    ];
    for (exception, expected) in cases {
        let condition = with_exceptions(&format!("    - {{name: x, {exception}}}"));
        assert_eq!(condition, format!("evt.type = open and not {expected}"), "{exception}");
    }
    let several = "    - {name: x, fields: [proc.name, fd.name], comps: [=, in], values: [[a, [/b, /c]], [d, /e]]}
    - {name: y, fields: proc.exe, values: [f]}
    - {name: z, fields: proc.exe, values: []}
    - {name: w, fields: [proc.exe]}";
    assert_eq!(
        with_exceptions(several),
        "evt.type = open and not ((proc.name = a and fd.name in (/b, /c)) or \
         (proc.name = d and fd.name in (/e))) and not proc.exe in (f)"
    );
}

#[test]
fn exceptions_are_added_and_replaced() {
    let base = format!("{BASE}  exceptions:\n    - {{name: x, fields: proc.name, values: [a]}}\n");
    let cases = [
        ("exceptions: [{name: x, values: [b]}], append: true", "not proc.name in (a, b)"),
        (
            "exceptions: [{name: x, values: [b]}], override: {exceptions: append}",
            "not proc.name in (a, b)",
        ),
        (
            "exceptions: [{name: y, fields: proc.exe, values: [b]}], append: true",
            "not proc.name in (a) and not proc.exe in (b)",
        ),
        (
            "exceptions: [{name: y, fields: proc.exe, values: [b]}], override: {exceptions: replace}",
            "not proc.exe in (b)",
        ),
        ("exceptions: [], override: {exceptions: replace}", ""),
    ];
    for (keys, expected) in cases {
        let rule = only_rule(&format!("{base}- {{rule: r, {keys}}}"));
        let expected = [" and ", expected].concat();
        let expected = if expected == " and " { "" } else { &expected };
        assert_eq!(rule.condition.to_string(), format!("evt.type = open{expected}"), "{keys}");
    }
    let rule = only_rule(&base);
    let exception = &rule.exceptions[0];
    assert_eq!(
        (exception.name.as_str(), &exception.fields[..]),
        ("x", &["proc.name".to_owned()][..])
    );
    assert_eq!((&exception.comps[0][..], &exception.values[0][0][..]), ("in", "a"));
}

#[test]
fn conditions_draw_lists_in() {
    let lists = "
- {list: l, items: [a, b c, 'd']}
- {list: none, items: []}
- {list: deep, items: [deeper, z]}
- {list: deeper, items: [deepest]}
- {list: deepest, items: [l, y]}
- {list: own, items: [own, x]}
- {list: two words, items: [e]}
- {list: quoted, items: ['\"f g\"', \"'h'\"]}
";
    let cases = [
        ("in (l)", "in (a, \"b c\", d)"),
        ("in ( x,l ,y )", "in (x, a, \"b c\", d, y)"),
        ("in (none)", "in ()"),
        ("in (none, x)", "in (x)"),
        ("in (x, none)", "in (x)"),
        ("in (x, none, y)", "in (x, y)"),
        ("in (none, none)", "in ()"),
        ("in (deep)", "in (a, \"b c\", d, y, z)"),
        ("in (own)", "in (own, x)"),
        ("in (two words)", "in (e)"),
        ("in (quoted)", "in (\"f g\", \"h\")"),
        ("in (\"l\", ', l ,')", "in (\"l\", \", l ,\")"),
        ("in (ll, l.l, /l)", "in (ll, l.l, /l)"),
        ("= deepest.", "= deepest."),
    ];
    for (written, expected) in cases {
        let rule = only_rule(&format!(
            "{lists}- {{rule: r, desc: d, output: o, priority: INFO, condition: \"{}\"}}",
            format!("proc.name {written}").replace('"', "\\\"")
        ));
        assert_eq!(rule.condition.to_string(), format!("proc.name {expected}"), "{written}");
    }
}

#[test]
fn lists_and_macros_are_added_to_and_replaced() {
    let text = "
- {list: l, items: [a]}
- {list: l, items: [b], override: {items: append}}
- {list: l, items: [c], append: true}
- {list: m, items: [a]}
- {list: m, items: [b], override: {items: replace}}
- {macro: x, condition: evt.type = open}
- {macro: x, condition: or evt.type = openat, override: {condition: append}}
- {rule: r, desc: d, output: o, priority: INFO, condition: 'x and proc.name in (l) and proc.exe in (m)'}
";
    let definitions = loaded(text).definitions;
    assert_eq!(definitions.lists[0].items, ["a", "b", "c"]);
    assert_eq!(definitions.lists[1].items, ["b"]);
    assert_eq!(definitions.macros[0].condition.to_string(), "evt.type = open or evt.type = openat");
    assert_eq!(
        definitions.rules[0].condition.to_string(),
        "x and proc.name in (a, b, c) and proc.exe in (b)"
    );
    assert_eq!(definitions.rules[0].lists, ["l".into(), "m".into()]);
}

#[test]
fn rules_see_all_macros_and_macros_those_before_them() {
    let rule = "- {rule: r, desc: d, output: o, priority: INFO, condition: evt.type=open and b}\n";
    let (a, b) = ("- {macro: a, condition: fd.num = 1}\n", "- {macro: b, condition: a}\n");
    for text in [[rule, a, b].concat(), [a, rule, b].concat(), [a, b, rule].concat()] {
        loaded(&text);
    }
    assert_eq!(
        errors(&[&[b, a, rule].concat()]),
        ["a.yaml:1:25: macro 'a' is used before it is defined; define it further up"]
    );
    // A macro that is added to later sees what was defined by then.
    let more = "- {macro: b, condition: or a, override: {condition: append}}";
    loaded(&["- {macro: b, condition: fd.num = 2}\n", a, more].concat());
}

#[test]
fn a_file_split_into_several_defines_the_same() {
    let items = [
        "- {list: l, items: [a]}\n",
        "- {macro: m, condition: proc.name in (l)}\n",
        BASE,
        "- {list: l, items: [b], override: {items: append}}\n",
        "- {rule: r, condition: and m, override: {condition: append}}\n",
        "- {macro: m, condition: or fd.num = 1, override: {condition: append}}\n",
    ];
    let said = |loaded: &Loaded| {
        let Definitions { rules, macros, lists, .. } = &loaded.definitions;
        let rules: Vec<_> = rules.iter().map(|r| format!("{} {}", r.name, r.condition)).collect();
        let macros: Vec<_> = macros.iter().map(|m| format!("{} {}", m.name, m.condition)).collect();
        let lists: Vec<_> = lists.iter().map(|l| format!("{} {:?}", l.name, l.items)).collect();
        (rules, macros, lists)
    };
    let whole = said(&loaded(&items.concat()));
    for first in 0..=items.len() {
        for second in first..=items.len() {
            let parts =
                [&items[..first], &items[first..second], &items[second..]].map(<[_]>::concat);
            let parts: Vec<_> = parts.iter().map(String::as_str).collect();
            let split = try_load(&parts).unwrap_or_else(|e| panic!("{first} {second}: {e}"));
            assert_eq!(said(&split), whole, "split at {first} and {second}");
        }
    }
}

#[test]
fn rules_of_other_sources_and_with_unknown_fields_stay_inactive() {
    let text = "
- {rule: a, desc: d, condition: ka.verb = GET and nothing, output: '%ka.verb', priority: INFO, source: k8s_audit}
- {rule: b, desc: d, condition: evt.type = open and proc.nme = x, output: o, priority: INFO, skip-if-unknown-filter: true}
- {rule: c, desc: d, condition: evt.type = open, output: '%proc.nme', priority: INFO, skip-if-unknown-filter: true}
- {rule: e, desc: d, condition: evt.type = opn, output: o, priority: INFO, skip-if-unknown-filter: true}
";
    let Loaded { definitions, warnings } = loaded(text);
    let status: Vec<_> = definitions.rules.iter().map(|rule| rule.status).collect();
    let skipped = Status::UnknownFilter;
    assert_eq!(status, [Status::UnknownSource, skipped, skipped, skipped]);
    assert!(definitions.rules.iter().all(|rule| !rule.is_on()));
    let codes: Vec<_> = warnings.list.iter().map(|problem| problem.code).collect();
    assert_eq!(
        codes,
        [Code::UnknownSource, Code::UnknownFilter, Code::UnknownFilter, Code::UnknownFilter]
    );
}

#[test]
fn what_is_doubtful_is_warned_of() {
    let cases = [
        (
            "- {list: 'a b', items: []}",
            Code::InvalidListName,
            "'a b' is not a good name for a list",
        ),
        (
            "- {macro: a-b, condition: fd.num=1}",
            Code::InvalidMacroName,
            "'a-b' is not a good name for a macro",
        ),
        (
            "- {list: l, items: []}",
            Code::UnusedList,
            "list 'l' is not used by any rule, macro or list",
        ),
        (
            "- {macro: m, condition: fd.num=1}",
            Code::UnusedMacro,
            "macro 'm' is not used by any rule, macro or list",
        ),
        (
            "- {rules: r}",
            Code::UnknownItem,
            "an item of no known kind, which does nothing: 'rules'",
        ),
        ("- {rule: r, enabled: true}", Code::DeprecatedItem, "'enabled' alone is deprecated"),
        (
            "- {rule: r, condition: or fd.num=1, append: true}",
            Code::DeprecatedItem,
            "'append' is deprecated",
        ),
        (
            "- {rule: r, tag: [a], enabled: true}",
            Code::UnknownKey,
            "unknown key 'tag', which does nothing",
        ),
        (
            "- {rule: r, enabled: true, enabled: false}",
            Code::UnknownKey,
            "'enabled' is there twice; the first counts",
        ),
        (
            "- {rule: r, exceptions: [{name: x, fields: proc.name, values: [a]}, {name: x, fields: proc.exe, values: [a]}], override: {exceptions: replace}}",
            Code::ExceptionNameNotUnique,
            "there are two exceptions 'x' in this rule",
        ),
        (
            "- {rule: r, condition: proc.name = a, override: {condition: replace}}",
            Code::NoEvtType,
            "rule 'r' is for most types of events",
        ),
        (
            "- {rule: r, condition: and proc.name = proc.pname, override: {condition: append}}",
            Code::ConditionWarning,
            "'proc.pname' is a text here, although there is a field of this name",
        ),
        (
            "- {rule: r, condition: and evt.dir = <, override: {condition: append}}",
            Code::DeprecatedItem,
            "field 'evt.dir' is deprecated",
        ),
        (
            "- {rule: r, output: '%evt.dir', override: {output: replace}}",
            Code::DeprecatedItem,
            "field 'evt.dir' is deprecated",
        ),
        (
            "- {rule: r, output: '%container.info', override: {output: append}}",
            Code::DeprecatedItem,
            "'%container.info' is deprecated",
        ),
    ];
    for (item, code, message) in cases {
        let found = warnings(&changed(item));
        assert!(found.contains(&(code, message.to_owned())), "{item}: {found:?}");
    }
    let silent = "- {rule: r, condition: proc.name = a, warn_evttypes: false, override: {condition: replace, warn_evttypes: replace}}";
    assert_eq!(warnings(&changed(silent)), []);
    let no_values = format!(
        "{BASE}  exceptions: [{{name: x, fields: proc.name}}]\n- {{rule: r, exceptions: [{{name: x, value: a}}], override: {{exceptions: append}}}}"
    );
    let codes: Vec<_> = warnings(&no_values).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [Code::AppendNoValues, Code::UnknownKey]);
}

#[test]
fn container_info_is_left_out_of_outputs() {
    let rule = only_rule(&BASE.replace("o %proc.name", "o %container.info %proc.name"));
    let names: Vec<_> = rule.output.iter().flat_map(|output| output.names()).collect();
    assert_eq!(names, ["proc.name"]);
}

#[test]
fn versions_that_are_needed_are_compared() {
    for fine in ["10", "0.62.0", "0.31.0", "\"0.1.2\""] {
        loaded(&format!("- required_engine_version: {fine}"));
    }
    loaded(
        "- required_plugin_versions: [{name: k, version: 0.1.0, alternatives: [{name: j, version: 1.2.3}]}]",
    );
    let cases = [
        (
            "required_engine_version: 63",
            "28: these rules need version 0.63.0 of the rule language, this is 0.62.0",
        ),
        (
            "required_engine_version: 1.0.0",
            "28: these rules need version 1.0.0 of the rule language, this is 0.62.0",
        ),
        ("required_engine_version: x", "28: 'x' is not a version; write 0.62.0, for example"),
        ("required_engine_version:", "26: 'required_engine_version' has no value"),
        (
            "required_plugin_versions: a",
            "29: 'required_plugin_versions' has to be a list, not a text",
        ),
        ("required_plugin_versions: [a]", "30: a plugin has to be a mapping, not a text"),
        (
            "required_plugin_versions: [{name: a}]",
            "31: required_plugin_versions 'a' has no 'version'",
        ),
        (
            "required_plugin_versions: [{name: a, version: 1}]",
            "49: '1' is not a version of plugin 'a'; write 0.1.0, for example",
        ),
        (
            "required_plugin_versions: [{name: a, version: 1.0.0, alternatives: [{name: a, version: 1.0.0}]}]",
            "78: plugin 'a' is there twice",
        ),
    ];
    for (item, expected) in cases {
        assert_eq!(errors(&[&format!("- {item}")]), [format!("a.yaml:1:{expected}")], "{item}");
    }
}

#[test]
fn all_that_is_wrong_with_a_rule_is_told_at_once() {
    let text = "
- rule: r
  desc: d
  condition: >
    evt.type = open
    and proc.nme = a
  output: o %proc.nam
  priority: WARN
";
    let told = errors(&[text]);
    let places: Vec<_> = told.iter().map(|line| &line[..line.find(": ").unwrap()]).collect();
    assert_eq!(places, ["a.yaml:6:9", "a.yaml:7:14", "a.yaml:8:13"], "{told:#?}");
}

#[test]
fn a_macro_that_nothing_uses_is_looked_at_too() {
    let found = warnings("- {macro: m, condition: proc.nme = a}");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&(Code::ConditionWarning, "unknown field 'proc.nme'".to_owned())));
}
