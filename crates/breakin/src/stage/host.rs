//! The scratch directory: a host in small, with what intruders seek.
//!
//! ```text
//! bin/httpd, bin/intruder   this program, under the names of its parts
//! srv/                      where the service runs and writes access.log
//! home/                     the home of the account that the service runs as
//! tmp/                      where everybody may write
//! ```
//!
//! What it is made with must not look like a break-in itself: no file that the intruder will make
//! is there before, and none is made by truncation.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, symlink},
    path::{Path, PathBuf},
};

use rustix::fs::StatVfsMountFlags;
use tempfile::TempDir;

use crate::fault::{Doing, Fault};

/// How the names of scratch directories begin; letters and digits follow. No hyphen: rules look for
/// options in command lines, and the name must not look like one by chance.
const PREFIX: &str = "breakin_";

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\n\
    bWFkZSB1cCBmb3IgYSBkZW1vbnN0cmF0aW9uLCBvcGVucyBub3RoaW5n\n\
    -----END OPENSSH PRIVATE KEY-----\n";

const HISTORY: &str = "ls -l\ntail access.log\nssh backup.example\n";

/// The host in small.
pub(super) struct Host {
    root: TempDir,
}

impl Host {
    /// Makes the directory and all that is in it.
    pub(super) fn set_up() -> Result<Host, Fault> {
        let place = place()?;
        let root = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place);
        let host = Host { root: root.doing(format!("making a directory in {}", place.display()))? };
        host.furnish().doing(format!("furnishing {}", host.root().display()))?;
        Ok(host)
    }

    fn furnish(&self) -> std::io::Result<()> {
        for dir in ["bin", "srv", "home/.ssh", "tmp"] {
            fs::create_dir_all(self.root().join(dir))?;
        }
        let this = std::env::current_exe()?;
        symlink(&this, self.program("httpd"))?;
        symlink(&this, self.program("intruder"))?;
        self.file("home/.ssh/id_ed25519", KEY)?;
        self.file("home/.bash_history", HISTORY)
    }

    fn file(&self, name: &str, text: &str) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(self.root().join(name))?.write_all(text.as_bytes())
    }

    /// The scratch directory.
    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    /// This program under the name of a part.
    pub(super) fn program(&self, part: &str) -> PathBuf {
        self.root().join("bin").join(part)
    }

    /// Where the service runs.
    pub(super) fn service_dir(&self) -> PathBuf {
        self.root().join("srv")
    }

    /// The variables that the service, and all that it starts, see.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 4] {
        [
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin".into()),
            ("HOME", self.root().join("home")),
            ("LC_ALL", "C".into()),
            ("DB_PASSWORD", "made-up".into()),
        ]
    }

    /// Removes the directory and all that is in it.
    pub(super) fn clear_away(self) -> Result<(), Fault> {
        let name = self.root().display().to_string();
        self.root.close().doing(format!("removing {name}"))
    }
}

/// Where the scratch directory can be: programs must run there, and its name needs no quotes.
fn place() -> Result<PathBuf, Fault> {
    let places = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
    places
        .into_iter()
        .find_map(|place| {
            let place = place.canonicalize().ok()?;
            let mount = rustix::fs::statvfs(&place).ok()?;
            let runs = !mount.f_flag.contains(StatVfsMountFlags::NOEXEC);
            (runs && is_plain(place.to_str()?)).then_some(place)
        })
        .ok_or_else(|| {
            let why = "programs may run in none of $TMPDIR, /tmp and /var/tmp; set TMPDIR";
            Fault::Astray(why.into())
        })
}

fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
}
