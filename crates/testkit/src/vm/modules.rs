//! Kernel modules: which files a module needs, in the order in which they load.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::{error::Error, kernel::Installed};

/// No module is larger unpacked.
const MOST_BYTES: u64 = 256 << 20;

/// A module, ready for `insmod`.
pub(super) struct Module {
    /// Its name: `nf_tables`.
    pub(super) name: String,
    /// The file's bytes, not compressed.
    pub(super) bytes: Vec<u8>,
}

/// The modules `wanted` with all that they depend on, in the order in which they load; those that
/// are built into the kernel need nothing.
pub(super) fn collect(kernel: &Installed, wanted: &[String]) -> Result<Vec<Module>, Error> {
    let dir = kernel.modules_dir();
    let text = |name| fs::read_to_string(dir.join(name)).map_err(Error::file(dir.join(name)));
    let (dependencies, builtin) = (text("modules.dep")?, text("modules.builtin")?);
    let mut paths: Vec<&str> = Vec::new();
    for module in wanted {
        match load_order(&dependencies, module) {
            Some(order) => paths.extend(order),
            None if builtin.lines().any(|path| is_named(path, module)) => {}
            None => {
                let (kernel, module) = (kernel.version.clone(), module.clone());
                return Err(Error::NoModule { kernel, module });
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    paths.retain(|path| seen.insert(*path));
    paths.iter().map(|path| read(&dir.join(path))).collect()
}

/// Of the line of `module` in modules.dep, `path: dependency…`, the paths from the last on: what
/// is further right loads earlier.
fn load_order<'d>(dependencies: &'d str, module: &str) -> Option<Vec<&'d str>> {
    let mut lines = dependencies.lines().filter_map(|line| line.split_once(':'));
    let (path, needs) = lines.find(|(path, _)| is_named(path, module))?;
    Some(needs.split_whitespace().rev().chain([path]).collect())
}

/// Whether `path` is the file of `module`; `-` and `_` are the same in names of modules.
fn is_named(path: &str, module: &str) -> bool {
    name(path).replace('-', "_") == module.replace('-', "_")
}

fn name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split(".ko").next().unwrap_or(file)
}

fn read(path: &Path) -> Result<Module, Error> {
    let bytes = unpack(path).map_err(Error::file(path))?;
    let name = name(&path.to_string_lossy()).to_owned();
    Ok(Module { name, bytes })
}

fn unpack(path: &Path) -> io::Result<Vec<u8>> {
    let file = io::BufReader::new(File::open(path)?);
    let ending = path.extension().unwrap_or_default();
    let plain: Box<dyn Read> = if ending == "xz" {
        Box::new(lzma_rust2::XzReader::new(file, false))
    } else if ending == "zst" {
        Box::new(zstd::Decoder::new(file)?)
    } else {
        Box::new(file)
    };
    let mut bytes = Vec::new();
    plain.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEP: &str = "kernel/net/nf-a.ko.xz: kernel/net/b.ko.xz kernel/lib/c.ko.xz\n\
                       kernel/net/b.ko.xz: kernel/lib/c.ko.xz\n\
                       kernel/lib/c.ko.xz:\n";

    #[test]
    fn what_a_module_needs_loads_before_it() {
        let order = load_order(DEP, "nf_a");
        let wanted = ["kernel/lib/c.ko.xz", "kernel/net/b.ko.xz", "kernel/net/nf-a.ko.xz"];
        assert_eq!(order.as_deref(), Some(&wanted[..]));
        assert_eq!(load_order(DEP, "c"), Some(vec!["kernel/lib/c.ko.xz"]));
        assert_eq!(load_order(DEP, "nf"), None);
    }
}
