//! How a target is spelled in one word: `image:app.tar`, `podman:app`, `rootfs:/mnt`, `host`; a file alone
//! is known by its content.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

use super::{
    registries::RegistryArgs,
    source::Source,
    target::{STDIN, Target},
};
use crate::error::Error;

/// Bytes by which a file is known: the mark of a tar archive stands at 257.
const BEGIN_BYTES: u64 = 4 << 10;

/// A target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Spelled {
    Image(Source),
    RootFs(PathBuf),
    Vm(PathBuf),
    Repo(PathBuf),
    Sbom(PathBuf),
    Host,
}

impl Spelled {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let of: fn(PathBuf) -> Self = match text.split_once(':').map(|(kind, _)| kind) {
            Some("image") => |path| Self::Image(Source::of(path.as_os_str())),
            Some("docker" | "podman" | "containerd" | "registry") if !text.ends_with(':') => {
                return Ok(Self::Image(Source::of(text.as_ref())));
            }
            Some(prefix @ ("docker" | "podman" | "containerd" | "registry")) => {
                return Err(Error::Usage(format!("{prefix}: has no name behind the colon")));
            }
            Some("rootfs") => Self::RootFs,
            Some("vm") => Self::Vm,
            Some("repo") => Self::Repo,
            Some("sbom") => Self::Sbom,
            _ if text == "host" => return Ok(Self::Host),
            _ if text == STDIN => return Ok(Self::Sbom(text.into())),
            _ => return known_by_content(Path::new(text)),
        };
        match text.split_once(':') {
            Some((_, path)) if !path.is_empty() => Ok(of(path.into())),
            _ => Err(Error::Usage(format!("{text}: has no path behind the colon"))),
        }
    }

    /// Whether it is read from stdin.
    pub(super) fn is_stdin(&self) -> bool {
        matches!(self, Self::Sbom(path) if path == Path::new(STDIN))
    }

    /// As a target.
    pub(super) fn target<'a>(&'a self, registries: &'a RegistryArgs) -> Target<'a> {
        match self {
            Self::Image(source) => {
                let (name, platform, root, base) = (None, None, None, None);
                Target::Image { source, name, platform, root, base, registries }
            }
            Self::RootFs(path) => Target::RootFs(path),
            Self::Vm(path) => Target::Vm(path),
            Self::Repo(path) => Target::Repo(path),
            Self::Sbom(path) => Target::Sbom(path),
            Self::Host => Target::Host,
        }
    }
}

fn known_by_content(path: &Path) -> Result<Spelled, Error> {
    let file = |source| Error::File { path: path.to_owned(), source };
    let kind = fs::metadata(path).map_err(|error| absent(path, error))?.file_type();
    // What comes only once is a list of packages: all else is read from many places.
    if kind.is_fifo() {
        return Ok(Spelled::Sbom(path.to_owned()));
    }
    if kind.is_dir() {
        return match path.join("index.json").is_file() || path.join("manifest.json").is_file() {
            true => Ok(Spelled::Image(Source::Path(path.to_owned()))),
            false => Err(Error::Usage(format!(
                "{0}: is a folder; say what it is of: rootfs:{0} or repo:{0}",
                path.display()
            ))),
        };
    }
    let mut begin = Vec::new();
    let mut opened = File::open(path).map_err(file)?.take(BEGIN_BYTES);
    opened.read_to_end(&mut begin).map_err(file)?;
    Ok(of_begin(&begin)(path.to_owned()))
}

/// What has no file may be the name of an image.
fn absent(path: &Path, source: io::Error) -> Error {
    let is_file = path.extension().is_some() || path.is_absolute();
    match source.kind() {
        io::ErrorKind::NotFound if !is_file || path.to_string_lossy().contains(':') => {
            let path = path.display();
            Error::Usage(format!("{path}: {source}; if it is an image, write image:{path}"))
        }
        _ => Error::File { path: path.to_owned(), source },
    }
}

/// What a file is, by its begin: archives are images, texts are lists of packages, the rest are disks.
fn of_begin(begin: &[u8]) -> fn(PathBuf) -> Spelled {
    let is_archive = begin.get(257..262) == Some(b"ustar".as_slice())
        || begin.starts_with(&[0x1f, 0x8b])
        || begin.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    match text.first() {
        _ if is_archive => |path| Spelled::Image(Source::Path(path)),
        Some(b'{' | b'<' | b'#' | b'S') => Spelled::Sbom,
        _ => Spelled::Vm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_spelled_with_their_kinds() {
        let path = || PathBuf::from("a:b");
        for (text, expected) in [
            ("image:./a:b", Spelled::Image(Source::Path("./a:b".into()))),
            ("podman:a", Spelled::Image(Source::of("podman:a".as_ref()))),
            ("rootfs:a:b", Spelled::RootFs(path())),
            ("vm:a:b", Spelled::Vm(path())),
            ("repo:a:b", Spelled::Repo(path())),
            ("sbom:a:b", Spelled::Sbom(path())),
            ("host", Spelled::Host),
            ("-", Spelled::Sbom("-".into())),
        ] {
            assert_eq!(Spelled::parse(text).ok(), Some(expected), "{text}");
        }
        for text in ["docker:", "registry:"] {
            let why = Spelled::parse(text).unwrap_err().to_string();
            assert_eq!(why, format!("{text} has no name behind the colon"));
        }
        let told = |text: &str| Spelled::parse(text).map(drop).map_err(|error| error.to_string());
        assert_eq!(told("image:"), Err("image:: has no path behind the colon".to_owned()));
        assert!(told("/no/such/file").is_err_and(|why| !why.contains("image:")));
        assert!(told("app:1.2").is_err_and(|why| why.ends_with("write image:app:1.2")));
        assert!(told("app.json").is_err_and(|why| !why.contains("image:")));
        assert!(told("/").is_err_and(|why| why.contains("rootfs:/ or repo:/")));
    }

    #[test]
    fn files_are_known_by_their_content() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (begin, expected) in [
            (tar.as_slice(), Spelled::Image(Source::Path("f".into()))),
            (b"\x1f\x8b\x08", Spelled::Image(Source::Path("f".into()))),
            (b"\xef\xbb\xbf {", Spelled::Sbom("f".into())),
            (b"<?xml", Spelled::Sbom("f".into())),
            (b"SPDXVersion: SPDX-2.3", Spelled::Sbom("f".into())),
            (b"QFI\xfb", Spelled::Vm("f".into())),
            (b"", Spelled::Vm("f".into())),
        ] {
            assert_eq!(of_begin(begin)("f".into()), expected);
        }
    }
}
