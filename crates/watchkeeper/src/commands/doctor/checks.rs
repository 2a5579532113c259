//! What follows from the facts: what is there, what is worth knowing, what is missing.

use capture::ebpf::{self, Tried};
use serde::Serialize;

use super::facts::Facts;
use crate::output::plural;

/// One thing that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) text: String,
    /// What is to be done, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mend: Option<&'static str>,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Good,
    /// Recording works, but for what the text says.
    Note,
    /// Nothing can be recorded without it.
    Missing,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Missing => "missing",
        }
    }
}

/// Numbers of capabilities (linux/capability.h).
const DAC_READ_SEARCH: u32 = 2;
const SYS_PTRACE: u32 = 19;
const SYS_ADMIN: u32 = 21;
const SYS_RESOURCE: u32 = 24;
const PERFMON: u32 = 38;
const BPF: u32 = 39;

/// The inode of the machine's own namespace of process ids (`PROC_PID_INIT_INO`, linux/proc_ns.h).
const HOST_PID_NAMESPACE: u64 = 0xEFFF_FFFC;

/// A version of Linux.
type Version = (u32, u32);

/// The first one with a ring buffer for BPF programs, and with capabilities of their own.
const RING_BUFFER: Version = (5, 8);
/// From here on programs' memory is accounted to their control group, and no limit is in the way.
const NO_MEMLOCK: Version = (5, 11);

/// Everything that matters of a host.
pub(super) fn all(facts: &Facts) -> Vec<Check> {
    let needed = [privilege, kernel, types, trampolines, lockdown].map(|check| check(facts));
    let others = [memory, processes, filter, modules, tracing, engines, unprivileged];
    let others = others.into_iter().filter_map(|check| check(facts));
    needed.into_iter().chain(others).chain([trace(facts)]).collect()
}

/// What the kernel said to all programs.
pub(super) fn loaded(loaded: Result<Tried, ebpf::Error>) -> Check {
    match loaded {
        Ok(Tried { refused, hidden, has_rings }) => {
            let names: Vec<&str> = refused.iter().map(|refused| &*refused.name).collect();
            let taken = match &names[..] {
                [] => "the kernel takes all of them".to_owned(),
                _ => format!(
                    "the kernel refuses some, whose calls are missing: {}",
                    names.join(", ")
                ),
            };
            let text = format!("{taken}{}{}", way_to_hidden(hidden.len()), rings(has_rings));
            if names.is_empty() && has_rings {
                good("programs", text)
            } else {
                note("programs", text)
            }
        }
        Err(error) => missing("programs", error.to_string(), "see what the kernel says: dmesg"),
    }
}

/// How calls are recorded whose functions hide what they are given.
fn way_to_hidden(calls: usize) -> String {
    if calls == 0 {
        return String::new();
    }
    let calls = plural(calls as u64, "call");
    format!("; it does not describe what {calls} are given, which is read from their threads")
}

/// What is missing of rings.
fn rings(has_rings: bool) -> &'static str {
    if has_rings {
        return "";
    }
    "; of calls made through io_uring only that something was submitted is recorded before Linux 6.0"
}

fn good(name: &'static str, text: impl Into<String>) -> Check {
    Check { name, verdict: Verdict::Good, text: text.into(), mend: None }
}

fn note(name: &'static str, text: impl Into<String>) -> Check {
    Check { name, verdict: Verdict::Note, text: text.into(), mend: None }
}

fn missing(name: &'static str, text: impl Into<String>, mend: &'static str) -> Check {
    Check { name, verdict: Verdict::Missing, text: text.into(), mend: Some(mend) }
}

impl Facts {
    fn may(&self, capability: u32) -> bool {
        self.capabilities.is_some_and(|set| set >> capability & 1 == 1)
    }

    /// Major and minor number of the kernel.
    fn version(&self) -> Option<Version> {
        let mut numbers = self.kernel.as_deref()?.split(|c: char| !c.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    fn is_before(&self, version: Version) -> bool {
        self.version().is_some_and(|this| this < version)
    }
}

fn privilege(facts: &Facts) -> Check {
    const NAME: &str = "privilege";
    let attaches = facts.may(SYS_ADMIN) || facts.may(BPF) && facts.may(PERFMON);
    if !attaches {
        let text = "BPF programs take root, or the capabilities CAP_BPF and CAP_PERFMON";
        return missing(NAME, text, "run it as root (sudo), in a container with --privileged");
    }
    if facts.may(SYS_PTRACE) && facts.may(DAC_READ_SEARCH) {
        return good(NAME, "programs can be attached, and all of /proc can be read");
    }
    let text =
        "without CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH little is known of what runs already";
    note(NAME, text)
}

fn kernel(facts: &Facts) -> Check {
    const NAME: &str = "kernel";
    let Some(kernel) = &facts.kernel else {
        return note(NAME, "its version is not known, for /proc is not mounted");
    };
    if facts.is_before(RING_BUFFER) {
        let text = format!("Linux {kernel} has no ring buffer for BPF programs");
        return missing(NAME, text, "run Linux 5.8 or later");
    }
    good(NAME, format!("Linux {kernel} on {}", facts.architecture))
}

fn types(facts: &Facts) -> Check {
    const NAME: &str = "types";
    if facts.has_btf {
        return good(NAME, "the kernel describes its types (BTF)");
    }
    if !facts.has_sysfs {
        return missing(NAME, "/sys is not mounted here", "mount it: mount -t sysfs sys /sys");
    }
    let text = "the kernel does not describe its types: there is no /sys/kernel/btf/vmlinux";
    missing(NAME, text, "run a kernel that was built with CONFIG_DEBUG_INFO_BTF")
}

/// The first version with trampolines for BPF programs: where they are attached behind functions.
fn trampolines_since(architecture: &str) -> Option<Version> {
    match architecture {
        "x86_64" => Some((5, 5)),
        "aarch64" => Some((6, 4)),
        _ => None,
    }
}

fn trampolines(facts: &Facts) -> Check {
    const NAME: &str = "trampolines";
    let text = "this kernel has none on this architecture (arm64 has from Linux 6.4 on): all calls end in \
        one program, which is slower; files that are closed, fds that are handed over, answers of name \
        servers, terminals, operations of io_uring and what 32-bit programs do are not recorded";
    match trampolines_since(&facts.architecture) {
        Some(since) if !facts.is_before(since) => {
            good(NAME, "programs are attached behind each system call")
        }
        Some(_) => note(NAME, text),
        None => {
            missing(NAME, format!("not known on {}", facts.architecture), "use x86_64 or arm64")
        }
    }
}

fn lockdown(facts: &Facts) -> Check {
    const NAME: &str = "lockdown";
    match facts.lockdown.as_deref() {
        Some("confidentiality") => missing(
            NAME,
            "the kernel keeps its memory from everybody, BPF programs included (confidentiality)",
            "start it with lockdown=integrity",
        ),
        Some(mode) => good(NAME, format!("{mode}: programs may read the kernel's memory")),
        None => good(NAME, "this kernel knows none, or does not tell"),
    }
}

fn memory(facts: &Facts) -> Option<Check> {
    const NAME: &str = "memory";
    let limit = facts.memlock.as_deref().filter(|limit| *limit != "unlimited")?;
    let counts = facts.is_before(NO_MEMLOCK) && !facts.may(SYS_RESOURCE);
    counts.then(|| {
        let text =
            format!("this kernel counts programs as locked memory, and {limit} bytes may be");
        missing(NAME, text, "ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit")
    })
}

fn processes(facts: &Facts) -> Option<Check> {
    let inside = facts.pid_namespace.is_some_and(|inode| inode != HOST_PID_NAMESPACE);
    inside.then(|| {
        let mut check = note(
            "processes",
            "this is a container: the whole host would be recorded, but what runs already is not seen",
        );
        check.mend = Some("give the container the host's process ids: --pid=host, hostPID: true");
        check
    })
}

fn filter(facts: &Facts) -> Option<Check> {
    facts.is_filtered.then(|| {
        let mut check =
            note("filter", "system calls are filtered here (seccomp); bpf may be refused");
        check.mend = Some("--security-opt seccomp=unconfined, or seccompProfile: Unconfined");
        check
    })
}

fn modules(facts: &Facts) -> Option<Check> {
    let active = facts.security_modules.as_ref()?;
    let has_bpf = active.split(',').any(|module| module == "bpf");
    let bpf =
        if has_bpf { "BPF programs can be among them" } else { "none of BPF, none is needed" };
    Some(good("modules", format!("security modules: {active}; {bpf}")))
}

fn tracing(facts: &Facts) -> Option<Check> {
    let text = if facts.has_tracefs { "mounted" } else { "not mounted" };
    Some(good("tracefs", format!("{text}; it is not needed")))
}

fn engines(facts: &Facts) -> Option<Check> {
    if facts.engine_sockets.is_empty() {
        return None;
    }
    let sockets: Vec<_> =
        facts.engine_sockets.iter().map(|path| path.display().to_string()).collect();
    let count = plural(sockets.len() as u64, "container engine");
    Some(good("engines", format!("{count}: {}", sockets.join(", "))))
}

fn unprivileged(facts: &Facts) -> Option<Check> {
    (facts.unprivileged_bpf_disabled.as_deref() == Some("0")).then(|| {
        let mut check = note("others", "anybody may load BPF programs, not only root");
        check.mend = Some("sysctl -w kernel.unprivileged_bpf_disabled=2");
        check
    })
}

/// Whether one command can be recorded, without privilege.
fn trace(facts: &Facts) -> Check {
    const NAME: &str = "trace";
    if facts.architecture != "x86_64" {
        return note(NAME, "commands can be traced on x86-64 alone");
    }
    match facts.ptrace_scope.as_deref() {
        Some("3") => note(NAME, "no program may trace another (kernel.yama.ptrace_scope is 3)"),
        Some("2") if !facts.may(SYS_PTRACE) => {
            note(NAME, "only root may trace (kernel.yama.ptrace_scope is 2)")
        }
        Some("1") if !facts.may(SYS_PTRACE) => {
            good(NAME, "commands can be traced; attaching to what runs takes root")
        }
        _ => good(NAME, "commands can be traced, and what runs can be attached to"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: u64 = 0x1ff_ffff_ffff;

    fn host() -> Facts {
        Facts {
            architecture: "x86_64".to_owned(),
            kernel: Some("6.1.0-1-amd64".to_owned()),
            capabilities: Some(ALL),
            has_sysfs: true,
            has_btf: true,
            pid_namespace: Some(HOST_PID_NAMESPACE),
            ..Facts::default()
        }
    }

    fn verdicts(facts: &Facts, verdict: Verdict) -> Vec<&'static str> {
        all(facts).iter().filter(|it| it.verdict == verdict).map(|it| it.name).collect()
    }

    #[test]
    fn a_usual_host_lacks_nothing() {
        assert!(verdicts(&host(), Verdict::Missing).is_empty());
        assert!(verdicts(&host(), Verdict::Note).is_empty());
    }

    #[test]
    fn what_is_missing_is_told_with_what_mends_it() {
        let text = |text: &str| Some(text.to_owned());
        let cases: [(Facts, &[&str]); 7] = [
            (Facts { capabilities: Some(0), ..host() }, &["privilege"]),
            (Facts { capabilities: Some(1 << BPF | 1 << PERFMON), ..host() }, &[]),
            (Facts { kernel: text("5.7.3"), ..host() }, &["kernel"]),
            (Facts { has_btf: false, ..host() }, &["types"]),
            (Facts { lockdown: text("confidentiality"), ..host() }, &["lockdown"]),
            (
                Facts {
                    kernel: text("5.10.0-8"),
                    capabilities: Some(1 << BPF | 1 << PERFMON),
                    memlock: text("65536"),
                    ..host()
                },
                &["memory"],
            ),
            (
                Facts { architecture: "riscv64".to_owned(), kernel: text("6.12"), ..host() },
                &["trampolines"],
            ),
        ];
        for (facts, expected) in cases {
            assert_eq!(verdicts(&facts, Verdict::Missing), expected, "{facts:?}");
            let mends = all(&facts)
                .iter()
                .filter(|it| it.verdict == Verdict::Missing)
                .all(|it| it.mend.is_some());
            assert!(mends);
        }
    }

    #[test]
    fn what_is_worth_knowing_keeps_nobody_from_recording() {
        let text = |text: &str| Some(text.to_owned());
        let facts = Facts {
            pid_namespace: Some(7),
            is_filtered: true,
            ptrace_scope: text("3"),
            unprivileged_bpf_disabled: text("0"),
            ..host()
        };
        assert!(verdicts(&facts, Verdict::Missing).is_empty());
        assert_eq!(verdicts(&facts, Verdict::Note), ["processes", "filter", "others", "trace"]);
    }

    #[test]
    fn arm64_before_trampolines_is_recorded_in_another_way() {
        let notes = |kernel| {
            let facts = Facts {
                architecture: "aarch64".to_owned(),
                kernel: Some(str::to_owned(kernel)),
                ..host()
            };
            assert!(verdicts(&facts, Verdict::Missing).is_empty());
            verdicts(&facts, Verdict::Note)
        };
        assert_eq!(notes("6.1.0-56-cloud-arm64"), ["trampolines", "trace"]);
        assert_eq!(notes("6.12"), ["trace"]);
    }
}
