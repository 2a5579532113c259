//! `incident.json`, as `docs/incident-format.md` shows it.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use event::alert::{Priority, Repeats, Subject};
use serde_json::{Value, json};
use store::{
    Actor, Alert, AskedFor, Clipped, Ended, Id, Manifest, ManifestError, Seen, Shown, WindowFile,
};

const DOCS: &str = include_str!("../../../docs/incident-format.md");
const FIRST_NS: u64 = 1_795_572_727_881_785_348;
const SECOND_NS: u64 = 1_000_000_000;

/// The incident that the page shows.
fn shown() -> Manifest {
    let mut manifest = Manifest::new("7f3c9a1e00ff".parse().expect("an id"));
    manifest.host.name = "shop-1".into();
    manifest.window.asked =
        AskedFor { start_ns: FIRST_NS - 30 * SECOND_NS, end_ns: FIRST_NS + 33 * SECOND_NS };
    manifest.window.seen =
        Seen { first_ns: FIRST_NS - 30 * SECOND_NS, last_ns: FIRST_NS + 31 * SECOND_NS };
    (manifest.window.before_ns, manifest.window.after_ns) = (30 * SECOND_NS, 30 * SECOND_NS);
    (manifest.window.events, manifest.window.bytes) = (48_211, 4_812_344);
    manifest.window.clipped = Clipped { start: false, end: true };
    manifest.ended = Ended::EndOfRecording;
    manifest.source = "web.scap".into();
    manifest.made_by = "watchkeeper 0.1.0".into();
    manifest.files.window = WindowFile {
        name: "window.scap".into(),
        bytes: 4_812_344,
        blake3: "5c1f0fd9a8f2f0a0d3b6c6a0d25f8e1c7d5f3d0b7f6a2f4c9f1e0d8b7a6c5e43".into(),
    };
    manifest.add(alert());
    manifest
}

fn alert() -> Alert {
    let alert = event::alert::Alert {
        ts_ns: FIRST_NS,
        event_num: 1_204_117,
        rule: "web_shell".into(),
        priority: Priority::Critical,
        source: "syscall".into(),
        tags: ["host".into(), "mitre_execution".into()].into(),
        hostname: "shop-1".into(),
        output: "A web server runs a shell\n\tcommand=sh -c id".to_owned(),
        fields: r#"{"evt.time":1795572727881785348,"proc.cmdline":"sh -c id"}"#.to_owned(),
        subject: Subject::default(),
        repeats: Some(Repeats { count: 3, first_ns: FIRST_NS, last_ns: FIRST_NS + 3 * SECOND_NS }),
    };
    let actor = Actor {
        pid: 911,
        start_ns: FIRST_NS - 1_000_000,
        comm: "sh".into(),
        exe: "/usr/bin/dash".into(),
        cmdline: "sh -c id".into(),
        uid: Some(33),
        user: "www-data".into(),
        login_uid: None,
        container_id: "4b0c8e17a3d2".into(),
        container_name: "shop-web-1".into(),
    };
    Alert::new(&alert, 20_417, actor)
}

#[test]
fn the_page_shows_what_is_written() {
    let (_, rest) = DOCS.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let written = shown().to_json().expect("fits");
    assert_eq!(String::from_utf8(written).expect("text"), example);
    assert_eq!(Manifest::parse(example.as_bytes()), Ok(shown()));
}

#[test]
fn the_page_names_every_field() {
    let json: Value = serde_json::from_slice(&shown().to_json().expect("fits")).expect("JSON");
    let mut missing = Vec::new();
    for (parent, fields) in
        [("", &json), ("window", &json["window"]), ("alerts", &json["alerts"][0])]
            .into_iter()
            .chain([("actor", &json["alerts"][0]["actor"]), ("files", &json["files"]["window"])])
    {
        for name in fields.as_object().expect("an object").keys() {
            let marks = ["|", ",", ":"].map(|mark| format!("{mark} `{name}`"));
            if !marks.iter().any(|mark| DOCS.contains(mark)) {
                missing.push(format!("{parent}.{name}"));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn fields_that_are_not_known_are_left_out_and_other_versions_refused() {
    let text = |change: &dyn Fn(&mut Value)| {
        let mut json = serde_json::to_value(shown()).expect("JSON");
        change(&mut json);
        json.to_string().into_bytes()
    };
    let same = text(&|json| {
        json["later"] = json!({"a": [1, 2]});
        json["window"]["later"] = json!(1.5);
        json["alerts"][0]["actor"]["later"] = json!(null);
        json["window"]["start"] = json!("whatever people read");
    });
    assert_eq!(Manifest::parse(&same), Ok(shown()));
    let schema = |schema: Value| Manifest::parse(&text(&|json| json["schema"] = schema.clone()));
    assert_eq!(schema(json!(2)), Err(ManifestError::Schema(2)));
    assert_eq!(schema(json!(0)), Err(ManifestError::Schema(0)));
    let later = Manifest::parse(br#"{"schema":2,"nothing":"else"}"#);
    assert_eq!(later, Err(ManifestError::Schema(2)), "whatever else a later version has");
    for other in [json!(-1), json!("1"), json!(null), json!(1.5)] {
        assert!(matches!(schema(other), Err(ManifestError::Form(_))));
    }
}

#[test]
fn what_is_no_manifest_is_refused_with_a_message_that_can_be_printed() {
    let deep = format!("{{\"schema\":1,\"id\":{}", "[".repeat(100_000));
    let long = format!("{{\"schema\":1,\"ended\":\"{}\"}}", "\\u001b".repeat(100_000));
    for text in ["", "null", "[]", "{}", "{\"schema\":1}", &deep, &long, "\u{1b}[2J"] {
        let Err(ManifestError::Form(message)) = Manifest::parse(text.as_bytes()) else {
            panic!("taken: {text:.50}")
        };
        assert!(message.len() <= 200 && !message.contains('\u{1b}'), "{message:?}");
    }
    assert_eq!(Manifest::parse(&vec![b' '; 17 << 20]), Err(ManifestError::TooLarge));
}

#[test]
fn text_that_the_host_chose_comes_out_safe_to_print_whoever_wrote_it() {
    let hostile = "<script>\u{1b}]0;x\u{7}\u{202e}\n\"\\ \u{0}\u{2028}";
    let safe = "<script>\\x1b]0;x\\x07\\u{202e}\\n\"\\ \\x00\\u{2028}";
    let mut manifest = shown();
    (manifest.host.name, manifest.source) = (hostile.into(), hostile.into());
    let written = manifest.to_json().expect("fits");
    let read = Manifest::parse(&written).expect("reads");
    assert_eq!((&*read.host.name, &*read.source), (safe, safe));

    let mut json = serde_json::to_value(&manifest).expect("JSON");
    json["title"] = json!(hostile);
    json["alerts"][0]["actor"]["cmdline"] = json!(hostile);
    json["alerts"][0]["tags"] = json!([hostile]);
    let read = Manifest::parse(json.to_string().as_bytes()).expect("reads");
    let alert = &read.alerts()[0];
    let texts = [&read.title, &alert.actor.cmdline, &alert.tags[0]];
    assert_eq!(texts.map(Shown::to_string), [safe; 3]);
}

#[test]
fn the_worst_alert_gives_title_and_priority() {
    let of = |priority, rule: &str| Alert { priority, rule: rule.into(), ..alert() };
    let mut manifest = Manifest::new(Id::of(&[]));
    let cases = [
        (of(Priority::Debug, "first"), "first"),
        (of(Priority::Warning, "worse"), "worse"),
        (of(Priority::Warning, "as bad, later"), "worse"),
        (of(Priority::Notice, "less"), "worse"),
        (of(Priority::Emergency, "worst"), "worst"),
    ];
    for (number, (alert, title)) in cases.into_iter().enumerate() {
        manifest.add(alert);
        assert_eq!(&*manifest.title, title);
        assert_eq!(manifest.alerts_total, number as u64 + 1);
    }
    assert_eq!(manifest.first_alert_ns(), FIRST_NS);
    assert_eq!(manifest.last_alert_ns(), FIRST_NS + 3 * SECOND_NS, "repeats count");
}
