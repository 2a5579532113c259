//! What the doctor says of a host that can be recorded, and to whom it may not.

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "doctor",
    script: "\
watchkeeper doctor --format json >root; echo \"code $?\" >>root
su tester -c 'watchkeeper doctor' >tester; echo \"code $?\" >>tester
su tester -c 'watchkeeper run' >refused 2>&1; echo \"code $?\" >>refused",
    check,
};

fn check(left: &Left<'_>) {
    left.has(
        "root",
        &["{\"can_record\":true", "\"name\":\"privilege\",\"verdict\":\"good\"", "code 0"],
    );
    left.has("tester", &["missing  privilege", "to mend it: run it as root", "code 1"]);
    left.has("refused", &["recording a host takes root", "code 2"]);
}
