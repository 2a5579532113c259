//! Users of the host who may have engines of their own.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use crate::place::{Place, read_on_host};

/// A longer list of accounts is not read.
const MOST_PASSWD_BYTES: usize = 1 << 20;
/// More users are not looked at.
const MOST_USERS: usize = 64;
/// Where each user that is logged in, or lingers, has a folder.
pub(crate) const RUN_FOLDER: &str = "/run/user";

/// Home directory of a user.
pub(crate) fn home(host_root: &Path, user: u32) -> Option<PathBuf> {
    let accounts = read_on_host(host_root, "/etc/passwd".as_ref(), MOST_PASSWD_BYTES).ok()?;
    home_in(&accounts, user)
}

/// The same, in the text of `/etc/passwd`.
pub(crate) fn home_in(accounts: &[u8], user: u32) -> Option<PathBuf> {
    let mut lines = accounts.split(|&byte| byte == b'\n');
    lines.find_map(|line| {
        let mut parts = line.split(|&byte| byte == b':').skip(2);
        let uid = parts.next()?;
        let home = parts.nth(2)?;
        let is_theirs = std::str::from_utf8(uid).ok()?.parse() == Ok(user);
        (is_theirs && home.starts_with(b"/")).then(|| OsStr::from_bytes(home).into())
    })
}

/// Users that are logged in, or linger.
pub(crate) fn present(host_root: &Path) -> Vec<u32> {
    let place =
        Place { host_root: host_root.into(), within: None, path: PathBuf::from(RUN_FOLDER) };
    let Ok(folder) = place.folder() else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder.path()) else { return Vec::new() };
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut users: Vec<u32> = entries.filter_map(Result::ok).filter_map(name).collect();
    users.retain(|&user| user != 0);
    users.sort_unstable();
    users.truncate(MOST_USERS);
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_those_of_the_accounts() {
        let accounts = b"root:x:0:0:root:/root:/bin/sh\nbroken:x:1000\n#\n\
            anna:x:1000:1000:,,,:/srv/anna:/bin/sh\nbert:x:1001:100::relative:/bin/sh\n";
        assert_eq!(home_in(accounts, 1000), Some("/srv/anna".into()));
        assert_eq!([home_in(accounts, 1001), home_in(accounts, 7)], [None, None]);
    }

    #[test]
    fn users_that_are_present_have_a_folder() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(present(root.path()), Vec::<u32>::new());
        for name in ["1001", "0", "1000", "x", "-1"] {
            fs::create_dir_all(root.path().join("run/user").join(name)).unwrap();
        }
        assert_eq!(present(root.path()), [1000, 1001]);
    }
}
