//! HTTP over TLS, with an authority made for the test by `openssl`; skipped where that is absent.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use client::Error as Wrong;
use notify::{
    Counters, Error, Notifier, Target,
    http::{Client, Settings, Tls, Url},
};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tempfile::TempDir;

use crate::{
    common::{Told, delivered, numbers, output, run},
    server::Server,
};

/// An authority, and certificates of it for a server and a client.
struct Authority(TempDir);

impl Authority {
    /// None where there is no openssl.
    fn new() -> Option<Self> {
        let authority = Self(tempfile::tempdir().unwrap());
        let there = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            eprintln!("skipped: no openssl");
            return None;
        }
        authority.openssl(&format!(
            "req -x509 -nodes {KEY} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"
        ));
        authority.sign("server");
        authority.sign("client");
        Some(authority)
    }

    fn sign(&self, name: &str) {
        self.openssl(&format!(
            "req -x509 -nodes {KEY} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name} \
             -CA ca.pem -CAkey ca.key -addext subjectAltName=IP:127.0.0.1 \
             -addext basicConstraints=critical,CA:FALSE"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn certificates(&self, name: &str) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(self.path(name)).unwrap().map(Result::unwrap).collect()
    }

    /// A server that asks for a certificate of the client if it is to.
    fn serve(&self, asks: Asks) -> Server {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match asks {
            Asks::Nothing => builder.with_no_client_auth(),
            Asks::ForCertificate => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(self.certificates("ca.pem"));
                let roots = Arc::new(roots);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let key = PrivateKeyDer::from_pem_file(self.path("server.key")).unwrap();
        let config = builder.with_single_cert(self.certificates("server.pem"), key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server::of(listener.local_addr().unwrap().port(), &[]);
        let (serving, config) = (server.clone(), Arc::new(config));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                serving.serve(connection, StreamOwned::new(tls, stream.unwrap()));
            }
        });
        server
    }
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1";

#[derive(Clone, Copy)]
enum Asks {
    Nothing,
    ForCertificate,
}

fn settings(server: &Server, tls: Tls) -> Settings {
    let url = Url::parse(&format!("https://127.0.0.1:{}/", server.port)).unwrap();
    Settings { tls, timeout: Duration::from_secs(5), ..Settings::new(url) }
}

#[test]
fn a_server_of_a_trusted_authority_gets_alerts() {
    let Some(authority) = Authority::new() else { return };
    let server = authority.serve(Asks::Nothing);
    let tls = Tls { ca: Some(authority.path("ca.pem")), client: None, ..Tls::default() };
    assert_eq!(run(output(Target::Http(settings(&server, tls))), 5).0, delivered(5));
    assert_eq!(server.bodies(), numbers(0..5));
    assert!(server.requests().iter().all(|request| request.connection == 0));
}

#[test]
fn a_server_of_another_authority_gets_nothing() {
    let Some(authority) = Authority::new() else { return };
    let other = Authority::new().unwrap();
    let server = authority.serve(Asks::Nothing);
    let tls = Tls { ca: Some(other.path("ca.pem")), client: None, ..Tls::default() };
    let (counters, told) = run(output(Target::Http(settings(&server, tls))), 1);
    assert_eq!(counters, Counters { retried: 3, not_delivered: 1, ..Counters::default() });
    assert!(told[0].contains("certificate"), "{told:?}");
    assert!(server.bodies().is_empty());
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_ours() {
    let Some(authority) = Authority::new() else { return };
    let client = Client { cert: authority.path("client.pem"), key: authority.path("client.key") };
    for (client, got) in [(Some(client), 1), (None, 0)] {
        let server = authority.serve(Asks::ForCertificate);
        let tls = Tls { ca: Some(authority.path("ca.pem")), client, ..Tls::default() };
        assert_eq!(run(output(Target::Http(settings(&server, tls))), 1).0.delivered, got);
        assert_eq!(server.bodies().len() as u64, got);
    }
}

#[test]
fn files_without_certificates_and_keys_of_others_are_refused() {
    let Some(authority) = Authority::new() else { return };
    let empty = authority.path("empty.pem");
    fs::write(&empty, "nothing").unwrap();
    let client = |cert: &str, key: &str| {
        Some(Client { cert: authority.path(cert), key: authority.path(key) })
    };
    let ca = Some(authority.path("ca.pem"));
    let server = Server::of(1, &[]);
    for (tls, wrong) in [
        (Tls { ca: Some(empty.clone()), client: None, ..Tls::default() }, empty.clone()),
        (
            Tls { ca: Some("/no/such/file".into()), client: None, ..Tls::default() },
            "/no/such/file".into(),
        ),
        (
            Tls { ca: ca.clone(), client: client("client.pem", "server.key"), ..Tls::default() },
            authority.path("server.key"),
        ),
        (
            Tls { ca: ca.clone(), client: client("client.pem", "empty.pem"), ..Tls::default() },
            empty.clone(),
        ),
        (Tls { ca, client: client("empty.pem", "client.key"), ..Tls::default() }, empty.clone()),
    ] {
        let output = output(Target::Http(settings(&server, tls)));
        let error = Notifier::start(&[output], &Told::default().tell()).err().unwrap();
        let Error::Certificates(Wrong::File { path, .. } | Wrong::Certificates { path, .. }) =
            &error
        else {
            panic!("{error}");
        };
        assert_eq!(*path, wrong, "{error}");
        assert!(path != Path::new(""));
    }
}
