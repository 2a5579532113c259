//! What goes wrong leaves what was there, is told, and is gone on with.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use advisories::{
    db::{Change, Database},
    feeds::{Gathered, import},
    update::{Patience, Settings, Update},
};
use testkit::http::Fault;

use crate::{Fixture, KEV, kev};

#[test]
fn what_did_not_change_is_not_fetched_again() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(3));
    let part = fixture.database();
    let header = part.parts()[0].header();
    assert_eq!(header.source, format!("http://{}{KEV}", fixture.server.host));
    assert_eq!(header.imported, "2026-11-27T00:00:00Z");
    fixture.server.requests();
    assert_eq!(fixture.updated("kev"), (0, 1));
    let [request] = &*fixture.server.requests() else { panic!("one request") };
    assert!(request.header("if-none-match").is_some());
    fixture.server.publish(KEV, kev(4));
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(4));
}

#[test]
fn what_is_not_in_the_database_any_more_is_fetched_again() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    fixture.updated("kev");
    fs::remove_file(fixture.folder().join("database.json")).unwrap();
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(3));
}

#[test]
fn what_others_put_in_its_place_meanwhile_is_fetched_again() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(30));
    fixture.updated("kev");
    let older = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    fs::write(older.path(), kev(20)).unwrap();
    let mut change = Change::begin(fixture.folder()).unwrap();
    for Gathered { builder, header } in import(&[older.path().to_owned()]).gathered {
        change.put(builder, header).unwrap();
    }
    change.commit().unwrap();
    drop(change);
    assert_eq!(fixture.advisories("kev"), Some(20));
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(30));
}

#[test]
fn a_part_that_was_damaged_is_made_anew() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(300));
    fixture.updated("kev");
    let files = || fs::read_dir(fixture.folder()).unwrap().map(|it| it.unwrap().path());
    let part = files().find(|it| it.extension().is_some_and(|it| it == "advisories")).unwrap();
    let mut bytes = fs::read(&part).unwrap();
    // In a block, of which only who reads it knows.
    bytes[40] ^= 0x55;
    fs::write(&part, bytes).unwrap();
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(300));
    assert_eq!(fixture.updated("kev"), (0, 1));
}

#[test]
fn that_nothing_changed_is_no_answer_to_who_has_nothing() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    fixture.server.fail(KEV, [Fault::Status(304, vec![])]);
    fixture.fails("kev", "304");
    assert_eq!(fixture.updated("kev"), (1, 0));
}

#[test]
fn what_breaks_off_is_gone_on_with() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(300));
    fixture.server.fail(KEV, [Fault::Cut(1000), Fault::Cut(500)]);
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(300));
    let from: Vec<Option<usize>> =
        fixture.server.requests().iter().map(testkit::http::Request::from).collect();
    assert_eq!(from, [None, Some(1000), Some(1500)]);
    let told = fixture.told.borrow();
    assert!(told[0].contains("broke off at byte 1000"), "{told:?}");
}

#[test]
fn what_broke_off_is_gone_on_with_another_time() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(2));
    fixture.updated("kev");
    fixture.server.publish(KEV, kev(300));
    fixture.server.fail(KEV, [0; 3].map(|_| Fault::Cut(1000)));
    fixture.fails("kev", "broke off at byte 3000");
    assert_eq!(fixture.advisories("kev"), Some(2), "what was there stays");
    let state = fixture.state("kev");
    assert_eq!((state.tried, state.succeeded.is_empty()), ("2026-11-27T00:00:00Z".into(), false));
    fixture.server.requests();
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.server.requests()[0].from(), Some(3000));
    assert_eq!(fixture.advisories("kev"), Some(300));
    assert!(fixture.state("kev").failed.is_empty());
}

#[test]
fn what_was_changed_meanwhile_begins_anew() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(300));
    fixture.server.fail(KEV, [0; 3].map(|_| Fault::Cut(1000)));
    fixture.fails("kev", "broke off");
    fixture.server.publish(KEV, kev(200));
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(200));
}

#[test]
fn a_server_that_hands_out_another_part_is_not_believed() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(300));
    fixture.server.fail(KEV, [Fault::Cut(1000), Fault::OtherPart]);
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(300));
}

#[test]
fn what_is_wrong_leaves_what_was_there_and_is_told() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(30));
    fixture.updated("kev");
    fixture.server.publish(KEV, kev(31));
    let status = |code, headers: &[(&'static str, &str)]| {
        Fault::Status(code, headers.iter().map(|(a, b)| (*a, (*b).to_owned())).collect())
    };
    for (faults, why) in [
        (vec![Fault::Announces(9); 3], "broke off at byte"),
        (vec![status(500, &[]); 3], "answers 500"),
        (vec![status(404, &[])], "answers 404"),
        (vec![status(403, &[])], "answers 403"),
        (vec![status(429, &[("Retry-After", "3600")])], "asks to be left alone for 3600 s"),
        (vec![status(302, &[("Location", "file:///etc/passwd")])], "leads to what is no URL"),
        (vec![Fault::Instead(b"<html>sorry</html>".to_vec())], "is of no feed that is known"),
        (vec![Fault::Instead(b"{\"catalogVersion\": 1".to_vec())], "is no catalogue of exploited"),
        (vec![Fault::Instead(kev(3).into_bytes())], "has 3 advisories, and there were 30"),
    ] {
        // One is lost where a rest is asked for that is not there.
        let faults = faults.iter().cycle().take(faults.len() + 1).cloned();
        fixture.server.fail(KEV, faults.collect::<Vec<_>>());
        fixture.fails("kev", why);
        assert_eq!(fixture.advisories("kev"), Some(30), "{why}");
        let left = walkdir(fixture.folder().join(".update/files"));
        let is_partial = |name: &String| name.ends_with(".part") || name.ends_with(".version");
        assert!(left.iter().all(is_partial), "{why}: {left:?}");
    }
    fixture.server.fail(KEV, []);
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.advisories("kev"), Some(31));
}

/// Names of all files below a folder.
fn walkdir(folder: std::path::PathBuf) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => names.extend(walkdir(entry.path())),
            false => names.push(entry.file_name().into_string().unwrap()),
        }
    }
    names
}

#[test]
fn who_asks_to_be_left_alone_for_a_moment_is() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    let busy = |code, after: &str| Fault::Status(code, vec![("Retry-After", after.to_owned())]);
    fixture.server.fail(KEV, [busy(429, "0"), busy(503, "0")]);
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.told.borrow().len(), 2);
}

#[test]
fn who_says_nothing_is_not_waited_for_for_ever() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    fixture.server.fail(KEV, [Fault::Silence, Fault::Silence]);
    let mut settings = fixture.settings(&["kev"]);
    let silence = Duration::from_millis(50);
    settings.patience = Patience { attempts: 2, silence, ..settings.patience };
    let updated = fixture.update_by(settings).remove(0);
    assert!(updated.failed[0].contains("in time"), "{updated:?}");
}

#[test]
fn what_takes_too_long_in_all_fails_however_often_it_goes_on() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    let mut settings = fixture.settings(&["kev"]);
    settings.patience = Patience { whole: Duration::ZERO, ..settings.patience };
    let updated = fixture.update_by(settings).remove(0);
    assert!(updated.failed[0].contains("it takes longer than 0 minutes"), "{updated:?}");
    assert_eq!(fixture.server.requests().len(), 1, "there is no time for another");
    assert_eq!(fixture.updated("kev"), (1, 0));
}

#[test]
fn a_server_that_begins_again_and_again_makes_no_progress() {
    let fixture = Fixture::new();
    let size = 3 << 20;
    fixture.server.publish(KEV, [kev(3).into_bytes(), vec![b' '; size]].concat());
    let faults = [Fault::Cut(2 << 20), Fault::Status(416, vec![])];
    fixture.server.fail(KEV, faults.into_iter().cycle().take(40).collect::<Vec<_>>());
    fixture.fails("kev", "2097152");
    assert!(fixture.server.requests().len() < 8);
}

#[test]
fn what_a_killed_update_left_goes_where_it_is_of_no_use() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(300));
    let left = |path: &str| {
        let path = fixture.folder().join(".update/files").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        path
    };
    let goes = [left("kev/www.cisa.gov/old.json.part"), left("www.cisa.gov/older.json.part")];
    fixture.server.fail(KEV, [0; 3].map(|_| Fault::Cut(1000)));
    fixture.fails("kev", "broke off");
    assert!(!goes.iter().any(|path| path.exists()));
    fixture.server.requests();
    assert_eq!(fixture.updated("kev"), (1, 0));
    assert_eq!(fixture.server.requests()[0].from(), Some(3000), "what is of use stays");
}

#[test]
fn others_may_read_how_it_went() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(3));
    fixture.updated("kev");
    let state = fs::metadata(fixture.folder().join(".update/state.json")).unwrap();
    assert_eq!(state.permissions().mode() & 0o444, 0o444);
}

#[test]
fn one_feed_that_fails_holds_back_no_other() {
    let fixture = Fixture::new();
    let arch =
        r#"[{"name": "AVG-1", "packages": ["pam"], "status": "Vulnerable", "issues": ["CVE-1"]}]"#;
    fixture.server.publish("/security.archlinux.org/all.json", arch);
    let all = fixture.update_by(fixture.settings(&["kev", "arch"]));
    assert_eq!(all[0].failed.len(), 1, "{all:?}");
    assert_eq!((all[1].changed, all[1].failed.len()), (1, 0), "{all:?}");
    assert_eq!(fixture.advisories("arch"), Some(1));
}

#[test]
fn two_updates_do_not_fight() {
    let fixture = Fixture::new();
    let first = Update::begin(fixture.folder(), Settings::default()).unwrap();
    assert!(first.is_some());
    assert!(Update::begin(fixture.folder(), Settings::default()).unwrap().is_none());
    drop(first);
    assert!(Update::begin(fixture.folder(), Settings::default()).unwrap().is_some());
}

#[test]
fn a_feed_that_nobody_knows_is_a_mistake() {
    let fixture = Fixture::new();
    let folder = fixture.folder().join("new");
    for (only, why) in [
        ("debain", "no feed is called 'debain'; there are kev, epss"),
        ("osv:Nope", "'osv' has no 'Nope'; there are "),
    ] {
        let error = Update::begin(&folder, fixture.settings(&[only])).unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
        assert!(!folder.exists());
    }
}

#[test]
fn readers_have_what_was_there_or_what_is() {
    let fixture = Fixture::new();
    fixture.server.publish(KEV, kev(100));
    fixture.updated("kev");
    let (is_done, folder) = (AtomicBool::new(false), fixture.folder().to_owned());
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = 0;
            while !is_done.load(Ordering::Relaxed) {
                let database = Database::open(&folder).unwrap();
                assert!(database.damaged().is_empty(), "{database:?}");
                let [part] = database.parts() else { panic!("{database:?}") };
                let id = format!("CVE-2026-{}", part.header().advisories - 1);
                assert!(part.details([id.as_str()].into_iter()).unwrap()[0].is_some());
                seen += 1;
            }
            seen
        });
        for count in 101..120 {
            fixture.server.publish(KEV, kev(count));
            assert_eq!(fixture.updated("kev"), (1, 0));
        }
        is_done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(fixture.advisories("kev"), Some(119));
}
