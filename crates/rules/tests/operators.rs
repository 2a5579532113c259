//! Every operator on every type of value: what it picks, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so by failing"
)]

mod common;

use common::with_context;
use rules::filter::{Filter, Memory};

fn check(cases: &[(&str, bool)]) {
    with_context(|context| {
        let mut memory = Memory::default();
        for (condition, expected) in cases {
            let filter = Filter::compile(condition).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(filter.matches(context, &mut memory), *expected, "{condition}\n{filter}");
            let negated = Filter::compile(&format!("not ({condition})")).unwrap();
            assert_eq!(negated.matches(context, &mut memory), !expected, "not ({condition})");
        }
    });
}

fn refuse(cases: &[(&str, &str)]) {
    for (condition, expected) in cases {
        match Filter::compile(condition) {
            Ok(_) => panic!("{condition} was accepted"),
            Err(report) => {
                let line = report.diagnostics[0].line("f", condition);
                assert_eq!(line, *expected, "{condition}");
            }
        }
    }
}

#[test]
fn text() {
    check(&[
        ("proc.name exists", true),
        ("proc.name = Nginx", true),
        ("proc.name == nginx", false),
        ("proc.name != nginx", true),
        ("proc.name != Nginx", false),
        ("proc.name contains gin", true),
        ("proc.name contains ''", true),
        ("proc.name contains GIN", false),
        ("proc.name icontains GIN", true),
        ("proc.name icontains GIX", false),
        ("proc.name startswith Ng", true),
        ("proc.name startswith ng", false),
        ("proc.name endswith inx", true),
        ("proc.name endswith in", false),
        ("proc.name glob N*x", true),
        ("proc.name glob n*x", false),
        ("proc.name iglob n*X", true),
        ("proc.name regex 'N[a-z]+'", true),
        ("proc.name regex 'N[a-z]'", false),
        ("proc.name in (bash, Nginx)", true),
        ("proc.name in (bash, nginx)", false),
        ("proc.name in ()", false),
        ("proc.name in Nginx", true),
        ("proc.name intersects (bash, Nginx)", true),
        ("proc.cwd pmatch (/var, /tmp)", true),
        ("proc.cwd pmatch (/va, /tmp)", false),
        ("proc.cwd pmatch (/*/www)", true),
        ("proc.cwd pmatch ()", false),
        ("proc.name < 5", false),
        ("proc.name > 5", true),
        ("proc.name <= 5", false),
        ("proc.name >= 5", true),
    ]);
    refuse(&[
        (
            "proc.name bcontains 4e",
            "f:1:11: 'bcontains' does not work on 'proc.name', which is CHARBUF; it takes exists \
             = != < <= > >= contains icontains startswith endswith glob iglob regex in intersects \
             pmatch",
        ),
        (
            "proc.name < c",
            "f:1:13: '<' needs a number, found 'c'; to compare with another field, write \
             val(FIELD)",
        ),
        ("proc.name = 'a\\x00'", "f:1:13: a value cannot contain a NUL byte"),
        ("proc.name regex '\\\\d'", "f:1:17: unknown escape \\d; write [0-9]"),
    ]);
}

#[test]
fn quantified_text() {
    check(&[
        ("proc.name startswith oneof (N, Ng)", false),
        ("proc.name startswith oneof (N, b)", true),
        ("proc.name contains anyof (x, y)", true),
        ("proc.name contains anyof (y, z)", false),
        ("proc.name contains allof (N, x)", true),
        ("proc.name contains allof (N, y)", false),
        ("proc.name = anyof (bash, Nginx)", true),
        ("proc.name = oneof (Nginx, Nginx)", false),
        ("proc.name != allof (bash, sh)", true),
        ("proc.name != allof (bash, Nginx)", false),
        ("proc.name != anyof (bash, Nginx)", true),
        ("proc.name regex allof ('N.*', '.*x')", true),
        ("proc.name glob anyof (a*, N*)", true),
        ("proc.name = anyof ()", false),
        ("proc.name = allof ()", false),
        ("proc.name != allof ()", false),
        ("proc.name contains oneof", false),
        ("proc.name contains oneof and proc.pid = 42", false),
    ]);
}

#[test]
fn bytes() {
    check(&[
        ("evt.buffer exists", true),
        ("evt.buffer contains HTTP", true),
        ("evt.buffer contains http", false),
        ("evt.buffer startswith GET", true),
        ("evt.buffer endswith \"\\r\\n\"", true),
        ("evt.buffer = \"GET / HTTP/1.1\\r\\n\"", true),
        ("evt.buffer != GET", true),
        ("evt.buffer in (GET, \"GET / HTTP/1.1\\r\\n\")", true),
        ("evt.buffer intersects (GET)", false),
        ("evt.buffer bcontains 48545450", true),
        ("evt.buffer bcontains 4854545000", false),
        ("evt.buffer bstartswith 474554", true),
        ("evt.buffer bstartswith 4745540a", false),
        ("evt.buffer contains \"\\x00\"", false),
    ]);
    refuse(&[
        (
            "evt.buffer bcontains 4g",
            "f:1:22: 'bcontains' needs pairs of hexadecimal digits; write the bytes of GET, for \
             example, as 474554",
        ),
        (
            "evt.buffer glob G*",
            "f:1:12: 'glob' does not work on 'evt.buffer', which is BYTEBUF; it takes exists = != \
             contains startswith endswith bcontains bstartswith in intersects",
        ),
    ]);
}

#[test]
fn truth_values() {
    check(&[
        ("evt.is_io exists", true),
        ("evt.is_io = true", true),
        ("evt.is_io = false", false),
        ("evt.is_io != false", true),
        ("evt.is_io in (true, false)", true),
        ("evt.is_io intersects (false)", false),
    ]);
    refuse(&[
        ("evt.is_io = yes", "f:1:13: 'yes' is neither true nor false"),
        (
            "evt.is_io > 0",
            "f:1:11: '>' does not work on 'evt.is_io', which is BOOL; it takes exists = != in \
             intersects",
        ),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("proc.pid exists", true),
        ("proc.pid = 42", true),
        ("proc.pid = 0x2a", true),
        ("proc.pid = +42", true),
        ("proc.pid != 42", false),
        ("proc.pid < 43", true),
        ("proc.pid < 42", false),
        ("proc.pid <= 42", true),
        ("proc.pid > -1", true),
        ("proc.pid >= 43", false),
        ("proc.pid in (1, 42)", true),
        ("proc.pid in (1, 2)", false),
        ("proc.pid intersects (42)", true),
        ("proc.pid = anyof (1, 42)", true),
        ("evt.num = 7", true),
        ("evt.num < 18446744073709551615", true),
        ("evt.cpu = 3", true),
        ("evt.rawtime > 1500000000000000000", true),
        ("evt.deltatime = 2000000009", true),
        ("evt.deltatime < 2000000009", false),
        ("evt.rawarg.res = 16", true),
        ("evt.rawarg.res < 0", false),
        ("evt.rawarg.fd in (4, 5)", true),
    ]);
    refuse(&[
        ("proc.pid = bash", "f:1:12: 'bash' is not a whole number"),
        ("proc.pid = 1.5", "f:1:12: '1.5' is not a whole number"),
        ("evt.cpu = 40000", "f:1:11: 40000 is not between -32768 and 32767"),
        (
            "proc.pid contains 4",
            "f:1:10: 'contains' does not work on 'proc.pid', which is INT64; it takes exists = != \
             < <= > >= in intersects",
        ),
        ("proc.pid in (1, x, y)", "f:1:17: 'x' is not a whole number"),
    ]);
}

#[test]
fn addresses_and_ports() {
    check(&[
        ("fd.sip = 10.1.0.2", true),
        ("fd.sip != 10.1.0.2", false),
        ("fd.sip = ::1", false),
        ("fd.sip != ::1", true),
        ("fd.sip in (::1, 10.1.0.2)", true),
        ("fd.snet = 10.1.0.0/16", true),
        ("fd.snet = 10.0.0.0/16", false),
        ("fd.snet != fd00::/8", true),
        ("fd.snet in (192.168.0.0/16, 10.0.0.0/8)", true),
        ("fd.sport = 443", true),
        ("fd.sport = https", true),
        ("fd.sport in (http, https)", true),
        ("fd.cport > 1024", true),
    ]);
    refuse(&[
        ("fd.sip = 10.0.0.0/8", "f:1:10: '10.0.0.0/8' is not an IP address"),
        (
            "fd.snet = 10.0.0.1",
            "f:1:11: '10.0.0.1' is not a network such as 10.0.0.0/8 or fd00::/8",
        ),
        ("fd.sport = 70000", "f:1:12: 70000 is not between 0 and 65535"),
        (
            "fd.sip startswith 10",
            "f:1:8: 'startswith' does not work on 'fd.sip', which is IPADDR; it takes exists = != \
             in intersects",
        ),
    ]);
}

#[test]
fn both_ends_of_a_connection() {
    check(&[
        ("fd.ip exists", true),
        ("fd.ip = 10.0.0.1", true),
        ("fd.ip = 10.1.0.2", true),
        ("fd.ip = 10.0.0.3", false),
        ("fd.ip != 10.0.0.1", false),
        ("fd.ip != 10.0.0.3", true),
        ("fd.ip in (10.1.0.2, 8.8.8.8)", true),
        ("fd.net = 10.1.0.0/16", true),
        ("fd.net != 10.1.0.0/16", false),
        ("fd.net != 10.2.0.0/16", true),
        ("fd.net in (10.2.0.0/16, 10.1.0.0/16)", true),
        ("fd.port = 443", true),
        ("fd.port = 40000", true),
        ("fd.port != 443", false),
        ("fd.port < 1000", true),
        ("fd.port > 1000", true),
        ("fd.port > 50000", false),
        ("fd.port in (80, 443)", true),
        ("fd.proto = https", true),
    ]);
}

#[test]
fn lists() {
    check(&[
        ("join('-', (proc.name, 'x', proc.pid)) = Nginx-x-42", true),
        ("join('-', (proc.name)) = Nginx", true),
        ("join('-', (proc.name, proc.pname)) exists", false),
        ("concat(proc.name, '/', tolower(proc.name)) = Nginx/nginx", true),
        ("getopt((proc.args[0], proc.args[1]), 'g:')[g] = 'daemon off;'", true),
        ("getopt((proc.args[0], proc.args[1]), 'g:')[x] exists", false),
        ("getopt((proc.args[0], proc.args[1]), 'g:') intersects (g)", true),
        ("getopt((proc.args[0], proc.args[1]), 'g:') in (g)", false),
        ("getopt((proc.args[0], proc.args[1]), 'g:') in (g, 'daemon off;')", true),
        ("len(getopt((proc.args[0], proc.args[1]), 'g:')) = 2", true),
        ("len(join(',', (proc.name, proc.name))) = 11", true),
    ]);
    refuse(&[
        (
            "getopt(proc.args, 'g:') exists",
            "f:1:1: getopt() needs a list of arguments and an option string; write \
             getopt((proc.args[0], proc.args[1]), \"ab:\")",
        ),
        (
            "join(proc.name, proc.pid) exists",
            "f:1:1: join() needs a separator and a list; write join(\",\", (proc.name, proc.pname))",
        ),
        ("concat(proc.name) exists", "f:1:1: concat() needs at least two arguments"),
        ("concat(proc.name, proc.pid) exists", "f:1:19: concat() needs texts; 'proc.pid' is INT64"),
        (
            "getopt((proc.name), 'a')[ab] exists",
            "f:1:25: the argument of getopt() has to be one option character",
        ),
    ]);
}

#[test]
fn transformers() {
    check(&[
        ("tolower(proc.name) = nginx", true),
        ("toupper(proc.name) = NGINX", true),
        ("tolower(toupper(proc.name)) = nginx", true),
        ("basename(proc.exepath) = nginx", true),
        ("len(proc.name) = 5", true),
        ("len(evt.buffer) > 15", true),
        ("b64(proc.name) exists", false),
        ("tolower(\"ABC\") = abc", true),
        ("tolower(proc.pname) exists", false),
        ("tolower( proc.name ) = nginx", true),
    ]);
    refuse(&[
        ("tolower(proc.pid) = 1", "f:1:1: tolower() does not work on 'proc.pid', which is INT64"),
        ("tolower(fd.ip) = 1", "f:1:1: 'fd.ip' takes no transformer"),
        ("tolower(proc.name, proc.name) = a", "f:1:1: tolower() needs exactly one argument"),
        ("tolowr(proc.name) = a", "f:1:1: unknown transformer 'tolowr'; did you mean 'tolower'?"),
        ("tolower() = a", "f:1:1: tolower() needs a field"),
        ("tolower(proc.name)[1] = a", "f:1:19: tolower() takes no argument in brackets"),
    ]);
}

#[test]
fn another_field_on_the_right() {
    check(&[
        ("proc.pid = val(thread.tid)", true),
        ("proc.pid != val(thread.tid)", false),
        ("proc.pid >= val(thread.tid)", true),
        ("proc.pid in val(thread.tid)", true),
        ("proc.name = val(proc.pname)", false),
        ("proc.name != val(proc.pname)", false),
        ("proc.exepath endswith tolower(proc.name)", true),
        ("proc.exepath contains val(proc.name)", false),
        ("proc.exepath icontains val(proc.name)", true),
        ("tolower(proc.name) = basename(proc.exepath)", true),
        ("proc.exepath startswith val(proc.cwd)", false),
        ("proc.exepath glob concat('*', tolower(proc.name))", true),
        ("evt.is_io = val(evt.is_io_read)", true),
        ("fd.sip = val(fd.sip)", true),
        ("fd.sip = val(fd.cip)", false),
    ]);
    refuse(&[
        (
            "proc.name = val(proc.pid)",
            "f:1:1: 'proc.name' is CHARBUF, 'proc.pid' is INT64; only values of the same type can \
             be compared",
        ),
        ("proc.name pmatch val(proc.cwd)", "f:1:18: 'pmatch' does not compare with another field"),
        ("proc.name regex val(proc.cwd)", "f:1:17: 'regex' does not compare with another field"),
        ("fd.ip = val(fd.sip)", "f:1:1: 'fd.ip' cannot be compared with another field"),
        ("fd.sip = val(fd.ip)", "f:1:10: 'fd.ip' cannot be compared with another field"),
        (
            "proc.aname = val(proc.name)",
            "f:1:1: 'proc.aname' cannot be compared with another field",
        ),
        ("proc.name = val(tolower(proc.name))", "f:1:17: val() takes one field and nothing else"),
    ]);
}

#[test]
fn a_missing_value_fails_every_comparison() {
    check(&[
        ("proc.pname exists", false),
        ("proc.pname = ''", false),
        ("proc.pname != bash", false),
        ("not proc.pname = bash", true),
        ("proc.pname in (bash)", false),
        ("proc.pname contains ''", false),
        ("proc.pname != allof (bash)", false),
        ("proc.aname != bash", false),
    ]);
}

#[test]
fn a_distance_in_time() {
    check(&[
        ("evt.around[1690557262731217947] = 0", true),
        ("evt.around[1690557262730217947] = 1", true),
        ("evt.around[1690557262730217946] = 1", false),
        ("evt.around[1690557262732217947] = 1000", true),
        ("evt.around[1690557264000000000] = 1000", false),
    ]);
    refuse(&[(
        "evt.around[1690557262731217947] > 1",
        "f:1:33: '>' does not work on 'evt.around[1690557262731217947]', which is UINT64; it takes =",
    )]);
}

#[test]
fn logic() {
    check(&[
        ("proc.pid=42 or proc.pid=1 and proc.pid=2", true),
        ("(proc.pid=42 or proc.pid=1) and proc.pid=2", false),
        ("not proc.pid=1 and proc.pid=42", true),
        ("not(proc.pid=1)and(proc.pid=42)", true),
        ("not not proc.pid=42", true),
        ("not not not proc.pid=42", false),
        ("not (proc.pid=1 or not proc.pid=42)", true),
        ("proc.pid=1 or proc.pid=2 or proc.pid=42", true),
        ("(((proc.pid=42)))", true),
    ]);
}

#[test]
fn what_people_type() {
    check(&[
        ("proc.name=Nginx and evt.type in (read,write)", true),
        ("evt.type!=switch", true),
        ("fd.name contains 10.1", true),
        ("evt.dir=<", true),
        ("evt.dir = >", false),
        ("evt.type=read and fd.num>=3", true),
        ("proc.name contains 'gi n'", false),
        ("  proc.pid = 42\n\tand evt.cpu = 3 ", true),
        ("evt.arg.res=16", true),
        ("evt.arg[0]=16", true),
        ("evt.type startswith re", true),
        ("evt.type glob w*", false),
    ]);
    let deprecated = Filter::compile("evt.dir=<").unwrap();
    assert_eq!(deprecated.warnings()[0].message, "field 'evt.dir' is deprecated");
    let misused = Filter::compile("proc.name = proc.pname").unwrap();
    assert_eq!(
        misused.warnings()[0].line("f", "proc.name = proc.pname"),
        "f:1:13: 'proc.pname' is a text here, although there is a field of this name; to compare \
         with a field, write = val(FIELD)"
    );
}

#[test]
fn event_types_that_cannot_match_are_known_beforehand() {
    let types = |condition: &str| {
        let filter = Filter::compile(condition).unwrap();
        let may = |name: &str| {
            event::EventType::all()
                .any(|kind| kind.is_exit() && kind.info().name == name && filter.may_match(kind))
        };
        [may("open"), may("close"), may("read"), may("syscall")]
    };
    let cases = [
        ("evt.type = open", [true, false, false, true]),
        ("evt.type in (open, close)", [true, true, false, true]),
        ("evt.type != open", [false, true, true, true]),
        ("not evt.type = open", [false, true, true, true]),
        ("evt.type = open and proc.name = a", [true, false, false, true]),
        ("evt.type = open or proc.name = a", [true, true, true, true]),
        ("not (evt.type = open or evt.type = close)", [false, false, true, true]),
        ("evt.type = open and evt.type = close", [false, false, false, true]),
        ("evt.type = open and not evt.type in (open, close)", [false, false, false, true]),
        ("proc.name = a", [true, true, true, true]),
    ];
    for (condition, expected) in cases {
        assert_eq!(types(condition), expected, "{condition}");
    }
}

#[test]
fn a_program_prints_its_tests_and_where_they_lead() {
    let filter =
        Filter::compile("(proc.name = a or not proc.name in (b, \"c d\")) and len(fd.name) > 4")
            .unwrap();
    assert_eq!(
        filter.to_string(),
        "0: proc.name = a  pass 2  fail 1\n\
         1: proc.name in (b, \"c d\")  pass reject  fail 2\n\
         2: len(fd.name) > 4  pass accept  fail reject\n"
    );
}

#[test]
fn nearness_in_time() {
    with_context(|context| {
        let ts_ns = context.event.ts_ns;
        for (centre_ns, ms, near) in [
            (ts_ns, 0, true),
            (ts_ns + 1_000_000, 1, true),
            (ts_ns + 1_000_001, 1, false),
            (ts_ns.saturating_sub(1_000_000), 1, true),
            (ts_ns + 5_000_000, 1000, true),
        ] {
            let condition = format!("evt.around[{centre_ns}] = {ms}");
            let filter = Filter::compile(&condition).unwrap_or_else(|e| panic!("{e}"));
            let matches = filter.matches(context, &mut Memory::default());
            assert_eq!(matches, near, "{condition} at {ts_ns}");
        }
    });
    refuse(&[(
        "evt.around[7] > 1",
        "f:1:15: '>' does not work on 'evt.around[7]', which is UINT64; it takes =",
    )]);
}
