//! What a guest is made of.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    error::{Error, temporary},
    initramfs::{self, Tree},
    kernel::{Installed, Kernel},
    modules,
    outcome::Outcome,
    qemu,
};

/// What a disk needs on kernels that have it as modules.
const DISK_MODULES: [&str; 2] = ["virtio_pci", "virtio_blk"];
/// Accounts that scripts and programs may ask for.
const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
                      tester:x:1000:1000:Tester:/home/tester:/bin/sh\n\
                      nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n";
const GROUP: &str = "root:x:0:\ntester:x:1000:\nnogroup:x:65534:\n";
/// Folders that are there without anything in them.
const FOLDERS: [&str; 9] =
    ["/dev", "/home/tester", "/mnt", "/out", "/proc", "/root", "/run", "/sys", "/tmp"];

/// Whether what the script prints is shown while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Echo {
    /// It is only in the outcome.
    #[default]
    Silent,
    /// It goes to standard output, too.
    Stdout,
}

/// A machine to be: a kernel, what is in its file system, how it runs.
///
/// Every guest has busybox, the usual file systems mounted (`/proc`, `/sys`, `/dev`, cgroup 2, bpf,
/// tracefs, debugfs, securityfs), a loopback interface that is up, the accounts `root`, `tester`
/// (1000) and `nobody`, and `/out`, of which everything comes back. Its root file system is memory.
#[derive(Clone, Debug)]
pub struct Guest {
    pub(super) kernel: Kernel,
    pub(super) cpus: u32,
    pub(super) memory_mib: u32,
    pub(super) append: Vec<String>,
    pub(super) icount: bool,
    pub(super) image: Option<PathBuf>,
    pub(super) limit: Duration,
    pub(super) echo: Echo,
    copies: Vec<(PathBuf, PathBuf)>,
    bytes: Vec<(PathBuf, Vec<u8>, u32)>,
    modules: Vec<String>,
}

impl Guest {
    /// A guest with this kernel, 2 processors, 1 GiB of memory, and 3 minutes to live.
    pub fn new(kernel: Kernel) -> Guest {
        Guest {
            kernel,
            cpus: 2,
            memory_mib: 1024,
            append: Vec::new(),
            icount: false,
            image: None,
            limit: Duration::from_secs(180),
            echo: Echo::Silent,
            copies: Vec::new(),
            bytes: Vec::new(),
            modules: Vec::new(),
        }
    }

    /// The same with another kernel.
    #[must_use]
    pub fn kernel(mut self, kernel: Kernel) -> Guest {
        self.kernel = kernel;
        self
    }

    /// How many processors it has.
    #[must_use]
    pub fn cpus(mut self, cpus: u32) -> Guest {
        self.cpus = cpus;
        self
    }

    /// How much memory it has; files of it take from that.
    #[must_use]
    pub fn memory_mib(mut self, mib: u32) -> Guest {
        self.memory_mib = mib;
        self
    }

    /// Copies a file, or a folder with all that is in it, from this machine to the path `guest`,
    /// with its mode. Programs come without debug information and bring their libraries.
    #[must_use]
    pub fn copy(mut self, host: impl AsRef<Path>, guest: impl AsRef<Path>) -> Guest {
        self.copies.push((host.as_ref().to_path_buf(), guest.as_ref().to_path_buf()));
        self
    }

    /// A file of these bytes, with a mode as `0o755`.
    #[must_use]
    pub fn bytes(mut self, guest: impl AsRef<Path>, bytes: impl Into<Vec<u8>>, mode: u32) -> Guest {
        self.bytes.push((guest.as_ref().to_path_buf(), bytes.into(), mode));
        self
    }

    /// A kernel module that is loaded, with those that it needs, before the script runs.
    #[must_use]
    pub fn module(mut self, name: impl Into<String>) -> Guest {
        self.modules.push(name.into());
        self
    }

    /// More of the kernel's command line: `lsm=landlock,bpf`.
    #[must_use]
    pub fn append(mut self, option: impl Into<String>) -> Guest {
        self.append.push(option.into());
        self
    }

    /// One processor whose every instruction takes one nanosecond of the guest's time: counts of
    /// instructions that are the same in every run. Slower.
    #[must_use]
    pub fn icount(mut self) -> Guest {
        self.icount = true;
        self
    }

    /// A raw disk image, `/dev/disk/image` in the guest; what is written to it is dropped.
    #[must_use]
    pub fn image(mut self, path: impl AsRef<Path>) -> Guest {
        self.image = Some(path.as_ref().to_path_buf());
        self
    }

    /// How long it may run, on this machine's clock, before it is stopped.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Guest {
        self.limit = limit;
        self
    }

    /// Whether what the script prints is shown while it runs.
    #[must_use]
    pub fn echo(mut self, echo: Echo) -> Guest {
        self.echo = echo;
        self
    }

    /// Boots, runs `script` with busybox's `sh` as root, and powers off. What the script leaves
    /// running is killed.
    ///
    /// # Errors
    /// [`Error::Missing`] if QEMU, busybox or the kernel is not installed, [`Error::TimeLimit`] if
    /// it ran too long, [`Error::Died`] if its kernel panicked; and if something that it is made
    /// of can't be read. A script that fails is an outcome, not an error.
    pub fn run(&self, script: &str) -> Result<Outcome, Error> {
        let kernel = self.kernel.installed()?;
        let work = temporary("watchkeeper-vm-")?;
        let initramfs = work.path().join(qemu::INITRAMFS);
        let file = File::create(&initramfs).map_err(Error::file(&initramfs))?;
        let tree = self.tree(&kernel, script)?;
        tree.write(BufWriter::new(file)).map_err(Error::file(&initramfs))?;
        qemu::run(self, &kernel, work.path())
    }

    fn tree(&self, kernel: &Installed, script: &str) -> Result<Tree, Error> {
        let mut tree = Tree::default();
        FOLDERS.iter().for_each(|folder| tree.folder(folder));
        tree.copy(&initramfs::busybox()?, Path::new("/bin/busybox"))?;
        tree.bytes("/etc/passwd", PASSWD.into(), 0o644);
        tree.bytes("/etc/group", GROUP.into(), 0o644);
        tree.bytes("/etc/hosts", b"127.0.0.1 localhost guest\n".into(), 0o644);
        tree.bytes("/init", include_bytes!("init.sh").into(), 0o755);
        tree.bytes("/vm/script", script.into(), 0o755);
        if self.image.is_some() {
            tree.bytes("/vm/image", Vec::new(), 0o644);
        }
        add_modules(&mut tree, kernel, "/vm/disk", &DISK_MODULES.map(String::from))?;
        add_modules(&mut tree, kernel, "/vm/modules", &self.modules)?;
        for (host, guest) in &self.copies {
            tree.copy(host, guest)?;
        }
        for (guest, bytes, mode) in &self.bytes {
            tree.bytes(guest, bytes.clone(), *mode);
        }
        Ok(tree)
    }
}

/// Puts modules into a folder, under names that sort as they load.
fn add_modules(
    tree: &mut Tree,
    kernel: &Installed,
    folder: &str,
    wanted: &[String],
) -> Result<(), Error> {
    for (at, module) in modules::collect(kernel, wanted)?.into_iter().enumerate() {
        tree.bytes(format!("{folder}/{at:03}-{}", module.name), module.bytes, 0o644);
    }
    Ok(())
}
