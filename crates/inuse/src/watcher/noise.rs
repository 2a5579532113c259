//! What says nothing about use: files that are none, and readers who read everything.

/// Folders of what the kernel makes up while it is looked at.
const NO_FILES: [&[u8]; 3] = [b"/proc/", b"/sys/", b"/dev/"];

/// Programs that read files of packages for other reasons than to use them: they install, copy, compare,
/// search or scan them. Names as `comm` has them, in their order.
const READERS: [&[u8]; 52] = [
    b"aide",
    b"apk",
    b"apt",
    b"apt-get",
    b"aptitude",
    b"borg",
    b"bsdtar",
    b"clamd",
    b"clamdscan",
    b"clamscan",
    b"cp",
    b"cpio",
    b"debsums",
    b"dnf",
    b"dpkg",
    b"dpkg-deb",
    b"dpkg-query",
    b"du",
    b"egrep",
    b"fgrep",
    b"file",
    b"find",
    b"grep",
    b"grype",
    b"ldconfig",
    b"ldconfig.real",
    b"locate",
    b"lynis",
    b"mandb",
    b"md5sum",
    b"microdnf",
    b"osqueryd",
    b"pacman",
    b"plocate",
    b"prelink",
    b"restic",
    b"rg",
    b"rkhunter",
    b"rpm",
    b"rsync",
    b"sha1sum",
    b"sha256sum",
    b"sha512sum",
    b"syft",
    b"tar",
    b"tripwire",
    b"trivy",
    b"unattended-upgr",
    b"updatedb",
    b"watchkeeper",
    b"yum",
    b"zypper",
];

/// Whether a path may be that of a file of a package.
pub(super) fn is_file(path: &[u8]) -> bool {
    path.starts_with(b"/") && !NO_FILES.iter().any(|folder| path.starts_with(folder))
}

/// Whether a thread of this name reads whatever there is.
pub(super) fn reads_all(comm: &[u8]) -> bool {
    READERS.binary_search(&comm).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_in_order_and_names_as_long_as_the_kernel_has_them() {
        assert!(READERS.is_sorted());
        assert!(READERS.iter().all(|name| name.len() <= 15));
        assert!(reads_all(b"tar") && reads_all(b"aide") && reads_all(b"zypper"));
        assert!(!reads_all(b"nginx") && !reads_all(b""));
    }

    #[test]
    fn what_the_kernel_makes_up_is_no_file() {
        for (path, expected) in [
            (&b"/usr/bin/a"[..], true),
            (b"/process", true),
            (b"/proc/1/stat", false),
            (b"/sys/x", false),
            (b"/dev/null", false),
            (b"pipe:[1]", false),
            (b"", false),
        ] {
            assert_eq!(is_file(path), expected);
        }
    }
}
