//! Engines that do not answer as they should.

use std::{
    os::unix::net::UnixListener,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use engines::{Answer, Api, Asked, Figures, Hint, Reach};

use crate::{
    common::{DOCKER_ID, Machine, PATIENCE, container, data},
    cri::{self, runtime},
    grpc::{self, GrpcServer},
    http::{HttpServer, Reply, engine},
};

fn docker(machine: &mut Machine) -> std::path::PathBuf {
    machine.engine(Api::Docker, "/run/docker.sock")
}

/// The recorded Docker.
fn recorded(path: &str) -> Reply {
    let is_image = path.starts_with("/images/");
    Reply::Json(data(if is_image { "docker/image.json" } else { "docker/container.json" }))
}

fn reach(figures: &Figures) -> &Reach {
    &figures.sources[0].reach
}

#[test]
fn a_container_that_its_engine_does_not_know_yet_is_asked_about_again() {
    let mut machine = Machine::new();
    let _server = HttpServer::start(docker(&mut machine), |path, before| {
        if path.starts_with("/containers/") && before < 2 {
            Reply::NotFound
        } else {
            recorded(path)
        }
    });
    let (told, figures) = machine.ask(DOCKER_ID);
    assert_eq!(told.unwrap()["name"], "web");
    assert_eq!((figures.answered, figures.retried), (1, 2));
}

#[test]
fn a_container_that_nobody_knows_is_asked_about_no_more_for_a_while() {
    let mut machine = Machine::new();
    let server = HttpServer::start(docker(&mut machine), |_, _| Reply::NotFound);
    let running = machine.start();
    assert_eq!(running.answer(DOCKER_ID), None);
    let requests = server.requests().len();
    // Once, and after each of three pauses.
    assert_eq!(requests, 4);
    for _ in 0..1000 {
        assert_eq!(running.engines.ask(&DOCKER_ID[..12], Hint::default()), Asked::Before);
    }
    let figures = running.settled();
    assert_eq!((server.requests().len(), figures.unknown, figures.merged), (requests, 1, 1000));
}

#[test]
fn an_engine_that_hangs_holds_no_other_back() {
    let mut machine = Machine::new();
    machine.settings.limits.answer = Duration::from_millis(500);
    let socket = machine.engine(Api::Cri, "/run/cri.sock");
    // It takes connections, and says nothing.
    let _hung = UnixListener::bind(socket).unwrap();
    let _docker = HttpServer::start(docker(&mut machine), |path, _| recorded(path));
    let running = machine.start();
    let answer = running.answer(DOCKER_ID).unwrap();
    assert_eq!(container(&answer)["name"], "web");
    let figures = running.engines.figures();
    assert_eq!(*reach(&figures), Reach::Fails("did not answer in 0.5 s".to_owned()));
}

#[test]
fn an_engine_that_was_late_is_left_alone() {
    let mut machine = Machine::new();
    machine.settings.limits.answer = Duration::from_millis(200);
    machine.settings.limits.rest = PATIENCE;
    machine.settings.limits.rest_most = PATIENCE;
    let server = HttpServer::start(docker(&mut machine), |_, _| Reply::Hang);
    let running = machine.start();
    assert_eq!(running.answer(DOCKER_ID), None);
    assert_eq!(running.answer("110e33684a38"), None);
    let figures = running.engines.figures();
    assert_eq!((figures.failed, figures.retried), (2, 6));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn whatever_is_no_answer_is_told_as_a_failure() {
    let cases: [(Reply, &str); 9] = [
        (Reply::Bytes(b"\x00\xff\x00garbage"), "broke off: "),
        (Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), "broke off: "),
        (Reply::Bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), "broke off"),
        (Reply::Bytes(b""), "broke off: "),
        (Reply::Json(b"{".to_vec()), "answers what is not understood: "),
        (Reply::Json(b"{}".to_vec()), "answers what is not understood: it tells of another"),
        (Reply::Json(vec![b'['; 1 << 20]), "answers what is not understood: "),
        (Reply::Fails, r#"answers 500, '{"message":"\x1b[31mbroken"}'"#),
        (Reply::Endless, "answers more than 4194304 bytes"),
    ];
    for (reply, want) in cases {
        let mut machine = Machine::new();
        machine.settings.limits.retries = Vec::new();
        let shown = format!("{reply:?}").chars().take(80).collect::<String>();
        let _server = HttpServer::start(docker(&mut machine), move |_, _| reply.clone());
        let (told, figures) = machine.ask(DOCKER_ID);
        assert_eq!((told, figures.failed), (None, 1), "{shown}");
        let Reach::Fails(why) = reach(&figures) else { panic!("{shown}: {:?}", reach(&figures)) };
        assert!(why.starts_with(want), "{shown}: {why}");
    }
}

#[test]
fn whatever_is_no_message_is_told_as_a_failure() {
    let cases: [(grpc::Reply, &str); 6] = [
        (grpc::Reply::Status(2), "answers 2, 'no'"),
        (grpc::Reply::Body(Vec::new()), "answers what is not understood: a body without"),
        (grpc::Reply::Body(b"\0\0\0\0\x09x".to_vec()), "answers what is not understood: a body"),
        (grpc::Reply::Body(b"\x01\0\0\0\x01x".to_vec()), "answers what is not understood: a body"),
        (grpc::Reply::Message(b"\xff".to_vec()), "answers what is not understood: "),
        (grpc::Reply::Message(vec![0; 5 << 20]), "answers more than 4194304 bytes"),
    ];
    for (reply, want) in cases {
        let mut machine = Machine::new();
        machine.settings.limits.retries = Vec::new();
        let shown = format!("{reply:?}").chars().take(80).collect::<String>();
        let socket = machine.engine(Api::Cri, "/run/cri.sock");
        let _server = GrpcServer::start(socket, move |_| reply.clone());
        let (told, figures) = machine.ask(cri::CONTAINER);
        assert_eq!((told, figures.failed), (None, 1), "{shown}");
        let Reach::Fails(why) = reach(&figures) else { panic!("{shown}: {:?}", reach(&figures)) };
        assert!(why.starts_with(want), "{shown}: {why}");
    }
}

#[test]
fn an_engine_that_is_not_there_is_no_failure_and_one_that_refuses_is() {
    let mut machine = Machine::new();
    let socket = docker(&mut machine);
    let (_, figures) = machine.ask(DOCKER_ID);
    assert_eq!((figures.unknown, reach(&figures)), (1, &Reach::Absent));
    // Nobody is there to ask again.
    assert_eq!(figures.retried, 0);
    // A socket that its server left behind.
    drop(UnixListener::bind(&socket).unwrap());
    let (_, figures) = machine.ask(DOCKER_ID);
    assert!(matches!(reach(&figures), Reach::Fails(why) if why.contains("refused")));
    assert_eq!(figures.failed, 1);
}

#[test]
fn an_engine_may_be_restarted_between_questions() {
    let mut machine = Machine::new();
    let socket = docker(&mut machine);
    let running = machine.start();
    let other = "110e33684a384913a5f9db2b0a1fbcd37aebe882b8dd10ec3f6a74caa8b80ceb";
    let text = String::from_utf8(data("docker/container.json")).unwrap();
    let first = engine(&socket, other, text.replace(DOCKER_ID, other).into(), Vec::new());
    assert!(running.answer(other).is_some());
    drop(first);
    let _server =
        engine(&socket, DOCKER_ID, data("docker/container.json"), data("docker/image.json"));
    assert!(running.answer(DOCKER_ID).is_some());
}

#[test]
fn the_best_of_several_engines_is_believed() {
    let mut machine = Machine::new();
    let _docker = HttpServer::start(docker(&mut machine), |path, _| match path {
        path if path.starts_with("/containers/") => {
            let text = String::from_utf8(data("docker/container.json")).unwrap();
            Reply::Json(text.replace(DOCKER_ID, cri::CONTAINER).into_bytes())
        }
        _ => Reply::NotFound,
    });
    let socket = machine.engine(Api::Cri, "/run/cri.sock");
    let _cri = runtime(socket, "docker", "runtime.v1");
    let told = machine.ask(cri::CONTAINER).0.unwrap();
    assert_eq!((&told["type"], &told["name"]), (&6.into(), &"nginx".into()));
}

/// A door that stays shut until it is opened.
#[derive(Clone, Default)]
struct Door(Arc<(Mutex<bool>, Condvar)>);

impl Door {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let is_shut = |is_open: &mut bool| !*is_open;
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), is_shut).unwrap());
    }
}

#[test]
fn more_questions_than_may_wait_are_dropped_and_counted() {
    let mut machine = Machine::new();
    machine.settings.limits.waiting = 2;
    let (door, inside) = (Door::default(), Door::default());
    let (of_server, reached) = (door.clone(), inside.clone());
    let _server = HttpServer::start(docker(&mut machine), move |path, _| {
        reached.open();
        of_server.pass();
        if path.contains("89108fb2711e") { recorded(path) } else { Reply::NotFound }
    });
    let running = machine.start();
    let ask = |id: &str| running.engines.ask(id, Hint::default());
    assert_eq!([ask(DOCKER_ID), ask(&DOCKER_ID[..12])], [Asked::Yes, Asked::Before]);
    inside.pass();
    assert_eq!([ask("aaaaaaaaaaaa"), ask("bbbbbbbbbbbb")], [Asked::Yes, Asked::Dropped]);
    assert_eq!(ask("../../x"), Asked::Refused);
    door.open();
    let figures = running.settled();
    let counted = Figures { sources: Vec::new(), retried: 0, ..figures };
    let want = Figures {
        asked: 5,
        merged: 1,
        answered: 1,
        unknown: 1,
        dropped: 1,
        refused: 1,
        ..Figures::default()
    };
    assert_eq!(counted, want);
}

#[test]
fn answers_wait_until_there_is_room() {
    let mut machine = Machine::new();
    machine.settings.limits.answers = 1;
    let _server = HttpServer::start(docker(&mut machine), |path, _| {
        let Some(id) = path.strip_prefix("/containers/") else { return Reply::NotFound };
        let id = id.trim_end_matches("/json");
        Reply::Json(format!(r#"{{"Id":"{id}"}}"#).into_bytes())
    });
    let running = machine.start();
    let ids = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"];
    for id in ids {
        assert_eq!(running.engines.ask(id, Hint::default()), Asked::Yes);
    }
    let next = || running.answers.next_within(PATIENCE);
    let mut told: Vec<_> =
        ids.iter().filter_map(|_| next()).map(|answer: Answer| answer.id).collect();
    told.sort();
    assert_eq!(told, ids);
    assert_eq!(running.settled().answered, 3);
}

#[test]
fn ending_waits_for_no_engine() {
    let mut machine = Machine::new();
    let inside = Door::default();
    let reached = inside.clone();
    let _server = HttpServer::start(docker(&mut machine), move |_, _| {
        reached.open();
        Reply::Hang
    });
    let running = machine.start();
    assert_eq!(running.engines.ask(DOCKER_ID, Hint::default()), Asked::Yes);
    inside.pass();
    drop(running.engines);
    assert_eq!(running.answers.next_within(PATIENCE), None);
}
