//! What any program opens, and nobody wants to read about: libraries, locales, time zones, look-ups
//! of users and hosts, an interpreter's own modules, devices that lead nowhere.

use super::places;
use crate::model::Acts;

/// Acts that change nothing.
const LOOKING: Acts = Acts::READ.union(Acts::LISTED).union(Acts::MAPPED);

/// Devices: also when written to.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty*",
    "/dev/pts/",
    "/dev/ptmx",
    "/dev/console",
];

/// Places that are only looked at.
const LOOKED_AT: &[&str] = &[
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/lib/",
    "/lib32/",
    "/lib64/",
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/usr/local/lib/",
    "/usr/share/",
    "/usr/local/share/",
    "/usr/include/",
    "/usr/bin/pyvenv.cfg",
    "/usr/pyvenv.cfg",
    "/usr/bin/*._pth",
    "/usr/bin/pybuilddir.txt",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/terminfo/",
    "~/.terminfo/",
    "/etc/inputrc",
    "~/.inputrc",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs/",
    "/etc/pki/tls/",
    "/etc/pki/ca-trust/",
    "/etc/ca-certificates/",
    "/etc/crypto-policies/",
    "/etc/alternatives/",
    "/etc/perl/",
    "/etc/python3*/",
    "/etc/selinux/config",
    "/etc/profile",
    "/etc/profile.d/",
    "/etc/bash.bashrc",
    "/etc/bash_completion.d/",
    "~/.bashrc",
    "~/.profile",
    "~/.bash_profile",
    "~/.bash_login",
    "~/.curlrc",
    "~/.config/curlrc",
    "~/.wgetrc",
    "/etc/wgetrc",
    "~/site-packages/",
    "~/dist-packages/",
    "~/node_modules/",
    "~/__pycache__/",
    "/proc/self/",
    "/proc/thread-self/",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/stat",
    "/proc/mounts",
    "/proc/sys/",
    "/sys/devices/system/cpu/",
    "/sys/kernel/mm/",
    "/sys/fs/cgroup/",
    "/var/cache/",
];

/// Whether a path is at a place that any program looks at, if it is only looked at.
pub(crate) fn is_place(path: &[u8], acts: Acts) -> bool {
    if places::is_at(path, DEVICES) {
        return true;
    }
    LOOKING.contains(acts) && places::is_at(path, LOOKED_AT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_routine_while_they_are_only_looked_at() {
        let cases = [
            ("/lib/x86_64-linux-gnu/libc.so.6", Acts::READ | Acts::MAPPED, true),
            ("/etc/passwd", Acts::READ, true),
            ("/etc/passwd", Acts::READ | Acts::WRITTEN, false),
            ("/usr/lib/libsel.so", Acts::CREATED, false),
            ("/dev/null", Acts::WRITTEN | Acts::TRUNCATED, true),
            ("/dev/pts/3", Acts::READ | Acts::WRITTEN, true),
            ("/proc/self/maps", Acts::READ, true),
            ("/proc/1/maps", Acts::READ, false),
            ("/etc/shadow", Acts::READ, false),
            ("/srv/venv/lib/python3.12/site-packages/a.py", Acts::READ, true),
        ];
        for (path, acts, want) in cases {
            assert_eq!(is_place(path.as_bytes(), acts), want, "{path}");
        }
    }
}
