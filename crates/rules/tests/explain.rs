//! Conditions explained: parts with their results and values, reasons, the drawn-in form.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what is missing fails the test")]

mod common;

use common::with_context;
use rules::{
    explain::{Distance, Funnel, Kind, Reason, Trace, Tree, drawn_in, fields, inlined, safe},
    filter::{Filter, Memory, ast::Expr},
    load::{RuleFile, load},
};

const DEFINITIONS: &str = "
- list: servers
  items: [Nginx, httpd]
- list: odd
  items: [a, b, c, d, e, f, g, h, i]
- macro: reading
  condition: evt.type in (read, pread) and evt.rawres > 0
- macro: a_server
  condition: proc.name in (servers)
- macro: served
  condition: reading and a_server
";

fn condition(text: &str) -> Expr {
    let text = format!(
        "{DEFINITIONS}
- rule: r
  desc: d
  condition: {text}
  output: o
  priority: INFO
"
    );
    let file = RuleFile { name: "test.yaml".to_owned(), text };
    load(vec![file]).unwrap().definitions.rules.remove(0).condition
}

fn trace(text: &str) -> Trace {
    let tree = Tree::of(&condition(text)).unwrap();
    with_context(|context| tree.trace(context, &mut Memory::default()))
}

#[test]
fn a_tree_holds_for_what_the_compiled_form_matches_and_says_how_far_off_it_is() {
    let cases = [
        ("proc.name = Nginx", true, 1),
        ("proc.name = nginx", false, 1),
        ("not proc.name = nginx", true, 1),
        ("served", true, 1),
        ("not served", false, 1),
        ("served and proc.name = x and evt.type = open", false, 2),
        ("proc.name = x or evt.type = open or served", true, 1),
        ("proc.name = Nginx or evt.type = read or served", true, 3),
        ("(proc.name = x and evt.type = open) or user.name = y", false, 1),
        ("not (proc.name = Nginx and a_server) and evt.type = open", false, 2),
        ("fd.ip = 10.1.0.2", true, 1),
        ("fd.ip != 10.1.0.2", false, 1),
        ("fd.net = 10.0.0.0/8", true, 1),
        ("proc.aname = nothing", false, 1),
        ("proc.name = val(proc.name)", true, 1),
        ("proc.name in ()", false, 1),
        ("tolower(proc.name) startswith anyof (ng, ap)", true, 1),
        ("evt.abspath exists", false, 1),
        ("evt.abspath != y", false, 1),
    ];
    for (text, holds, checks) in cases {
        let expr = condition(text);
        let (tree, filter) = (Tree::of(&expr).unwrap(), Filter::of_tree(&expr).unwrap());
        let mut memory = Memory::default();
        with_context(|context| {
            assert_eq!(filter.matches(context, &mut memory), holds, "{text}");
            assert_eq!(tree.holds(context, &mut memory), holds, "{text}");
            let distance = Distance { holds, checks };
            assert_eq!(tree.distance(context, &mut memory), distance, "{text}");
        });
    }
}

#[test]
fn a_check_shows_the_values_that_it_compares() {
    let cases = [
        ("proc.name = x", "proc.name is 'Nginx'"),
        ("fd.num > 3", "fd.num is 5"),
        ("evt.is_io = true", "evt.is_io is true"),
        ("evt.abspath != x", "evt.abspath has no value"),
        ("fd.port = 443", "fd.port is (40000, 443)"),
        ("fd.snet = 10.0.0.0/8", "fd.snet is '10.1.0.2'"),
        ("fd.net = 10.0.0.0/8", "fd.net is (10.0.0.1, 10.1.0.2)"),
        ("proc.aname = sshd", "proc.aname has no value"),
        ("proc.aname[2] = sshd", "proc.aname[2] has no value"),
        ("tolower(proc.name) = x", "tolower(proc.name) is 'nginx', proc.name is 'Nginx'"),
        ("len(proc.args) > 2", "len(proc.args) is 14, proc.args is '-g daemon off;'"),
        (
            "proc.name = val(proc.exepath)",
            "proc.name is 'Nginx', proc.exepath is '/usr/sbin/nginx'",
        ),
        ("proc.name = val(proc.name)", "proc.name is 'Nginx'"),
        (
            "join(\",\", (proc.name, proc.exe)) = x",
            "join(\",\", (proc.name, proc.exe)) is 'Nginx,/usr/sbin/nginx', proc.name is 'Nginx', \
             proc.exe is '/usr/sbin/nginx'",
        ),
        ("evt.buffer contains GET", "evt.buffer is 'GET / HTTP/1.1..'"),
    ];
    for (text, expected) in cases {
        let values = trace(&format!("'{text}'")).values;
        let sentences: Vec<_> = values.iter().map(|value| value.sentence(100)).collect();
        assert_eq!(sentences.join(", "), expected, "{text}");
    }
}

#[test]
fn a_long_value_is_cut_in_a_sentence_only() {
    let value = trace("proc.exepath = x").values.remove(0);
    assert_eq!(value.sentence(4), "proc.exepath is '/usr…'");
    assert_eq!(value.text.unwrap(), "/usr/sbin/nginx");
    assert_eq!(value.json, "\"/usr/sbin/nginx\"");
}

#[test]
fn all_parts_are_evaluated_and_those_that_decide_are_marked() {
    let trace = trace("served and (proc.name = x or proc.name = y) and not a_server");
    let mut lines = Vec::new();
    print(&trace, 0, &mut lines);
    assert_eq!(
        lines,
        [
            "*false and ",
            "  true macro served",
            "    true and ",
            "      true macro reading",
            "        true and ",
            "          true check evt.type in (read, pread)",
            "          true check evt.rawres > 0",
            "      true macro a_server",
            "        true check proc.name in (Nginx, httpd)",
            "  *false or ",
            "    *false check proc.name = x",
            "    *false check proc.name = y",
            "  *false not ",
            "    *true macro a_server",
            "      *true check proc.name in (Nginx, httpd)",
        ]
    );
}

fn print(trace: &Trace, depth: usize, lines: &mut Vec<String>) {
    let mark = if trace.decides { "*" } else { "" };
    let (indent, kind) = ("  ".repeat(depth), trace.kind.name());
    lines.push(format!("{indent}{mark}{} {kind} {}", trace.holds, trace.text));
    assert_eq!(trace.kind == Kind::Check, trace.children.is_empty());
    trace.children.iter().for_each(|child| print(child, depth + 1, lines));
}

#[test]
fn reasons_are_the_fewest_parts_that_decide() {
    let cases: [(&str, &[&str]); 12] = [
        ("proc.name = x", &["proc.name = x"]),
        ("not a_server", &["not proc.name in (Nginx, httpd) [a_server]"]),
        ("served and proc.name = x and fd.num = 6", &["proc.name = x", "fd.num = 6"]),
        // One of them would do, so none is singled out.
        ("fd.num = 5 and (proc.name = x or proc.name = y)", &["(proc.name = x or proc.name = y)"]),
        ("not (a_server and fd.num = 5)", &["not proc.name in (Nginx, httpd) [a_server]"]),
        ("not (proc.name = Nginx and fd.num = 5)", &["not (proc.name = Nginx and fd.num = 5)"]),
        (
            "proc.name = a or proc.name = b or proc.name = c or proc.name = d or not fd.num = 5",
            &["(proc.name = a or proc.name = b or proc.name = c or 2 more)"],
        ),
        ("(proc.name = x and fd.num = 6) or (proc.name = y and fd.num = 5)", &["proc.name = y"]),
        ("proc.name = x and not (proc.name = y and proc.name = z)", &["proc.name = x"]),
        // It matches: what was enough for that.
        (
            "served",
            &[
                "evt.type in (read, pread) [served > reading]",
                "evt.rawres > 0 [served > reading]",
                "proc.name in (Nginx, httpd) [served > a_server]",
            ],
        ),
        ("proc.name = x or (served and fd.num = 5) or fd.num > 1", &["fd.num > 1"]),
        ("fd.num = 5 and not (proc.name = x and fd.num = 5)", &["fd.num = 5", "not proc.name = x"]),
    ];
    for (text, expected) in cases {
        let reasons: Vec<_> = trace(text).reasons().iter().map(shown).collect();
        assert_eq!(reasons, expected, "{text}");
    }
}

fn shown(reason: &Reason) -> String {
    match &reason.within[..] {
        [] => reason.text.clone(),
        names => format!("{} [{}]", reason.text, names.join(" > ")),
    }
}

#[test]
fn a_condition_is_drawn_in_over_lines() {
    let cases = [
        ("proc.name = x", "proc.name = x\n"),
        ("a_server", "proc.name in (Nginx, httpd)  # a_server\n"),
        (
            "not served or proc.name in (odd)",
            "not (  # served
  (  # reading
    evt.type in (read, pread)
    and evt.rawres > 0
  )
  and proc.name in (Nginx, httpd)  # a_server
)
or proc.name in (a, b, c, d, … 5 more)
",
        ),
        (
            "(fd.num = 1 or fd.num = 2) and not (fd.num = 3 or not fd.num = 4)",
            "(
  fd.num = 1
  or fd.num = 2
)
and not (
  fd.num = 3
  or not fd.num = 4
)
",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(drawn_in(&condition(text), 4), expected, "{text}");
    }
}

#[test]
fn an_inlined_condition_has_no_macros_and_means_the_same() {
    let expr = condition("not served and not (not a_server or proc.name = x)");
    let inlined = inlined(&expr);
    assert_eq!(
        inlined.to_string(),
        "not ((evt.type in (read, pread) and evt.rawres > 0) and proc.name in (Nginx, httpd)) \
         and not (not proc.name in (Nginx, httpd) or proc.name = x)"
    );
    let parsed = rules::filter::parse::parse(&inlined.to_string()).unwrap();
    assert_eq!(parsed, inlined);
}

#[test]
fn all_fields_of_a_condition_are_named_once() {
    let expr = condition("served and tolower(proc.pname) = val(proc.exe) and proc.aname[2] = x");
    let names: Vec<_> = fields(&expr).into_iter().collect();
    assert_eq!(
        names,
        ["evt.rawres", "evt.type", "proc.aname[2]", "proc.exe", "proc.name", "proc.pname"]
    );
}

#[test]
fn a_funnel_counts_what_each_part_lets_through() {
    let expr = condition("served and (proc.name = x or fd.num = 6) and fd.num = 5");
    let mut funnel = Funnel::of(&expr).unwrap();
    let mut memory = Memory::default();
    with_context(|context| {
        funnel.event(context, &mut memory);
        funnel.event(context, &mut memory);
    });
    let steps: Vec<_> = funnel
        .steps()
        .map(|step| (step.text.as_str(), step.reached, step.passed, step.held))
        .collect();
    assert_eq!(
        steps,
        [("served", 2, 2, 2), ("proc.name = x or fd.num = 6", 2, 0, 0), ("fd.num = 5", 0, 0, 2)]
    );
}

#[test]
fn an_unresolved_macro_is_a_mistake() {
    let expr = rules::filter::parse::parse("nothing_such and proc.nme = x").unwrap();
    let mistakes = Tree::of(&expr).unwrap_err();
    assert_eq!(mistakes.len(), 2);
    assert_eq!(mistakes[0].message, "'nothing_such' is neither a field nor a macro");
}

#[test]
fn what_is_shown_moves_no_cursor() {
    assert_eq!(safe("a\n\u{1b}[2J\u{9b}b"), "a\u{fffd}\u{fffd}[2J\u{fffd}b");
}
