//! The page of the calls that a trace records.

use std::fmt::Write as _;

/// The page's text.
pub(super) fn page() -> String {
    let calls = capture::ptrace::recorded_calls();
    let mut out = format!(
        "# Calls that a trace records\n\n`watchkeeper trace` records these {} system calls, whether \
         they succeed or fail. A call with a condition stops the program only where the condition \
         holds. Programs of 32 bits have the same calls recorded. The beginning, the signals and the \
         end of each thread are recorded besides.\n\n| call | recorded |\n|---|---|\n",
        calls.len()
    );
    for call in calls {
        let only = call.only.map_or("always".to_owned(), |only| format!("if {only}"));
        let _ = writeln!(out, "| `{}` | {only} |", call.name);
    }
    out
}
