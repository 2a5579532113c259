//! Filters and formats allocate nothing once their memory has grown to what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say so by failing")]

mod common;

use common::{with_context, with_fd};
use event::{snapshot::FdKind, syscalls::READ_X};
use rules::{
    engine::{Engine, EngineMemory, Matching},
    filter::{Filter, Memory, parse::parse},
    format::Format,
};
use state::{Fd, Text};
use testkit::alloc::{self, Counting};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl FnOnce()) -> u64 {
    let before = alloc::allocations();
    run();
    alloc::allocations() - before
}

#[test]
fn evaluation_allocates_nothing() {
    let conditions = [
        "evt.type in (open, read) and proc.name = Nginx and fd.sport in (80, 443)",
        "proc.name regex 'N[a-z]+' and not ( proc.cmdline contains nginx or fd.name pmatch (/etc, /u*/b))",
        "tolower(proc.name) = basename(proc.exepath) and fd.ip = 10.0.0.1",
        "join('-', (proc.name, proc.pid)) = Nginx-42 and len(evt.buffer) > 3",
        "concat(proc.name, tolower(toupper(proc.exepath))) icontains NGINX",
        "getopt((proc.args[0], proc.args[1]), 'g:')[g] = 'daemon off;'",
        "proc.aname in (a, b) or proc.name startswith oneof (N, M) or evt.buffer bcontains 4745",
    ];
    with_context(|context| {
        let mut memory = Memory::default();
        for condition in conditions {
            let filter = Filter::compile(condition).unwrap();
            filter.matches(context, &mut memory);
            let mut matched = 0;
            let count = allocations(|| {
                for _ in 0..100 {
                    matched += u32::from(filter.matches(context, &mut memory));
                }
            });
            assert_eq!((count, matched), (0, 100), "{condition}");
        }
    });
}

#[test]
fn an_event_that_matches_no_rule_allocates_nothing() {
    let conditions: Vec<String> = (0..200)
        .map(|i| match i % 5 {
            0 => format!("evt.type = read and fd.name startswith /a{i}"),
            1 => format!(
                "evt.type in (read, open) and proc.name in (a{i}, b) and proc.args contains x"
            ),
            2 => format!("evt.type = read and proc.cmdline contains word{i}"),
            3 => format!("evt.type = read and not proc.name = Nginx and fd.sport = {i}"),
            _ => format!("evt.type = read and proc.aname = a{i} or fd.name endswith .x{i}"),
        })
        .collect();
    let trees: Vec<_> = conditions.iter().map(|text| parse(text).unwrap()).collect();
    let named = conditions.iter().map(String::as_str).zip(&trees);
    let engine = Engine::of_conditions(named, Matching::All).unwrap();
    with_context(|context| {
        let mut memory = EngineMemory::default();
        assert!(engine.matches(context, &mut memory).is_empty());
        let count = allocations(|| {
            for _ in 0..100 {
                engine.matches(context, &mut memory);
            }
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn a_file_that_was_never_there_before_allocates_nothing() {
    let conditions = [
        "fd.name startswith /etc/ and fd.filename = shadow",
        "fd.nameraw contains ../../ and proc.name != x",
        "fd.filename in (a, b) or fd.directory = /root",
        "fd.name endswith .so and not fd.name startswith /usr",
        "fd.name = /etc/hosts and proc.name = other",
    ];
    let trees: Vec<_> = conditions.iter().map(|text| parse(text).unwrap()).collect();
    let named = conditions.iter().copied().zip(&trees);
    let engine = Engine::of_conditions(named, Matching::All).unwrap();
    let mut memory = EngineMemory::default();
    for number in 0..100 {
        let name: Text = format!("/home/{number}").into_bytes().into();
        let file = Fd { kind: FdKind::FileV2, name_raw: name.clone(), name, ..Fd::default() };
        with_fd(READ_X, Some(&file), |context| {
            let mut matched = 0;
            let count = allocations(|| matched = engine.matches(context, &mut memory).len());
            assert_eq!((count == 0 || number == 0, matched), (true, 0), "{count} for {number}");
        });
    }
}

#[test]
fn printing_allocates_nothing() {
    let format = "%evt.num %evt.time %evt.type %proc.name (%thread.tid) %fd.name %fd.sip %evt.buffer \
                  %tolower(proc.name) %len(fd.name) %evt.is_io %12proc.name|";
    with_context(|context| {
        let format = Format::compile(format).unwrap();
        let (mut memory, mut out) = (Memory::default(), Vec::new());
        let mut print = || {
            out.clear();
            assert!(format.text(context, &mut memory, &mut out));
            out.clear();
            format.json(context, &mut memory, &mut out);
        };
        print();
        assert_eq!(allocations(|| (0..100).for_each(|_| print())), 0);
    });
}
