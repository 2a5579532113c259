//! Programs of this machine that run in a guest: without what only a debugger reads, and with the
//! libraries that they load.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::error::Error;

/// A program's bytes, and the libraries that the guest needs for it, at the same paths there.
pub(super) struct Program {
    pub(super) bytes: Vec<u8>,
    pub(super) libraries: Vec<PathBuf>,
}

/// Whether `path` is a program or library of ELF: other files go to the guest as they are, and so
/// do object files, which are nothing without their tables.
pub(super) fn is_program(path: &Path) -> bool {
    let mut head = [0; 18];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    // Behind e_ident, e_type: ET_EXEC is 2, ET_DYN is 3.
    read.is_ok() && head.starts_with(b"\x7fELF") && matches!(head[16], 2 | 3)
}

/// The program at `path`.
pub(super) fn program(path: &Path) -> Result<Program, Error> {
    Ok(Program { bytes: stripped(path)?, libraries: libraries(path)? })
}

/// Without debug information, which is nine tenths of a program that cargo builds for tests.
fn stripped(path: &Path) -> Result<Vec<u8>, Error> {
    let to = tempfile::NamedTempFile::new().map_err(Error::file(path))?;
    let mut objcopy = Command::new("objcopy");
    run(objcopy.arg("--strip-debug").arg(path).arg(to.path()))?;
    fs::read(to.path()).map_err(Error::file(to.path()))
}

/// The libraries that the system's loader would load, and the loader itself.
fn libraries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    // It fails on programs that need none.
    let listed = Command::new("ldd").arg(path).output();
    let listed = listed.map_err(|error| Error::program("ldd", error))?;
    let text = String::from_utf8_lossy(&listed.stdout);
    if let Some(missing) = text.lines().find(|line| line.ends_with("not found")) {
        return Err(Error::program("ldd", format!("{}: {}", path.display(), missing.trim())));
    }
    Ok(text.lines().filter_map(library).collect())
}

/// The path in a line of `ldd`: `libc.so.6 => /lib/…/libc.so.6 (0x…)`, or `/lib64/ld-….so (0x…)`.
fn library(line: &str) -> Option<PathBuf> {
    let found = line.rsplit("=> ").next()?.trim();
    let path = found.rsplit_once(" (0x")?.0;
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// Runs a command to its good end.
pub(super) fn run(command: &mut Command) -> Result<Output, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::program(&name, error))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Error::program(&name, String::from_utf8_lossy(&output.stderr).trim()))
}

/// Where a program is on the path of this process, or where systems keep those for administrators.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    dirs.map(|dir| dir.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ldd_name_libraries() {
        let cases = [
            ("\tlinux-vdso.so.1 (0x00007ffd)", None),
            (
                "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)",
                Some("/lib/x86_64-linux-gnu/libc.so.6"),
            ),
            ("\t/lib64/ld-linux-x86-64.so.2 (0x00007f)", Some("/lib64/ld-linux-x86-64.so.2")),
            ("\tstatically linked", None),
        ];
        for (line, path) in cases {
            assert_eq!(library(line), path.map(PathBuf::from), "{line}");
        }
    }
}
