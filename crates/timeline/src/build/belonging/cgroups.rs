//! What control groups say of a process: they are the service manager's tree.

/// Folders of control groups, those of one group after another, each from the innermost.
fn folders(cgroups: &[u8]) -> impl Iterator<Item = &[u8]> {
    let paths = state::strings(cgroups).filter_map(|group| {
        let at = group.iter().position(|&b| b == b'=')?;
        group.get(at + 1..)
    });
    paths.flat_map(|path| path.rsplit(|&b| b == b'/'))
}

/// The unit that control groups name: the innermost folder whose name ends in `.service`.
pub(crate) fn unit(cgroups: &[u8]) -> Option<&[u8]> {
    folders(cgroups).find(|folder| folder.ends_with(b".service"))
}

/// The user whose login control groups name, for recordings that do not tell who logged in:
/// `user-1000.slice`.
pub(crate) fn login(cgroups: &[u8]) -> Option<u32> {
    let user = |f| str::from_utf8(f).ok()?.strip_prefix("user-")?.strip_suffix(".slice");
    folders(cgroups).find_map(user)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_in_control_groups() {
        let cases: [(&[u8], Option<&[u8]>); 5] = [
            (b"cpu=/system.slice/nginx.service\0", Some(b"nginx.service")),
            (b"cpu=/\0=/system.slice/a.service/x\0", Some(b"a.service")),
            (b"=/user.slice/user@1000.service/app.slice/b.service\0", Some(b"b.service")),
            (b"cpu=/user.slice/session-3.scope\0", None),
            (b"", None),
        ];
        for (cgroups, want) in cases {
            assert_eq!(unit(cgroups), want);
        }
    }

    #[test]
    fn logins_are_found_in_control_groups() {
        let cases: [(&[u8], Option<u32>); 4] = [
            (b"cpu=/user.slice\0=/user.slice/user-1000.slice/session-3.scope\0", Some(1000)),
            (b"cpu=/user.slice\0pids=/user.slice/user-0.slice\0", Some(0)),
            (b"=/user.slice/user-x.slice/session-3.scope\0", None),
            (b"=/system.slice/ssh.service\0", None),
        ];
        for (cgroups, want) in cases {
            assert_eq!(login(cgroups), want);
        }
    }
}
