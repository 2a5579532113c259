//! Walks over folders of this machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{fs, os::unix::fs::symlink, path::Path};

use image::{Bounds, Content, Entry, Folder, Kind, Problem, Visitor, Want, Whiteout};
use tempfile::TempDir;

/// What was told, a line each.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    skip: &'static str,
}

impl Visitor for Told {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        let path = String::from_utf8_lossy(entry.path).into_owned();
        if path == self.skip {
            return Want::Skip;
        }
        self.lines.push(match entry.kind {
            Kind::Symlink(target) => format!("{path} -> {}", String::from_utf8_lossy(target)),
            kind => format!("{path} {kind:?}"),
        });
        Want::Content
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        let mut text = String::new();
        content.read_to_string(&mut text).unwrap();
        self.lines.push(format!("{}: {text}", String::from_utf8_lossy(entry.path)));
    }

    fn whiteout(&mut self, _: Whiteout<'_>) {
        panic!("a folder has none");
    }

    fn problem(&mut self, problem: Problem) {
        let path = String::from_utf8_lossy(&problem.path).into_owned();
        self.lines.push(format!("{}! {}", path.get(..9).unwrap_or(&path), problem.error));
    }
}

fn walk(folder: &Path, skip: &'static str) -> Vec<String> {
    let mut told = Told { skip, ..Told::default() };
    Folder::open(folder, Bounds::Disks).unwrap().walk(&mut told).unwrap();
    told.lines
}

#[test]
fn a_folder_is_walked_in_order_and_links_are_not_followed() {
    let tree = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    fs::create_dir_all(tree.path().join("b/inner")).unwrap();
    fs::create_dir_all(tree.path().join("left-out")).unwrap();
    fs::write(tree.path().join("b/inner/file"), "inner").unwrap();
    fs::write(tree.path().join("a"), "a").unwrap();
    fs::write(tree.path().join("left-out/file"), "").unwrap();
    symlink(outside.path(), tree.path().join("c")).unwrap();
    symlink("b", tree.path().join("loop")).unwrap();
    let pipe = std::ffi::CString::new(tree.path().join("pipe").to_str().unwrap()).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let outside = format!("c -> {}", outside.path().display());
    let expected = [
        "a File",
        "a: a",
        "b Folder",
        "b/inner Folder",
        "b/inner/file File",
        "b/inner/file: inner",
        &outside,
        "loop -> b",
        "pipe Other",
    ];
    assert_eq!(walk(tree.path(), "left-out"), expected);
}

#[test]
fn folders_that_are_too_deep_are_told_and_the_rest_is_walked() {
    let tree = TempDir::new().unwrap();
    let mut deep = rustix::fs::open(tree.path(), rustix::fs::OFlags::DIRECTORY, 0.into()).unwrap();
    for _ in 0..600 {
        rustix::fs::mkdirat(&deep, "d", 0o755.into()).unwrap();
        deep = rustix::fs::openat(&deep, "d", rustix::fs::OFlags::DIRECTORY, 0.into()).unwrap();
    }
    fs::write(tree.path().join("e"), "e").unwrap();
    let told = walk(tree.path(), "");
    let of_problem: Vec<_> = told.iter().filter(|line| line.contains('!')).collect();
    assert_eq!(of_problem, ["d/d/d/d/d! it is in more than 512 folders"]);
    assert_eq!(told.last().unwrap(), "e: e");
}

#[test]
fn what_is_no_folder_is_said() {
    for (path, part) in [("/etc/passwd", "/etc/passwd: "), ("/nowhere", "/nowhere: ")] {
        let error = Folder::open(Path::new(path), Bounds::Everywhere).unwrap_err();
        assert!(error.to_string().starts_with(part), "{error}");
    }
}
