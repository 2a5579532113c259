//! Rules that change while it runs: whole or not at all, and what they need is recorded from then on.

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "reload",
    script: "\
mkdir rules
rule() {
    printf -- '- {rule: %s, desc: d, condition: %s, output: %s by %%proc.cmdline, priority: INFO}\\n' \"$@\"
}
rule Shadow 'evt.type = openat and fd.name = /etc/shadow' shadow >rules/a.yaml
agent --rules rules --no-container-fields
cat /etc/shadow >/dev/null
echo '- rule: broken' >rules/b.yaml
wait_for 'go on as they were' said
cat /etc/shadow >/dev/null
rule Read 'evt.type = read and fd.name = /etc/passwd' read >written
mv written rules/b.yaml
wait_for '2 rules of' said
cat /etc/shadow /etc/passwd >/dev/null
kill -HUP $agent
wait_for_two() { until [ \"$(grep -c 'loaded again' said)\" = 2 ]; do sleep 0.1; done; }
wait_for_two
end INT",
    check,
};

fn check(left: &Left<'_>) {
    left.has("alerts", &["shadow by", "shadow by", "shadow by", "read by"]);
    left.has("said", &["1 rule of rules", "rules/b.yaml:1:9: rule 'broken' has no 'condition'"]);
    left.has("said", &["go on as they were", "loaded again: 2 rules of rules"]);
    left.has("said", &["3  Informational  Shadow"]);
    left.has("code", &["code 0"]);
}
