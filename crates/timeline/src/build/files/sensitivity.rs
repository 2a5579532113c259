//! Why it matters who reads or writes a file: a table of well-known places.
//!
//! What stands first in the table decides. Some places matter to whoever touches them (passwords),
//! some only when they are changed (programs), some only when they are run (folders that anyone may
//! write to).

use super::places;
use crate::model::{Acts, Sensitivity, Sensitivity as S};
use When::{Changed, Run, Touched};

/// Which acts matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    Touched,
    Changed,
    Run,
}

struct Place {
    sensitivity: Sensitivity,
    when: When,
    patterns: &'static [&'static str],
}

const fn place(sensitivity: Sensitivity, when: When, patterns: &'static [&'static str]) -> Place {
    Place { sensitivity, when, patterns }
}

const PLACES: [Place; 13] = [
    place(S::Credentials, Touched, PASSWORDS),
    place(S::Credentials, Touched, CLOUD),
    place(S::Credentials, Touched, SECRETS),
    place(S::Keys, Touched, KEYS),
    place(S::Accounts, Touched, &["/etc/sudoers", "/etc/sudoers.d/", "/etc/doas.conf"]),
    place(S::Accounts, Changed, ACCOUNTS),
    place(S::Persistence, Changed, STARTED_BY_THE_SYSTEM),
    place(S::Persistence, Changed, STARTED_BY_USERS),
    place(S::Persistence, Changed, SERVED),
    place(S::Kernel, Touched, KERNEL),
    place(S::Kernel, Changed, SETTINGS_OF_THE_KERNEL),
    place(S::Programs, Changed, PROGRAMS),
    place(S::Temporary, Run, TEMPORARY),
];

/// Apart from the table, for what interpreters leave among programs is no program.
const NO_PROGRAMS: &[&str] = &["~/__pycache__/", "/usr/lib/locale/"];

const TRACES: &[&str] = &[
    "/var/log/",
    "/run/log/",
    "/run/utmp",
    "/var/run/utmp",
    "~/.bash_history",
    "~/.zsh_history",
    "~/.ash_history",
    "~/.sh_history",
    "~/.history",
    "~/.python_history",
    "~/.mysql_history",
    "~/.psql_history",
    "~/.local/share/fish/fish_history",
    "~/.viminfo",
    "~/.lesshst",
];

const PASSWORDS: &[&str] = &[
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/shadow+",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/gshadow+",
    "/etc/security/opasswd",
    "/etc/krb5.keytab",
    "/tmp/krb5cc_*",
    "/var/lib/sss/db/",
    "/var/lib/sss/secrets/",
    "/var/lib/samba/private/",
    "/etc/NetworkManager/system-connections/",
    "/etc/wpa_supplicant/*.conf",
    "/etc/ppp/chap-secrets",
    "/etc/ppp/pap-secrets",
];

const CLOUD: &[&str] = &[
    "~/.aws/",
    "~/.azure/",
    "~/.config/gcloud/",
    "~/.config/doctl/",
    "~/.oci/",
    "~/.kube/config",
    "~/.docker/config.json",
    "~/.config/containers/auth.json",
    "~/.terraform.d/credentials.tfrc.json",
    "~/.vault-token",
    "/etc/kubernetes/*.conf",
    "/etc/rancher/k3s/k3s.yaml",
    "/var/lib/kubelet/kubeconfig",
    "/var/lib/kubelet/pods/*/volumes/kubernetes.io~secret/",
    "/var/run/secrets/",
    "/run/secrets/",
    "/etc/boto.cfg",
    "/var/lib/cloud/instances/*/user-data.txt",
];

const SECRETS: &[&str] = &[
    "~/.netrc",
    "~/.pgpass",
    "~/.my.cnf",
    "~/.git-credentials",
    "~/.config/git/credentials",
    "~/.config/gh/hosts.yml",
    "~/.npmrc",
    "~/.pypirc",
    "~/.cargo/credentials*",
    "~/.password-store/",
    "~/.local/share/keyrings/",
    "~/.mozilla/firefox/*/logins.json",
    "~/.mozilla/firefox/*/key4.db",
    "~/.config/google-chrome/*/Login Data",
    "~/.config/chromium/*/Login Data",
    "/proc/*/environ",
];

const KEYS: &[&str] = &[
    "~/.ssh/id_*",
    "~/.ssh/identity",
    "~/.ssh/authorized_keys*",
    "~/.gnupg/private-keys-v1.d/",
    "~/.gnupg/secring.gpg",
    "/etc/ssh/ssh_host_*_key",
    "/etc/ssl/private/",
    "/etc/pki/tls/private/",
    "/etc/letsencrypt/live/",
    "/etc/letsencrypt/archive/",
    "/etc/kubernetes/pki/",
    "/etc/wireguard/",
    "/etc/ipsec.d/private/",
];

const ACCOUNTS: &[&str] = &[
    "/etc/passwd",
    "/etc/passwd-",
    "/etc/passwd+",
    "/etc/group",
    "/etc/group-",
    "/etc/group+",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/login.defs",
    "/etc/pam.conf",
    "/etc/pam.d/",
    "/etc/security/",
    "/etc/nsswitch.conf",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/",
    "/etc/hosts.allow",
    "/etc/hosts.deny",
    "/etc/hosts.equiv",
    "~/.rhosts",
    "/etc/polkit-1/",
    "/usr/share/polkit-1/",
    "/etc/selinux/config",
    "/etc/apparmor.d/",
    "/etc/audit/",
];

const STARTED_BY_THE_SYSTEM: &[&str] = &[
    "/etc/crontab",
    "/etc/anacrontab",
    "/etc/cron.d/",
    "/etc/cron.hourly/",
    "/etc/cron.daily/",
    "/etc/cron.weekly/",
    "/etc/cron.monthly/",
    "/var/spool/cron/",
    "/var/spool/at/",
    "/var/spool/anacron/",
    "/etc/systemd/",
    "/run/systemd/system/",
    "/run/systemd/transient/",
    "/lib/systemd/",
    "/usr/lib/systemd/",
    "/usr/local/lib/systemd/",
    "/etc/init.d/",
    "/etc/init/",
    "/etc/inittab",
    "/etc/rc.local",
    "/etc/rc.d/",
    "/etc/rc*.d/",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d/",
    "/etc/udev/rules.d/",
    "/lib/udev/rules.d/",
    "/usr/lib/udev/rules.d/",
    "/etc/modules",
    "/etc/modules-load.d/",
    "/etc/modprobe.d/",
    "/etc/binfmt.d/",
    "/etc/update-motd.d/",
    "/etc/apt/apt.conf.d/",
    "/etc/logrotate.d/",
    "/etc/network/if-*.d/",
    "/etc/NetworkManager/dispatcher.d/",
    "/etc/dhcp/dhclient-*-hooks.d/",
    "/etc/default/grub",
    "/etc/initramfs-tools/",
    "/etc/kernel/",
    "/etc/xdg/autostart/",
    "/boot/",
];

const STARTED_BY_USERS: &[&str] = &[
    "/etc/profile",
    "/etc/profile.d/",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/environment",
    "/etc/zsh/",
    "/etc/zshrc",
    "/etc/zprofile",
    "/etc/ssh/sshrc",
    "/etc/skel/",
    "~/.bashrc",
    "~/.bash_profile",
    "~/.bash_login",
    "~/.bash_logout",
    "~/.bash_aliases",
    "~/.profile",
    "~/.zshrc",
    "~/.zshenv",
    "~/.zprofile",
    "~/.zlogin",
    "~/.config/fish/",
    "~/.config/systemd/",
    "~/.local/share/systemd/",
    "~/.config/autostart/",
    "~/.xinitrc",
    "~/.xprofile",
    "~/.xsession",
    "~/.ssh/rc",
    "~/.ssh/environment",
    "~/.vimrc",
    "~/.git/hooks/",
];

/// Scripts that a web server runs for whoever asks.
const SERVED: &[&str] = &[
    "~/www/*.php",
    "~/html/*.php",
    "~/html/*.phtml",
    "~/html/*.jsp",
    "~/html/*.cgi",
    "~/htdocs/*.php",
    "~/public_html/*.php",
    "~/wp-content/*.php",
    "~/wp-content/*/*.php",
    "~/webapps/*/*.jsp",
    "~/webapps/*.war",
    "~/cgi-bin/",
];

const KERNEL: &[&str] = &[
    "/proc/*/mem",
    "/proc/kcore",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/sd*",
    "/dev/vd*",
    "/dev/xvd*",
    "/dev/nvme*",
    "/dev/dm-*",
    "/dev/mapper/*",
    "/proc/kallsyms",
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/podman/podman.sock",
];

const SETTINGS_OF_THE_KERNEL: &[&str] = &[
    "/proc/sys/",
    "/proc/sysrq-trigger",
    "/sys/kernel/",
    "/sys/module/",
    "/sys/firmware/efi/efivars/",
    "/sys/fs/bpf/",
    "~/release_agent",
    "~/notify_on_release",
    "/etc/sysctl.conf",
    "/etc/sysctl.d/",
    "/lib/modules/",
    "/usr/lib/modules/",
    "/dev/kmsg",
];

const PROGRAMS: &[&str] = &[
    "/bin/",
    "/sbin/",
    "/lib/",
    "/lib32/",
    "/lib64/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/usr/local/bin/",
    "/usr/local/sbin/",
    "/usr/local/lib/",
    "/opt/*/bin/",
    "/opt/*/sbin/",
    "/snap/bin/",
];

const TEMPORARY: &[&str] =
    &["/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/", "/run/user/*/", "/run/lock/", "memfd:*"];

/// Why it matters that this was done to a file. `run`: it is a program or script that was run.
pub(crate) fn of(path: &[u8], acts: Acts, run: bool) -> Option<Sensitivity> {
    let path = places::within(path);
    let changed = acts.change();
    let applies = |when: When| match when {
        Touched => true,
        Changed => changed,
        Run => run,
    };
    let found = PLACES
        .iter()
        .filter(|place| applies(place.when))
        .find(|place| places::is_at(path, place.patterns))
        .map(|place| place.sensitivity);
    match found {
        Some(S::Programs) if places::is_at(path, NO_PROGRAMS) => None,
        None if changed && places::is_at(path, TRACES) => Some(S::Traces),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_depends_on_place_and_act() {
        let (read, write, delete) = (Acts::READ, Acts::WRITTEN, Acts::DELETED);
        let cases = [
            ("/etc/shadow", read, Some(S::Credentials)),
            ("/host/etc/shadow", read, Some(S::Credentials)),
            ("/etc/passwd", read, None),
            ("/etc/passwd", write, Some(S::Accounts)),
            ("/etc/sudoers.d/deploy", read, Some(S::Accounts)),
            ("/root/.ssh/id_rsa", read, Some(S::Keys)),
            ("/root/.ssh/known_hosts", read, None),
            ("/home/ann/.aws/credentials", read, Some(S::Credentials)),
            ("/etc/cron.d/job", read, None),
            ("/etc/cron.d/job", Acts::CREATED, Some(S::Persistence)),
            ("/etc/systemd/system/a.service", write, Some(S::Persistence)),
            ("/root/.bashrc", read, None),
            ("/root/.bashrc", write, Some(S::Persistence)),
            ("/etc/ld.so.preload", Acts::SYMLINKED, Some(S::Persistence)),
            ("/var/www/html/up.php", write, Some(S::Persistence)),
            ("/var/www/html/index.html", write, None),
            ("/usr/bin/ls", read, None),
            ("/usr/bin/ls", Acts::EXECUTED, None),
            ("/usr/bin/ls", Acts::RENAMED, Some(S::Programs)),
            ("/usr/lib/python3.11/__pycache__/a.pyc", write, None),
            ("/var/log/auth.log", read, None),
            ("/var/log/auth.log", Acts::TRUNCATED, Some(S::Traces)),
            ("/root/.bash_history", delete, Some(S::Traces)),
            ("/proc/12/mem", read, Some(S::Kernel)),
            ("/proc/sys/kernel/core_pattern", read, None),
            ("/proc/sys/kernel/core_pattern", write, Some(S::Kernel)),
            ("/dev/shm/x", write, None),
            ("/srv/data/a.csv", delete, None),
        ];
        for (path, acts, want) in cases {
            assert_eq!(of(path.as_bytes(), acts, false), want, "{path} {acts:?}");
        }
        for path in ["/tmp/x", "/dev/shm/x", "memfd:kw", "/run/user/1000/x"] {
            assert_eq!(of(path.as_bytes(), Acts::EXECUTED, true), Some(S::Temporary), "{path}");
        }
    }
}
