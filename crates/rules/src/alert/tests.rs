use event::{
    EventBuilder,
    snapshot::{Machine, Record, ThreadEntry},
    syscalls::{EXECVE_19_X, OPEN_X, RENAME_X, SETUID_X},
};
use state::{Limits, State};

use super::*;
use crate::load::{RuleFile, load};

const RULE: &str = r#"
- rule: "tell\e[31m me"
  desc: d
  condition: evt.type = open
  output: "\e[2Jopened\n by %proc.name (%fd.name %evt.type %evt.type %proc.aname[2])"
  priority: WARNING
  tags: [z, "a\a"]
"#;

fn maker(container: ContainerFields, appended: &[&str]) -> Result<Maker, Report> {
    let file = RuleFile { name: "rules.yaml".to_owned(), text: RULE.to_owned() };
    let rules = load(vec![file]).expect("rules").definitions.rules;
    let appended: Vec<String> = appended.iter().map(|&text| text.to_owned()).collect();
    Maker::new(&rules, container, &appended)
}

fn machine() -> State {
    let mut state = State::new(Limits::default());
    let machine = Machine { hostname: b"web\x1b[1m\x07", ..Machine::default() };
    state.record(&Record::Machine(machine));
    state.record(&Record::Thread(ThreadEntry {
        tid: 7,
        pid: 7,
        ptid: 1,
        comm: b"c\x1b]0;title\x07t",
        exe: b"cat",
        exepath: b"/bin/cat",
        args: b"-v\0",
        cwd: b"/",
        ..ThreadEntry::default()
    }));
    state
}

fn open(path: &str) -> EventBuilder {
    let mut builder = EventBuilder::default();
    builder.start(OPEN_X, 1_470_327_477_881_785_348, 7, 1);
    builder.i64(3).text(path).u32(1).u32(0).u32(0).u64(0);
    builder
}

fn alert(maker: &mut Maker, event: &EventBuilder) -> Alert {
    let mut state = machine();
    let context = state.event(event.event().expect("an event"));
    let subject = maker.subject(&context);
    maker.alert(0, &context, subject).expect("an alert")
}

#[test]
fn an_alert_has_the_rules_output_the_container_and_sorted_fields() {
    let mut maker = maker(ContainerFields::Appended, &["up %evt.num"]).expect("a maker");
    let alert = alert(&mut maker, &open("/etc/passwd"));
    assert_eq!(
        alert.output,
        "16:17:57.881785348: Warning \u{fffd}[2Jopened\n by c\u{fffd}]0;title\u{fffd}t (/etc/passwd \
         open open <NA>) up 1 container_id=host container_name=host container_image_repository= \
         container_image_tag= k8s_pod_name=<NA> k8s_ns_name=<NA>"
    );
    assert_eq!(
        alert.fields,
        "{\"container.id\":\"host\",\"container.image.repository\":\"\",\
         \"container.image.tag\":\"\",\"container.name\":\"host\",\"evt.num\":1,\
         \"evt.time\":1470327477881785348,\"evt.type\":\"open\",\"fd.name\":\"/etc/passwd\",\
         \"k8s.ns.name\":null,\"k8s.pod.name\":null,\"proc.aname[2]\":null,\
         \"proc.name\":\"c\u{fffd}]0;title\u{fffd}t\"}"
    );
}

#[test]
fn nothing_of_an_alert_moves_a_terminal() {
    let mut maker = maker(ContainerFields::LeftOut, &[]).expect("a maker");
    let alert = alert(&mut maker, &open("/tmp/\x1b[31m\u{9b}31m\r\n"));
    assert_eq!(&*alert.hostname, "web\u{fffd}[1m\u{fffd}");
    assert_eq!(&*alert.rule, "tell\u{fffd}[31m me");
    for write in [Alert::text, Alert::json] {
        let mut line = Vec::new();
        write(&alert, &mut line);
        let text = String::from_utf8(line).expect("UTF-8");
        assert!(!text.contains(char::is_control), "{text:?}");
    }
}

#[test]
fn what_is_appended_is_checked() {
    let report = maker(ContainerFields::Appended, &["%proc.nme"]).expect_err("refused");
    assert!(report.to_string().contains("proc.nme"), "{report}");
}

#[test]
fn the_subject_is_the_process_and_what_it_works_on() {
    let mut maker = maker(ContainerFields::LeftOut, &[]).expect("a maker");
    let mut setuid = EventBuilder::default();
    setuid.start(SETUID_X, 1_000, 7, 1);
    setuid.i64(0).u32(33);
    let cases = [(open("/etc/passwd"), "/etc/passwd"), (setuid, "setuid\0res=0 uid=33(<NA>)")];
    for (event, target) in cases {
        let subject = alert(&mut maker, &event).subject;
        assert_eq!((subject.pid, subject.start_ns), (7, 0));
        assert_eq!(String::from_utf8_lossy(&subject.target), target);
    }
}

#[test]
fn other_programs_that_are_refused_and_other_names_are_other_subjects() {
    let refused = |exe: &str| {
        let mut exec = EventBuilder::default();
        exec.start(EXECVE_19_X, 1_000, 7, 1);
        exec.i64(-2).text(exe).raw(b"-x\0");
        exec
    };
    let rename = |from: &str, to: &str| {
        let mut rename = EventBuilder::default();
        rename.start(RENAME_X, 1_000, 7, 1);
        rename.i64(0).text(from).text(to);
        rename
    };
    let mut maker = maker(ContainerFields::LeftOut, &[]).expect("a maker");
    let mut subject = |event: EventBuilder| alert(&mut maker, &event).subject;
    assert_ne!(subject(refused("nmap")), subject(refused("masscan")));
    assert_eq!(subject(refused("nmap")), subject(refused("nmap")));
    assert_ne!(subject(rename("/a /b", "/c")), subject(rename("/a", "/b /c")));
    assert_eq!(subject(rename("/a", "/b")), subject(rename("/a", "/b")));
}
