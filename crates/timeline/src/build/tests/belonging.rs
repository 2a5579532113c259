use event::syscalls as ev;

use super::world::{World, process, tuple};
use crate::model::{ProcessId, Relevance, SessionKind, Timeline};

/// What holds each session together, in order.
fn sessions(timeline: &Timeline) -> Vec<String> {
    let text = |kind: &SessionKind| match kind {
        SessionKind::Container(facts) => format!("container {}", facts.name.shown()),
        SessionKind::Login { user, sid, .. } => format!("login {} {sid}", user.name.shown()),
        SessionKind::Service { name } => format!("service {}", name.shown()),
    };
    timeline.sessions.iter().map(|session| text(&session.kind)).collect()
}

fn relevance(timeline: &Timeline, pid: i64) -> Relevance {
    process(timeline, pid).relevance
}

/// A child of init in these control groups, that nobody logged in to.
fn service(world: &mut World, pid: i64, cgroups: &str, path: &str) {
    world.fork(1, pid);
    let name = path.rsplit('/').next().unwrap();
    let params = [
        ("res", 0.into()),
        ("exe", name.into()),
        ("tid", pid.into()),
        ("pid", pid.into()),
        ("ptid", 1.into()),
        ("comm", name.into()),
        ("cgroups", [cgroups.as_bytes(), b"\0"].concat().into()),
        ("loginuid", 0xffff_ffff.into()),
        ("uid", 0.into()),
        ("trusted_exepath", path.into()),
    ];
    world.event(ev::EXECVE_19_X, pid, &params);
}

#[test]
fn processes_belong_to_containers_logins_and_services() {
    let mut world = World::new();
    let id = "0123456789abcdef".repeat(4);
    let json = r#"{"container":{"id":"0123456789ab","name":"shop-web-1","type":0}}"#;
    world.read(100, 0, 1);
    service(&mut world, 300, &format!("cpu=/docker/{id}"), "/usr/sbin/nginx");
    world.event(
        ev::ASYNCEVENT_E,
        -1,
        &[("name", "container".into()), ("data", json.as_bytes().to_vec().into())],
    );
    service(&mut world, 301, "cpu=/system.slice/cron.service", "/usr/sbin/cron");
    world.fork(301, 302);
    service(&mut world, 303, "cpu=/", "/usr/sbin/ntpd");
    world.fork(303, 304);
    let timeline = world.finish();
    let wanted = [
        "service init",
        "login ann 50",
        "container shop-web-1",
        "service cron.service",
        "service ntpd",
    ];
    assert_eq!(sessions(&timeline), wanted);
    let session = |pid| process(&timeline, pid).session;
    assert_eq!((session(302), session(304)), (session(301), session(303)));
    let counts: Vec<u64> = timeline.sessions.iter().map(|session| session.processes).collect();
    assert_eq!(counts, [1, 2, 1, 2, 2]);
}

#[test]
fn sessions_with_alerts_stand_first_and_tell_where_they_were_reached_from() {
    let mut world = World::new();
    service(&mut world, 300, "cpu=/system.slice/ntp.service", "/usr/sbin/ntpd");
    world.fork(100, 200);
    world.exec(200, "/usr/bin/id", &["id"]);
    world.alert("a shell");
    let timeline = world.finish();
    assert_eq!(sessions(&timeline)[0], "login ann 50");
    let source = timeline.sessions[0].source.as_ref().unwrap();
    assert_eq!((source.remote.ip.to_string(), source.remote.port), ("203.0.113.9".into(), 50_000));
    assert_eq!((timeline.process(source.by).unwrap().pid, source.at), (50, None));
    assert!(timeline.sessions[1..].iter().all(|session| session.source.is_none()));
}

#[test]
fn the_source_is_what_was_accepted_before_the_process_began() {
    let mut world = World::new();
    service(&mut world, 300, "cpu=/system.slice/web.service", "/usr/sbin/httpd");
    for (fd, port) in [(5, 1_001), (6, 1_002)] {
        let ends = tuple(([198, 51, 100, 7], port), ([10, 0, 0, 1], 80));
        world.event(ev::SOCKET_ACCEPT_5_X, 300, &[("fd", fd.into()), ("tuple", ends.into())]);
    }
    world.close(300, 6);
    world.fork(300, 301);
    let ends = tuple(([198, 51, 100, 7], 1_003), ([10, 0, 0, 1], 80));
    world.event(ev::SOCKET_ACCEPT_5_X, 300, &[("fd", 7.into()), ("tuple", ends.into())]);
    world.exec(301, "/usr/bin/dash", &["sh", "-c", "id"]);
    world.alert("a shell");
    let timeline = world.finish();
    let source = timeline.sessions[0].source.as_ref().unwrap();
    assert_eq!(source.remote.port, 1_001, "the one that was still open");
    assert!(source.at.is_some());
}

#[test]
fn the_source_of_who_caused_an_alert_itself_is_what_it_had_accepted_by_then() {
    let mut world = World::new();
    service(&mut world, 300, "cpu=/system.slice/web.service", "/usr/sbin/httpd");
    for (fd, port) in [(5, 1_001), (6, 1_002)] {
        let ends = tuple(([198, 51, 100, 7], port), ([10, 0, 0, 1], 80));
        world.event(ev::SOCKET_ACCEPT_5_X, 300, &[("fd", fd.into()), ("tuple", ends.into())]);
        if port == 1_001 {
            world.open(300, 7, "/etc/shadow", 1);
            world.alert("secrets are read");
        }
    }
    let timeline = world.finish();
    let source = timeline.sessions[0].source.as_ref().unwrap();
    assert_eq!(source.remote.port, 1_001);
}

#[test]
fn relatives_of_an_alerted_process_are_related() {
    let mut world = World::new();
    for (parent, child) in [(100, 200), (200, 201), (201, 202), (100, 203)] {
        world.fork(parent, child);
    }
    world.read(201, 0, 1);
    world.alert("x");
    let timeline = world.finish();
    let wanted = [
        (1, Relevance::Background),
        (50, Relevance::Related),
        (100, Relevance::Related),
        (200, Relevance::Related),
        (201, Relevance::Alerted),
        (202, Relevance::Related),
        (203, Relevance::Background),
    ];
    for (pid, relevance_) in wanted {
        assert_eq!(relevance(&timeline, pid), relevance_, "{pid}");
    }
}

#[test]
fn who_runs_or_reads_what_it_wrote_is_related() {
    let mut world = World::new();
    world.fork(100, 200);
    world.open(200, 5, "/srv/x", 2 | 4 | 0x4000);
    world.alert("x");
    for pid in 300..304 {
        world.fork(1, pid);
    }
    world.exec(300, "/srv/x", &["x"]);
    world.open(301, 5, "/srv/x", 1);
    world.open(302, 5, "/srv/y", 1);
    world.open(303, 5, "/dev/null", 1);
    let timeline = world.finish();
    let found = [300, 301, 302, 303].map(|pid| relevance(&timeline, pid));
    use Relevance::{Background, Related};
    assert_eq!(found, [Related, Related, Background, Background]);
}

#[test]
fn the_other_end_on_the_same_machine_is_related() {
    let mut world = World::new();
    world.fork(1, 300);
    let ends = tuple(([10, 0, 0, 1], 40_444), ([203, 0, 113, 20], 4_444));
    world.event(ev::SOCKET_ACCEPT_5_X, 300, &[("fd", 5.into()), ("tuple", ends.into())]);
    world.fork(1, 301);
    world.connect(301, 5, 4_444, 0);
    world.alert("x");
    let timeline = world.finish();
    assert_eq!(relevance(&timeline, 300), Relevance::Related);
}

#[test]
fn equal_alerts_of_a_process_are_one() {
    let mut world = World::new();
    world.read(100, 0, 1);
    let first_ns = world.now_ns;
    for rule in ["a", "a", "b"] {
        world.alert(rule);
        world.read(100, 0, 1);
    }
    world.read(50, 4, 1);
    world.alert("a");
    let timeline = world.finish();
    let told: Vec<_> =
        timeline.alerts.iter().map(|a| (a.rule.as_str(), a.count, a.process)).collect();
    let bash = Some(ProcessId(2));
    assert_eq!(told, [("a", 2, bash), ("b", 1, bash), ("a", 1, Some(ProcessId(1)))]);
    assert_eq!(timeline.alerts[0].output, "a | pid=7");
    assert_eq!((timeline.window.zero_ns, timeline.alerts[0].at.event), (first_ns, 1));
    assert_eq!(process(&timeline, 100).alerts.len(), 2);
}

#[test]
fn the_source_of_what_stands_behind_a_server_is_what_the_server_had_accepted() {
    for (others, want) in [(0, Some(2_000)), (1, None)] {
        let mut world = World::new();
        world.fork(1, 70);
        world.exec(70, "/usr/sbin/nginx", &["nginx"]);
        world.fork(1, 80);
        world.exec(80, "/usr/sbin/php-fpm", &["php-fpm"]);
        for connection in 0..=others {
            let port = 2_000 + u16::try_from(connection).unwrap();
            let tuple = tuple(([203, 0, 113, 5], port), ([10, 0, 0, 1], 80));
            let fd = 5 + connection;
            world.event(ev::SOCKET_ACCEPT4_6_X, 70, &[("fd", fd.into()), ("tuple", tuple.into())]);
        }
        let ends = [&[1][..], &[7; 8], &[9; 8], b"/run/php.sock\0"].concat();
        let unix = [("fd", 9.into()), ("domain", 1.into()), ("type", 1.into())];
        world.event(ev::SOCKET_SOCKET_X, 70, &[&unix[..], &[("proto", 0.into())]].concat());
        let connect = [("res", 0.into()), ("tuple", ends.clone().into()), ("fd", 9.into())];
        world.event(ev::SOCKET_CONNECT_X, 70, &connect);
        world.event(ev::SOCKET_ACCEPT4_6_X, 80, &[("fd", 4.into()), ("tuple", ends.into())]);
        world.fork(80, 81);
        world.exec(81, "/bin/sh", &["sh", "-c", "id"]);
        world.alert("shell");
        let timeline = world.finish();
        let sources = timeline.sessions.iter().filter_map(|session| session.source.as_ref());
        let ports: Vec<u16> = sources.map(|source| source.remote.port).collect();
        assert_eq!(ports, want.into_iter().collect::<Vec<_>>(), "beside {others} others");
    }
}
