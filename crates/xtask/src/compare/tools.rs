//! Who scans, and how each is asked for a list of packages, without looking for what is wrong with
//! them.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    found::{self, Found},
    targets::{Kind, Target},
};
use crate::{bench, root};

/// Our own list of a target's packages, in one of its forms.
pub(super) fn list(target: &Target, form: &str) -> Command {
    let mut command = Command::new(Tool::Watchkeeper.program());
    command.args(["--quiet", "scan", target.kind.ours(), "--list-packages", "--format", form]);
    command.arg(&target.path);
    command
}

/// Our own findings of a target, in one of their forms.
pub(super) fn findings(target: &Target, form: &str, database: &Path) -> Command {
    let mut command = Command::new(Tool::Watchkeeper.program());
    command.args(["--quiet", "scan", target.kind.ours(), "--format", form, "--db"]);
    command.arg(database).arg(&target.path);
    command
}

/// One that scans.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tool {
    Watchkeeper,
    Trivy,
    Syft,
}

impl Tool {
    pub(super) const ALL: [Self; 3] = [Self::Watchkeeper, Self::Trivy, Self::Syft];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Watchkeeper => "watchkeeper",
            Self::Trivy => "trivy",
            Self::Syft => "syft",
        }
    }

    /// Where it lies: in what `scripts/setup compare` installed, or on the path.
    pub(super) fn program(self) -> PathBuf {
        if self == Self::Watchkeeper {
            return root().join("target/release/watchkeeper");
        }
        let installed = bench::cache("tools").map(|folder| folder.join("bin").join(self.name()));
        installed.ok().filter(|path| path.exists()).unwrap_or_else(|| self.name().into())
    }

    pub(super) fn is_there(&self) -> bool {
        Command::new(self.program()).arg("--version").output().is_ok()
    }

    pub(super) fn version(self) -> String {
        let said = bench::first_line(Command::new(self.program()).arg("--version"));
        let number = said.rsplit(' ').next().unwrap_or_default();
        format!("{} {number}", self.name())
    }

    /// Syft reads no disks.
    pub(super) fn reads(self, kind: Kind) -> bool {
        kind != Kind::Disk || self != Self::Syft
    }

    /// A command that lists the packages of a target as JSON, with nothing remembered from before.
    pub(super) fn scan(self, target: &Target, scratch: &Path) -> io::Result<Command> {
        let mut command = Command::new(self.program());
        let path = &target.path;
        match self {
            Self::Watchkeeper => return Ok(list(target, "json")),
            Self::Trivy => {
                let cache = scratch.join("trivy-cache");
                match fs::remove_dir_all(&cache) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                let (what, before) = target.kind.trivys();
                // This form asks for no database of what is wrong.
                command
                    .args(["--quiet", "--cache-dir"])
                    .arg(cache)
                    .arg(what)
                    .args(before)
                    .arg(path);
                command.args(["--format", "cyclonedx", "--skip-java-db-update", "--offline-scan"]);
                // For these it does ask for one. The others read them.
                command.args(["--skip-files", "**/*.jar"]);
            }
            Self::Syft => {
                let scheme = if target.kind == Kind::Image { "docker-archive" } else { "dir" };
                command.args(["scan", "--quiet", "--output", "json"]);
                command.arg(format!("{scheme}:{}", path.display()));
                command.env("SYFT_CHECK_FOR_APP_UPDATE", "false");
            }
        }
        Ok(command)
    }

    /// What it wrote that it found.
    pub(super) fn found(self, output: &Path) -> Result<Found, Box<dyn std::error::Error>> {
        let file = File::open(output).map_err(|e| format!("{}: {e}", output.display()))?;
        found::of(BufReader::new(file))
            .map_err(|e| format!("what {} wrote: {e}", self.name()).into())
    }
}
