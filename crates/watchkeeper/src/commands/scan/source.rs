//! Where an image is looked for: what people write behind `scan image`.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

/// Where an image is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// In an archive or a folder.
    Path(PathBuf),
    /// In its registry.
    Registry(String),
    /// In a store of this machine, where it has a name or an id.
    Store(Store, String),
    /// In the stores of this machine, then in its registry.
    Anywhere(String),
}

/// Who keeps images on this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Store {
    Docker,
    Podman,
    Containerd,
}

/// What names of files end with that are no names of images.
const ENDS_OF_FILES: [&str; 6] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"];

/// What tools of images (skopeo, podman) write before the path of one: it is told by what is there which form it has.
const LAYOUTS: [&str; 3] = ["oci", "oci-archive", "docker-archive"];

impl Source {
    /// What is on disk is a path; a prefix says who has an image; other names are looked for.
    pub(super) fn of(text: &OsStr) -> Self {
        let path = || Self::Path(PathBuf::from(text));
        match text.to_str() {
            Some(name) if Path::new(name).symlink_metadata().is_err() => match layout(name) {
                Some(layout) => Self::Path(PathBuf::from(layout)),
                None if is_path(name) => path(),
                None => Self::named(name),
            },
            _ => path(),
        }
    }

    fn named(name: &str) -> Self {
        let Some((prefix, rest)) = name.split_once(':').filter(|(_, rest)| !is_port(rest)) else {
            return Self::Anywhere(name.to_owned());
        };
        let store = |store| Self::Store(store, rest.to_owned());
        match prefix {
            "registry" => Self::Registry(rest.to_owned()),
            "docker" => store(Store::Docker),
            "podman" => store(Store::Podman),
            "containerd" => store(Store::Containerd),
            _ => Self::Anywhere(name.to_owned()),
        }
    }

    /// What is wrong with it where it says nothing but who has an image.
    pub(super) fn nameless(&self) -> Option<&'static str> {
        match self {
            Self::Path(path) if path.as_os_str().is_empty() => {
                Some("the name of the image is empty")
            }
            Self::Registry(name) | Self::Store(_, name) if name.is_empty() => {
                Some("there is no name of an image behind the colon")
            }
            _ => None,
        }
    }

    /// What may have been meant by a prefix that is the name of a repository, too: `registry:2`.
    pub(super) fn hint(&self) -> Option<String> {
        let (prefix, rest) = match self {
            Self::Registry(rest) => ("registry", rest),
            Self::Store(Store::Docker, rest) => ("docker", rest),
            Self::Store(Store::Podman, rest) => ("podman", rest),
            Self::Store(Store::Containerd, rest) => ("containerd", rest),
            Self::Path(_) | Self::Anywhere(_) => return None,
        };
        (!rest.contains(['/', ':', '@'])).then(|| {
            format!("if the tag '{rest}' of the image '{prefix}' was meant, write library/{prefix}:{rest}")
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Registry(name) | Self::Store(_, name) | Self::Anywhere(name) => f.write_str(name),
        }
    }
}

/// The path of a layout or an archive that is told to be one.
fn layout(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_once(':').filter(|(_, rest)| !is_port(rest))?;
    LAYOUTS.contains(&prefix).then_some(rest)
}

fn is_path(name: &str) -> bool {
    name.is_empty()
        || name.starts_with(['/', '.', '~'])
        || name.ends_with('/')
        || ENDS_OF_FILES.iter().any(|end| name.ends_with(end))
}

/// Whether what follows a colon is a port: `registry:5000/app` is an image of a host.
fn is_port(rest: &str) -> bool {
    rest.split_once('/').is_some_and(|(port, _)| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_where_to_look() {
        let registry = |name: &str| Source::Registry(name.to_owned());
        let store = |store, name: &str| Source::Store(store, name.to_owned());
        let anywhere = |name: &str| Source::Anywhere(name.to_owned());
        for (text, expected) in [
            ("/", Source::Path("/".into())),
            ("Cargo.toml", Source::Path("Cargo.toml".into())),
            ("./nowhere", Source::Path("./nowhere".into())),
            ("nowhere.tar.gz", Source::Path("nowhere.tar.gz".into())),
            ("debian:12", anywhere("debian:12")),
            ("registry:debian:12", registry("debian:12")),
            ("registry:example.org/a", registry("example.org/a")),
            ("registry:5000/a", anywhere("registry:5000/a")),
            ("registry:2", registry("2")),
            ("docker:app", store(Store::Docker, "app")),
            ("podman:localhost/app:1", store(Store::Podman, "localhost/app:1")),
            ("containerd:app", store(Store::Containerd, "app")),
            ("localhost:1/app", anywhere("localhost:1/app")),
            ("oci:a/b", Source::Path("a/b".into())),
            ("oci-archive:a", Source::Path("a".into())),
            ("docker-archive:a.tar", Source::Path("a.tar".into())),
            ("oci:5000/a", anywhere("oci:5000/a")),
        ] {
            assert_eq!(Source::of(OsStr::new(text)), expected, "{text}");
        }
        for nameless in ["", "docker:", "registry:", "oci:"] {
            assert!(Source::of(OsStr::new(nameless)).nameless().is_some(), "{nameless}");
        }
        let hint = registry("2").hint().unwrap();
        assert_eq!(
            hint,
            "if the tag '2' of the image 'registry' was meant, write library/registry:2"
        );
        assert_eq!(registry("debian:12").hint(), None);
    }
}
