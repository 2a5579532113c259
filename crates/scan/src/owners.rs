//! Whose files some paths are.
//!
//! Which files a package has is told by the databases of package managers and by wheels of Python; others
//! have a folder of their own, or are told of by the file that has them: an archive, a program. Of what none
//! of that is true, nothing is known.
//!
//! - `links`: where a path leads; `databases`: files that databases tell of; `folders`: those of languages.

mod databases;
mod folders;
mod links;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

pub(crate) use self::links::Links;
use crate::{Inventory, inventory::Files};

/// Whose files the paths are that were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Owners {
    /// For each package of the inventory, in its order.
    pub of_packages: Vec<Owned>,
}

/// What is known of a package's files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Owned {
    /// Whether it is known at all which files it has.
    pub is_known: bool,
    /// Those of the paths that are its files: their places among what was asked for, in order.
    pub asked: Vec<usize>,
    /// Whether some of its files are read by the kernel itself, which no call tells of.
    pub by_kernel: Option<ByKernel>,
}

/// What the kernel reads itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByKernel {
    /// What programs are loaded with (`ld.so`): it is mapped where they are executed.
    Loader,
    /// A kernel, or its modules.
    Kernel,
}

/// Paths that are asked for.
#[derive(Debug)]
struct Asked {
    /// Where each is by its name, from the root of the tree.
    by_path: HashMap<Vec<u8>, Vec<usize>>,
}

impl Asked {
    /// Under its own name, under the name that links lead to, and, of compiled modules of Python, under the
    /// name of the source.
    fn new(paths: &[Vec<u8>], links: &Links) -> Self {
        let mut by_path: HashMap<Vec<u8>, Vec<usize>> = HashMap::with_capacity(paths.len());
        for (at, path) in paths.iter().enumerate() {
            let path = path.strip_prefix(b"/").unwrap_or(path);
            let led = links.follow(path);
            let source = source_of_python(&led);
            let names: BTreeSet<&[u8]> =
                [Some(path), Some(&*led), source.as_deref()].into_iter().flatten().collect();
            for name in names {
                by_path.entry(name.to_vec()).or_default().push(at);
            }
        }
        Self { by_path }
    }

    fn at(&self, path: &[u8]) -> &[usize] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }
}

/// `a/__pycache__/b.cpython-311.opt-1.pyc` is compiled from `a/b.py` (PEP 3147).
fn source_of_python(path: &[u8]) -> Option<Vec<u8>> {
    let slash = path.iter().rposition(|byte| *byte == b'/')?;
    let (folder, name) = path.split_at(slash);
    let folder = folder.strip_suffix(b"__pycache__")?;
    let name = name.strip_prefix(b"/")?.strip_suffix(b".pyc")?;
    let module = name.split(|byte| *byte == b'.').next()?;
    Some([folder, module, b".py"].concat())
}

/// What is learned of each package.
#[derive(Debug)]
struct Found<'a> {
    asked: &'a Asked,
    owners: Owners,
}

impl Found<'_> {
    /// These packages have this file.
    fn owns(&mut self, packages: &[usize], path: &[u8]) {
        let (asked, by_kernel) = (self.asked.at(path), by_kernel(path));
        for owned in packages.iter().copied() {
            let Some(owned) = self.owners.of_packages.get_mut(owned) else { continue };
            owned.is_known = true;
            owned.asked.extend_from_slice(asked);
            owned.by_kernel = owned.by_kernel.or(by_kernel);
        }
    }
}

/// Whether the kernel reads a file itself.
fn by_kernel(path: &[u8]) -> Option<ByKernel> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_loader = name.starts_with(b"ld-") && name.windows(3).any(|part| part == b".so")
        || name.starts_with(b"ld.so")
        || name.starts_with(b"ld64.so");
    let is_library = path.split(|byte| *byte == b'/').any(|part| part.starts_with(b"lib"));
    if is_loader && is_library {
        return Some(ByKernel::Loader);
    }
    let is_module =
        [&b".ko"[..], b".ko.xz", b".ko.zst", b".ko.gz"].iter().any(|end| name.ends_with(end));
    (is_module || name.starts_with(b"vmlinu")).then_some(ByKernel::Kernel)
}

/// Whose files these paths are, by all that was read of a tree.
pub(crate) fn of_tree(
    inventory: &Inventory,
    files: &Files,
    links: &Links,
    paths: &[Vec<u8>],
) -> Owners {
    let asked = Asked::new(paths, links);
    let mut found = empty(inventory, &asked);
    databases::add(inventory, files, links, &mut found);
    folders::add(inventory, Some(files), &mut found);
    finish(found)
}

/// Whose files these paths are, by where packages of an inventory are: one that was read from a document, of
/// which no more is known.
pub fn owners(inventory: &Inventory, paths: &[Vec<u8>]) -> Owners {
    let asked = Asked::new(paths, &Links::default());
    let mut found = empty(inventory, &asked);
    folders::add(inventory, None, &mut found);
    finish(found)
}

fn empty<'a>(inventory: &Inventory, asked: &'a Asked) -> Found<'a> {
    let of_packages = vec![Owned::default(); inventory.packages.len()];
    Found { asked, owners: Owners { of_packages } }
}

fn finish(found: Found<'_>) -> Owners {
    let mut owners = found.owners;
    for owned in &mut owners.of_packages {
        owned.asked.sort_unstable();
        owned.asked.dedup();
    }
    owners
}
