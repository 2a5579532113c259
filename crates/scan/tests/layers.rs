//! Layers of an image put together: what is replaced, hidden and kept, and which layer brought what.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use image::{Entry, Kind, Visitor, Want, Whiteout};
use scan::{Collector, Inventory, LayerInfo, Setting, extractors};

const STATUS: &str = "var/lib/dpkg/status";

/// An image while its layers are told.
struct Told(Collector);

impl Told {
    fn new() -> Self {
        Self(Collector::new(extractors::of(&[Setting::System, Setting::Installed])))
    }

    fn layer(mut self, name: &str) -> Self {
        self.0.begin(LayerInfo { diff_id: name.to_owned(), ..LayerInfo::default() });
        self
    }

    fn file(mut self, path: &str, mode: u32, text: &str) -> Self {
        let size_bytes = text.len() as u64;
        let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode, size_bytes };
        if self.0.entry(&entry) == Want::Content {
            self.0.content(&entry, &mut Cursor::new(text.as_bytes()));
        }
        self
    }

    fn other(mut self, path: &str, kind: Kind<'_>) -> Self {
        self.0.entry(&Entry { path: path.as_bytes(), kind, mode: 0o777, size_bytes: 0 });
        self
    }

    fn gone(mut self, whiteout: Whiteout<'_>) -> Self {
        self.0.whiteout(whiteout);
        self
    }

    fn list(self) -> Vec<String> {
        let inventory = self.0.finish();
        assert_eq!(inventory.troubles, []);
        packages(&inventory)
    }
}

/// A line for each package: name, version, and the layers that brought it.
fn packages(inventory: &Inventory) -> Vec<String> {
    let packages = inventory.packages.iter();
    packages
        .map(|package| {
            let layers = package.locations.iter().filter_map(|it| inventory.layers.get(it.layer?));
            let layers: Vec<&str> = layers.map(|layer| layer.diff_id.as_str()).collect();
            format!("{} {} {}", package.name, package.version, layers.join(" "))
        })
        .collect()
}

fn status(packages: &[(&str, &str)]) -> String {
    let package = |(name, version): &(&str, &str)| {
        format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n")
    };
    packages.iter().map(package).collect()
}

#[test]
fn a_package_is_of_the_layer_that_brought_it() {
    let list = Told::new()
        .layer("base")
        .file(STATUS, 0o644, &status(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]))
        .layer("upgrade")
        .file(STATUS, 0o644, &status(&[("a", "1"), ("b", "2"), ("d", "2"), ("e", "1")]))
        .layer("downgrade")
        .file(STATUS, 0o644, &status(&[("a", "1"), ("b", "2"), ("d", "1"), ("e", "1")]))
        .layer("other")
        .file("etc/motd", 0o644, "")
        .list();
    assert_eq!(list, ["a 1 base", "b 2 upgrade", "d 1 downgrade", "e 1 upgrade"]);
}

#[test]
fn what_is_hidden_is_gone() {
    let base = || Told::new().layer("base").file(STATUS, 0o644, &status(&[("a", "1")]));
    for whiteout in [
        Whiteout::Entry(b"var/lib/dpkg/status"),
        Whiteout::Entry(b"var/lib"),
        Whiteout::Within(b"var/lib/dpkg"),
        Whiteout::Within(b""),
    ] {
        let hidden: [&str; 0] = [];
        assert_eq!(base().layer("next").gone(whiteout).list(), hidden, "{whiteout:?}");
        // Only what is below.
        let same = Told::new()
            .layer("base")
            .layer("next")
            .file(STATUS, 0o644, &status(&[("b", "1")]))
            .gone(whiteout);
        assert_eq!(same.list(), ["b 1 next"], "{whiteout:?}");
    }
    for whiteout in [Whiteout::Entry(b"var/li"), Whiteout::Within(b"var/lib/dpkg/status")] {
        assert_eq!(base().layer("next").gone(whiteout).list(), ["a 1 base"], "{whiteout:?}");
    }
    let nothing: [&str; 0] = [];
    assert_eq!(base().layer("next").other("var", Kind::Symlink(b"srv")).list(), nothing);
    assert_eq!(base().layer("next").other("var", Kind::Folder).list(), ["a 1 base"]);
    assert_eq!(base().layer("next").file(STATUS, 0o644, "").list(), nothing);
}

#[test]
fn what_was_removed_and_comes_again_is_of_the_later_layer() {
    let list = Told::new()
        .layer("base")
        .file(STATUS, 0o644, &status(&[("a", "1"), ("b", "1")]))
        .layer("without")
        .file(STATUS, 0o644, &status(&[("b", "1")]))
        .layer("again")
        .file(STATUS, 0o644, &status(&[("a", "1"), ("b", "1")]))
        .list();
    assert_eq!(list, ["a 1 again", "b 1 base"]);
}

#[test]
fn executables_that_no_package_owns_are_listed() {
    let inventory = Told::new()
        .layer("base")
        .other("bin", Kind::Symlink(b"usr/bin"))
        .file("var/lib/dpkg/info/a.list", 0o644, "/bin/ls\n/usr/bin/cat\n")
        .file("usr/bin/ls", 0o755, "")
        .file("usr/bin/cat", 0o755, "")
        .file("usr/local/bin/below", 0o755, "12")
        .file("usr/local/bin/hidden", 0o755, "")
        .file("usr/local/share/text", 0o644, "")
        .layer("next")
        .file("usr/local/bin/below", 0o644, "")
        .file("opt/tool", 0o755, "123")
        .gone(Whiteout::Entry(b"usr/local/bin/hidden"))
        .0
        .finish();
    let unowned: Vec<_> = inventory
        .unowned
        .iter()
        .map(|(path, it)| (path.as_str(), it.size_bytes, it.layer))
        .collect();
    assert_eq!(unowned, [("opt/tool", 3, Some(1))]);
}

#[test]
fn one_package_in_several_places_is_listed_once() {
    let list = Told::new()
        .layer("base")
        .file("var/lib/dpkg/status.d/a", 0o644, &status(&[("a", "1")]))
        .layer("next")
        .file("var/lib/dpkg/status.d/again", 0o644, &status(&[("a", "1")]))
        .list();
    assert_eq!(list, ["a 1 base next"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_listed() {
    let inventory = Told::new()
        .layer("base")
        .file(STATUS, 0o644, &(status(&[("a", "1")]) + "Package: broken\n"))
        .0
        .finish();
    assert_eq!(packages(&inventory), ["a 1 base"]);
    let trouble = &inventory.troubles[0];
    assert_eq!((trouble.path.as_str(), trouble.layer), (STATUS, Some(0)));
    assert_eq!(trouble.reason, "dpkg: line 5: a package lacks its name or version");
}

#[test]
fn what_is_left_out_is_left_out_with_all_that_is_in_it() {
    let lock =
        |name: &str| format!(r#"{{"name": "{name}", "version": "1.0.0", "_id": "{name}@1.0.0"}}"#);
    let mut told = Told::new();
    told.0.skip([b"srv/old".to_vec()]);
    let list = told
        .layer("base")
        .other("srv/old", Kind::Folder)
        .file("srv/old/node_modules/a/package.json", 0o644, &lock("a"))
        .file("srv/older/node_modules/b/package.json", 0o644, &lock("b"))
        .list();
    assert_eq!(list, ["b 1.0.0 base"]);
}
