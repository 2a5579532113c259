//! Output formats: what is printed, as text and as JSON, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so by failing"
)]

mod common;

use common::with_context;
use rules::{filter::Memory, format::Format};

fn text(format: &str) -> Option<String> {
    with_context(|context| {
        let format = Format::compile(format).unwrap_or_else(|e| panic!("{e}"));
        let mut out = b"before ".to_vec();
        let there = format.text(context, &mut Memory::default(), &mut out);
        let out = String::from_utf8(out).unwrap();
        let printed = out.strip_prefix("before ").unwrap().to_owned();
        assert!(there || printed.is_empty());
        there.then_some(printed)
    })
}

fn json(format: &str) -> String {
    with_context(|context| {
        let format = Format::compile(format).unwrap_or_else(|e| panic!("{e}"));
        let mut out = Vec::new();
        format.json(context, &mut Memory::default(), &mut out);
        String::from_utf8(out).unwrap()
    })
}

#[test]
fn text_has_values_in_the_place_of_fields() {
    let cases = [
        ("no field", Some("no field")),
        ("%evt.num: %proc.name", Some("7: Nginx")),
        ("(%evt.num)", Some("(7)")),
        ("%evt.num%proc.pid", Some("742")),
        ("%proc.name.", Some("Nginx.")),
        ("%proc.name.foo", Some("Nginx.foo")),
        ("%evt.numbers", Some("7bers")),
        ("%proc.name[1]", Some("Nginx[1]")),
        ("%proc.args[1]!", Some("daemon off;!")),
        ("%evt.arg.res,", Some("16,")),
        ("%tolower(proc.name)!", Some("nginx!")),
        ("%len(proc.name)", Some("5")),
        ("%join(\",\", (proc.name, proc.pid))", Some("Nginx,42")),
        ("%8proc.name|", Some("Nginx   |")),
        ("%3proc.name|", Some("Ngi|")),
        ("%proc.pname", None),
        ("%evt.num %proc.pname", None),
        ("*%evt.num %proc.pname", Some("7 <NA>")),
        ("*%2proc.pname|", Some("<N|")),
        ("*", Some("")),
        ("ä%evt.numö", Some("ä7ö")),
        ("%evt.rawtime.ns", Some("731217947")),
    ];
    for (format, expected) in cases {
        assert_eq!(text(format).as_deref(), expected, "{format}");
    }
}

#[test]
fn json_has_each_field_once_with_its_type() {
    let cases = [
        ("%evt.num %proc.name", r#"{"evt.num":7,"proc.name":"Nginx"}"#),
        ("%proc.pname", r#"{"proc.pname":null}"#),
        (
            "%evt.is_io %fd.sip %fd.sport",
            r#"{"evt.is_io":true,"fd.sip":"10.1.0.2","fd.sport":443}"#,
        ),
        ("%evt.num %evt.num", r#"{"evt.num":7}"#),
        ("nothing", "{}"),
        ("%evt.time", r#"{"evt.time":1690557262731217947}"#),
        ("%evt.buffer", r#"{"evt.buffer":"GET / HTTP/1.1.."}"#),
        ("%tolower(proc.name)", r#"{"tolower(proc.name)":"nginx"}"#),
        ("%proc.args[1]", r#"{"proc.args[1]":"daemon off;"}"#),
        (
            "%getopt((proc.args[0], proc.args[1]), \"g:\")",
            r#"{"getopt((proc.args[0], proc.args[1]), \"g:\")":["g","daemon off;"]}"#,
        ),
    ];
    for (format, expected) in cases {
        assert_eq!(json(format), expected, "{format}");
    }
}

#[test]
fn mistakes_are_placed_and_explained() {
    let cases = [
        ("", "1:1: the format is empty"),
        ("a %", "1:4: expected a field, found the end"),
        ("%proc.nme", "1:2: unknown field 'proc.nme'; did you mean 'proc.name'?"),
        ("x %% y", "1:4: expected a field, found '%'"),
        ("%evt.around[1]", "1:2: 'evt.around' can be filtered by, but not printed"),
        ("%evt.arg", "1:2: field 'evt.arg' needs an argument; write evt.arg[...]"),
        ("%99999999proc.name", "1:2: a width of more than 65535"),
        ("%tolower(proc.pid)", "1:2: tolower() does not work on 'proc.pid', which is INT64"),
    ];
    for (format, expected) in cases {
        let report = Format::compile(format).err().unwrap_or_else(|| panic!("{format}"));
        let line = report.diagnostics[0].line("format", format);
        assert_eq!(line, format!("format:{expected}"), "{format}");
    }
    let both = Format::compile("%proc.nme %fd.nam").err().unwrap();
    assert_eq!(both.diagnostics.len(), 2);
}
