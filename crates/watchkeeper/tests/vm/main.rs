//! The agent on kernels of its own: one boot for each, in which every step is done.
//!
//! A step is a script and what has to be true of what it left in its folder. To add one, add its file
//! and its name to `STEPS`; `WATCHKEEPER_TEST_ONLY=NAME` does it alone. Where there is no QEMU or no
//! kernel, nothing is tested, which is said.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod alerts;
mod doctor;
mod handed;
mod reload;
mod rings;
mod selftest;
mod storms;
mod terminals;

use std::{env, fs, path::Path, thread, time::Duration};

use testkit::vm::{Guest, Kernel, Outcome, kernels};

/// What is done in the guest, and looked at afterwards.
struct Step {
    name: &'static str,
    /// Runs in a folder of its own, which comes back; functions of `prelude.sh` are there.
    script: &'static str,
    /// Looks at the folder.
    check: fn(&Left<'_>),
}

/// In the order in which they are done.
const STEPS: [&Step; 8] = [
    &doctor::STEP,
    &alerts::STEP,
    &handed::STEP,
    &reload::STEP,
    &rings::STEP,
    &selftest::STEP,
    &terminals::STEP,
    &storms::STEP,
];

/// What a step left.
struct Left<'o> {
    kernel: Kernel,
    folder: &'o Path,
}

impl Left<'_> {
    /// A file as text; with all that the step printed if it is not there.
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| {
            let printed = fs::read_to_string(self.folder.join("printed")).unwrap_or_default();
            panic!("{}: {name}: {error}\n{printed}", self.kernel)
        })
    }

    /// Fails unless a file has all of these in it, in this order.
    fn has(&self, name: &str, parts: &[&str]) {
        let text = self.text(name);
        let mut rest = &*text;
        for part in parts {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => panic!("{}: {name} has no '{part}' (any more):\n{text}", self.kernel),
            }
        }
    }
}

#[test]
fn the_agent_does_what_it_says_on_each_kernel() {
    thread::scope(|scope| {
        for kernel in kernels() {
            scope.spawn(move || on(kernel));
        }
    });
}

fn on(kernel: Kernel) {
    let guest = Guest::new(kernel)
        .copy(env!("CARGO_BIN_EXE_watchkeeper"), "/bin/watchkeeper")
        .copy("/usr/bin/script", "/bin/script")
        // Steps may run tests of this program as what is recorded.
        .copy(env::current_exe().unwrap(), "/bin/steps")
        .bytes("/etc/shadow", "root:x:1::::::\n", 0o600)
        .limit(Duration::from_secs(1200));
    match guest.run(&script(kernel)).and_then(Outcome::success) {
        Ok(outcome) => {
            for step in steps(kernel) {
                (step.check)(&Left { kernel, folder: &outcome.out().join(step.name) });
            }
        }
        Err(error) => panic!("{kernel}: {error}"),
    }
}

/// All steps, or the one that is asked for. Storms take minutes: unless all kernels are asked for, one
/// has to do.
fn steps(kernel: Kernel) -> impl Iterator<Item = &'static Step> {
    let only = env::var("WATCHKEEPER_TEST_ONLY").ok();
    let all = env::var_os("WATCHKEEPER_KERNELS").is_some() || kernel == Kernel::V6_12;
    STEPS.into_iter().filter(move |step| match &only {
        Some(only) => only == step.name,
        None => all || step.name != storms::STEP.name,
    })
}

fn script(kernel: Kernel) -> String {
    let steps = steps(kernel).map(|Step { name, script, .. }| {
        format!("mkdir /out/{name}; (cd /out/{name}\n{script}\n) >/out/{name}/printed 2>&1\n")
    });
    let stress = if env::var_os("WATCHKEEPER_STRESS").is_some() { "yes" } else { "no" };
    let prelude = include_str!("prelude.sh");
    format!("stress={stress}\n{prelude}{}", steps.collect::<String>())
}
