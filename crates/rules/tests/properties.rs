//! Properties of the filter language: no text breaks it, what it prints it reads again, and the
//! compiled program agrees with a tree walk that evaluates each comparison in the plainest way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so by failing"
)]

mod common;

use std::ops::ControlFlow;

use common::{with_context, with_context_of, with_fd};
use event::{
    snapshot::FdKind,
    syscalls::{ASYNCEVENT_E, CLOSE_X, GENERIC_X, OPEN_X, READ_X},
};
use proptest::prelude::*;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    fields::{Extract, FieldRef, Scratch},
    filter::{
        Filter, Memory,
        ast::{Check, Expr, Operand, Operator, Quantifier, Right},
        parse::parse,
    },
    format::Format,
    value::Value,
};
use state::{Context, Fd, Text};

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_compiler(source in any::<String>()) {
        try_everything(&source);
    }

    #[test]
    fn no_mixture_of_words_breaks_the_compiler(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..24),
    ) {
        try_everything(&words.concat());
        try_everything(&words.join(" "));
    }

    #[test]
    fn what_is_printed_parses_to_the_same_tree(source in condition()) {
        let tree = parse(&source).map_err(|e| TestCaseError::fail(format!("{source}: {e:?}")))?;
        let printed = tree.to_string();
        let again = parse(&printed);
        prop_assert_eq!(again.as_ref(), Ok(&tree), "{} from {}", printed, source);
    }

    #[test]
    fn the_program_agrees_with_a_tree_walk(source in condition()) {
        let tree = parse(&source).map_err(|e| TestCaseError::fail(format!("{source}: {e:?}")))?;
        let filter = Filter::of_tree(&tree)
            .map_err(|e| TestCaseError::fail(format!("{source}: {e:?}")))?;
        let (compiled, walked) = with_context(|context| {
            (filter.matches(context, &mut Memory::default()), walk(&tree, context))
        });
        prop_assert_eq!(compiled, walked, "{}\n{}", source, filter);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_compiled_together_agree_with_a_tree_walk_of_each(
        parts in prop::collection::vec(condition(), 2..8),
        rules in prop::collection::vec(rule(), 1..24),
    ) {
        let texts: Vec<String> = rules.iter().map(|rule| rule.text(&parts)).collect();
        let mut trees = Vec::new();
        for text in &texts {
            trees.push(parse(text).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?);
        }
        let named = || texts.iter().map(String::as_str).zip(&trees);
        let all = Engine::of_conditions(named(), Matching::All).unwrap();
        let first = Engine::of_conditions(named(), Matching::First).unwrap();
        let mut memory = EngineMemory::default();
        for kind in [READ_X, OPEN_X, GENERIC_X, ASYNCEVENT_E, CLOSE_X] {
            let (compiled, first, walked) = with_context_of(kind, |context| {
                let walked: Vec<usize> =
                    (0..trees.len()).filter(|&rule| walk(&trees[rule], context)).collect();
                let compiled = all.matches(context, &mut memory).to_vec();
                (compiled, first.matches(context, &mut memory).to_vec(), walked)
            });
            prop_assert_eq!(&compiled, &walked, "{:#?}\n{}", texts, all);
            prop_assert_eq!(&first[..], &walked[..walked.len().min(1)], "{:#?}\n{}", texts, all);
            prop_assert!(walked.is_empty() || all.may_match(kind));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_files_came_before_rules_agree_with_a_tree_walk_of_each(
        rules in prop::collection::vec(rule_of_files(), 1..16),
        order in prop::collection::vec((0..8usize, any::<bool>()), 1..40),
    ) {
        let trees: Vec<Expr> = rules.iter().map(|text| parse(text).unwrap()).collect();
        let named = rules.iter().map(String::as_str).zip(&trees);
        let [all, first] = [Matching::All, Matching::First]
            .map(|matching| Engine::of_conditions(named.clone(), matching).unwrap());
        let backwards = Engine::of_conditions(named.rev(), Matching::All).unwrap();
        let [mut memory, mut of_first, mut of_both] = [(); 3].map(|()| EngineMemory::default());
        let files = files();
        for (file, is_open) in order {
            let kind = if is_open { OPEN_X } else { READ_X };
            let (matches, walked) = with_fd(kind, files.get(file), |context| {
                let walked: Vec<usize> =
                    (0..trees.len()).filter(|&rule| walk(&trees[rule], context)).collect();
                let matches = [
                    all.matches(context, &mut memory).to_vec(),
                    first.matches(context, &mut of_first).to_vec(),
                    // It serves two in turn whose rules have other places.
                    all.matches(context, &mut of_both).to_vec(),
                    backwards.matches(context, &mut of_both).to_vec(),
                ];
                (matches, walked)
            });
            let only = walked[..walked.len().min(1)].to_vec();
            let turned = walked.iter().rev().map(|rule| trees.len() - 1 - rule).collect();
            let walked = [walked.clone(), only, walked, turned];
            prop_assert_eq!(matches, walked, "{:?}\n{:#?}\n{}", files.get(file), rules, all);
        }
    }
}

/// Files, some of which share the texts of their names, and what is no file and is named like one.
fn files() -> Vec<Fd> {
    let [hosts, raw, group, folder]: [Text; 4] =
        [&b"/etc/hosts"[..], b"../etc//hosts", b"/tmp/x/GROUP", b"/etc"].map(Text::from);
    let long = Text::from([&b"/etc/"[..], &[b'x'; 300], b"/hosts"].concat());
    let fd = |kind, name: &Text, name_raw: &Text| Fd {
        num: 5,
        kind,
        name: name.clone(),
        name_raw: name_raw.clone(),
        ..Fd::default()
    };
    vec![
        fd(FdKind::FileV2, &hosts, &hosts),
        fd(FdKind::FileV2, &hosts, &raw),
        fd(FdKind::File, &group, &group),
        fd(FdKind::Directory, &folder, &folder),
        fd(FdKind::UnixSock, &hosts, &hosts),
        fd(FdKind::FileV2, &Text::from(&hosts[..]), &raw),
        fd(FdKind::FileV2, &long, &long),
    ]
}

/// Parts of conditions, most of them about names of files.
const OF_FILES: &[&str] = &[
    "fd.name = /etc/hosts",
    "fd.name startswith /etc",
    "fd.name startswith /tmp/",
    "fd.name endswith hosts",
    "fd.name contains /x/",
    "fd.name pmatch (/etc, /var)",
    "fd.name = val(fd.nameraw)",
    "fd.nameraw contains ../",
    "fd.nameraw startswith anyof (/proc/1/root, ../)",
    "fd.filename = hosts",
    "fd.filename in (GROUP, shadow)",
    "fd.filename exists",
    "fd.directory = /etc",
    "tolower(fd.name) endswith group",
    "basename(fd.name) = hosts",
    "evt.type = open",
    "evt.is_open_write = true",
    "fd.name glob /e*s",
    "fd.typechar = f",
    "proc.name = Nginx",
    "proc.name = other",
    "fd.num > 3",
];

fn rule_of_files() -> impl Strategy<Value = String> {
    let part = (prop::sample::select(OF_FILES), any::<bool>())
        .prop_map(|(part, negated)| if negated { format!("not {part}") } else { part.to_owned() });
    let either = prop::collection::vec(part.clone(), 2..4)
        .prop_map(|parts| format!("({})", parts.join(" or ")));
    prop::collection::vec(prop_oneof![3 => part, 1 => either], 1..5)
        .prop_map(|parts| parts.join(" and "))
}

/// A rule made of parts that other rules may have too.
#[derive(Clone, Debug)]
struct Made {
    types: &'static str,
    parts: Vec<(usize, bool)>,
    joined: &'static str,
}

impl Made {
    fn text(&self, parts: &[String]) -> String {
        let texts = self.parts.iter().map(|&(part, negated)| {
            let not = if negated { "not " } else { "" };
            format!("{not}({})", parts[part % parts.len()])
        });
        let joined = texts.collect::<Vec<_>>().join(&format!(" {} ", self.joined));
        if self.types.is_empty() { joined } else { format!("{} and ({joined})", self.types) }
    }
}

fn rule() -> impl Strategy<Value = Made> {
    let types = prop::sample::select(vec![
        "",
        "evt.type = read",
        "evt.type in (open, read)",
        "not evt.type = read",
        "evt.type != close",
        "(evt.type = open or proc.name = Nginx)",
    ]);
    let parts = prop::collection::vec((0..8usize, any::<bool>()), 1..4);
    (types, parts, prop::sample::select(vec!["and", "or"]))
        .prop_map(|(types, parts, joined)| Made { types, parts, joined })
}

/// Compiles, and if that works, evaluates and prints.
fn try_everything(source: &str) {
    with_context(|context| {
        let mut memory = Memory::default();
        match Filter::compile(source) {
            Ok(filter) => {
                filter.matches(context, &mut memory);
                assert!(!filter.to_string().is_empty());
            }
            Err(report) => assert!(report.to_string().starts_with("filter:")),
        }
        if let Ok(tree) = parse(source) {
            assert_eq!(parse(&tree.to_string()).as_ref(), Ok(&tree), "{source}");
        }
        match Format::compile(source) {
            Ok(format) => {
                let mut out = Vec::new();
                format.text(context, &mut memory, &mut out);
                out.clear();
                format.json(context, &mut memory, &mut out);
                assert!(out.starts_with(b"{") && out.ends_with(b"}"));
            }
            Err(report) => assert!(report.to_string().starts_with("format:")),
        }
    });
}

const WORDS: &[&str] = &[
    "proc.name",
    "evt.type",
    "fd.sip",
    "evt.buffer",
    "proc.aname[2]",
    "fd.types",
    "evt.arg.flags",
    "macro",
    "and",
    "or",
    "not",
    "(",
    ")",
    ",",
    "=",
    "!=",
    "<",
    ">=",
    "exists",
    "contains",
    "in",
    "pmatch",
    "regex",
    "glob",
    "bcontains",
    "oneof",
    "allof",
    "tolower(",
    "val(",
    "join(",
    "len(",
    "getopt(",
    "'a b'",
    "\"\\x41\"",
    "\"",
    "'",
    "\\",
    "10",
    "-1",
    "0x1f",
    "1.2.3.4",
    "10.0.0.0/8",
    "[",
    "]",
    "[a-z",
    "*",
    "bash",
    "ä",
    "\u{0}",
    "\n",
    "%",
    "%10",
    "48",
    "::1",
];

/// Fields of text, some of which have no value here.
const TEXTS: &[&str] = &[
    "proc.name",
    "proc.exepath",
    "proc.cwd",
    "proc.pname",
    "proc.args[1]",
    "proc.args[9]",
    "fd.name",
    "evt.type",
];
const NUMBERS: &[&str] = &["proc.pid", "fd.num", "evt.num", "evt.rawarg.res", "proc.apid[4]"];
/// Values that often fit.
const CONSTANTS: &[&str] = &[
    "Nginx",
    "nginx",
    "in",
    "N",
    "x",
    "",
    "/usr",
    "/usr/sbin/nginx",
    "daemon off;",
    "read",
    "*",
    "N*",
    "?g*",
    "[A-Z]*",
    "open",
];
const TEXT_OPERATORS: &[&str] =
    &["=", "!=", "contains", "icontains", "startswith", "endswith", "glob", "iglob"];

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![text_check(), number_check(), list_check(), field_check()];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many.clone().prop_map(|all| format!("({})", all.join(" and "))),
            many.clone().prop_map(|all| format!("({})", all.join(" or "))),
            many.prop_map(|all| all.join(" or ")),
            inner.prop_map(|one| format!("not ({one})")),
        ]
        // An 'or' of several binds weaker than what is put around it.
        .prop_map(|text| format!("({text})"))
    })
}

fn text_operand() -> impl Strategy<Value = String> {
    let field = prop::sample::select(TEXTS).prop_map(str::to_owned);
    field.prop_flat_map(|field| {
        prop::sample::select(vec![
            field.clone(),
            format!("tolower({field})"),
            format!("basename(toupper({field}))"),
            format!("concat({field}, \"/\", {field})"),
            format!("join(\"-\", ({field}, proc.pid))"),
        ])
    })
}

fn constant() -> impl Strategy<Value = String> {
    prop::sample::select(CONSTANTS).prop_map(|text| format!("\"{text}\""))
}

fn text_check() -> impl Strategy<Value = String> {
    (text_operand(), prop::sample::select(TEXT_OPERATORS), constant()).prop_map(
        |(left, op, right)| {
            // evt.type is compared with names of event types only.
            let right = if left == "evt.type" { "read".to_owned() } else { right };
            format!("{left} {op} {right}")
        },
    )
}

fn number_check() -> impl Strategy<Value = String> {
    let ops = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let left = prop_oneof![
        prop::sample::select(NUMBERS).prop_map(str::to_owned),
        text_operand().prop_map(|text| format!("len({text})")),
    ];
    (left, ops, 0..50).prop_map(|(left, op, right)| format!("{left} {op} {right}"))
}

fn list_check() -> impl Strategy<Value = String> {
    let list = prop::collection::vec(constant(), 0..4).prop_map(|all| all.join(", "));
    let op = prop_oneof![
        prop::sample::select(vec!["in", "intersects", "pmatch"]).prop_map(str::to_owned),
        (
            prop::sample::select(TEXT_OPERATORS),
            prop::sample::select(vec!["oneof", "anyof", "allof"])
        )
            .prop_map(|(op, quantifier)| format!("{op} {quantifier}")),
    ];
    (text_operand(), op, list).prop_map(|(left, op, list)| {
        let list = if left == "evt.type" { "read, open".to_owned() } else { list };
        format!("{left} {op} ({list})")
    })
}

fn field_check() -> impl Strategy<Value = String> {
    let op = prop::sample::select(TEXT_OPERATORS);
    (text_operand(), op, prop::sample::select(TEXTS), any::<bool>()).prop_map(
        |(left, op, right, exists)| {
            if exists { format!("{left} exists") } else { format!("{left} {op} val({right})") }
        },
    )
}

/// A value of its own.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Plain {
    Text(Vec<u8>),
    Number(i128),
}

fn walk(expr: &Expr, context: &Context<'_>) -> bool {
    match expr {
        Expr::And(children) => children.iter().all(|child| walk(child, context)),
        Expr::Or(children) => children.iter().any(|child| walk(child, context)),
        Expr::Not(child) => !walk(child, context),
        Expr::Macro(name, _) => panic!("{name:?}"),
        Expr::Check(check) => walk_check(check, context),
    }
}

fn walk_check(check: &Check, context: &Context<'_>) -> bool {
    let Some(left) = plain(&check.left, context) else { return false };
    let rights: Vec<Plain> = match &check.right {
        Right::Nothing => return true,
        Right::Operand(operand) => match plain(operand, context) {
            Some(right) => vec![right],
            None => return false,
        },
        Right::Literal(literal) => vec![constant_like(&left, &literal.bytes)],
        Right::List(all) => all.iter().map(|one| constant_like(&left, &one.bytes)).collect(),
    };
    let fitting = rights.iter().filter(|right| holds(check.op, &left, right)).count();
    match check.quantifier {
        None => fitting > 0,
        Some(_) if rights.is_empty() => false,
        Some(Quantifier::OneOf) => fitting == 1,
        Some(Quantifier::AnyOf) => fitting > 0,
        Some(Quantifier::AllOf) => fitting == rights.len(),
    }
}

fn constant_like(left: &Plain, bytes: &[u8]) -> Plain {
    match left {
        Plain::Text(_) => Plain::Text(bytes.to_vec()),
        Plain::Number(_) => Plain::Number(std::str::from_utf8(bytes).unwrap().parse().unwrap()),
    }
}

fn holds(op: Operator, left: &Plain, right: &Plain) -> bool {
    match op {
        Operator::Eq | Operator::In | Operator::Intersects => return left == right,
        Operator::Ne => return left != right,
        Operator::Lt => return left < right,
        Operator::Le => return left <= right,
        Operator::Gt => return left > right,
        Operator::Ge => return left >= right,
        _ => {}
    }
    let (Plain::Text(left), Plain::Text(right)) = (left, right) else { return false };
    let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
    match op {
        Operator::Contains => left.contains(&*right),
        Operator::Icontains => left.to_lowercase().contains(&right.to_lowercase()),
        Operator::Startswith => left.starts_with(&*right),
        Operator::Endswith => left.ends_with(&*right),
        Operator::Glob => glob(right.as_bytes(), left.as_bytes()),
        Operator::Iglob => glob(right.to_lowercase().as_bytes(), left.to_lowercase().as_bytes()),
        Operator::Pmatch => {
            let parts = |path: &str| -> Vec<String> {
                path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
            };
            let (path, prefix) = (parts(&left), parts(&right));
            prefix.len() <= path.len()
                && prefix.iter().zip(&path).all(|(p, c)| glob(p.as_bytes(), c.as_bytes()))
        }
        _ => panic!("{op:?} is not made here"),
    }
}

/// By trying every split; `[A-Z]` is the only class that is made here.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|split| glob(rest, &text[split..])),
        ([b'?', rest @ ..], [_, text @ ..]) => glob(rest, text),
        ([b'[', low, b'-', high, b']', rest @ ..], [c, text @ ..]) => {
            (low..=high).contains(&c) && glob(rest, text)
        }
        ([p, rest @ ..], [c, text @ ..]) => p == c && glob(rest, text),
        _ => false,
    }
}

fn plain(operand: &Operand, context: &Context<'_>) -> Option<Plain> {
    match operand {
        Operand::Literal(literal) => Some(Plain::Text(literal.bytes.clone())),
        Operand::List(..) => panic!("lists stand in join() only"),
        Operand::Field { name, argument } => {
            let argument = argument.as_ref().map(|a| a.text().into_owned());
            let field = FieldRef::resolve(&name.text, argument.as_deref()).unwrap();
            field_value(&field, context)
        }
        Operand::Transform { name, args, .. } => {
            let texts = || -> Option<Vec<Vec<u8>>> {
                args.iter().map(|arg| Some(as_text(plain(arg, context)?))).collect()
            };
            match name.text.as_str() {
                "val" => plain(&args[0], context),
                "tolower" => Some(Plain::Text(texts()?[0].to_ascii_lowercase())),
                "toupper" => Some(Plain::Text(texts()?[0].to_ascii_uppercase())),
                "len" => Some(Plain::Number(texts()?[0].len() as i128)),
                "basename" => {
                    let text = texts()?.remove(0);
                    let start = text.iter().rposition(|&b| b == b'/').map_or(0, |slash| slash + 1);
                    Some(Plain::Text(text[start..].to_vec()))
                }
                "concat" => Some(Plain::Text(texts()?.concat())),
                "join" => {
                    let Operand::List(items, _) = &args[1] else { panic!("{args:?}") };
                    let items: Option<Vec<_>> =
                        items.iter().map(|item| Some(as_text(plain(item, context)?))).collect();
                    Some(Plain::Text(items?.join(&as_text(plain(&args[0], context)?)[..])))
                }
                other => panic!("{other}() is not made here"),
            }
        }
    }
}

fn as_text(plain: Plain) -> Vec<u8> {
    match plain {
        Plain::Text(text) => text,
        Plain::Number(number) => number.to_string().into_bytes(),
    }
}

fn field_value(field: &FieldRef, context: &Context<'_>) -> Option<Plain> {
    let mut scratch = Scratch::default();
    let mut found = None;
    match field.field.extract {
        Extract::One(one) | Extract::Searched { one, .. } => {
            found = one(context, &field.argument, &mut scratch).map(own);
        }
        Extract::List(each) | Extract::Ends(each) => {
            each(context, &field.argument, &mut scratch, &mut |value| {
                found = Some(own(value));
                ControlFlow::Break(())
            });
        }
    }
    found
}

fn own(value: Value<'_>) -> Plain {
    match value {
        Value::I64(number) => Plain::Number(number.into()),
        Value::U64(number) => Plain::Number(number.into()),
        Value::Text(text) | Value::Bytes(text) => Plain::Text(text.to_vec()),
        Value::Bool(is_so) => Plain::Text(is_so.to_string().into()),
        other => panic!("{other:?} is not made here"),
    }
}
