use event::{
    EventBuilder,
    syscalls::{
        CREAT_X, EVENTFD2_X, FSTAT_X, GETCWD_X, OPEN_X, OPENAT_2_X, SOCKET_CONNECT_X,
        SOCKET_SOCKET_X,
    },
};

use crate::fields::testing::{check, event, machine, printed};

const ENOENT: i64 = -2;
const AT_FDCWD: i64 = -100;

fn on_fd(fd: i64) -> EventBuilder {
    event(FSTAT_X, |e| {
        e.i64(0).i64(fd);
    })
}

#[test]
fn a_file_has_its_names_and_numbers() {
    check(
        &on_fd(3),
        &[
            ("fd.num", Some("3")),
            ("fd.uid", Some("103")),
            ("fd.type", Some("file")),
            ("fd.typechar", Some("f")),
            ("fd.name", Some("/etc/passwd")),
            ("fd.directory", Some("/etc")),
            ("fd.filename", Some("passwd")),
            ("fd.containername", Some(":/etc/passwd")),
            ("fd.containerdirectory", Some(":/etc")),
            ("fd.name_changed", Some("false")),
            ("fd.dev", Some("801")),
            ("fd.dev.major", Some("8")),
            ("fd.dev.minor", Some("1")),
            ("fd.ino", Some("99")),
            ("fd.is_upper_layer", Some("false")),
            ("fd.is_lower_layer", Some("false")),
            ("fd.sockfamily", None),
            ("fd.l4proto", Some("<NA>")),
            ("fd.connected", Some("false")),
            ("fd.is_server", Some("false")),
            ("fd.cip", None),
            ("fd.sport", None),
        ],
    );
}

#[test]
fn a_directory_is_its_own_directory_and_has_no_file_name() {
    check(
        &on_fd(4),
        &[
            ("fd.type", Some("directory")),
            ("fd.directory", Some("/home/ann")),
            ("fd.containerdirectory", Some(":/home/ann")),
            ("fd.filename", None),
        ],
    );
}

#[test]
fn a_connection_has_two_ends() {
    check(
        &on_fd(5),
        &[
            ("fd.type", Some("ipv4")),
            ("fd.typechar", Some("4")),
            ("fd.name", Some("10.0.2.15:40000->203.0.113.9:443")),
            ("fd.directory", None),
            ("fd.sockfamily", Some("ip")),
            ("fd.l4proto", Some("tcp")),
            ("fd.cip", Some("10.0.2.15")),
            ("fd.sip", Some("203.0.113.9")),
            ("fd.lip", Some("10.0.2.15")),
            ("fd.rip", Some("203.0.113.9")),
            ("fd.cport", Some("40000")),
            ("fd.sport", Some("443")),
            ("fd.lport", Some("40000")),
            ("fd.rport", Some("443")),
            ("fd.cproto", Some("40000")),
            ("fd.sproto", Some("443")),
            ("fd.lproto", Some("40000")),
            ("fd.rproto", Some("443")),
            ("fd.is_server", Some("false")),
            ("fd.sip.name", None),
            // Both ends at once: for comparisons only.
            ("fd.ip", None),
            ("fd.port", None),
            ("fd.proto", None),
            ("fd.net", None),
        ],
    );
}

#[test]
fn a_connection_that_nobody_was_seen_to_begin_has_no_client_and_server() {
    check(
        &on_fd(6),
        &[
            ("fd.type", Some("ipv6")),
            ("fd.name", Some("::7:1->2001:db8::1:53")),
            ("fd.l4proto", Some("<NA>")),
            ("fd.cip", None),
            ("fd.lip", None),
            ("fd.sport", None),
            ("fd.rproto", None),
        ],
    );
}

#[test]
fn the_local_end_is_the_one_with_an_own_address() {
    for (client, local, remote) in
        [([10, 0, 2, 15], "10.0.2.15 40000", "8.8.8.8 53"), ([8; 4], "8.8.8.8 53", "8.8.8.8 40000")]
    {
        let connect = event(SOCKET_CONNECT_X, |e| {
            let [a, b, c, d] = client;
            let tuple = [2, a, b, c, d, 0x40, 0x9c, 8, 8, 8, 8, 53, 0];
            e.i64(0).raw(&tuple).i64(20).null();
        });
        let socket = event(SOCKET_SOCKET_X, |e| {
            e.i64(20).u32(2).u32(1).u32(0);
        });
        let mut state = machine();
        state.event(socket.event().expect("an event"));
        let connect = connect.event().expect("an event");
        let mut end = |ip, port| {
            let mut part = |field| printed(&mut state, connect, field).expect("a value");
            format!("{} {}", part(ip), part(port))
        };
        assert_eq!(end("fd.lip", "fd.lport"), local);
        assert_eq!(end("fd.rip", "fd.rport"), remote);
        assert_eq!(end("fd.l4proto", "fd.connected"), "tcp true");
    }
}

#[test]
fn a_listening_socket_is_a_server() {
    check(
        &on_fd(7),
        &[
            ("fd.type", Some("ipv4")),
            ("fd.l4proto", Some("tcp")),
            ("fd.is_server", Some("true")),
            ("fd.sport", Some("80")),
            ("fd.sproto", Some("")),
            ("fd.cport", None),
            ("fd.lip", None),
        ],
    );
}

#[test]
fn other_kinds_have_no_addresses() {
    check(
        &on_fd(8),
        &[
            ("fd.type", Some("unix")),
            ("fd.sockfamily", Some("unix")),
            ("fd.cip", None),
            ("fd.is_server", Some("false")),
        ],
    );
    check(&on_fd(9), &[("fd.type", Some("pipe")), ("fd.name", Some("")), ("fd.directory", None)]);
}

#[test]
fn an_fd_that_is_not_known_has_a_number_and_an_empty_name() {
    check(
        &on_fd(77),
        &[
            ("fd.num", Some("77")),
            ("fd.uid", Some("1077")),
            ("fd.name", Some("")),
            ("fd.nameraw", Some("")),
            ("fd.directory", Some("/")),
            ("fd.typechar", Some("o")),
            ("fd.type", None),
            ("fd.ino", None),
            ("fd.connected", None),
        ],
    );
}

#[test]
fn events_without_fd_have_none_of_the_fields() {
    let getcwd = event(GETCWD_X, |_| {});
    check(&getcwd, &[("fd.num", None), ("fd.name", None), ("fd.types", None)]);
}

#[test]
fn a_failed_call_has_the_name_that_was_asked_for() {
    let openat = event(OPENAT_2_X, |e| {
        e.i64(ENOENT).i64(AT_FDCWD).text("ann//../x").u32(1).u32(0).u32(0).u64(0);
    });
    check(
        &openat,
        &[
            ("fd.name", Some("/home/x")),
            ("fd.nameraw", Some("ann/../x")),
            ("fd.directory", Some("/home")),
            ("fd.filename", None),
            ("fd.typechar", Some("f")),
        ],
    );
    let below_fd = event(OPENAT_2_X, |e| {
        e.i64(ENOENT).i64(4).text("x").u32(1).u32(0).u32(0).u64(0);
    });
    check(&below_fd, &[("fd.name", Some("/home/ann/x"))]);
    let below_unknown = event(OPENAT_2_X, |e| {
        e.i64(ENOENT).i64(44).text("x").u32(1).u32(0).u32(0).u64(0);
    });
    check(&below_unknown, &[("fd.name", Some("<UNKNOWN>x"))]);
    for kind in [OPEN_X, CREAT_X] {
        let relative = event(kind, |e| {
            e.i64(ENOENT).text("x//y").u32(1).u32(0).u32(0).u64(0);
        });
        check(&relative, &[("fd.name", Some("/home/x/y")), ("fd.nameraw", Some("/home/x/y"))]);
        let absolute = event(kind, |e| {
            e.i64(ENOENT).text("/x//y").u32(1).u32(0).u32(0).u64(0);
        });
        check(&absolute, &[("fd.name", Some("/x//y")), ("fd.nameraw", Some("/x/y"))]);
        let unread = event(kind, |e| {
            e.i64(ENOENT).null().u32(1).u32(0).u32(0).u64(0);
        });
        check(&unread, &[("fd.name", Some("<NA>"))]);
    }
}

#[test]
fn a_connect_on_an_unknown_fd_is_named_after_its_parameters() {
    let connect = event(SOCKET_CONNECT_X, |e| {
        e.i64(0).raw(&[2, 10, 0, 2, 15, 1, 0, 8, 8, 8, 8, 53, 0]).i64(77).null();
    });
    check(&connect, &[("fd.name", Some("10.0.2.15:1->8.8.8.8:53"))]);
}

#[test]
fn an_unknown_fd_has_the_letter_of_what_the_call_would_have_made() {
    let eventfd = event(EVENTFD2_X, |e| {
        e.i64(-24).u64(0).u16(0);
    });
    check(&eventfd, &[("fd.typechar", Some("e")), ("fd.name", Some(""))]);
    let socket = event(SOCKET_SOCKET_X, |e| {
        e.i64(-24).u32(2).u32(1).u32(0);
    });
    check(&socket, &[("fd.typechar", Some("4"))]);
}

#[test]
fn kinds_of_all_open_fds_are_listed_once() {
    check(
        &on_fd(3),
        &[
            ("fd.types", Some("(file,directory,ipv4,ipv6,unix,pipe)")),
            ("fd.types[9]", Some("(pipe)")),
            ("fd.types[77]", None),
        ],
    );
}

#[test]
fn an_opened_file_has_changed_its_name() {
    let openat = event(OPENAT_2_X, |e| {
        e.i64(12).i64(AT_FDCWD).text("./n").u32(1).u32(0).u32(0x10_0801).u64(7);
    });
    check(
        &openat,
        &[
            ("fd.name", Some("/home/n")),
            ("fd.nameraw", Some("./n")),
            ("fd.name_changed", Some("true")),
            ("fd.dev", Some("100801")),
            ("fd.dev.major", Some("8")),
            ("fd.dev.minor", Some("257")),
            ("fd.ino", Some("7")),
        ],
    );
}
