//! What `incident` and `store` print and refuse.

use std::fs;

use serde_json::Value;

use crate::common::{Fixture, intrusion, manifest, rules, stderr, stdout, text};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_list_has_a_line_for_each_incident_the_newest_first() {
    let fixture = Fixture::with_intrusion();
    let store = fixture.store();
    let lines = fixture.prints(&["incident", "list", "--store", &store]);
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].starts_with("ID "), "{lines:?}");
    assert_eq!(lines.len(), 1 + fixture.incidents().len());
    let objects = fixture.prints(&["incident", "list", "--store", &store, "--format", "json"]);
    let times: Vec<String> = objects
        .lines()
        .map(|line| json(line)["first_alert"].as_str().unwrap().to_owned())
        .collect();
    assert!(times.len() >= 2 && times.iter().rev().is_sorted(), "{times:?}");
    let table = fixture.prints(&["incident", "list", "--store", &store, "--format", "markdown"]);
    assert!(table.starts_with("| incident |"), "{table}");
}

#[test]
fn lists_are_filtered_by_what_caused_the_alerts_and_by_what_happened() {
    let fixture = Fixture::with_intrusion();
    let store = fixture.store();
    let count = |filter: &[&str]| {
        let arguments =
            [&["incident", "list", "--store", &store, "--format", "json"], filter].concat();
        fixture.prints(&arguments).lines().count()
    };
    let all = count(&[]);
    for (filter, want) in [
        (&["--user", "www-data"][..], 1),
        (&["--container", "shop-web-1"], 1),
        (&["--container", "nothing"], 0),
        (&["--min-priority", "debug"], all),
        (&["--min-priority", "emergency"], 0),
        (&["--since", "2001-01-01T00:00:00Z"], all),
        (&["--until", "2001-01-01T00:00:00Z"], 0),
        (&["--address", "198.51.100.7"], 1),
        (&["--address", "198.51.100.0/24"], 1),
        (&["--address", "10.9.8.7"], 0),
        (&["--path", "/etc/cron.d/*"], 1),
        (&["--path", "/no/such/*"], 0),
        (&["--limit", "1"], 1),
    ] {
        assert_eq!(count(filter), want, "{filter:?}");
    }
}

/// The id of the attack in the recording: the incident with a container.
fn attack(fixture: &Fixture) -> String {
    let store = fixture.store();
    let lines = fixture.prints(&[
        "incident",
        "list",
        "--store",
        &store,
        "--format",
        "json",
        "--container",
        "shop-web-1",
    ]);
    json(lines.lines().next().unwrap())["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_incident_is_shown_in_every_form() {
    let fixture = Fixture::with_intrusion();
    let (store, id) = (fixture.store(), attack(&fixture));
    let show = |format: &str| {
        fixture.prints(&["incident", "show", &id[..6], "--store", &store, "--format", format])
    };
    let shown = show("text");
    assert!(shown.contains(&id) && shown.contains("198.51.100.7"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colours but on a terminal");
    let timeline = json(&show("json"));
    assert_eq!(timeline["schema"], 1);
    assert!(!timeline["summary"].as_array().unwrap().is_empty());
    assert!(show("markdown").contains("198.51.100.7"));
    let page = show("html");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
}

#[test]
fn colours_are_there_when_asked_for_and_text_fits_any_width() {
    let fixture = Fixture::with_intrusion();
    let (store, id) = (fixture.store(), attack(&fixture));
    let arguments = ["incident", "show", &id, "--store", &store];
    let coloured = fixture.prints(&[&arguments[..], &["--color", "always"]].concat());
    assert!(coloured.contains("\u{1b}["));
    for width in ["20", "60", "132"] {
        let shown = fixture.prints(&[&arguments[..], &["--width", width]].concat());
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap(), "{widest} of {width}");
    }
}

#[test]
fn parts_are_picked_by_kind_process_path_address_user_container_and_time() {
    let fixture = Fixture::with_intrusion();
    let (store, id) = (fixture.store(), attack(&fixture));
    let timeline = |filter: &[&str]| {
        let usual = ["incident", "show", &id, "--store", &store, "--format", "json"];
        json(&fixture.prints(&[&usual[..], filter].concat()))
    };
    let rows = |timeline: &Value, kind: &str| {
        let processes = timeline["processes"].as_array().unwrap();
        processes.iter().map(|process| process[kind].as_array().unwrap().len()).sum::<usize>()
    };
    let network = timeline(&["--kind", "network"]);
    assert!(rows(&network, "network") > 0 && rows(&network, "files") == 0);
    let files = timeline(&["--path", "/etc/cron.d/*"]);
    assert!(rows(&files, "files") > 0 && rows(&files, "network") == 0);
    let address = timeline(&["--address", "198.51.100.7"]);
    assert!(rows(&address, "network") > 0);
    let nothing = timeline(&["--address", "10.9.8.7"]);
    assert_eq!(rows(&nothing, "network"), 0);
    let before = timeline(&["--to", "-1s"]);
    assert_eq!(before["alerts"].as_array().unwrap().len(), 0);
    let curl = timeline(&["--process", "curl"]);
    assert!(
        curl["processes"].as_array().unwrap().len()
            < timeline(&[])["processes"].as_array().unwrap().len()
    );
    assert!(!timeline(&["--container", "shop-web-1"])["processes"].as_array().unwrap().is_empty());
    assert!(!timeline(&["--user", "www-data"])["processes"].as_array().unwrap().is_empty());
}

#[test]
fn an_export_needs_no_store() {
    let fixture = Fixture::with_intrusion();
    let (store, id) = (fixture.store(), attack(&fixture));
    let export = |output: &str| {
        fixture.prints(&["incident", "export", &id, "--store", &store, "--output", output])
    };
    assert_eq!(export("a.html"), "a.html\n");
    assert!(fs::read_to_string(fixture.path("a.html")).unwrap().starts_with("<!doctype html>"));
    export("a.scap");
    let info = fixture.prints(&["capture", "info", "a.scap"]);
    assert!(info.contains("web-1"), "{info}");
    assert_eq!(export("all/").lines().count(), 6);
    assert_eq!(json(&fs::read_to_string(fixture.path("all/incident.json")).unwrap())["id"], *id);
    let refused = fixture.run(&["incident", "export", &id, "--store", &store, "--output", "a.doc"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("a.doc: its ending does not say what to write"));
}

#[test]
fn what_is_deleted_is_gone_and_the_rest_stays() {
    let fixture = Fixture::with_intrusion();
    let (store, listed) = (fixture.store(), fixture.listed());
    let unknown =
        fixture.run(&["incident", "delete", &listed[0], "ffffffffffff", "--store", &store]);
    assert_eq!(unknown.status.code(), Some(2), "{}", stderr(&unknown));
    assert_eq!(fixture.listed(), listed, "all or none");
    fixture.prints(&["incident", "delete", &listed[0], "--store", &store]);
    assert_eq!(fixture.listed(), listed[1..]);
}

#[test]
fn damage_is_found() {
    let fixture = Fixture::with_intrusion();
    let store = fixture.store();
    let verify = || fixture.run(&["incident", "verify", "--store", &store]);
    assert!(verify().status.success());
    let window = fixture.incidents()[0].join("window.scap");
    let mut bytes = fs::read(&window).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&window, bytes).unwrap();
    let output = verify();
    assert_eq!(output.status.code(), Some(2));
    let id = fixture.incidents()[0].file_name().unwrap().to_str().unwrap().to_owned();
    assert!(stdout(&output).starts_with(&id), "{}", stdout(&output));
}

#[test]
fn old_incidents_are_pruned_and_a_dry_run_only_tells() {
    let fixture = Fixture::with_intrusion();
    let (store, listed) = (fixture.store(), fixture.listed());
    let prune = |how: &[&str]| {
        let usual = ["store", "prune", "--store", &store, "--max-count", "1"];
        fixture.prints(&[&usual[..], how].concat())
    };
    let told = prune(&["--dry-run"]);
    assert_eq!(told.lines().count(), listed.len() - 1, "{told}");
    assert_eq!(fixture.listed(), listed);
    assert_eq!(prune(&[]), told);
    let left = fixture.listed();
    assert_eq!(left.len(), 1);
    assert!(!told.contains(&left[0]), "the one whose last alert is the latest stays");
    let refused = fixture.run(&["store", "prune", "--store", &store]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("nothing says what to keep"));
}

#[test]
fn an_index_that_is_gone_or_broken_hides_nothing() {
    let fixture = Fixture::with_intrusion();
    let (store, listed) = (fixture.store(), fixture.listed());
    let index = fixture.path("store/index.sqlite");
    fs::write(&index, "no database").unwrap();
    assert_eq!(fixture.listed(), listed);
    fixture.prints(&["store", "reindex", "--store", &store]);
    assert_eq!(fixture.listed(), listed);
    fs::remove_file(&index).unwrap();
    assert_eq!(fixture.listed(), listed);
    let info = json(&fixture.prints(&["store", "info", "--store", &store, "--format", "json"]));
    assert_eq!(info["incidents"], listed.len());
}

#[test]
fn windows_and_stores_come_from_the_configuration_too() {
    let fixture = Fixture::new();
    let config = "incidents:\n  store: kept\n  before: 1s\n  after: 0s\n  keep: {count: 1}\n";
    fs::write(fixture.path("wk.yaml"), config).unwrap();
    let (capture, rules) = (text(intrusion()), text(rules()));
    let replay = ["--quiet", "replay", &capture, "--rules", &rules, "--config", "wk.yaml"];
    fixture.prints(&replay);
    let list = ["incident", "list", "--config", "wk.yaml", "--format", "json"];
    let listed = fixture.prints(&list);
    assert_eq!(listed.lines().count(), 1, "what is kept is bounded at once");
    let id = json(&listed)["id"].as_str().unwrap().to_owned();
    let manifest = manifest(&fixture.path("kept/incidents").join(&id));
    assert_eq!(manifest["window"]["before_ns"], 1_000_000_000);
    assert_eq!(manifest["window"]["after_ns"], 0);
    fixture.prints(&[&replay[..], &["--before", "3s", "--store", "other"]].concat());
    let list = ["incident", "list", "--store", "other", "--format", "json"];
    let id = json(fixture.prints(&list).lines().next().unwrap())["id"].as_str().unwrap().to_owned();
    let manifest = crate::common::manifest(&fixture.path("other/incidents").join(&id));
    assert_eq!(manifest["window"]["before_ns"], 3_000_000_000_u64);
}

#[test]
fn wrong_requests_are_refused_with_one_clear_message() {
    let fixture = Fixture::with_intrusion();
    let store = fixture.store();
    fs::create_dir(fixture.path("other")).unwrap();
    fs::write(fixture.path("other/file"), "x").unwrap();
    let cases: [(&[&str], &str); 9] = [
        (&["incident", "list"], "no store is named"),
        (&["incident", "list", "--store", "nowhere"], "no store in"),
        (&["incident", "list", "--store", "other"], "no store in"),
        (&["incident", "show", "zz", "--store", &store], "is not the beginning of an id"),
        (&["incident", "show", "ffffffffffff", "--store", &store], "no incident 'ffffffffffff'"),
        (&["incident", "list", "--store", &store, "--address", "1.2.3"], "1.2.3"),
        (&["incident", "list", "--store", &store, "--since", "soon"], "'soon' is not a time"),
        (&["incident", "list", "--store", &store, "--kind", "smoke"], "smoke"),
        (&["replay", "x.scap", "--store", &store], "--rules"),
    ];
    for (arguments, want) in cases {
        let output = fixture.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains(want), "{arguments:?}: {}", stderr(&output));
    }
    let output = fixture.replay(&intrusion(), &["--store", "other"]);
    assert_eq!(output.status.code(), Some(2));
}
