//! Where Falco's alerts are meant to differ from ours: the cases of `docs/compatibility.md`, one by
//! one.

use serde_json::Value;

/// One value of one rule's alerts of one capture.
pub(crate) struct Known {
    pub(crate) capture: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) field: &'static str,
}

/// Falco forgets when the machine was booted, and measures from there.
const fn start(capture: &'static str, rule: &'static str) -> Known {
    Known { capture, rule, field: "container.start_ts" }
}

/// Values that differ.
pub(crate) const VALUES: &[Known] = &[
    start("sysdig-0.41.4/c04_drop_and_execute", "Drop and execute new binary in container"),
    start("sysdig-0.41.4/h07_memfd_exec", "Fileless execution via memfd_create"),
    start("sysdig-0.41.4/m04_dropper_ransom", "Fileless execution via memfd_create"),
];

/// Captures with an event that matches several rules of which some are off in their files. Falco
/// gives the alerts of rules that were turned on by hand after all others, in the order of their
/// addresses in memory; here alerts of one event come in the order of the rules.
pub(crate) const ORDER: &[&str] = &[
    "sysdig-0.29.3/c02_netcat_rce",
    "sysdig-0.29.3/c07_sensitive_mount",
    "sysdig-0.29.3/h21_miner",
    "sysdig-0.29.3/h23_reverse_shells",
    "sysdig-0.29.3/m01_webshell_to_exfil",
    "sysdig-0.29.3/m04_dropper_ransom",
    "sysdig-0.41.4/c02_netcat_rce",
    "sysdig-0.41.4/c07_sensitive_mount",
    "sysdig-0.41.4/h21_miner",
    "sysdig-0.41.4/h23_reverse_shells",
    "sysdig-0.41.4/m01_webshell_to_exfil",
    "sysdig-0.41.4/m04_dropper_ransom",
];

/// Puts our value in place of Falco's where both are meant to differ; returns the position of the
/// case.
pub(crate) fn settle(capture: &str, got: &Value, want: &mut Value) -> Option<usize> {
    let position = VALUES.iter().position(|known| {
        known.capture == capture
            && got["rule"] == known.rule
            && want["rule"] == known.rule
            && got["output_fields"][known.field] != want["output_fields"][known.field]
    })?;
    let name = VALUES[position].field;
    let of = |alert: &Value| {
        let value = &alert["output_fields"][name];
        let text = if value.is_null() { "<NA>".to_owned() } else { value.to_string() };
        format!(" {}={text} ", name.replace('.', "_"))
    };
    let output = want["output"].as_str()?.replace(&of(want), &of(got));
    want["output"] = output.into();
    want["output_fields"][name] = got["output_fields"][name].clone();
    Some(position)
}
