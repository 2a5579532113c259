//! Where an advisory is to be read, by its id alone: what can be told so is not kept.

/// The page on which whoever gave an id tells of it; none where that can't be told by the id.
pub(crate) fn of(id: &str) -> Option<String> {
    parts(id).map(|parts| parts.concat())
}

/// Whether there is such a page.
pub(crate) fn has(id: &str) -> bool {
    parts(id).is_some()
}

/// What stands before what is of the id in the page's address, that, and what stands behind.
fn parts(id: &str) -> Option<[&str; 3]> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.' | b'_');
    if !id.bytes().all(is_plain) {
        return None;
    }
    let (family, rest) = id.split_once('-')?;
    Some(match family {
        "CVE" => ["https://nvd.nist.gov/vuln/detail/", id, ""],
        "GHSA" => ["https://github.com/advisories/", id, ""],
        "GO" => ["https://pkg.go.dev/vuln/", id, ""],
        "RUSTSEC" => ["https://rustsec.org/advisories/", id, ".html"],
        "DEBIAN" => ["https://security-tracker.debian.org/tracker/", rest, ""],
        "DSA" | "DLA" => ["https://security-tracker.debian.org/tracker/", id, ""],
        "UBUNTU" => ["https://ubuntu.com/security/", rest, ""],
        "USN" | "LSN" => ["https://ubuntu.com/security/notices/", id, ""],
        "RHSA" | "RHBA" | "RHEA" => ["https://access.redhat.com/errata/", id, ""],
        "ELSA" => ["https://linux.oracle.com/errata/", id, ".html"],
        "AVG" | "ASA" => ["https://security.archlinux.org/", id, ""],
        "ALPINE" => ["https://security.alpinelinux.org/vuln/", rest, ""],
        "PYSEC" | "MAL" | "BIT" | "HSEC" | "RSEC" | "PSF" | "OSV" | "JLSEC" => {
            ["https://osv.dev/vulnerability/", id, ""]
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_the_pages_of_whoever_gave_them() {
        for (id, page) in [
            ("CVE-2024-3094", Some("https://nvd.nist.gov/vuln/detail/CVE-2024-3094")),
            ("DEBIAN-CVE-2024-1", Some("https://security-tracker.debian.org/tracker/CVE-2024-1")),
            ("RHSA-2023:7025", Some("https://access.redhat.com/errata/RHSA-2023:7025")),
            ("ALSA-2023:7025", None),
            ("CVE-2024-3094\"><script>", None),
            ("CVE", None),
            ("", None),
        ] {
            assert_eq!((of(id).as_deref(), has(id)), (page, page.is_some()), "{id}");
        }
    }
}
