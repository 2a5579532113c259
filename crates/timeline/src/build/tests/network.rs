use event::syscalls as ev;

use super::world::{World, process, tuple};
use crate::model::{Connection, Outcome, Protocol, Reach, Role, Timeline};

fn rows(timeline: &Timeline, pid: i64) -> &[Connection] {
    &process(timeline, pid).network
}

fn end(end: Option<crate::model::Endpoint>) -> String {
    end.map(|end| format!("{}:{}", end.ip, end.port)).unwrap_or_default()
}

#[test]
fn a_connection_tells_ends_bytes_and_its_close() {
    let mut world = World::new();
    world.connect(100, 5, 443, 0);
    world.write(100, 5, 100);
    world.read(100, 5, 3_000);
    world.close(100, 5);
    let closed_ns = world.now_ns;
    let timeline = world.finish();
    let [row] = rows(&timeline, 100) else { panic!("one row") };
    assert_eq!((row.role, row.protocol, row.fd), (Role::Connected, Protocol::Tcp, 5));
    assert_eq!(
        (end(row.local), end(row.remote)),
        ("10.0.0.1:40443".into(), "203.0.113.20:443".into())
    );
    assert_eq!((row.bytes_sent, row.bytes_received), (100, 3_000));
    assert_eq!(row.closed.map(|at| at.ts_ns), Some(closed_ns));
    assert_eq!((row.outcome, row.reach, row.before), (Outcome::Established, Reach::Outside, false));
}

#[test]
fn bytes_that_are_told_at_the_close_count_where_the_traffic_is_not_recorded() {
    let mut world = World::new();
    world.connect(100, 5, 443, 0);
    world.written(100, 5, 100, Some(3_000));
    world.close(100, 5);
    world.connect(100, 6, 444, 0);
    world.write(100, 6, 7);
    world.written(100, 6, 7, Some(0));
    world.close(100, 6);
    world.connect(100, 7, 445, -115);
    world.written(100, 7, 0, Some(0));
    world.close(100, 7);
    let timeline = world.finish();
    let bytes: Vec<_> =
        rows(&timeline, 100).iter().map(|row| (row.bytes_sent, row.bytes_received)).collect();
    assert_eq!(bytes, [(100, 3_000), (7, 0), (0, 0)]);
    assert_eq!(rows(&timeline, 100)[2].outcome, Outcome::Pending);
}

/// `getsockopt` says what became of the connection of fd 5.
fn ask(world: &mut World, errno: i64) {
    let value = [&[1][..], &errno.to_le_bytes()].concat();
    let params = [("res", 0.into()), ("fd", 5.into()), ("optname", 4.into())];
    let params = [&params[..], &[("val", value.into())]].concat();
    world.event(ev::SOCKET_GETSOCKOPT_X, 100, &params);
}

#[test]
fn what_became_of_a_connection_that_was_begun_is_told_later() {
    type Then = fn(&mut World);
    let cases: [(Then, Outcome); 5] = [
        (|_| {}, Outcome::Pending),
        (|world| world.write(100, 5, 10), Outcome::Established),
        (|world| world.read(100, 5, -111), Outcome::Failed { errno: 111 }),
        (|world| ask(world, 0), Outcome::Established),
        (|world| ask(world, 113), Outcome::Failed { errno: 113 }),
    ];
    for (then, outcome) in cases {
        let mut world = World::new();
        world.connect(100, 5, 443, -115);
        then(&mut world);
        let timeline = world.finish();
        let outcomes: Vec<_> = rows(&timeline, 100).iter().map(|row| row.outcome).collect();
        assert_eq!(outcomes, [outcome]);
    }
}

#[test]
fn trying_in_vain_again_is_the_same_row() {
    let mut world = World::new();
    for port in [80, 80, 81] {
        world.connect(100, 5, port, -111);
        world.close(100, 5);
    }
    let timeline = world.finish();
    let ends: Vec<String> = rows(&timeline, 100).iter().map(|row| end(row.remote)).collect();
    assert_eq!(ends, ["203.0.113.20:80", "203.0.113.20:81"]);
}

#[test]
fn asking_a_name_service_that_is_not_there_is_no_connection() {
    let unix = |path: &str| [b"\x01", path.as_bytes(), b"\0"].concat();
    let mut world = World::new();
    for path in ["/var/run/nscd/socket", "/run/app.sock"] {
        world.event(ev::SOCKET_SOCKET_X, 100, &[("fd", 5.into()), ("domain", 1.into())]);
        let params = [("res", (-2).into()), ("fd", 5.into()), ("addr", unix(path).into())];
        world.event(ev::SOCKET_CONNECT_X, 100, &params);
    }
    let timeline = world.finish();
    let [row] = rows(&timeline, 100) else { panic!("one row") };
    assert_eq!((row.path.bytes(), row.protocol), (&b"/run/app.sock"[..], Protocol::Unix));
    assert_eq!((row.outcome, row.reach), (Outcome::Failed { errno: 2 }, Reach::Machine));
}

#[test]
fn a_connection_is_open_while_one_of_its_fds_is() {
    let mut world = World::new();
    world.connect(100, 5, 443, 0);
    world.dup(100, 5, 6);
    world.close(100, 5);
    world.write(100, 6, 1);
    let timeline = world.finish();
    let [row] = rows(&timeline, 100) else { panic!("one row") };
    assert_eq!((row.closed, row.bytes_sent), (None, 1));
}

#[test]
fn a_child_that_uses_its_parents_connection_has_a_row_of_its_own() {
    let mut world = World::new();
    world.connect(100, 5, 443, 0);
    world.fork(100, 200);
    world.write(200, 5, 7);
    let timeline = world.finish();
    assert_eq!(rows(&timeline, 100)[0].bytes_sent, 0);
    let [row] = rows(&timeline, 200) else { panic!("one row") };
    assert_eq!((row.role, row.bytes_sent), (Role::Inherited, 7));
}

#[test]
fn servers_wait_and_accept() {
    let mut world = World::new();
    world.socket(100, 5, 1);
    let address = [&[2, 0, 0, 0, 0][..], &8080u16.to_le_bytes()].concat();
    let params = [("res", 0.into()), ("addr", address.into()), ("fd", 5.into())];
    world.event(ev::SOCKET_BIND_X, 100, &params);
    world.event(ev::SOCKET_LISTEN_X, 100, &[("res", 0.into()), ("fd", 5.into())]);
    let ends = tuple(([198, 51, 100, 7], 5_000), ([10, 0, 0, 1], 8080));
    world.event(ev::SOCKET_ACCEPT_5_X, 100, &[("fd", 6.into()), ("tuple", ends.into())]);
    world.read(100, 6, 12);
    let timeline = world.finish();
    let [waits, accepted] = rows(&timeline, 100) else { panic!("two rows") };
    assert_eq!(
        (waits.role, end(waits.local), waits.reach),
        (Role::Listening, "0.0.0.0:8080".into(), Reach::Unknown)
    );
    assert_eq!((accepted.role, end(accepted.local)), (Role::Accepted, "10.0.0.1:8080".into()));
    assert_eq!((end(accepted.remote), accepted.bytes_received), ("198.51.100.7:5000".into(), 12));
}

#[test]
fn what_was_open_before_is_told_when_it_is_used() {
    let mut world = World::new();
    world.write(50, 4, 5);
    world.write(60, 5, 5);
    let timeline = world.finish();
    for (pid, remote) in [(50, "203.0.113.9:50000"), (60, "2001:db8::9:50001")] {
        let [row] = rows(&timeline, pid) else { panic!("one row") };
        assert_eq!((row.role, row.before), (Role::Accepted, true));
        assert_eq!(end(row.remote), remote);
    }
}

#[test]
fn addresses_have_the_names_of_answers_that_came_before() {
    let mut answer = vec![0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    answer.extend(b"\x03cdn\x07example\x03net\0\0\x01\0\x01");
    answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\x00\x71\x14");
    let mut world = World::new();
    world.connect(100, 6, 442, 0);
    world.socket(100, 5, 2);
    let ends = tuple(([10, 0, 0, 1], 5_353), ([10, 0, 0, 2], 53));
    let params = [("res", 30.into()), ("fd", 5.into()), ("tuple", ends.into())];
    world.event(ev::SOCKET_SENDTO_X, 100, &params);
    let ends = tuple(([10, 0, 0, 2], 53), ([10, 0, 0, 1], 5_353));
    let params = [("res", 49.into()), ("fd", 5.into()), ("tuple", ends.into())];
    world.event(ev::SOCKET_RECVFROM_X, 100, &[&params[..], &[("data", answer.into())]].concat());
    world.connect(100, 7, 443, 0);
    let timeline = world.finish();
    let [before, asked, after] = rows(&timeline, 100) else { panic!("three rows") };
    assert_eq!(
        (asked.role, asked.protocol, asked.reach),
        (Role::Datagrams, Protocol::Udp, Reach::Private)
    );
    assert_eq!((asked.bytes_sent, asked.bytes_received), (30, 49));
    assert_eq!(before.name, None);
    assert_eq!(after.name.as_ref().map(|name| name.bytes()), Some(&b"cdn.example.net"[..]));
}

#[test]
fn notices_of_answers_name_addresses_and_broken_ones_do_not() {
    let mut world = World::new();
    let whole = r#"{"name":"api.example.net","addresses":["203.0.113.20"],"cnames":[]}"#;
    let notices = [
        ("watchkeeper.dns", whole),
        ("other.dns", &whole.replace("api", "other")),
        ("watchkeeper.dns", &whole.replace("\"api.example.net\"", "7")),
        ("watchkeeper.dns", &whole.replace("api.example.net", "")),
        ("watchkeeper.dns", &whole[..40]),
    ];
    for (name, data) in notices {
        let data = data.as_bytes().to_vec();
        world.event(ev::ASYNCEVENT_E, 100, &[("name", name.into()), ("data", data.into())]);
    }
    world.connect(100, 7, 443, 0);
    let timeline = world.finish();
    let [row] = rows(&timeline, 100) else { panic!("one row") };
    assert_eq!(row.name.as_ref().map(|name| name.bytes()), Some(&b"api.example.net"[..]));
}
