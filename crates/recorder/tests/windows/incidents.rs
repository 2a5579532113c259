//! Which alerts are one incident, how incidents end, and what they say.

use event::snapshot::{Record, ThreadEntry};
use recorder::{Ask, Clipped, Ending, Incident, Keeper, Limit, Limits, Settings};

use crate::{
    kept::Kept,
    scene::{START, Scene},
    stream::S,
};

fn scene(limits: Limits) -> Scene<Kept> {
    Scene::new(Settings { limits, ..Settings::default() }, Kept::default())
}

/// The incidents of a scene, by number.
fn incidents(scene: Scene<Kept>) -> Vec<Incident> {
    let mut closed = scene.finish().closed;
    closed.sort_unstable_by_key(|closed| closed.incident.number);
    closed.into_iter().map(|closed| closed.incident).collect()
}

fn rules(incident: &Incident) -> Vec<(&str, u64)> {
    incident.alerts.iter().map(|alerted| (&*alerted.alert.rule, alerted.count)).collect()
}

#[test]
fn alerts_of_one_lineage_container_or_login_are_one_incident() {
    // Two threads, and whether their alerts are related.
    let cases = [
        (100, 100, true),
        // A shell, and what it runs.
        (100, 101, true),
        (101, 100, true),
        (400, 401, true),
        // Of the same login, started by init.
        (100, 102, true),
        (102, 101, true),
        // Two logins through the same sshd.
        (100, 200, false),
        (50, 100, false),
        (50, 50, true),
        // A container.
        (300, 301, true),
        (300, 400, false),
        // Services.
        (250, 400, false),
        (250, 250, true),
        // Threads of the kernel.
        (20, 20, true),
        (2, 20, false),
        // Nobody knows them.
        (9999, 9999, true),
        (9999, 9998, false),
        // Notices are by nobody.
        (-1, -1, false),
        (0, 0, false),
    ];
    for (first, second, related) in cases {
        let mut scene = scene(Limits::default());
        let Ok(()) = scene.alert(0, first, "a");
        let Ok(()) = scene.alert(3, second, "b");
        let incidents = incidents(scene);
        assert_eq!(incidents.len() == 1, related, "{first} {second}");
    }
}

#[test]
fn alerts_get_what_is_learned_of_their_container_while_the_incident_is_open() {
    let id = "ab".repeat(32);
    let short = &id[..12];
    let web = format!(r#"{{"container":{{"id":"{short}","name":"web","image":"nginx:1"}}}}"#);
    let other = r#"{"container":{"id":"0123456789ab","name":"other"}}"#;
    let begin = |limits| {
        let mut scene = scene(limits);
        scene.fork(0, 7000, 50, format!("cpu=/libpod-{id}\0").as_bytes());
        let Ok(()) = scene.alert(1, 7000, "first");
        let Ok(()) = scene.alert(1, 400, "of the host");
        scene.tell(2, other);
        scene
    };
    let alerts = |scene: Scene<Kept>| -> Vec<(String, String, bool, u32)> {
        let told = incidents(scene).into_iter().flat_map(|incident| incident.alerts);
        told.map(|it| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (name, image) = (text(&it.actor.container_name), text(&it.actor.container_image));
            (name, image, it.alert.fields == web, it.completions)
        })
        .collect()
    };
    let known = || ("web".to_owned(), "nginx:1".to_owned());
    let nothing = (String::new(), String::new(), false, 0);

    let mut in_time = begin(Limits::default());
    in_time.tell(3, &web);
    // It says nothing new.
    in_time.tell(4, &web);
    let (name, image) = known();
    assert_eq!(alerts(in_time), [(name, image, true, 1), nothing.clone()]);

    let mut late = begin(Limits::default());
    let Ok(()) = late.act(60, 400);
    late.tell(61, &web);
    assert_eq!(alerts(late), [nothing.clone(), nothing.clone()]);

    let mut full = begin(Limits { alert_bytes: 1, ..Limits::default() });
    full.tell(3, &web);
    assert_eq!(alerts(full), [nothing.clone(), nothing]);
}

#[test]
fn only_installed_programs_end_lineages_by_their_names() {
    let program = |comm, exepath| ThreadEntry { comm, exepath, ..ThreadEntry::default() };
    let web = b"cpu=/lxc/web\0".as_slice();
    let sshd = program(b"sshd", b"/usr/sbin/sshd");
    // A process between two, and whether they are related.
    let cases = [
        (program(b"make", b"/usr/bin/make"), true),
        (sshd, false),
        (program(b"sshd", b""), false),
        (program(b"cron", b"/nix/store/x/cron"), false),
        (program(b"supervise-daemo", b"/sbin/supervise-daemon"), false),
        (program(b"(udev-worker)", b"/usr/bin/udevadm"), false),
        (program(b"k3s-server", b"/usr/local/bin/k3s"), false),
        // Programs that were dropped.
        (program(b"sshd", b"/tmp/sshd"), true),
        (program(b"systemd", b"/dev/shm/systemd"), true),
        (program(b"cron", b"/usr/../tmp/cron"), true),
        (program(b"cron", b"usr/bin/cron"), true),
        (ThreadEntry { exe_from_memfd: true, ..program(b"cron", b"") }, true),
        (ThreadEntry { exe_upper_layer: true, ..sshd }, false),
        (ThreadEntry { exe_upper_layer: true, cgroups: web, ..sshd }, true),
    ];
    for (between, related) in cases {
        let mut scene = scene(Limits::default());
        let child = |pid, ptid, entry| ThreadEntry { tid: pid, pid, ptid, ..entry };
        for entry in [child(600, 1, program(b"sh", b"/bin/sh")), child(601, 600, between)] {
            let Ok(()) = scene.record(&Record::Thread(entry));
        }
        let Ok(()) = scene.record(&Record::Thread(child(602, 601, program(b"id", b"/bin/id"))));
        let Ok(()) = scene.alert(0, 600, "a");
        let Ok(()) = scene.alert(1, 602, "b");
        assert_eq!(incidents(scene).len() == 1, related, "{between:?}");
    }
}

#[test]
fn the_older_of_two_related_incidents_takes_an_alert() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 400, "a");
    let Ok(()) = scene.alert(1, 300, "b");
    scene.fork(1, 500, 400, b"cpu=/lxc/web\0");
    let Ok(()) = scene.alert(2, 500, "c");
    let incidents = incidents(scene);
    assert_eq!(rules(&incidents[0]), [("a", 1), ("c", 1)]);
    assert_eq!(rules(&incidents[1]), [("b", 1)]);
}

#[test]
fn an_alert_behind_the_window_is_another_incident() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 100, "a");
    let Ok(()) = scene.alert(5, 100, "b");
    let Ok(()) = scene.alert(11, 100, "c");
    let incidents = incidents(scene);
    assert_eq!(incidents.len(), 2);
    assert_eq!((incidents[0].start_ns, incidents[0].end_ns), ((START - 10) * S, (START + 10) * S));
    assert_eq!((incidents[1].start_ns, incidents[1].end_ns), ((START + 1) * S, (START + 16) * S));
    assert_eq!(incidents[1].continues, None);
    assert_eq!(incidents[0].ending, Some(Ending::Quiet));
}

#[test]
fn repeats_fold_and_too_many_alerts_are_counted() {
    let mut scene = scene(Limits { alerts: 2, ..Limits::default() });
    for (at, rule) in [(0, "a"), (1, "a"), (2, "b"), (3, "c"), (4, "c"), (5, "a")] {
        let Ok(()) = scene.alert(at, 100, rule);
    }
    let Ok(()) = scene.sum_up(6, 100, "a");
    let incidents = incidents(scene);
    assert_eq!(rules(&incidents[0]), [("a", 3), ("b", 1)]);
    assert_eq!((incidents[0].alerts_total, incidents[0].alerts_left_out), (6, 2));
    assert_eq!(incidents[0].alerts[0].last_ns, (START + 5) * S);
    assert_eq!(incidents[0].end_ns, (START + 10) * S, "alerts that are only counted count here");
}

#[test]
fn an_alert_says_who_caused_it() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 300, "a");
    let Ok(()) = scene.alert(0, 101, "b");
    let incidents = incidents(scene);
    let [server, editor] = [0, 1].map(|at| &incidents[at].alerts[0].actor);
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    assert_eq!((text(&server.container_id), text(&server.comm)), ("web".into(), "nginx".into()));
    assert_eq!((editor.pid, editor.parent_pid, editor.login_uid), (101, 100, 1000));
    assert_eq!((text(&editor.user), text(&editor.parent_comm)), ("ann".into(), "bash".into()));
    assert_eq!(&*incidents[0].hostname, b"shop");
}

#[test]
fn an_incident_that_goes_on_too_long_is_continued_by_another() {
    let mut scene = scene(Limits { duration_ns: 10 * S, ..Limits::default() });
    for at in [0, 4, 8, 11, 13] {
        let Ok(()) = scene.alert(at, 100, "a");
    }
    let Ok(()) = scene.alert(13, 400, "b");
    let Ok(()) = scene.act(40, 100);
    let incidents = incidents(scene);
    let told: Vec<_> = incidents
        .iter()
        .map(|it| (it.end_ns / S - START, it.alerts_total, it.continues, it.ending))
        .collect();
    // The first one was still open when the second one came, so nobody knew how it would end.
    let limit = Some(Ending::Limit(Limit::Duration));
    assert_eq!(
        told,
        [
            (10, 3, None, limit),
            (18, 2, None, Some(Ending::Quiet)),
            (18, 1, None, Some(Ending::Quiet))
        ]
    );
}

#[test]
fn an_incident_with_too_many_bytes_is_continued_by_another() {
    let mut scene = scene(Limits { event_bytes: 3_000, ..Limits::default() });
    let Ok(()) = scene.alert(0, 100, "a");
    for _ in 0..100 {
        let Ok(()) = scene.act(1, 400);
    }
    let Ok(()) = scene.alert(2, 101, "b");
    let Ok(()) = scene.act(20, 400);
    let incidents = incidents(scene);
    assert_eq!(incidents.len(), 2);
    assert_eq!(incidents[0].ending, Some(Ending::Limit(Limit::EventBytes)));
    assert!((3_000..3_200).contains(&incidents[0].event_bytes));
    let reached: Vec<_> =
        incidents.iter().map(|it| (it.reached_ns / S - START, it.ended_early)).collect();
    assert_eq!(reached, [(1, true), (7, false)]);
    assert_eq!(incidents[1].continues, Some(1));
}

#[test]
fn when_there_is_no_room_for_another_incident_an_alert_joins_the_newest() {
    let mut scene = scene(Limits { open_incidents: 2, ..Limits::default() });
    let Ok(()) = scene.alert(0, 100, "a");
    let Ok(()) = scene.alert(1, 300, "b");
    let Ok(()) = scene.alert(2, 100, "c");
    let Ok(()) = scene.alert(3, 400, "d");
    let Ok(()) = scene.act(20, 1);
    let Ok(()) = scene.alert(21, 400, "e");
    let incidents = incidents(scene);
    let told: Vec<_> = incidents
        .iter()
        .map(|it| (rules(it), it.joined_for_lack_of_room, it.end_ns / S - START))
        .collect();
    assert_eq!(
        told,
        [
            (vec![("a", 1), ("c", 1)], 0, 7),
            (vec![("b", 1), ("d", 1)], 1, 8),
            (vec![("e", 1)], 0, 26),
        ]
    );
}

#[test]
fn a_flood_of_unrelated_alerts_is_as_many_incidents_as_may_be_open() {
    // How much is wanted after an alert makes no difference.
    for after_ns in [0, 5 * S] {
        let mut scene = scene(Limits { open_incidents: 4, ..Limits::default() });
        scene.ask.after_ns = after_ns;
        for alert in 0..500 {
            let Ok(()) = scene.alert(alert / 200, 9000 + alert as i64 % 100, "a");
        }
        let incidents = incidents(scene);
        assert_eq!(incidents.len(), 4, "{after_ns}");
        assert_eq!(incidents.iter().map(|it| it.alerts_total).sum::<u64>(), 500);
        assert!(incidents.iter().map(|it| it.joined_for_lack_of_room).sum::<u64>() > 400);
    }
}

#[test]
fn the_largest_ends_when_all_together_have_too_many_bytes() {
    let mut scene = scene(Limits { open_event_bytes: 4_000, ..Limits::default() });
    let Ok(()) = scene.alert(0, 100, "a");
    for _ in 0..20 {
        let Ok(()) = scene.act(1, 400);
    }
    let Ok(()) = scene.alert(2, 300, "b");
    for _ in 0..60 {
        let Ok(()) = scene.act(13, 400);
    }
    let incidents = incidents(scene);
    let endings: Vec<_> = incidents.iter().map(|it| it.ending).collect();
    assert_eq!(endings[0], Some(Ending::Quiet));
    assert!(incidents.iter().all(|it| it.event_bytes <= 4_100));
}

#[test]
fn a_window_has_room_for_what_follows_its_look_back() {
    let mut scene = scene(Limits { event_bytes: 10_000, ..Limits::default() });
    for at in 0..1000 {
        let Ok(()) = scene.act(at / 200, 400);
    }
    let Ok(()) = scene.alert(5, 100, "a");
    let Ok(()) = scene.alert(6, 100, "b");
    let Ok(()) = scene.act(40, 1);
    let incidents = incidents(scene);
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].ending, Some(Ending::Quiet));
    assert!(incidents[0].events > 100 && incidents[0].event_bytes < 7_000);
    assert_eq!(incidents[0].look_back_cut_ns, 4 * S);
}

#[test]
fn an_incident_says_what_was_asked_for_and_when_its_latest_alert_was() {
    let mut scene = scene(Limits { alerts: 1, duration_ns: 8 * S, ..Limits::default() });
    let Ok(()) = scene.alert(0, 100, "a");
    scene.ask = Ask { before_ns: 99 * S, after_ns: 7 * S };
    let Ok(()) = scene.alert(3, 100, "b");
    let Ok(()) = scene.act(20, 1);
    let incident = &incidents(scene)[0];
    assert_eq!((incident.reached_ns, incident.ended_early), (incident.end_ns, false));
    assert_eq!((incident.before_ns, incident.after_ns), (10 * S, 7 * S));
    assert_eq!(incident.last_alert_ns, (START + 3) * S);
    assert_eq!(incident.end_ns, (START + 8) * S, "less, as it may not be longer");
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "`before` comes before each event")]
fn an_event_without_what_comes_before_it_is_a_mistake() {
    let mut builder = event::EventBuilder::default();
    builder.start(event::syscalls::GETUID_X, S, 1, 0).i64(0);
    let mut state = state::State::new(state::Limits::default());
    let mut recorder = recorder::Recorder::new(Settings::default(), Kept::default());
    let Ok(()) = recorder.event(&state.event(builder.event().unwrap()));
}

#[test]
fn the_recording_clips_windows() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.act(0, 1);
    let Ok(()) = scene.alert(3, 100, "a");
    let Ok(()) = scene.alert(15, 300, "b");
    let Ok(()) = scene.act(20, 1);
    let Ok(()) = scene.alert(21, 400, "c");
    let incidents = incidents(scene);
    let told: Vec<_> = incidents.iter().map(|it| (it.clipped, it.ending)).collect();
    let (quiet, ended) = (Some(Ending::Quiet), Some(Ending::EndOfRecording));
    assert_eq!(
        told,
        [
            (Clipped { start: true, end: false }, quiet),
            (Clipped { start: false, end: false }, quiet),
            (Clipped { start: false, end: true }, ended),
        ]
    );
}

#[test]
fn an_incident_ends_in_time_where_nothing_happens() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 100, "a");
    let Ok(()) = scene.act(1, 1);
    // Events of this time may still come.
    let Ok(()) = scene.recorder.time_passes((START + 6) * S);
    assert_eq!(scene.recorder.keeper().closed.len(), 0);
    let Ok(()) = scene.recorder.time_passes((START + 8) * S);
    let [closed] = &*scene.recorder.keeper().closed else { panic!("it is not over") };
    let incident = &closed.incident;
    assert_eq!((incident.ending, incident.clipped.end), (Some(Ending::Quiet), false));
    assert_eq!((incident.reached_ns, incident.end_ns), ((START + 5) * S, (START + 5) * S));
    assert!(!incident.ended_early);
    let Ok(()) = scene.recorder.time_passes((START + 9) * S);
    assert_eq!(incidents(scene).len(), 1);
}

#[test]
fn another_recording_knows_nothing_of_the_one_before() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.act(0, 100);
    let Ok(()) = scene.alert(1, 100, "a");
    let Ok(()) = scene.record(&Record::Section);
    let Ok(()) = scene.alert(2, 100, "b");
    let incidents = incidents(scene);
    let events: Vec<_> = incidents.iter().map(|it| (it.number, it.events)).collect();
    assert_eq!(events, [(1, 2), (2, 1)]);
    assert_eq!(incidents[1].alerts[0].alert.event_num, 3, "the state counts on");
}

#[test]
fn an_entry_among_events_ends_the_look_back_and_goes_into_open_windows() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.act(0, 400);
    let Ok(()) = scene.alert(1, 100, "a");
    let entry = ThreadEntry { tid: 777, pid: 777, ptid: 1, ..ThreadEntry::default() };
    let Ok(()) = scene.record(&Record::Thread(entry));
    let Ok(()) = scene.alert(2, 400, "b");
    let mut closed = scene.finish().closed;
    closed.sort_unstable_by_key(|closed| closed.incident.number);
    let events: Vec<_> =
        closed.iter().map(|it| (it.incident.events, it.incident.look_back_cut_ns)).collect();
    assert_eq!(events, [(3, 0), (1, S)]);
    let contains = |file: &[u8]| file.windows(8).any(|bytes| bytes == 777i64.to_le_bytes());
    assert!(closed.iter().all(|closed| contains(&closed.file)));
}

#[test]
fn entries_among_events_count() {
    let mut scene = scene(Limits { event_bytes: 20_000, ..Limits::default() });
    let Ok(()) = scene.alert(0, 100, "a");
    let env = [b'x'; 1000];
    let entry = ThreadEntry { tid: 777, pid: 777, ptid: 1, env: &env, ..ThreadEntry::default() };
    for _ in 0..30 {
        let Ok(()) = scene.record(&Record::Thread(entry));
    }
    let closed = &scene.recorder.keeper().closed;
    assert_eq!(closed.len(), 1, "before another event comes");
    assert_eq!(closed[0].incident.ending, Some(Ending::Limit(Limit::EventBytes)));
    assert!(closed[0].file.len() < 30_000);
}

/// Thirty years.
const FAR_S: u64 = 1_000_000_000;

#[test]
fn an_event_with_a_wild_time_ends_no_window() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 100, "a");
    let Ok(()) = scene.act(FAR_S, 1);
    let Ok(()) = scene.act(2 * FAR_S, 1);
    let Ok(()) = scene.alert(1, 100, "b");
    let Ok(()) = scene.act(4, 1);
    let Ok(()) = scene.act(20, 1);
    let incidents = incidents(scene);
    assert_eq!(incidents.len(), 1);
    assert_eq!(rules(&incidents[0]), [("a", 1), ("b", 1)]);
    assert_eq!((incidents[0].events, incidents[0].state_only >= 2), (3, true));
    let steps = |it: &Incident| -> Vec<u64> {
        it.clock_steps.iter().map(|step| step.to_ns / S - START).collect()
    };
    assert_eq!(steps(&incidents[0]), [FAR_S, 2 * FAR_S, 1]);
}

#[test]
fn a_clock_that_is_set_ahead_ends_windows_and_they_say_so() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.alert(0, 100, "a");
    for at in [0, 2, 4] {
        let Ok(()) = scene.act(FAR_S + at, 1);
    }
    let closed = &scene.recorder.keeper().closed;
    assert_eq!(closed.len(), 1);
    assert_eq!(closed[0].incident.clock_steps.len(), 1);
}

#[test]
fn a_window_of_an_event_with_a_wild_time_ends_when_the_clock_is_back() {
    let mut scene = scene(Limits::default());
    let Ok(()) = scene.act(0, 1);
    let Ok(()) = scene.alert(FAR_S, 100, "a");
    assert!(scene.recorder.keeper().closed.is_empty());
    let Ok(()) = scene.act(1, 1);
    let closed = &scene.recorder.keeper().closed;
    assert_eq!(closed.len(), 1);
    let incident = &closed[0].incident;
    assert_eq!((incident.events, incident.ending), (1, Some(Ending::Quiet)));
    assert_eq!((incident.ended_early, incident.reached_ns), (true, (START + FAR_S) * S));
}

#[test]
fn a_look_back_that_is_too_small_says_how_much_is_missing() {
    let settings = Settings { look_back_bytes: 100_000, ..Settings::default() };
    let mut scene = Scene::new(settings, Kept::default());
    for at in 0..10_000 {
        let Ok(()) = scene.act(at / 1000, 400);
    }
    let Ok(()) = scene.alert(10, 100, "a");
    let incidents = incidents(scene);
    assert!((7 * S..=10 * S).contains(&incidents[0].look_back_cut_ns));
    assert!((100..3_000).contains(&incidents[0].events));
}

/// Fails for one window when it has so many records.
#[derive(Default)]
struct Failing {
    closed: Vec<u64>,
    records: usize,
}

impl Keeper for Failing {
    type Window = u64;
    type Error = &'static str;

    fn open(&mut self, incident: &Incident) -> Result<u64, &'static str> {
        if incident.number == 3 { Err("no room to begin") } else { Ok(incident.number) }
    }

    fn record(&mut self, window: &mut u64, _: &Record<'_>) -> Result<(), &'static str> {
        self.records += usize::from(*window == 1);
        if *window == 1 && self.records > 30 { Err("no room") } else { Ok(()) }
    }

    fn flush(&mut self, _: &mut u64, _: &Incident) -> Result<(), &'static str> {
        Ok(())
    }

    fn close(&mut self, window: u64, _: Incident) -> Result<(), &'static str> {
        self.closed.push(window);
        Ok(())
    }
}

#[test]
fn a_window_that_cannot_be_kept_is_given_up_and_the_others_go_on() {
    let mut scene = Scene::new(Settings::default(), Failing::default());
    assert_eq!(scene.alert(0, 100, "a"), Ok(()));
    assert_eq!(scene.alert(0, 400, "b"), Ok(()));
    let errors: Vec<_> = (0..40).filter_map(|_| scene.act(1, 400).err()).collect();
    assert_eq!(errors, ["no room"]);
    assert_eq!(scene.alert(2, 300, "c"), Err("no room to begin"));
    assert_eq!(scene.alert(2, 400, "d"), Ok(()));
    let opened = scene.alert(2, 100, "e");
    assert_eq!(opened, Ok(()), "another incident");
    assert_eq!(scene.finish().closed, [2, 4]);
}
