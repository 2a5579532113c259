//! What the doctor says of a host that can be recorded, and to whom it may not.

use testkit::vm::Kernel;

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "doctor",
    script: "\
watchkeeper doctor --format json >root; echo \"code $?\" >>root
su tester -c 'watchkeeper doctor' >tester; echo \"code $?\" >>tester
su tester -c 'watchkeeper run' >refused 2>&1; echo \"code $?\" >>refused
case $(uname -r) in 5.*) watchkeeper doctor --load >loaded; esac",
    check,
};

fn check(left: &Left<'_>) {
    left.has(
        "root",
        &["{\"can_record\":true", "\"name\":\"privilege\",\"verdict\":\"good\"", "code 0"],
    );
    left.has("tester", &["missing  privilege", "to mend it: run it as root", "code 1"]);
    left.has("refused", &["recording a host takes root", "code 2"]);
    // All programs are loaded by other tests; here, how they come to what the kernel hides is told.
    if left.kernel == Kernel::V5_10 {
        left.has(
            "loaded",
            &["note     programs", "takes all of them; it does not describe what", "io_uring"],
        );
    }
}
