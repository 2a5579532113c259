//! Boots kernels, and runs this test program in them.

use std::{env, time::Duration};

use testkit::vm::{Guest, Kernel, Outcome, kernels};

use super::{
    ON,
    differences::{self, Met},
    is_on,
};

/// Tests that are not run in guests, by the beginnings of their names, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("attach::", "about tracing what runs"),
    ("known::", "about what readers make of a trace"),
    ("live::guest::", "they boot guests"),
    ("live::storms::", "they are run by themselves"),
    ("net::races::without_copies", "about what a tracer may not have"),
    ("process::lives_are_told_alike", "about two ways of tracing"),
    ("served::", "about what a tracer waits for"),
    ("stops::", "about a tracer's stops"),
    ("strace::", "about tools that guests do not have"),
    ("odd::", "about tracers and sandboxes"),
    ("stress::a_command", "about a tracer's end"),
    ("stress::a_fork_bomb", "among storms"),
    ("stress::a_trace", "about a tracer's end"),
    ("stress::arguments", "about a tracer under load"),
    ("stress::each_of", "among storms"),
    ("stress::the_command", "about a tracer under load"),
    ("stress::threads", "among storms"),
    ("harness::actor", "no test"),
];

/// Programs that acts run, besides busybox.
const PROGRAMS: [&str; 3] = ["/bin/sh", "/bin/cat", "/bin/true"];

#[test]
fn acts_are_recorded_by_linux_5_10_as_they_are_traced() {
    compare_on(Kernel::V5_10);
}

#[test]
fn acts_are_recorded_by_linux_6_1_as_they_are_traced() {
    compare_on(Kernel::V6_1);
}

#[test]
fn acts_are_recorded_by_linux_6_12_as_they_are_traced() {
    compare_on(Kernel::V6_12);
}

#[test]
fn acts_are_recorded_by_the_newest_linux_as_they_are_traced() {
    compare_on(Kernel::Newest);
}

#[test]
fn storms_are_recorded_or_counted() {
    for kernel in [Kernel::V6_1, Kernel::V6_12, Kernel::Newest] {
        storms_on(kernel);
    }
}

/// Whether to boot a kernel now. A guest takes minutes: unless all kernels are asked for, one has to do.
fn is_wanted(kernel: Kernel) -> bool {
    let all = env::var_os("WATCHKEEPER_KERNELS").is_some();
    !is_on() && kernels().contains(&kernel) && (all || kernel == Kernel::V6_1)
}

fn compare_on(kernel: Kernel) {
    if !is_wanted(kernel) {
        return;
    }
    let skips: Vec<String> = LEFT_OUT.iter().map(|(tests, _)| format!("--skip {tests}")).collect();
    let only = env::var("WATCHKEEPER_TEST_ONLY").unwrap_or_default();
    let outcome = boot(kernel, &format!("{} {only}", skips.join(" ")), "");
    for (tests, why) in LEFT_OUT {
        println!("not in guests: {tests}: {why}");
    }
    let differ = file(&outcome, "differences");
    assert!(differ.is_empty(), "what is recorded differs from what is traced:\n{differ}");
    assert_ok(&outcome);
    let met = file(&outcome, "met");
    for (name, why, always) in differences::all() {
        println!("may differ: {name}: {why}");
        let is_met = met.lines().any(|met| met == name);
        assert!(is_met || always == Met::Sometimes, "nothing differs in {name}");
    }
}

/// Where all kernels are tested, storms have their full size.
fn storms_on(kernel: Kernel) {
    if is_wanted(kernel) {
        let full = env::var_os("WATCHKEEPER_KERNELS").map_or("", |_| "WATCHKEEPER_STRESS=1");
        let only = env::var("WATCHKEEPER_TEST_ONLY").unwrap_or("live::storms::".to_owned());
        assert_ok(&boot(kernel, &only, full));
    }
}

/// Boots a kernel and has this test program run tests there.
fn boot(kernel: Kernel, tests: &str, environment: &str) -> Outcome {
    let mut guest = Guest::new(kernel).copy(env::current_exe().unwrap(), "/bin/acts");
    for program in PROGRAMS {
        guest = guest.copy(program, program);
    }
    // Programs lie at the same places in memory whenever they run, and no number of a process has more
    // digits than another.
    let script = format!(
        "echo 0 >/proc/sys/kernel/randomize_va_space; echo 1000 >/proc/sys/kernel/ns_last_pid; \
         cd /tmp && {ON}=/out RUST_BACKTRACE=0 {environment} acts --test-threads=1 {tests} \
         >/out/told 2>&1; echo $?"
    );
    let outcome = guest.limit(LONGEST).run(&script).unwrap();
    println!("{kernel}:\n{}\n{}", file(&outcome, "told"), outcome.text);
    outcome
}

/// A file that came back; empty if there is none.
fn file(outcome: &Outcome, name: &str) -> String {
    String::from_utf8(outcome.file(name).unwrap_or_default()).unwrap()
}

fn assert_ok(outcome: &Outcome) {
    let told = file(outcome, "told");
    assert!(told.contains("test result: ok"), "tests failed in the guest:\n{told}");
}

/// How long a guest may take, on a machine without hardware help that does other things, too.
const LONGEST: Duration = Duration::from_secs(3600);
