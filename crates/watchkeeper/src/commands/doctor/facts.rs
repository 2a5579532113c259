//! What the system says of itself, in files.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the system says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// `x86_64`, `aarch64`.
    pub(super) architecture: String,
    /// What `uname -r` says.
    pub(super) kernel: Option<String>,
    /// Effective capabilities, a bit for each.
    pub(super) capabilities: Option<u64>,
    /// Whether a seccomp filter is on this process.
    pub(super) is_filtered: bool,
    /// Whether sysfs is mounted.
    pub(super) has_sysfs: bool,
    /// Whether the kernel describes its types.
    pub(super) has_btf: bool,
    /// Whether tracefs is mounted.
    pub(super) has_tracefs: bool,
    /// `none`, `integrity` or `confidentiality`.
    pub(super) lockdown: Option<String>,
    /// Security modules that are active, with commas between.
    pub(super) security_modules: Option<String>,
    /// Memory that may be locked: bytes, or `unlimited`.
    pub(super) memlock: Option<String>,
    /// `kernel.unprivileged_bpf_disabled`.
    pub(super) unprivileged_bpf_disabled: Option<String>,
    /// `kernel.yama.ptrace_scope`.
    pub(super) ptrace_scope: Option<String>,
    /// The inode of the namespace of process ids that we are in.
    pub(super) pid_namespace: Option<u64>,
    /// Sockets of container engines.
    pub(super) engine_sockets: Vec<PathBuf>,
}

/// Where container engines listen.
const SOCKETS: [&str; 5] = [
    "run/docker.sock",
    "run/podman/podman.sock",
    "run/containerd/containerd.sock",
    "run/k3s/containerd/containerd.sock",
    "run/crio/crio.sock",
];

impl Facts {
    /// Reads them below a root folder.
    pub(super) fn read(root: &Path) -> Self {
        let text = |path: &str| {
            let text = fs::read_to_string(root.join(path)).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let is_there = |path: &str| root.join(path).exists();
        let status = text("proc/self/status").unwrap_or_default();
        let of_status = |key: &str| value(&status, key);
        let capabilities = of_status("CapEff").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let namespace = fs::read_link(root.join("proc/self/ns/pid")).ok();
        Self {
            architecture: std::env::consts::ARCH.to_owned(),
            kernel: text("proc/sys/kernel/osrelease"),
            capabilities,
            is_filtered: of_status("Seccomp").is_some_and(|mode| mode != "0"),
            has_sysfs: is_there("sys/kernel"),
            has_btf: is_there("sys/kernel/btf/vmlinux"),
            has_tracefs: is_there("sys/kernel/tracing/events")
                || is_there("sys/kernel/debug/tracing/events"),
            lockdown: text("sys/kernel/security/lockdown").and_then(|modes| chosen(&modes)),
            security_modules: text("sys/kernel/security/lsm"),
            memlock: text("proc/self/limits").and_then(|limits| locked_memory(&limits)),
            unprivileged_bpf_disabled: text("proc/sys/kernel/unprivileged_bpf_disabled"),
            ptrace_scope: text("proc/sys/kernel/yama/ptrace_scope"),
            pid_namespace: namespace.and_then(|link| inode(link.to_str()?)),
            engine_sockets: SOCKETS
                .iter()
                .filter(|socket| is_there(socket))
                .map(|socket| Path::new("/").join(socket))
                .collect(),
        }
    }
}

/// The value of a key of `/proc/PID/status`.
fn value<'t>(status: &'t str, key: &str) -> Option<&'t str> {
    let mut pairs = status.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value.trim())
}

/// Of `none [integrity] confidentiality` the one in brackets.
fn chosen(modes: &str) -> Option<String> {
    let (_, rest) = modes.split_once('[')?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// The soft limit of `/proc/PID/limits`.
fn locked_memory(limits: &str) -> Option<String> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max locked memory"))?;
    Some(line.split_whitespace().next()?.to_owned())
}

/// The number in `pid:[4026531836]`.
fn inode(link: &str) -> Option<u64> {
    link.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_host_is_read_from_its_files() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert_eq!(
            Facts::read(root.path()),
            Facts { architecture: std::env::consts::ARCH.to_owned(), ..Facts::default() }
        );
        write("proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
        write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\nSeccomp:\t2\n");
        write(
            "proc/self/limits",
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max locked memory         8388608              unlimited            bytes     \n",
        );
        write("sys/kernel/btf/vmlinux", "x");
        write("sys/kernel/tracing/events/enable", "0");
        write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        write("sys/kernel/security/lsm", "lockdown,yama,bpf");
        write("proc/sys/kernel/yama/ptrace_scope", "1\n");
        write("run/docker.sock", "");
        fs::create_dir_all(root.path().join("proc/self/ns")).unwrap();
        symlink("pid:[4026531836]", root.path().join("proc/self/ns/pid")).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            Facts::read(root.path()),
            Facts {
                architecture: std::env::consts::ARCH.to_owned(),
                kernel: some("6.1.0-1-amd64"),
                capabilities: Some(0x1ff_ffff_ffff),
                is_filtered: true,
                has_sysfs: true,
                has_btf: true,
                has_tracefs: true,
                lockdown: some("integrity"),
                security_modules: some("lockdown,yama,bpf"),
                memlock: some("8388608"),
                unprivileged_bpf_disabled: None,
                ptrace_scope: some("1"),
                pid_namespace: Some(4_026_531_836),
                engine_sockets: vec![PathBuf::from("/run/docker.sock")],
            }
        );
    }

    #[test]
    fn what_is_no_fact_is_none() {
        assert_eq!(chosen("none integrity"), None);
        assert_eq!(inode("pid:[x]"), None);
        assert_eq!(locked_memory("Max open files 1 2 files"), None);
    }
}
