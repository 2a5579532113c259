//! Well-known places, as patterns of paths.
//!
//! A pattern is a path in which `*` stands for any characters of one part, and a slash at its end
//! for all that is below. One that begins with `~/` is found in any home, that is anywhere: homes
//! are where administrators put them.

/// Whether a path is at one of these places.
pub(crate) fn is_at(path: &[u8], patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| is(path, pattern))
}

/// Parts of a path within which a home may begin.
const MOST_PARTS: usize = 16;

fn is(path: &[u8], pattern: &str) -> bool {
    let Some(pattern) = pattern.strip_prefix('~') else { return matches(path, pattern.as_bytes()) };
    let slashes = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at);
    let matches_from =
        |at: usize| path.get(at..).is_some_and(|end| matches(end, pattern.as_bytes()));
    if pattern.ends_with('/') {
        return slashes.take(MOST_PARTS).any(matches_from);
    }
    // A pattern of a file ends where the path does, so its length says where it would begin.
    let parts = pattern.bytes().filter(|&b| b == b'/').count();
    slashes.rev().nth(parts - 1).is_some_and(matches_from)
}

/// Part by part, so that no pattern looks at a path more often than it has stars in one part.
fn matches(path: &[u8], pattern: &[u8]) -> bool {
    let mut path_parts = path.split(|&b| b == b'/');
    let mut pattern_parts = pattern.split(|&b| b == b'/').peekable();
    while let Some(pattern) = pattern_parts.next() {
        let is_last = pattern_parts.peek().is_none();
        match path_parts.next() {
            Some(_) if is_last && pattern.is_empty() => return true,
            Some(part) if is_part(part, pattern) => {}
            _ => return false,
        }
    }
    path_parts.next().is_none()
}

fn is_part(part: &[u8], pattern: &[u8]) -> bool {
    let Some(star) = pattern.iter().position(|&b| b == b'*') else { return part == pattern };
    let (before, behind) = (pattern.get(..star), pattern.get(star + 1..).unwrap_or_default());
    let Some(rest) = before.and_then(|before| part.strip_prefix(before)) else { return false };
    if behind.is_empty() {
        return true;
    }
    (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| is_part(rest, behind)))
}

/// The path as seen from within, of one into a container or through another root.
pub(crate) fn within(path: &[u8]) -> &[u8] {
    const ROOTS: [&str; 8] = [
        "/proc/*/root",
        "/host",
        "/hostfs",
        "/rootfs",
        "/mnt/host",
        "/var/lib/containers/storage/overlay/*/*",
        "/var/lib/docker/overlay2/*/*",
        "/run/containerd/io.containerd.runtime.v2.task/*/*/rootfs",
    ];
    let rest_of = |root: &str| {
        let parts = root.split('/').count();
        let mut slashes = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at);
        let end = slashes.nth(parts - 1)?;
        let (root_path, rest) = path.split_at_checked(end)?;
        matches(root_path, root.as_bytes()).then_some(rest)
    };
    ROOTS.into_iter().find_map(rest_of).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_files_folders_and_homes() {
        let cases = [
            ("/etc/shadow", "/etc/shadow", true),
            ("/etc/shadow", "/etc/shadow-", false),
            ("/etc/shadow", "/etc", false),
            ("/etc/cron.d/", "/etc/cron.d/job", true),
            ("/etc/cron.d/", "/etc/cron.d/a/b", true),
            ("/etc/cron.d/", "/etc/cron.d", false),
            ("/etc/cron.d/", "/etc/cron.daily/job", false),
            ("/proc/*/mem", "/proc/12/mem", true),
            ("/proc/*/mem", "/proc/12/task/mem", false),
            ("/dev/sd*", "/dev/sda1", true),
            ("/dev/sd*", "/dev/shm/x", false),
            ("~/.ssh/id_*", "/root/.ssh/id_rsa", true),
            ("~/.ssh/id_*", "/srv/homes/a/b/.ssh/id_ed25519", true),
            ("~/.ssh/id_*", "/root/x.ssh/id_rsa", false),
            ("~/.aws/", "/home/ann/.aws/config", true),
            ("*.so.*", "libc.so.6", true),
            ("/lib/*.so*", "/lib/a.so.1", true),
            ("/lib/*.so*", "/lib/a.s", false),
        ];
        for (pattern, path, want) in cases {
            assert_eq!(is_at(path.as_bytes(), &[pattern]), want, "{pattern} {path}");
        }
    }

    #[test]
    fn other_roots_are_taken_away() {
        let cases = [
            ("/host/etc/shadow", "/etc/shadow"),
            ("/proc/1/root/etc/shadow", "/etc/shadow"),
            ("/var/lib/docker/overlay2/abc/merged/etc/shadow", "/etc/shadow"),
            ("/hosts/etc/shadow", "/hosts/etc/shadow"),
            ("/host", "/host"),
            ("/etc/hosts", "/etc/hosts"),
        ];
        for (path, want) in cases {
            assert_eq!(within(path.as_bytes()), want.as_bytes());
        }
    }
}
