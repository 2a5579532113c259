//! Docker's registry on this machine.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use tempfile::TempDir;

use crate::run;

/// What keeps others out.
#[derive(Default)]
pub(crate) struct Guard<'a> {
    /// The folder with `host.pem` and `host-key.pem`, if it speaks TLS.
    pub(crate) tls: Option<&'a Path>,
    /// `NAME:PASSWORD` of who is let in, if not everybody is.
    pub(crate) login: Option<&'a str>,
}

/// A registry that runs until the test ends.
pub(crate) struct Daemon {
    pub(crate) host: String,
    child: Child,
    _folder: TempDir,
}

impl Daemon {
    pub(crate) fn start(guard: &Guard<'_>) -> Self {
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("config.yml");
        fs::write(&config, settings(folder.path(), guard)).unwrap();
        let mut child = Command::new(program())
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let host = log.find_map(|line| address(&line)).unwrap();
        // It stops where nobody reads what it says.
        thread::spawn(move || log.for_each(drop));
        Self { host, child, _folder: folder }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The registry's program: that of the system, or the one that `scripts/setup registries` unpacked.
pub(crate) fn program() -> PathBuf {
    let unpacked = testkit::cache().join("docker-registry/usr/bin/docker-registry");
    if unpacked.exists() { unpacked } else { "docker-registry".into() }
}

fn settings(folder: &Path, guard: &Guard<'_>) -> String {
    let data = folder.join("data").display().to_string();
    let tls = guard.tls.map_or_else(String::new, |folder| {
        let path = |name: &str| folder.join(name).display().to_string();
        format!(", tls: {{certificate: '{}', key: '{}'}}", path("host.pem"), path("host-key.pem"))
    });
    let auth = guard.login.map_or_else(String::new, |login| {
        let path = folder.join("htpasswd").display().to_string();
        let (name, password) = login.split_once(':').unwrap();
        run(Command::new("htpasswd").args(["-Bbc", &path, name, password]));
        format!("auth: {{htpasswd: {{realm: x, path: '{path}'}}}}\n")
    });
    format!(
        "version: 0.1\nstorage: {{filesystem: {{rootdirectory: '{data}'}}}}\n\
         http: {{addr: '127.0.0.1:0'{tls}}}\n{auth}"
    )
}

/// Where it says that it listens.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening on ")?;
    Some(rest.split([',', '"']).next()?.to_owned())
}

/// Makes an authority, and a certificate of it for this machine, in a folder; the authority's own.
pub(crate) fn certificate(folder: &Path) -> PathBuf {
    let path = |name: &str| folder.join(name).display().to_string();
    let ca = path("ca.crt");
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=an authority",
        "-keyout",
        &path("ca-key.pem"),
        "-out",
        &ca,
    ]);
    openssl(&[
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=a host",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        &path("host-key.pem"),
        "-out",
        &path("host.csr"),
    ]);
    openssl(&[
        "x509",
        "-req",
        "-in",
        &path("host.csr"),
        "-CA",
        &ca,
        "-CAkey",
        &path("ca-key.pem"),
        "-copy_extensions",
        "copy",
        "-out",
        &path("host.pem"),
    ]);
    ca.into()
}

fn openssl(arguments: &[&str]) {
    run(Command::new("openssl").args(arguments));
}
