//! Packages in a Nix store, by the names of their folders: `HASH-NAME-VERSION`, behind which the name of
//! an output may stand (the manual of Nix).

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Folders of a store.
pub(super) const STORE: Extractor = Extractor {
    name: "nix-store",
    about: "packages in a Nix store",
    setting: Setting::Installed,
    files: &[Pattern::EntryOf("nix/store")],
    extract: folder,
};

/// Characters of a hash, which has so many of letters and digits but for `e`, `o`, `t`, `u`.
const HASH_CHARS: usize = 32;
/// Names of outputs.
const OUTPUTS: [&str; 14] = [
    "bin", "data", "debug", "dev", "dist", "doc", "info", "lib", "man", "modules", "out", "py",
    "static", "terminfo",
];

fn folder(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    // Files are what packages were built from: derivations, archives, patches.
    if input.entry.kind == image::Kind::Folder {
        let name = String::from_utf8_lossy(input.entry.name()).into_owned();
        let parts = parts(&name);
        found.packages.extend(parts.map(|(name, version)| Package::new(Kind::Nix, name, version)));
    }
    Ok(())
}

fn parts(folder: &str) -> Option<(&str, &str)> {
    let (hash, rest) = folder.split_at_checked(HASH_CHARS)?;
    let is_hash_char =
        |byte: u8| (byte.is_ascii_digit() || byte.is_ascii_lowercase()) && !b"eotu".contains(&byte);
    let rest = rest.strip_prefix('-').filter(|_| hash.bytes().all(is_hash_char))?;
    // The version begins behind the first dash that a digit follows.
    let is_start = |at: &usize| rest.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let at = rest.match_indices('-').map(|(at, _)| at).find(is_start).filter(|at| *at > 0)?;
    let (name, version) = (rest.get(..at)?, rest.get(at + 1..)?);
    let output = version.rsplit_once('-').filter(|(_, last)| OUTPUTS.contains(last));
    Some((name, output.map_or(version, |(version, _)| version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_names_and_versions() {
        for (folder, expected) in [
            ("0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-bash-5.2-p15", Some(("bash", "5.2-p15"))),
            ("0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-openssl-3.0.9-bin", Some(("openssl", "3.0.9"))),
            (
                "0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-python3.11-pip-23.1",
                Some(("python3.11-pip", "23.1")),
            ),
            ("0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-source", None),
            ("0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa--1", None),
            ("ec2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-bash-5", None),
            ("bash-5", None),
            ("", None),
        ] {
            assert_eq!(parts(folder), expected, "{folder}");
        }
    }
}
