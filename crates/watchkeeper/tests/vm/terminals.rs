//! What a session on a terminal shows, which starts hardly a program, and what of it is not recorded: a
//! password that is typed unseen. The agent keeps what the self-test does, too.

use super::{Left, Step, selftest::all_seen};

/// `script` runs a shell on a terminal of its own, and types what comes in; everything that is typed is
/// waited for where it makes a difference.
pub(super) const STEP: Step = Step {
    name: "terminals",
    script: "\
agent --tty --output host.scap --store store --before 1s --after 1s
mkfifo keys
script -q -f -c 'sh -i' seen <keys >/dev/null 2>&1 &
session=$!
exec 3>keys
wait_for '[#$] ' seen
echo 'cd /tmp; export WHERE=here' >&3
echo 'echo \"$WHERE in $PWD\"' >&3
wait_for '^here in /tmp' seen
echo \"stty -echo; echo unse''en; read PW; stty echo; echo got \\${#PW}\" >&3
wait_for '^unseen' seen
echo open-sesame >&3
wait_for '^got 11' seen
echo \"echo ca''lm; cat >/dev/null; echo ov''er\" >&3
wait_for '^calm' seen
echo 'typed into cat' >&3
printf '\\004' >&3
wait_for '^over' seen
printf 'for i in 1 2 3; do\\necho turn $i\\ndone\\n' >&3
wait_for '^turn 3' seen
echo exit >&3
exec 3>&-
wait $session
watchkeeper selftest --store store --format json >kept; echo \"code $?\" >>kept_code
end TERM
watchkeeper timeline host.scap --format json >story
watchkeeper timeline host.scap --all >shown
watchkeeper timeline host.scap --all --format html >page",
    check,
};

/// Is typed unseen.
const PASSWORD: &[u8] = b"open-sesame";

fn check(left: &Left<'_>) {
    left.has("said", &["recording this host", "recording what terminals show"]);
    assert_eq!(all_seen(left, "kept"), "store");
    left.has("kept_code", &["code 0"]);
    let story = left.text("story");
    for line in [
        "cd /tmp; export WHERE=here",
        "here in /tmp",
        "got 11",
        "typed into cat",
        "for i in 1 2 3; do",
        "echo turn $i",
        "turn 3",
    ] {
        assert!(story.contains(line), "{}: no '{line}' in {story}", left.kernel);
    }
    left.has("story", &["\"typed\": true", "\"text\": \"typed into cat\""]);
    left.has("shown", &["tty   ", "export WHERE=here", "tty   here in /tmp", "tty   turn 3"]);
    left.has("page", &["<b>terminal</b><code>", "here in /tmp"]);
    for file in ["host.scap", "story", "shown", "page"] {
        let bytes = std::fs::read(left.folder.join(file)).unwrap();
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(has(b"here in /tmp"), "{}: {file}", left.kernel);
        assert!(!has(PASSWORD), "{}: {file} has what was typed unseen", left.kernel);
    }
}
