//! What the control groups of a thread tell of a container beside its id.

use bitflags::bitflags;

use crate::Api;

bitflags! {
    /// Ways to ask that may lead to a container.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Apis: u8 {
        /// [`Api::Cri`]
        const CRI = 1 << 0;
        /// [`Api::Docker`]
        const DOCKER = 1 << 1;
        /// [`Api::Podman`]
        const PODMAN = 1 << 2;
        /// [`Api::Containerd`]
        const CONTAINERD = 1 << 3;
        /// [`Api::Storage`]
        const STORAGE = 1 << 4;
    }
}

impl Apis {
    /// Those of Kubernetes' runtimes.
    pub const KUBERNETES: Self = Self::CRI.union(Self::CONTAINERD).union(Self::STORAGE);
    /// Those of Podman.
    pub const ALL_OF_PODMAN: Self = Self::PODMAN.union(Self::STORAGE);
    /// Those of Docker, which leaves its containers to a containerd.
    pub const ALL_OF_DOCKER: Self = Self::DOCKER.union(Self::CONTAINERD);
}

impl From<Api> for Apis {
    fn from(api: Api) -> Self {
        match api {
            Api::Cri => Self::CRI,
            Api::Docker => Self::DOCKER,
            Api::Podman => Self::PODMAN,
            Api::Containerd => Self::CONTAINERD,
            Api::Storage => Self::STORAGE,
        }
    }
}

/// Who may know a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hint {
    /// Ways to ask that may lead to it.
    pub apis: Apis,
    /// The user whose own engine may run it. Nobody else's is asked, and without a user none: what a
    /// user's engine says could be made up.
    pub user: Option<u32>,
}

impl Default for Hint {
    /// Every engine of the machine, no user's.
    fn default() -> Self {
        Self { apis: Apis::all(), user: None }
    }
}

impl Hint {
    /// The user to whose sessions a thread with these control groups belongs (`subsystem=path`, each
    /// ended by a NUL byte): systemd has those below `/user.slice/user-UID.slice`.
    pub fn user_of(cgroups: &[u8]) -> Option<u32> {
        cgroups.split(|&byte| byte == 0).find_map(|group| {
            let start = group.iter().position(|&byte| byte == b'=')? + 1;
            let rest = group[start..].strip_prefix(b"/user.slice/user-")?;
            let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
            let digits = rest[..end].strip_suffix(b".slice")?;
            let plain = digits.iter().all(u8::is_ascii_digit);
            plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_a_session_is_told_by_its_slice() {
        let cases: [(&[u8], Option<u32>); 7] = [
            (b"cpu=/user.slice/user-1000.slice/user@1000.service/user.slice/x\0", Some(1000)),
            (b"cpu=/\0memory=/user.slice/user-7.slice\0", Some(7)),
            (b"cpu=/system.slice/docker-1.scope\0", None),
            (b"cpu=/a/user.slice/user-1000.slice/x\0", None),
            (b"cpu=/user.slice/user-+1.slice/x\0", None),
            (b"cpu=/user.slice/user-99999999999.slice/x\0", None),
            (b"", None),
        ];
        for (cgroups, user) in cases {
            assert_eq!(Hint::user_of(cgroups), user, "{}", String::from_utf8_lossy(cgroups));
        }
    }
}
