//! `/etc/passwd` and `/etc/group`.

use event::snapshot::{Group, User};

use super::text::{lines, unsigned_32};

/// The users of `/etc/passwd`. Lines that name no user, as those of NIS, are left out.
pub fn passwd(text: &[u8]) -> impl Iterator<Item = User<'_>> {
    lines(text).filter_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        let name = fields.next()?;
        let uid = unsigned_32(fields.nth(1)?)?;
        let gid = unsigned_32(fields.next()?)?;
        let home = fields.nth(1)?;
        let shell = fields.next().unwrap_or_default();
        Some(User { uid, gid, name, home, shell }).filter(|user| !user.name.is_empty())
    })
}

/// The groups of `/etc/group`.
pub fn group(text: &[u8]) -> impl Iterator<Item = Group<'_>> {
    lines(text).filter_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        Some(Group { gid: unsigned_32(fields.nth(1)?)?, name })
    })
}
