//! Many rules compiled together say of every event of real captures what each comparison says by
//! itself. The rules are made at random, the same every time, of what the captures contain, so that
//! look-ups, gates, shared parts and comparisons made in one pass all take part.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{collections::HashMap, fs, io::BufReader, path::Path};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    filter::{
        Filter, Memory,
        ast::{Check, Expr, Operator, Quantifier, Right},
        parse::parse,
    },
    format::Format,
};
use state::{Audience, Context, Limits, State};
use testkit::{cases, data};

/// Captures that are small, and have files, connections, notices and old event types in them.
const CAPTURES: [&str; 6] = [
    "falco-cat_write",
    "falco-syscall",
    "libs-sample",
    "libs-single_ipv6_conn",
    "sf-collector-client-server-tcp-client-server",
    "sysdig-opensource-examples-example0-nginx",
];
/// Most events of a capture that are compared.
const MOST_EVENTS: u64 = 1500;
const RULES: usize = 150;

#[test]
fn rules_compiled_together_agree_with_each_comparison_alone() {
    if data().is_none() {
        return;
    }
    let mut memory = EngineMemory::default();
    let cases: Vec<_> = cases().into_iter().filter(|c| CAPTURES.contains(&&*c.name)).collect();
    assert_eq!(cases.len(), CAPTURES.len());
    for (seed, case) in (1..).zip(&cases) {
        let values = Values::of(&case.capture);
        for round in 0..ROUNDS {
            let texts = Maker { dice: Dice(seed * 1000 + round), values: &values }.rules();
            let rules: Vec<_> = texts.iter().map(|text| (text, tree(text))).collect();
            let named = || rules.iter().map(|(text, tree)| (text.as_str(), tree));
            let all = Engine::of_conditions(named(), Matching::All)
                .unwrap_or_else(|errors| panic!("{errors:?}"));
            let first = Engine::of_conditions(named(), Matching::First).unwrap();
            let mut walk = Walk::default();
            let mut matches = 0;
            each_event(&case.capture, |context| {
                let walked = walk.all(&rules, context);
                matches += walked.len();
                let name = format!("{} round {round} event {}", case.name, context.num);
                differ(&rules, &walked, all.matches(context, &mut memory), &name);
                let walked = &walked[..walked.len().min(1)];
                differ(&rules, walked, first.matches(context, &mut memory), &name);
            });
            assert!(matches > 0, "{}: no rule matches", case.name);
        }
    }
}

/// Times that rules are made for each capture.
const ROUNDS: u64 = 3;

fn tree(text: &str) -> Expr {
    parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn differ(rules: &[(&String, Expr)], walked: &[usize], compiled: &[usize], name: &str) {
    let text = |places: &[usize], others: &[usize]| -> Vec<String> {
        let only = places.iter().filter(|place| !others.contains(place));
        only.map(|&place| rules[place].0.clone()).collect()
    };
    assert_eq!(text(compiled, walked), text(walked, compiled), "{name}: compiled, walked");
    assert_eq!(compiled, walked, "{name}");
}

fn each_event(capture: &Path, mut receive: impl FnMut(&Context<'_>)) {
    let mut reader = Reader::new(BufReader::new(fs::File::open(capture).unwrap())).unwrap();
    let mut state = State::new(Limits::default());
    let mut left = MOST_EVENTS;
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        if context.audience == Audience::Readers {
            receive(&context);
            left -= 1;
            if left == 0 {
                return;
            }
        }
    }
}

/// Evaluates trees; every comparison with several constants as comparisons with one.
#[derive(Default)]
struct Walk {
    checks: HashMap<String, Filter>,
    /// Results on this event.
    known: HashMap<String, bool>,
    memory: Memory,
}

impl Walk {
    fn all(&mut self, rules: &[(&String, Expr)], context: &Context<'_>) -> Vec<usize> {
        self.known.clear();
        (0..rules.len()).filter(|&rule| self.holds(&rules[rule].1, context)).collect()
    }

    fn holds(&mut self, expr: &Expr, context: &Context<'_>) -> bool {
        match expr {
            Expr::And(parts) => parts.iter().all(|part| self.holds(part, context)),
            Expr::Or(parts) => parts.iter().any(|part| self.holds(part, context)),
            Expr::Not(part) => !self.holds(part, context),
            Expr::Macro(name, _) => panic!("{name:?}"),
            Expr::Check(check) => self.check(check, context),
        }
    }

    fn check(&mut self, check: &Check, context: &Context<'_>) -> bool {
        if let Some(parts) = taken_apart(check) {
            return parts.iter().any(|part| self.check(part, context));
        }
        let text = check.to_string();
        if let Some(known) = self.known.get(&text) {
            return *known;
        }
        let tree = Expr::Check(Box::new(check.clone()));
        let filter = self.checks.entry(text.clone());
        let filter = filter.or_insert_with(|| Filter::of_tree(&tree).unwrap());
        let holds = filter.matches(context, &mut self.memory);
        self.known.insert(text, holds);
        holds
    }
}

/// `a in (x, y)` is `a = x or a = y`.
fn taken_apart(check: &Check) -> Option<Vec<Check>> {
    let Right::List(constants) = &check.right else { return None };
    let is_list = check.left.to_string().contains("types");
    let (op, quantifier) = match (check.op, check.quantifier) {
        (Operator::In, None) if !is_list => (Operator::Eq, None),
        (Operator::Pmatch, None) if constants.len() > 1 => (Operator::Pmatch, None),
        (op, Some(Quantifier::AnyOf)) if op != Operator::Ne => (op, None),
        _ => return None,
    };
    let one = |constant: &rules::filter::ast::Literal| {
        let right = match op {
            Operator::Pmatch => Right::List(vec![constant.clone()]),
            _ => Right::Literal(constant.clone()),
        };
        Check { op, quantifier, right, ..check.clone() }
    };
    Some(constants.iter().map(one).collect())
}

/// Fields of text, also with transformers.
const TEXTS: [&str; 24] = [
    "proc.name",
    "proc.exepath",
    "proc.cmdline",
    "proc.pname",
    "proc.aname",
    "proc.aname[2]",
    "proc.aexepath",
    "proc.args",
    "proc.cwd",
    "fd.name",
    "fd.nameraw",
    "fd.directory",
    "fd.filename",
    "fd.type",
    "fs.path.name",
    "evt.arg[0]",
    "evt.arg.flags",
    "evt.args",
    "container.id",
    "user.name",
    "tolower(proc.name)",
    "basename(fd.name)",
    "toupper(fd.name)",
    "join(\":\", (proc.name, fd.num))",
];
const NUMBERS: [&str; 11] = [
    "fd.num",
    "proc.pid",
    "proc.apid",
    "proc.ppid",
    "fd.sport",
    "fd.port",
    "fd.lport",
    "evt.rawres",
    "evt.rawarg.res",
    "user.uid",
    "len(fd.name)",
];
const ADDRESSES: [&str; 5] = ["fd.ip", "fd.sip", "fd.cip", "fd.lip", "fd.rip"];
const NETWORKS: [&str; 3] = ["fd.net", "fd.snet", "fd.rnet"];
const BYTES: [&str; 2] = ["evt.buffer", "evt.rawarg.data"];
const TEXT_OPERATORS: [&str; 8] =
    ["=", "=", "startswith", "endswith", "contains", "icontains", "glob", "!="];

/// What fields say in a capture, each once.
struct Values(HashMap<&'static str, Vec<Vec<u8>>>);

impl Values {
    fn of(capture: &Path) -> Self {
        let fields = TEXTS.iter().chain(&NUMBERS).chain(&ADDRESSES).chain(&BYTES);
        let formats: Vec<_> = fields
            .chain(&["evt.type"])
            .map(|field| (*field, Format::compile(&format!("%{field}")).unwrap()))
            .collect();
        let mut values: HashMap<&'static str, Vec<Vec<u8>>> = HashMap::new();
        let (mut memory, mut out) = (Memory::default(), Vec::new());
        each_event(capture, |context| {
            for (field, format) in &formats {
                out.clear();
                let known = values.entry(field).or_default();
                let there = format.text(context, &mut memory, &mut out);
                let is_number = || String::from_utf8_lossy(&out).parse::<i64>().is_ok();
                if there
                    && (!NUMBERS.contains(field) || is_number())
                    && known.len() < 300
                    && !known.contains(&out)
                {
                    known.push(out.clone());
                }
            }
        });
        Self(values)
    }
}

/// xorshift64*.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

struct Maker<'v> {
    dice: Dice,
    values: &'v Values,
}

impl Maker<'_> {
    fn rules(mut self) -> Vec<String> {
        // The first numbers of neighbouring seeds are alike.
        for _ in 0..20 {
            self.dice.below(1);
        }
        let shared: Vec<String> = (0..12).map(|_| self.part(2)).collect();
        let mut rules = Vec::new();
        for _ in 0..RULES {
            let mut parts = vec![self.part(2)];
            if self.dice.below(2) == 0 {
                parts.push(self.dice.one(&shared).clone());
            }
            if self.dice.below(3) > 0 {
                parts.push(self.types());
            }
            if self.dice.below(4) == 0 {
                parts.push(format!("not {}", self.dice.one(&shared)));
            }
            rules.push(parts.join(" and "));
        }
        rules
    }

    fn part(&mut self, depth: usize) -> String {
        match self.dice.below(if depth == 0 { 1 } else { 6 }) {
            0..3 => self.check(),
            3 => self.alternatives(),
            4 => format!("({} or {})", self.part(depth - 1), self.part(depth - 1)),
            _ => format!("({} and not {})", self.part(depth - 1), self.part(depth - 1)),
        }
    }

    fn types(&mut self) -> String {
        let known = &self.values.0["evt.type"];
        let mut name = || format!("{:?}", String::from_utf8_lossy(self.dice.one::<Vec<u8>>(known)));
        let (a, b, c) = (name(), name(), name());
        match self.dice.below(5) {
            0 => format!("evt.type in ({a}, {b}, {c})"),
            1 => format!("(evt.type = {a} or evt.type = {b} or evt.type = {c})"),
            2 => format!("not evt.type in ({a}, {b})"),
            3 => format!("evt.type != {a}"),
            _ => format!("evt.type = {a}"),
        }
    }

    /// The same value compared with several constants, in several comparisons.
    fn alternatives(&mut self) -> String {
        let (left, op) = (*self.dice.one(&TEXTS), *self.dice.one(&TEXT_OPERATORS));
        let count = 3 + self.dice.below(4);
        let all: Vec<_> =
            (0..count).map(|_| format!("{left} {op} {}", self.constant(left))).collect();
        format!("({})", all.join(" or "))
    }

    fn check(&mut self) -> String {
        match self.dice.below(20) {
            0..11 => self.text(),
            11..14 => {
                let left = *self.dice.one(&NUMBERS);
                let op = *self.dice.one(&["=", "=", "in", "!=", "<", ">="]);
                self.either(left, op, |maker| maker.whole(left, "7"))
            }
            14 => {
                let left = *self.dice.one(&ADDRESSES);
                let op = *self.dice.one(&["=", "in", "!="]);
                self.either(left, op, |maker| maker.whole(left, "127.0.0.1"))
            }
            15 => {
                let left = *self.dice.one(&NETWORKS);
                let op = *self.dice.one(&["=", "in", "!="]);
                let nets = ["127.0.0.0/8", "10.0.0.0/8", "::1/128", "192.168.0.0/16", "0.0.0.0/0"];
                self.either(left, op, |maker| (*maker.dice.one(&nets)).to_owned())
            }
            16 => {
                let left = *self.dice.one(&BYTES);
                let op = *self.dice.one(&["bcontains", "bstartswith"]);
                let value = self.piece(left);
                format!("{left} {op} {}", hex(&value))
            }
            17 => {
                let op = *self.dice.one(&["contains", "startswith", "contains anyof"]);
                let left = *self.dice.one(&BYTES);
                self.either(left, op, |maker| maker.constant(left))
            }
            18 => {
                let op = *self.dice.one(&["in", "intersects"]);
                let some = ["file", "ipv4", "ipv6", "unix", "fifo", "directory"];
                let list: Vec<_> = (0..self.dice.below(4)).map(|_| *self.dice.one(&some)).collect();
                format!("fd.types {op} ({})", list.join(", "))
            }
            _ => format!("{} exists", self.dice.one(&TEXTS)),
        }
    }

    fn text(&mut self) -> String {
        let left = *self.dice.one(&TEXTS);
        match self.dice.below(8) {
            0 => self.either(left, "in", |maker| maker.constant(left)),
            1 | 2 => self.either(left, "pmatch", |maker| maker.path(left)),
            3 => {
                let op = *self.dice.one(&TEXT_OPERATORS);
                let quantifier = *self.dice.one(&["oneof", "anyof", "anyof", "allof"]);
                let op = format!("{op} {quantifier}");
                self.either(left, &op, |maker| maker.constant(left))
            }
            4 => {
                let op = *self.dice.one(&["glob", "iglob"]);
                format!("{left} {op} {}", self.pattern(left))
            }
            _ => format!("{left} {} {}", self.dice.one(&TEXT_OPERATORS), self.constant(left)),
        }
    }

    fn either(&mut self, left: &str, op: &str, one: impl Fn(&mut Self) -> String) -> String {
        if op.contains("of") || ["in", "pmatch"].contains(&op) {
            let list: Vec<_> = (0..self.dice.below(5)).map(|_| one(self)).collect();
            format!("{left} {op} ({})", list.join(", "))
        } else {
            format!("{left} {op} {}", one(self))
        }
    }

    /// A whole value, not quoted.
    fn whole(&mut self, left: &str, otherwise: &str) -> String {
        match self.values.0.get(left) {
            Some(known) if !known.is_empty() => {
                String::from_utf8_lossy(self.dice.one::<Vec<u8>>(known)).into_owned()
            }
            _ => otherwise.to_owned(),
        }
    }

    /// A value or a piece of one.
    fn piece(&mut self, left: &str) -> Vec<u8> {
        let odd: [&[u8]; 8] = [b"", b"/", b"a", b"e", b"//", b"\xff", b"etc", b"no such thing"];
        let known = self.values.0.get(left).map_or(&[][..], Vec::as_slice);
        if known.is_empty() || self.dice.below(8) == 0 {
            return self.dice.one(&odd).to_vec();
        }
        let value = self.dice.one(known).clone();
        let from = self.dice.below(value.len());
        let len = self.dice.below(value.len() - from + 1);
        match self.dice.below(4) {
            0 => value[..len].to_vec(),
            1 => value[from..].to_vec(),
            2 => value[from..from + len].to_vec(),
            _ => value,
        }
    }

    fn constant(&mut self, left: &str) -> String {
        let piece = self.piece(left);
        quoted(&piece)
    }

    fn pattern(&mut self, left: &str) -> String {
        let mut piece = self.piece(left);
        for _ in 0..self.dice.below(3) {
            let at = self.dice.below(piece.len() + 1);
            let special: [&[u8]; 8] =
                [b"*", b"*", b"?", b"[a-z]", b"[!/]", b"\\", b"[", b"[[:alpha:]]"];
            piece.splice(at..at, self.dice.one(&special).iter().copied());
        }
        quoted(&piece)
    }

    fn path(&mut self, left: &str) -> String {
        let fixed = ["\"/\"", "\"\"", "\"//\"", "etc", "/etc", "/usr/*", "/*/lib", "\"/et\\\\c\""];
        match self.dice.below(3) {
            0 => (*self.dice.one(&fixed)).to_owned(),
            1 => self.pattern(left),
            _ => self.constant(left),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let pairs: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{pairs}\"")
}

fn quoted(bytes: &[u8]) -> String {
    let escaped: String = bytes
        .iter()
        .filter(|byte| **byte != 0)
        .map(|&byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect();
    format!("\"{escaped}\"")
}
