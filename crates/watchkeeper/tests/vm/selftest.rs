//! The self-test where the kernel records, and by somebody who may not record. What an agent that runs
//! keeps of it stands with `terminals`, for starting one takes its time here.

use serde_json::Value;

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "selftest",
    script: "\
mkdir -p /usr/bin /var/log /dev/shm
chmod 1777 /tmp
watchkeeper selftest --format json >seen 2>said; echo \"code $?\" >code
su tester -c 'watchkeeper selftest --format json' >traced 2>why; echo \"code $?\" >>why
ls /tmp >left",
    check,
};

fn check(left: &Left<'_>) {
    assert_eq!(all_seen(left, "seen"), "ebpf");
    left.has("code", &["code 0"]);
    let (results, of) = results(left, "traced");
    let not_seen: Vec<_> = results.iter().filter(|(_, result)| result != "seen").collect();
    assert_eq!(not_seen, [&("attach".to_owned(), "skipped".to_owned())], "{}", left.kernel);
    assert_eq!(of, "trace");
    left.has("why", &["the actions are traced, for this host cannot be recorded", "code 3"]);
    assert!(!left.text("left").contains("watchkeeper-selftest"), "{}", left.text("left"));
}

/// Fails unless every action was seen; says how that was known.
pub(super) fn all_seen(left: &Left<'_>, report: &str) -> String {
    let (results, of) = results(left, report);
    let not_seen: Vec<_> = results.iter().filter(|(_, result)| result != "seen").collect();
    assert!(not_seen.is_empty(), "{}, {report}: {not_seen:?}", left.kernel);
    of
}

/// Each action and what became of it, and how that was known.
fn results(left: &Left<'_>, name: &str) -> (Vec<(String, String)>, String) {
    let report: Value = serde_json::from_str(&left.text(name)).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let actions = report["actions"].as_array().unwrap().iter();
    let results = actions.map(|it| (text(&it["name"]), text(&it["result"]))).collect();
    (results, text(&report["source"]))
}
