//! Who asks, and who is asked: tokens, passwords, redirects, mirrors, what is passing.

use std::{fs, path::PathBuf};

use registry::{Files, Settings};
use tempfile::TempDir;

use crate::{
    server::{Reply, Request, Server},
    stock::{Stock, files, open, open_with, refused, settings, shared, walked},
};

/// `me:hunter2`.
const AUTH: &str = "bWU6aHVudGVyMg==";
const BASIC: &str = "Basic bWU6aHVudGVyMg==";

/// Settings with a file of credentials.
fn with_credentials(json: &str) -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, json).unwrap();
    let files =
        Files { credentials: vec![PathBuf::from("/nowhere/at/all"), path], ..Files::default() };
    (folder, Settings { files, ..settings() })
}

fn unauthorized(challenge: &str) -> Reply {
    Reply::new(401, "").header("WWW-Authenticate", challenge)
}

/// A registry that takes only what shows this.
fn guarded(header: &'static str, challenge: String) -> Server {
    let stock = Stock::with_app();
    Server::start(move |request| match request.header("authorization") == Some(header) {
        true => stock.answer(request),
        false => unauthorized(&challenge),
    })
}

fn walk(server: &Server, settings: Settings) -> Vec<String> {
    let (names, failures) = walked(&open_with(server, ":1", settings).unwrap());
    assert_eq!(failures, [""; 0]);
    names
}

#[test]
fn a_password_is_shown_to_who_asks_for_it() {
    let server = guarded(BASIC, r#"Basic realm="x""#.to_owned());
    let json = format!(r#"{{"auths": {{"{}": {{"auth": "{AUTH}"}}}}}}"#, server.host);
    let (_folder, settings) = with_credentials(&json);
    assert_eq!(walk(&server, settings), ["etc/a", "etc/b"]);
    // Once it is known that it is wanted, it is shown at once.
    assert_eq!(
        server.requests().iter().filter(|it| it.header("authorization").is_none()).count(),
        1
    );
}

#[test]
fn wrong_and_missing_passwords_are_told() {
    let server = guarded(BASIC, r#"Basic realm="x""#.to_owned());
    let why = refused(open(&server));
    let host = &server.host;
    assert_eq!(
        why,
        format!(
            "{host}: does not let everybody have team/app, if there is one; log in with 'docker login {host}'"
        )
    );
    let json = format!(r#"{{"auths": {{"{host}": {{"username": "me", "password": "secret"}}}}}}"#);
    let (_folder, settings) = with_credentials(&json);
    let why = refused(open_with(&server, ":1", settings));
    assert_eq!(why, format!("{host}: does not let you have team/app with the credentials at hand"));
    assert_eq!(server.requests().len(), 3);
}

/// Who hands out tokens: `answer` says which.
fn tokens(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, String) {
    let server = Server::start(answer);
    let challenge = format!(
        r#"Bearer realm="http://{}/token?a=b",service="the registry",scope="repository:team/app:pull""#,
        server.host
    );
    (server, challenge)
}

#[test]
fn a_token_is_asked_for_and_shown() {
    let (tokens, challenge) = tokens(|_| Reply::new(200, r#"{"token": "t1"}"#));
    let server = guarded("Bearer t1", challenge);
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
    let asked = tokens.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].path,
        "/token?a=b&service=the%20registry&scope=repository%3Ateam%2Fapp%3Apull"
    );
    assert_eq!(asked[0].header("authorization"), None);
}

#[test]
fn a_password_or_a_refresh_token_is_shown_to_who_hands_out_tokens() {
    let (tokens, challenge) = tokens(|request| {
        let is_known = request.header("authorization") == Some(BASIC)
            || (request.method == "POST" && request.body.contains("refresh_token=r%2F1"));
        match is_known {
            true => Reply::new(200, r#"{"access_token": "t2", "expires_in": 60}"#),
            false => Reply::new(401, "{}"),
        }
    });
    let server = guarded("Bearer t2", challenge);
    let host = server.host.clone();
    for entry in [format!(r#"{{"auth": "{AUTH}"}}"#), r#"{"identitytoken": "r/1"}"#.to_owned()] {
        let (_folder, settings) =
            with_credentials(&format!(r#"{{"auths": {{"{host}": {entry}}}}}"#));
        assert_eq!(walk(&server, settings), ["etc/a", "etc/b"]);
    }
    let posted = tokens.requests().remove(1);
    assert!(posted.body.contains("grant_type=refresh_token"), "{}", posted.body);
    let why = refused(open(&server));
    let expected = "hands out no token: the credentials are wrong, or are not enough";
    assert_eq!(why, format!("{}: {expected}", tokens.host));
    // The registry itself sees neither.
    let seen = format!("{:?}", server.requests());
    assert!(!seen.contains(AUTH) && !seen.contains("r/1"));
}

#[test]
fn a_token_that_ran_out_is_asked_for_anew() {
    let given = shared(0);
    let (tokens, challenge) = {
        let given = given.clone();
        tokens(move |_| {
            *given.lock().unwrap() += 1;
            Reply::new(200, format!(r#"{{"token": "t{}"}}"#, given.lock().unwrap()))
        })
    };
    let (stock, taken) = (Stock::with_app(), shared(0));
    let server = Server::start(move |request| {
        let shown = request.header("authorization").unwrap_or_default().to_owned();
        let newest = format!("Bearer t{}", given.lock().unwrap());
        let mut taken = taken.lock().unwrap();
        // Each is good for two requests.
        if shown != newest || *taken == 2 {
            *taken = 0;
            return unauthorized(&challenge);
        }
        *taken += 1;
        stock.answer(request)
    });
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
    assert_eq!(tokens.requests().len(), 2);
}

#[test]
fn a_token_that_ran_out_while_the_registry_was_busy_is_asked_for_anew() {
    let given = shared(0);
    let (tokens, challenge) = {
        let given = given.clone();
        tokens(move |_| {
            *given.lock().unwrap() += 1;
            Reply::new(200, format!(r#"{{"token": "t{}"}}"#, given.lock().unwrap()))
        })
    };
    let (stock, shown) = (Stock::with_app(), shared(0));
    let server = Server::start(move |request| match request.header("authorization") {
        Some("Bearer t2") => stock.answer(request),
        Some("Bearer t1") => {
            *shown.lock().unwrap() += 1;
            match *shown.lock().unwrap() {
                1 => Reply::new(503, ""),
                _ => unauthorized(&challenge),
            }
        }
        _ => unauthorized(&challenge),
    });
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
    assert_eq!(tokens.requests().len(), 2);
}

#[test]
fn a_registry_that_takes_no_token_is_not_asked_for_ever() {
    let (tokens, challenge) = tokens(|_| Reply::new(200, r#"{"token": "t"}"#));
    let server = Server::start(move |_| unauthorized(&challenge));
    assert!(refused(open(&server)).contains("does not let everybody have team/app"));
    assert_eq!((server.requests().len(), tokens.requests().len()), (2, 1));
}

#[test]
fn tokens_that_are_none_are_refused() {
    for (reply, expected) in [
        (Reply::new(200, "{}"), "hands out no token"),
        (Reply::new(200, r#"{"token": ""}"#), "hands out no token"),
        (Reply::new(200, "<html>"), "what it hands out is not what those who have tokens do"),
        (
            Reply::new(200, r#"{"token": "a\r\nx: y"}"#),
            "what shows who asks is not made of letters that it may have",
        ),
        (
            Reply::new(200, vec![b' '; 2 << 20]),
            "its answer has more than 1048576 bytes, which is the limit",
        ),
        (Reply::new(500, "{}"), "answers 500"),
    ] {
        let (_tokens, challenge) = tokens(move |_| reply.clone());
        let server = Server::start(move |_| unauthorized(&challenge));
        let why = refused(open(&server));
        assert!(why.ends_with(expected), "{why}");
    }
}

#[test]
fn challenges_that_make_no_sense_are_told() {
    for challenge in [
        "",
        "Negotiate",
        "Bearer",
        "Bearer realm=\"file:///etc\"",
        "Bearer realm=\"",
        &"x".repeat(9999),
    ] {
        let owned = challenge.to_owned();
        let server = Server::start(move |_| unauthorized(&owned));
        assert!(refused(open(&server)).starts_with(&server.host), "{challenge}");
    }
}

#[test]
fn a_redirect_leads_elsewhere_without_what_shows_who_asks() {
    let stock = Stock::with_app();
    let storage = stock.clone().serve();
    let to = storage.host.clone();
    let server = Server::start(move |request| match request.header("authorization") {
        Some(BASIC) if request.path.contains("/blobs/") => Reply::new(307, "")
            .header("Location", format!("http://{to}{}?signed=1", request.path.replace("/v2", ""))),
        Some(BASIC) if request.path.ends_with("/manifests/1") => {
            // Within the same host it is shown again.
            Reply::new(301, "").header("Location", "/v2/moved/manifests/1?x")
        }
        Some(BASIC) => stock.answer(request),
        _ => unauthorized("Basic"),
    });
    let json = format!(r#"{{"auths": {{"{}": {{"auth": "{AUTH}"}}}}}}"#, server.host);
    let (_folder, settings) = with_credentials(&json);
    assert_eq!(walk(&server, settings), ["etc/a", "etc/b"]);
    let asked = storage.requests();
    assert_eq!(asked.len(), 3);
    for request in asked {
        assert_eq!(request.header("authorization"), None, "{request:?}");
    }
}

#[test]
fn who_a_registry_leads_to_cannot_ask_who_asks() {
    let (thief, asked) = {
        let (tokens, challenge) = tokens(|_| Reply::new(200, r#"{"token": "t"}"#));
        (Server::start(move |_| unauthorized(&challenge)), tokens)
    };
    let (stock, to) = (Stock::with_app(), thief.host.clone());
    let server = Server::start(move |request| match request.path.contains("/blobs/") {
        true => Reply::new(307, "").header("Location", format!("http://{to}/x")),
        false => stock.answer(request),
    });
    let host = server.host.clone();
    let (_folder, settings) =
        with_credentials(&format!(r#"{{"auths": {{"{host}": {{"auth": "{AUTH}"}}}}}}"#));
    let why = refused(open_with(&server, ":1", settings));
    let expected = format!(
        "{}: it wants to know who asks, and {host} led here; that is told to nobody else",
        thief.host
    );
    assert_eq!(why, expected);
    assert_eq!(asked.requests().len(), 0);
}

#[test]
fn redirects_end() {
    let server = Server::start(|_| Reply::new(302, "").header("Location", "/round"));
    let why = refused(open(&server));
    assert!(why.ends_with("there are more than 5 redirects"), "{why}");
    assert_eq!(server.requests().len(), 6);
    let server = Server::start(|_| Reply::new(302, ""));
    assert!(refused(open(&server)).ends_with("a redirect leads nowhere"));
}

#[test]
fn what_is_passing_is_waited_for() {
    let stock = Stock::with_app();
    let busy = || Reply::new(429, "").header("Retry-After", "0");
    let server = stock.clone().serve_after("/manifests/", vec![busy(), Reply::new(500, "")]);
    assert_eq!(files(&server), ["etc/a", "etc/b"]);
    let server = stock.clone().serve_after("/manifests/", vec![busy(); 3]);
    assert!(refused(open(&server)).ends_with("answers 429"));
    assert_eq!(server.requests().len(), 3);
    let long = Reply::new(429, "").header("Retry-After", "86400");
    let server = stock.serve_after("/manifests/", vec![long]);
    let why = refused(open(&server));
    assert!(why.ends_with("answers 429; it asks to be left alone for 86400 s"), "{why}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn who_watches_is_told_what_is_waited_for() {
    let busy = Reply::new(503, "").header("Retry-After", "1");
    let server = Stock::with_app().serve_after("/manifests/", vec![busy]);
    let (told, tells) = (shared(Vec::new()), shared(Vec::new()));
    let observed = tells.clone();
    let observer = registry::Observer::new(move |progress| {
        if let registry::Progress::Waits { why, pause } = progress {
            observed.lock().unwrap().push(format!("{why} ({} s)", pause.as_secs()));
        }
    });
    told.lock()
        .unwrap()
        .push(format!("{}: answers 503; it asks to be left alone for 1 s (1 s)", server.host));
    open_with(&server, ":1", Settings { observer, ..settings() }).unwrap();
    assert_eq!(*tells.lock().unwrap(), *told.lock().unwrap());
}

#[test]
fn who_hands_out_tokens_may_ask_to_wait() {
    let asked = shared(0);
    let (_tokens, challenge) = tokens(move |_| {
        *asked.lock().unwrap() += 1;
        match *asked.lock().unwrap() {
            1 => Reply::new(429, "").header("Retry-After", "86400"),
            _ => Reply::new(200, r#"{"token": "t1"}"#),
        }
    });
    let server = guarded("Bearer t1", challenge);
    let why = refused(open(&server));
    assert!(why.ends_with("answers 429; it asks to be left alone for 86400 s"), "{why}");
}

#[test]
fn headers_without_end_are_refused() {
    let server = Server::start(|_| Reply::new(200, "{}").header("X", "y".repeat(1 << 20)));
    assert!(refused(open(&server)).starts_with(&server.host));
}

#[test]
fn mirrors_are_asked_first_and_the_registry_after_them() {
    let stock = Stock::with_app();
    let (mirror, registry) = (stock.clone().serve(), stock.clone().serve());
    let broken = Stock::default().serve();
    let with = |mirrors: &[&Server]| {
        let mirrors = mirrors.iter().map(|server| format!("http://{}/cache", server.host));
        Settings { mirrors: mirrors.collect(), ..settings() }
    };
    assert_eq!(walk(&registry, with(&[&broken, &mirror])), ["etc/a", "etc/b"]);
    assert_eq!((broken.requests().len(), registry.requests().len()), (1, 0));
    assert_eq!(mirror.count("/v2/cache/team/app/"), 4);
    assert_eq!(walk(&registry, with(&[&broken])), ["etc/a", "etc/b"]);
    let why = refused(open_with(&broken, ":2", with(&[&mirror])));
    let (mirror, broken) = (&mirror.host, &broken.host);
    assert_eq!(why, format!("{mirror} has no cache/team/app:2; {broken} has no team/app:2"));
}

#[test]
fn who_said_that_it_has_nothing_is_not_asked_the_same_in_another_way() {
    let server = Stock::default().serve();
    let itself = Settings { mirrors: vec![format!("http://{}", server.host)], ..settings() };
    let why = refused(open_with(&server, ":1", itself));
    assert_eq!(why, format!("{} has no team/app:1", server.host));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_host_that_is_not_there_is_told_at_once() {
    let host = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let name = image::Reference::parse(&format!("{host}/app")).unwrap();
    let why = refused(registry::open(&name, None, settings()));
    assert!(why.starts_with(&host) && why.contains("refused"), "{why}");
}

#[test]
fn a_registry_that_files_do_not_trust_may_speak_in_plain_text() {
    let server = Stock::with_app().serve();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registries.conf");
    fs::write(&path, format!("[[registry]]\nlocation = '{}'\ninsecure = true\n", server.host))
        .unwrap();
    let with = |registries: Vec<PathBuf>| {
        let files = Files { registries, ..Files::default() };
        Settings { files, transport: registry::Transport::Tls, ..settings() }
    };
    assert_eq!(walk(&server, with(vec![path])), ["etc/a", "etc/b"]);
    assert!(refused(open_with(&server, ":1", with(vec![]))).starts_with(&server.host));
}

#[test]
fn files_that_are_malformed_are_told_with_their_place() {
    let server = guarded(BASIC, "Basic".to_owned());
    let (folder, with) = with_credentials(r#"{"auths": "hunter2"}"#);
    let why = refused(open_with(&server, ":1", with));
    let path = folder.path().join("config.json").display().to_string();
    assert_eq!(
        why,
        format!("{path}: is no file of credentials: it is malformed in line 1, column 19")
    );
    // Nobody looks at it where everybody is let in.
    let (_folder, with) = with_credentials("{");
    assert_eq!(walk(&Stock::with_app().serve(), with), ["etc/a", "etc/b"]);
}
