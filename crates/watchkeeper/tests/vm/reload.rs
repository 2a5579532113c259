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
rule Connect 'evt.type = connect and fd.sport = 4444' connect >>rules/a.yaml
agent --rules rules --no-container-fields
cat /etc/shadow >/dev/null
echo '- rule: broken' >rules/b.yaml
wait_for 'go on as they were' said
cat /etc/shadow >/dev/null
# Data that is sent is recorded only where a rule looks at it.
rule Sent 'evt.type = sendto' sent >written
mv written rules/b.yaml
wait_for 'again: 3 rules of' said
cat /etc/shadow >/dev/null
ping -c 1 -W 1 127.0.0.1 >/dev/null
nc -l -p 4444 </dev/null >/dev/null &
until nc 127.0.0.1 4444 </dev/null; do sleep 0.1; done
kill -HUP $agent
wait_for_two() { until [ \"$(grep -c 'loaded again' said)\" = 2 ]; do sleep 0.1; done; }
wait_for_two
end INT",
    check,
};

fn check(left: &Left<'_>) {
    left.has("alerts", &["shadow by", "shadow by", "shadow by", "sent by", "connect by"]);
    left.has("said", &["2 rules of rules", "rules/b.yaml:1:9: rule 'broken' has no 'condition'"]);
    left.has("said", &["go on as they were", "loaded again: 3 rules of rules"]);
    left.has("said", &["3  Informational  Shadow"]);
    left.has("code", &["code 0"]);
}
