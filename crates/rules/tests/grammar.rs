//! What the grammar takes, what it makes of it, and what it says of mistakes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so by failing"
)]

use rules::filter::{Filter, Report, parse::parse};

#[test]
fn what_is_parsed_prints_in_one_form() {
    let cases = [
        ("proc.name=a", "proc.name = a"),
        ("proc.name == \"a\"", "proc.name = \"a\""),
        ("proc.name='a b'", "proc.name = \"a b\""),
        ("not not proc.name=a", "proc.name = a"),
        ("not(proc.name=a)", "not proc.name = a"),
        ("not (proc.name=a and proc.pid=1)", "not (proc.name = a and proc.pid = 1)"),
        (
            "proc.name=a and proc.pid=1 or evt.num=2",
            "(proc.name = a and proc.pid = 1) or evt.num = 2",
        ),
        (
            "proc.name=a and (proc.pid=1 and evt.num=2)",
            "proc.name = a and (proc.pid = 1 and evt.num = 2)",
        ),
        ("proc.name in(a,b , 'c')", "proc.name in (a, b, \"c\")"),
        ("proc.name in shells", "proc.name in shells"),
        ("proc.name startswith oneof shells", "proc.name startswith oneof shells"),
        ("proc.name = oneof", "proc.name = oneof"),
        ("proc.aname[2]=a", "proc.aname[2] = a"),
        ("proc.env[\"A B\"]=a", "proc.env[\"A B\"] = a"),
        ("proc.name exists", "proc.name exists"),
        ("spawned_process and not shell", "spawned_process and not shell"),
        ("evt.dir=<", "evt.dir = <"),
        ("evt.rawarg.res <-1", "evt.rawarg.res < -1"),
        ("fd.name=/a-b_c.d:e*[f]", "fd.name = /a-b_c.d:e*[f]"),
        ("proc.name=val( proc.pname )", "proc.name = val(proc.pname)"),
        ("join( \",\" ,(proc.name,5,'x'))=a", "join(\",\", (proc.name, 5, \"x\")) = a"),
        ("getopt((proc.name), 'a:')[a]=b", "getopt((proc.name), \"a:\")[a] = b"),
        ("proc.name = \"\\x5c\"", "proc.name = \"\\x5c\""),
        ("proc.name = <NA>", "proc.name = <NA>"),
        ("proc.name = ä", "proc.name = ä"),
    ];
    for (source, printed) in cases {
        let tree = parse(source).unwrap_or_else(|e| panic!("{source}: {e:?}"));
        assert_eq!(tree.to_string(), printed, "{source}");
        assert_eq!(parse(printed).as_ref(), Ok(&tree), "{printed}");
    }
}

fn report(source: &str) -> Report {
    match Filter::compile(source) {
        Ok(_) => panic!("{source} was accepted"),
        Err(report) => report,
    }
}

#[test]
fn mistakes_are_placed_and_explained() {
    let cases = [
        ("", "1:1: the filter is empty"),
        ("  ", "1:1: the filter is empty"),
        ("proc.nme = a", "1:1: unknown field 'proc.nme'; did you mean 'proc.name'?"),
        ("proc.name = a and\n  fd.nam = b", "2:3: unknown field 'fd.nam'; did you mean 'fd.name'?"),
        ("proc.name == ", "1:14: expected a value, found the end; write a value behind '='"),
        (
            "proc.name contain a",
            "1:11: expected an operator, found 'contain'; did you mean 'contains'?",
        ),
        ("proc.name contains'a'", "1:11: 'contains' needs a blank behind it"),
        ("(proc.name = a", "1:1: '(' without its ')'"),
        ("proc.name = a)", "1:14: ')' without its '('"),
        ("proc.name in (a, b", "1:14: '(' without its ')'"),
        (
            "proc.name in (a b)",
            "1:17: expected ',' or ')', found 'b'; put values with blanks, commas, parentheses or \
             '=' into quotes",
        ),
        ("proc.name in (a,)", "1:17: expected a value, found ')'"),
        ("proc.name in 5", "1:14: 'in' needs a list, found '5'; write in (a, b, c)"),
        (
            "proc.name = a b",
            "1:15: expected 'and' or 'or', found 'b'; put values with blanks, commas, parentheses \
             or '=' into quotes",
        ),
        (
            "proc.name = a && proc.pid = 1",
            "1:15: expected 'and' or 'or', found '&&'; write 'and' for '&&'",
        ),
        ("!proc.name = a", "1:1: expected a condition, found '!proc.name'; write 'not' for '!'"),
        (
            "%proc.name = a",
            "1:1: expected a condition, found '%proc.name'; fields are written without '%' in a \
             filter",
        ),
        ("proc.name = a and", "1:18: expected a condition, found the end"),
        ("proc.name = a and and", "1:19: expected a condition, found 'and'"),
        ("not", "1:4: expected a condition, found the end"),
        (
            "name = a",
            "1:6: expected 'and' or 'or', found '='; put values with blanks, commas, \
          parentheses or '=' into quotes",
        ),
        ("shell", "1:1: 'shell' is neither a field nor a macro; did you mean 'user.shell'?"),
        (
            "proc.name = 'a",
            "1:13: ' without its end; a quote behind a backslash does not end a string",
        ),
        ("proc.name = \"\\d\"", "1:14: unknown escape \\d; a backslash itself is written \\\\"),
        (
            "proc.aname[x] = a",
            "1:1: the argument of 'proc.aname' has to be a number, not 'x'; \
          write proc.aname[1]",
        ),
        ("proc.name[1] = a", "1:1: field 'proc.name' takes no argument; write proc.name"),
        ("evt.arg = a", "1:1: field 'evt.arg' needs an argument; write evt.arg[...]"),
        ("evt.arg.flgs = a", "1:1: no event has a parameter 'flgs'; did you mean 'flags'?"),
        ("evt.type = opn", "1:12: unknown event type 'opn'; did you mean 'open'?"),
        ("proc.aname[ = a", "1:12: expected an argument between '[' and ']'"),
        ("proc.aname[2 = a", "1:11: '[' without its ']'"),
        ("tolower(x) = a", "1:9: 'x' is not a field; put text into quotes: \"x\""),
        ("val(proc.name) = a", ""),
    ];
    for (source, expected) in cases {
        if expected.is_empty() {
            continue;
        }
        let report = report(source);
        let line = report.diagnostics[0].line("filter", source);
        assert_eq!(line, format!("filter:{expected}"), "{source}");
    }
}

#[test]
fn all_mistakes_are_reported_in_the_order_of_their_places() {
    let source = "proc.nme=a and (fd.nam=b or proc.pid=x) and proc.name contain c and evt.tpe=open";
    let syntax = report(source);
    let places: Vec<usize> = syntax.diagnostics.iter().map(|d| d.span.start).collect();
    assert_eq!(places, [54]);
    let source = "proc.nme=a and (fd.nam=b or proc.pid=x) and evt.tpe=open";
    let names = report(source);
    let places: Vec<usize> = names.diagnostics.iter().map(|d| d.span.start).collect();
    assert_eq!(places, [0, 16, 37, 44]);
    let source = "proc.name= and (fd.name ? b or proc.pid=1 2) and not) or x y";
    let syntax = report(source);
    assert!(syntax.diagnostics.len() >= 4, "{syntax}");
    assert!(syntax.diagnostics.windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
}

#[test]
fn a_mistake_in_a_list_is_only_one() {
    for source in [
        "proc.name in (a,)",
        "proc.name in (a b) and proc.pid = 1",
        "(proc.name in (a, 'b', =) or proc.pid in (1)) and proc.pid = 1",
        "tolower(x) = a or proc.pid = 1",
    ] {
        assert_eq!(report(source).diagnostics.len(), 1, "{source}");
    }
}

#[test]
fn so_many_mistakes_are_enough() {
    let names = "proc.nme=a and ".repeat(5_000) + "proc.name=a";
    assert_eq!(report(&names).diagnostics.len(), 50);
    let syntax = "proc.name ? a and ".repeat(5_000) + "proc.name=a";
    assert_eq!(report(&syntax).diagnostics.len(), 50);
    let constants = format!("proc.pid in ({}1)", "x, ".repeat(5_000));
    assert!(report(&constants).diagnostics.len() <= 50);
}

#[test]
fn many_patterns_compile_in_time_that_grows_with_them() {
    let paths: Vec<String> = (0..50_000).map(|i| format!("/a*{i}/b")).collect();
    let start = std::time::Instant::now();
    assert!(Filter::compile(&format!("fd.name pmatch ({})", paths.join(","))).is_ok());
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn depth_is_bounded_without_overflow() {
    let nested = |levels: usize| format!("{}proc.name=a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Filter::compile(&nested(200)).is_ok());
    let too_deep = report(&nested(201));
    assert_eq!(too_deep.diagnostics[0].message, "more than 200 levels of parentheses");
    assert!(Filter::compile(&nested(100_000)).is_err());
    let nots = "not ".repeat(100_000) + "proc.name=a";
    assert!(Filter::compile(&nots).is_ok());
    let transformers = format!("{}proc.name{}=a", "tolower(".repeat(300), ")".repeat(300));
    assert!(Filter::compile(&transformers).is_err());
    let alternated = "not (".repeat(150) + "proc.name=a" + &")".repeat(150);
    assert!(Filter::compile(&alternated).is_ok());
    let path = "/a".repeat(1000);
    assert!(Filter::compile(&format!("fd.name pmatch ({path})")).is_err());
}
