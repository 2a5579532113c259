//! What came back from a guest.

use std::{
    fs::{self, File},
    io::BufReader,
    path::Path,
    time::Duration,
};

use tempfile::TempDir;

use super::error::{Error, tail, temporary};

/// What came back from a guest whose script ran to its end.
#[derive(Debug)]
pub struct Outcome {
    /// The script's exit code.
    pub code: i32,
    /// What the script printed, on standard output and standard error.
    pub text: String,
    /// Warnings and worse of the kernel's log.
    pub log: String,
    /// How long all of it took, on this machine's clock.
    pub took: Duration,
    out: TempDir,
}

impl Outcome {
    pub(super) fn new(
        code: i32,
        text: String,
        log: String,
        out: TempDir,
        took: Duration,
    ) -> Outcome {
        Outcome { code, text, log, took, out }
    }

    /// Itself, if the script ended with code 0.
    ///
    /// # Errors
    /// [`Error::Failed`], with the end of what the script printed, if it did not.
    pub fn success(self) -> Result<Outcome, Error> {
        match self.code {
            0 => Ok(self),
            code => Err(Error::Failed { code, text: tail(&self.text) }),
        }
    }

    /// The folder with all that the guest left in `/out`; it goes with the outcome.
    pub fn out(&self) -> &Path {
        self.out.path()
    }

    /// The bytes of a file in `/out`, by its path below that.
    ///
    /// # Errors
    /// If there is none.
    pub fn file(&self, name: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
        let path = self.out().join(name);
        fs::read(&path).map_err(Error::file(path))
    }
}

/// What the guest's init said that it did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    code: Option<i32>,
    failures: Vec<String>,
    /// Whether the disk has an archive of `/out`.
    pub(super) has_out: bool,
}

impl Status {
    /// From the lines that `init.sh` documents.
    pub(super) fn parse(text: &str) -> Status {
        let mut status = Status::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("exit", code)) => status.code = code.parse().ok(),
                Some(("out", "kept")) => status.has_out = true,
                _ => status.failures.push(line.to_owned()),
            }
        }
        status
    }

    /// The script's exit code, or why there is none that counts; `complaints` are QEMU's.
    pub(super) fn verdict(&self, complaints: &str) -> Result<i32, String> {
        match self.code {
            _ if !self.failures.is_empty() => Err(self.failures.join("; ")),
            Some(code) => Ok(code),
            None if complaints.is_empty() => Err("its kernel stopped".to_owned()),
            None => Err(complaints.trim().to_owned()),
        }
    }
}

/// The files that the guest left in `/out`: an archive on the disk that it was given for them.
pub(super) fn unpack(disk: &Path, has_out: bool) -> Result<TempDir, Error> {
    let dir = temporary("watchkeeper-out-")?;
    if has_out {
        let file = File::open(disk).map_err(Error::file(disk))?;
        let mut archive = tar::Archive::new(BufReader::new(file));
        archive.unpack(dir.path()).map_err(Error::file(disk))?;
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_code_or_a_reason() {
        let cases = [
            ("exit 3\n", "", Ok(3)),
            ("exit 0\nout kept\n", "", Ok(0)),
            ("module a failed: no\nexit 0\n", "", Err("module a failed: no")),
            ("exit 0\nout failed: full\n", "", Err("out failed: full")),
            ("", "", Err("its kernel stopped")),
            ("", "qemu: no such disk\n", Err("qemu: no such disk")),
        ];
        for (text, complaints, wanted) in cases {
            let verdict = Status::parse(text).verdict(complaints);
            assert_eq!(verdict, wanted.map_err(str::to_owned), "{text}");
        }
    }
}
