//! Where an advisory is to be read, by its id alone: what can be told so is not kept.

/// The page on which whoever gave an id tells of it; none where that can't be told by the id.
pub(crate) fn of(id: &str) -> Option<String> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.' | b'_');
    if !id.bytes().all(is_plain) {
        return None;
    }
    let (family, rest) = id.split_once('-')?;
    Some(match family {
        "CVE" => format!("https://nvd.nist.gov/vuln/detail/{id}"),
        "GHSA" => format!("https://github.com/advisories/{id}"),
        "GO" => format!("https://pkg.go.dev/vuln/{id}"),
        "RUSTSEC" => format!("https://rustsec.org/advisories/{id}.html"),
        "DEBIAN" => format!("https://security-tracker.debian.org/tracker/{rest}"),
        "DSA" | "DLA" => format!("https://security-tracker.debian.org/tracker/{id}"),
        "UBUNTU" => format!("https://ubuntu.com/security/{rest}"),
        "USN" | "LSN" => format!("https://ubuntu.com/security/notices/{id}"),
        "RHSA" | "RHBA" | "RHEA" => format!("https://access.redhat.com/errata/{id}"),
        "ELSA" => format!("https://linux.oracle.com/errata/{id}.html"),
        "AVG" | "ASA" => format!("https://security.archlinux.org/{id}"),
        "ALPINE" => format!("https://security.alpinelinux.org/vuln/{rest}"),
        "PYSEC" | "MAL" | "BIT" | "HSEC" | "RSEC" | "PSF" | "OSV" | "JLSEC" => {
            format!("https://osv.dev/vulnerability/{id}")
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
            assert_eq!(of(id).as_deref(), page, "{id}");
        }
    }
}
