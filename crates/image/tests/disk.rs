//! Disks as the tools of their formats make them. Tests whose tools are missing say so and are skipped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{FileExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use image::{Bounds, Content, Disk, Entry, Folder, Kind, Problem, Visitor, Want, Whiteout};
use tempfile::TempDir;

/// What a tree has: names, what they are, and the bytes of files.
#[derive(Default, PartialEq, Eq, Debug)]
struct Tree {
    entries: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Visitor for Tree {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        let path = String::from_utf8_lossy(entry.path).into_owned();
        if path.starts_with("lost+found") {
            return Want::Skip;
        }
        let kind = match entry.kind {
            Kind::Symlink(target) => format!("-> {}", String::from_utf8_lossy(target)),
            kind => format!("{kind:?} {:o} {}", entry.mode, entry.size_bytes),
        };
        self.entries.insert(path, kind);
        Want::Content
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        let path = String::from_utf8_lossy(entry.path).into_owned();
        let digest = image::Digest::of(&bytes);
        self.entries.entry(path).and_modify(|kind| kind.push_str(&digest.to_string()));
    }

    fn whiteout(&mut self, _: Whiteout<'_>) {
        panic!("a disk has none");
    }

    fn problem(&mut self, problem: Problem) {
        let path = String::from_utf8_lossy(&problem.path).into_owned();
        self.problems.push(format!("{path}: {}", problem.error));
    }
}

/// Whether the tools are there; says which is not.
fn have(tools: &[&str]) -> bool {
    let missing = tools.iter().find(|tool| {
        let places = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        !places.iter().any(|place| Path::new(place).join(tool).exists())
    });
    if let Some(tool) = missing {
        eprintln!("skipped: {tool} is missing");
    }
    missing.is_none()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
}

/// Files of all the shapes in which file systems keep them, and a folder of so many.
fn sample(many: u32) -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir_all(at("etc")).unwrap();
    fs::create_dir_all(at("usr/share/many")).unwrap();
    fs::create_dir_all(at("usr/share/few")).unwrap();
    fs::create_dir(at("empty")).unwrap();
    fs::write(at("etc/os-release"), "ID=debian\n").unwrap();
    fs::write(at("etc/nothing"), "").unwrap();
    let large: Vec<u8> =
        (0..3_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(at("usr/large"), large).unwrap();
    for number in 0..many {
        fs::write(at(&format!("usr/share/many/a-file-of-many-{number}")), format!("{number}"))
            .unwrap();
    }
    for number in 0..40 {
        fs::write(at(&format!("usr/share/few/{number}")), "").unwrap();
    }
    symlink("usr/share", at("short")).unwrap();
    symlink("long/".repeat(60), at("long")).unwrap();
    folder
}

fn of_folder(folder: &Path) -> Tree {
    let mut tree = Tree::default();
    Folder::open(folder, Bounds::Everywhere).unwrap().walk(&mut tree).unwrap();
    tree
}

fn of_disk(disk: &Path) -> Tree {
    let mut tree = Tree::default();
    Disk::open(disk).unwrap().walk(&mut tree).unwrap();
    tree
}

fn ext4(of: &Path, disk: &Path, options: &[&str]) {
    let mut mkfs = Command::new("/usr/sbin/mkfs.ext4");
    run(mkfs
        .args(["-q", "-F", "-E", "root_owner=0:0"])
        .args(options)
        .arg("-d")
        .arg(of)
        .arg(disk)
        .arg("64M"));
}

fn xfs(of: &Path, disk: &Path, options: &[&str]) {
    let mut lines = vec!["/".to_owned(), "0 0".to_owned(), "d--755 0 0".to_owned()];
    prototype(of, &mut lines);
    lines.push("$".to_owned());
    let file = disk.with_extension("proto");
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    fs::write(disk, "").unwrap();
    let mut mkfs = Command::new("/usr/sbin/mkfs.xfs");
    run(mkfs.args(["-q", "-f", "-d", "size=320m"]).args(options).arg("-p").arg(&file).arg(disk));
}

/// A folder in the form of mkfs.xfs(8): prototype files.
fn prototype(folder: &Path, lines: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_symlink() {
            lines.push(format!("{name} l--777 0 0 {}", fs::read_link(&path).unwrap().display()));
        } else if kind.is_dir() {
            lines.push(format!("{name} d--755 0 0"));
            prototype(&path, lines);
            lines.push("$".to_owned());
        } else {
            lines.push(format!("{name} ---644 0 0 {}", path.display()));
        }
    }
}

#[test]
fn ext_file_systems_are_read_whole() {
    if !have(&["mkfs.ext4"]) {
        return;
    }
    let sample = sample(3_000);
    let expected = of_folder(sample.path());
    let folder = TempDir::new().unwrap();
    let disk = folder.path().join("disk");
    for options in [
        &[][..],
        &["-O", "^extents,^64bit,^metadata_csum"],
        &["-b", "1024"],
        &["-O", "inline_data"],
    ] {
        ext4(sample.path(), &disk, options);
        let found = of_disk(&disk);
        // Whoever reads for us says so himself.
        if options.contains(&"inline_data") && !found.problems.is_empty() {
            continue;
        }
        assert_eq!(found, expected, "{options:?}");
        fs::remove_file(&disk).unwrap();
    }
}

#[test]
fn xfs_file_systems_are_read_whole() {
    if !have(&["mkfs.xfs"]) {
        return;
    }
    let sample = sample(3_000);
    let expected = of_folder(sample.path());
    let folder = TempDir::new().unwrap();
    let disk = folder.path().join("disk");
    for options in [
        &[][..],
        &["-m", "crc=0"],
        &["-m", "crc=0", "-n", "ftype=0"],
        &["-i", "nrext64=1,size=1024"],
        &["-b", "size=1024", "-n", "size=4096"],
        &["-m", "bigtime=0,inobtcount=0,reflink=0"],
    ] {
        xfs(sample.path(), &disk, options);
        let found = of_disk(&disk);
        assert!(found == expected, "{options:?} {:?}", difference(&found, &expected));
    }
}

fn difference(found: &Tree, expected: &Tree) -> Vec<String> {
    let lines = |tree: &Tree| {
        tree.entries.iter().map(|(path, kind)| format!("{path} {kind}")).collect::<Vec<_>>()
    };
    let (found_lines, expected_lines) = (lines(found), lines(expected));
    let missing = expected_lines
        .iter()
        .filter(|line| !found_lines.contains(line))
        .map(|line| format!("- {line}"));
    let more = found_lines
        .iter()
        .filter(|line| !expected_lines.contains(line))
        .map(|line| format!("+ {line}"));
    missing.take(10).chain(more.take(10)).chain(found.problems.iter().take(10).cloned()).collect()
}

#[test]
fn qcow2_images_are_read_like_what_they_were_made_of() {
    if !have(&["mkfs.ext4", "qemu-img"]) {
        return;
    }
    let sample = sample(100);
    let expected = of_folder(sample.path());
    let folder = TempDir::new().unwrap();
    let (raw, disk) = (folder.path().join("raw"), folder.path().join("disk"));
    ext4(sample.path(), &raw, &[]);
    for options in [
        &[][..],
        &["-c"],
        &["-o", "compat=0.10"],
        &["-o", "cluster_size=512"],
        &["-o", "cluster_size=2M"],
        &["-o", "extended_l2=on,cluster_size=128k"],
        &["-c", "-o", "compression_type=zstd"],
    ] {
        let mut convert = Command::new("qemu-img");
        run(convert.args(["convert", "-O", "qcow2"]).args(options).arg(&raw).arg(&disk));
        let found = of_disk(&disk);
        assert!(found == expected, "{options:?} {:?}", difference(&found, &expected));
    }
    let differs = folder.path().join("differs");
    let mut create = Command::new("qemu-img");
    run(create.args(["create", "-f", "qcow2", "-F", "qcow2", "-b"]).arg(&disk).arg(&differs));
    let Err(error) = Disk::open(&differs) else { panic!("it is not whole") };
    assert!(
        error.to_string().starts_with("it has only what differs from another image"),
        "{error}"
    );
}

/// Lays these file systems on a disk, in partitions that sfdisk(8) makes.
fn partitioned(label: &str, parts: &[&Path], disk: &Path) {
    let file = fs::File::create(disk).unwrap();
    file.set_len(600 << 20).unwrap();
    let mut script = format!("label: {label}\n");
    let mut starts = Vec::new();
    let mut at = 2048;
    for part in parts {
        let sectors = fs::metadata(part).unwrap().len() / 512;
        starts.push((at, *part));
        script += &format!("start={at}, size={sectors}\n");
        at += sectors + 2048;
    }
    let script_file = disk.with_extension("sfdisk");
    fs::write(&script_file, script).unwrap();
    let mut sfdisk = Command::new("/usr/sbin/sfdisk");
    run(sfdisk.arg("-q").arg(disk).stdin(fs::File::open(&script_file).unwrap()));
    for (start, part) in starts {
        for (at, block) in fs::read(part).unwrap().chunks(1 << 16).enumerate() {
            if block.iter().any(|byte| *byte != 0) {
                file.write_all_at(block, start * 512 + (at << 16) as u64).unwrap();
            }
        }
    }
}

#[test]
fn partitions_are_put_together_as_fstab_has_them() {
    if !have(&["mkfs.ext4", "mkfs.xfs", "sfdisk"]) {
        return;
    }
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("root/etc")).unwrap();
    fs::create_dir_all(at("root/var")).unwrap();
    fs::write(at("root/etc/fstab"), "LABEL=root / ext4\nLABEL=var /var xfs\n").unwrap();
    fs::create_dir_all(at("variable/lib")).unwrap();
    fs::write(at("variable/lib/file"), "text").unwrap();
    fs::create_dir_all(at("other/lib")).unwrap();
    ext4(&at("root"), &at("root.ext4"), &["-L", "root"]);
    xfs(&at("variable"), &at("var.xfs"), &["-L", "var"]);
    ext4(&at("other"), &at("other.ext4"), &[]);
    for label in ["gpt", "dos"] {
        partitioned(label, &[&at("other.ext4"), &at("root.ext4"), &at("var.xfs")], &at("disk"));
        let found = of_disk(&at("disk"));
        let names: Vec<&str> = found.entries.keys().map(String::as_str).collect();
        assert_eq!(names, ["etc", "etc/fstab", "var", "var/lib", "var/lib/file"], "{label}");
        assert_eq!(found.problems, [": partition 1: no fstab says where it belongs"]);
    }
}

#[test]
fn what_is_no_disk_is_said() {
    let folder = TempDir::new().unwrap();
    let disk = folder.path().join("disk");
    let Err(error) = Disk::open(folder.path()) else { panic!("it is no disk") };
    assert_eq!(error.to_string(), "it is a folder, not a disk");
    for (bytes, part) in [
        (vec![0; 1 << 20], "it has no file system that can be read"),
        (vec![], "it is empty, and no disk"),
        ([&b"QFI\xfb\0\0\0\x09"[..], &[0; 200]].concat(), "it is qcow2 of version 9"),
    ] {
        fs::write(&disk, bytes).unwrap();
        let Err(error) = Disk::open(&disk) else { panic!("it is no disk") };
        assert!(error.to_string().starts_with(part), "{error}");
    }
}
