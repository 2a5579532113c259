//! The kernels that tests boot, where `scripts/kernels` puts them.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{bzimage, error::Error, initramfs, qemu};
use crate::cache;

/// A kernel that tests boot: Debian's for clouds, amd64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kernel {
    /// Debian 11's: among the oldest with BTF and a ring buffer for BPF.
    V5_10,
    /// Debian 12's.
    V6_1,
    /// Debian 13's.
    V6_12,
    /// Debian unstable's when it was fetched.
    Newest,
}

impl Kernel {
    /// Every one, from the oldest on.
    pub const ALL: [Kernel; 4] = [Kernel::V5_10, Kernel::V6_1, Kernel::V6_12, Kernel::Newest];

    /// Its name for people and in paths: `6.1`.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::V5_10 => "5.10",
            Kernel::V6_1 => "6.1",
            Kernel::V6_12 => "6.12",
            Kernel::Newest => "newest",
        }
    }

    /// Where it is, ready to boot.
    ///
    /// # Errors
    /// If it was not fetched yet, or can't be read.
    pub fn installed(self) -> Result<Installed, Error> {
        let dir = cache().join("kernels").join(self.name());
        let version = fs::read_to_string(dir.join("version")).map_err(|_| self.missing())?;
        let version = version.trim_end().to_owned();
        let vmlinux = dir.join("vmlinux");
        if !vmlinux.exists() {
            unpack(&dir.join("vmlinuz"), &vmlinux)?;
        }
        Ok(Installed { kernel: self, version, vmlinux, dir })
    }

    fn missing(self) -> Error {
        let mend = match self {
            Kernel::V6_1 | Kernel::V6_12 => "scripts/setup vm",
            Kernel::V5_10 | Kernel::Newest => "scripts/setup vm-all",
        };
        Error::Missing { what: format!("the kernel {self} for tests"), mend }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kernel {
    type Err = String;

    fn from_str(name: &str) -> Result<Kernel, String> {
        let known = || Kernel::ALL.map(Kernel::name).join(", ");
        let found = Kernel::ALL.into_iter().find(|kernel| kernel.name() == name);
        found.ok_or_else(|| format!("no kernel '{name}'; there are {}", known()))
    }
}

/// The kernels to test with: 6.1 and 6.12, or those that `WATCHKEEPER_KERNELS` names, with commas
/// between, or `all`. Says which of them can't be booted here, and leaves them out: their tests are
/// skipped.
pub fn kernels() -> Vec<Kernel> {
    let wanted = match env::var("WATCHKEEPER_KERNELS").as_deref() {
        Ok("all") => Kernel::ALL.to_vec(),
        Ok(names) => names.split(',').filter_map(named).collect(),
        Err(_) => vec![Kernel::V6_1, Kernel::V6_12],
    };
    wanted.into_iter().filter(|kernel| can_boot(*kernel)).collect()
}

fn named(name: &str) -> Option<Kernel> {
    name.parse().inspect_err(|error| eprintln!("WATCHKEEPER_KERNELS: {error}")).ok()
}

/// Whether all is there that a guest with this kernel needs; says so if it is not.
pub fn can_boot(kernel: Kernel) -> bool {
    let ready = kernel.installed().and(qemu::program()).and(initramfs::busybox());
    match ready {
        Err(error) if error.is_missing() => {
            eprintln!("skipped: {error}");
            false
        }
        // Any other fault is one that the test is to meet.
        _ => true,
    }
}

/// A kernel on this machine.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Which one.
    pub kernel: Kernel,
    /// What `uname -r` says in a guest: `6.1.0-56-cloud-amd64`.
    pub version: String,
    /// The kernel itself, an ELF file.
    pub vmlinux: PathBuf,
    dir: PathBuf,
}

impl Installed {
    /// The options that it was built with, as text.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn config(&self) -> Result<String, Error> {
        let path = self.dir.join("config");
        fs::read_to_string(&path).map_err(Error::file(path))
    }

    /// The folder with `modules.dep`, to which paths of modules are relative.
    pub(super) fn modules_dir(&self) -> PathBuf {
        self.dir.join("lib/modules").join(&self.version)
    }
}

/// Takes the kernel out of its image. Tests may do so at once: the file appears whole.
fn unpack(image: &Path, vmlinux: &Path) -> Result<(), Error> {
    let packed = fs::read(image).map_err(Error::file(image))?;
    let unpacked = bzimage::kernel(&packed)
        .map_err(|why| Error::Image { path: image.to_path_buf(), why: why.to_string() })?;
    let dir = vmlinux.parent().unwrap_or(vmlinux);
    let partial = tempfile::NamedTempFile::new_in(dir).map_err(Error::file(dir))?;
    fs::write(partial.path(), unpacked).map_err(Error::file(partial.path()))?;
    partial.persist(vmlinux).map_err(|failed| Error::file(vmlinux)(failed.error))?;
    Ok(())
}
