//! What actions make use of: a folder, programs, stand-ins for programs.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::{
        fs::{OpenOptionsExt, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{COMMAND, Hindrance};

/// Where programs are.
const PROGRAMS: [&str; 4] = ["/bin", "/usr/bin", "/sbin", "/usr/sbin"];

/// Where an action is done.
pub(in super::super) struct World {
    /// Its folder, which is its alone.
    folder: PathBuf,
    /// This program.
    ourselves: PathBuf,
}

impl World {
    /// In a folder, which need not be there yet.
    pub(super) fn open(folder: &Path) -> Result<Self, Hindrance> {
        let ourselves = std::env::current_exe().map_err(Hindrance::of("our own program"))?;
        Ok(Self { folder: folder.to_owned(), ourselves })
    }

    /// A path in the folder.
    pub(in super::super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file and the folders that it is in.
    pub(in super::super) fn write(
        &self,
        path: impl AsRef<Path>,
        text: &str,
    ) -> Result<(), Hindrance> {
        let path = path.as_ref();
        let refused = Hindrance::of("writing a file");
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(refused)?;
        fs::write(path, text).map_err(refused)
    }

    /// The shell.
    pub(in super::super) fn shell(&self) -> Result<Command, Hindrance> {
        find("sh").map(Command::new).ok_or(Hindrance::NoProgram("sh"))
    }

    /// A tool of the host; where it has none, what does nothing under that name.
    pub(in super::super) fn tool(&self, name: &str) -> Result<Command, Hindrance> {
        find(name).map_or_else(|| self.stand_in(name), |path| Ok(Command::new(path)))
    }

    /// A program that does nothing, by this name.
    pub(in super::super) fn stand_in(&self, name: &str) -> Result<Command, Hindrance> {
        Ok(idle_at(&self.link(&self.idle()?, name)?))
    }

    /// This program by this name, in a role of the stage.
    pub(in super::super) fn ourselves_as(
        &self,
        name: &str,
        role: &str,
    ) -> Result<Command, Hindrance> {
        let mut command = Command::new(self.link(&self.ourselves, name)?);
        command.args([COMMAND, role]).arg(&self.folder);
        Ok(command)
    }

    /// Copies the program that does nothing, to be run, and says how.
    pub(in super::super) fn idle_copy(&self, path: &Path) -> Result<Command, Hindrance> {
        let refused = Hindrance::of("copying a program");
        let idle = self.idle_bytes()?;
        let mut options = OpenOptions::new();
        options.create_new(true).write(true).mode(0o755);
        let mut file = options.open(path).map_err(refused)?;
        file.write_all(&idle).map_err(refused)?;
        Ok(idle_at(path))
    }

    /// The bytes of a program that does nothing.
    pub(in super::super) fn idle_bytes(&self) -> Result<Vec<u8>, Hindrance> {
        fs::read(self.idle()?).map_err(Hindrance::of("reading a program"))
    }

    /// A child that waits until it is killed.
    pub(in super::super) fn waiting_child(&self) -> Result<Child, Hindrance> {
        let mut child = self.ourselves_as("child", "wait")?;
        child.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        child.spawn().map_err(Hindrance::of("starting a child"))
    }

    /// Runs it to its end, whatever that is, with nothing to read or to say.
    pub(in super::super) fn run(&self, command: &mut Command) -> Result<(), Hindrance> {
        Self::wait_for(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// Runs it to its end, with the streams that it has.
    pub(in super::super) fn wait_for(command: &mut Command) -> Result<(), Hindrance> {
        command.status().map(drop).map_err(Hindrance::of("running a program"))
    }

    fn idle(&self) -> Result<PathBuf, Hindrance> {
        find("true").ok_or(Hindrance::NoProgram("true"))
    }

    fn link(&self, program: &Path, name: &str) -> Result<PathBuf, Hindrance> {
        let path = self.path(name);
        symlink(program, &path).map_err(Hindrance::of("a link"))?;
        Ok(path)
    }
}

/// The program that does nothing, as it lies there. Where one file is many programs, what it is called
/// with decides which it is, while the kernel has the name of the file.
pub(in super::super) fn idle_at(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.arg0("true");
    command
}

fn find(name: &str) -> Option<PathBuf> {
    PROGRAMS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}
