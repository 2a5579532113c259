//! What the scripts are known to have done that the stories tell in words only: who became whom,
//! which commands are pipelines, which shells speak over a connection, from where.

use std::collections::BTreeSet;

use timeline::model::{Change, Relevance, SessionKind, Target, Timeline};

use crate::each_attack;

/// What is told of the attacks with these names: of both recordings, or of one.
type Cases<'a> = &'a [(&'a str, &'a [&'a str])];

/// Checks something of attacks.
fn check(cases: Cases<'_>, find: impl Fn(&Timeline) -> BTreeSet<String>) {
    let mut checked = BTreeSet::new();
    each_attack(|name, timeline, _, story| {
        let is_it = |attack: &str| attack == story.name || attack == name;
        for (attack, wanted) in cases.iter().filter(|(attack, _)| is_it(attack)) {
            let found = find(timeline);
            let missing = wanted.iter().find(|wanted| !found.contains(**wanted));
            assert_eq!(missing, None, "{name}: {found:#?}");
            checked.insert(*attack);
        }
    });
    assert!(checked.len() == cases.len() || testkit::data().is_none(), "only {checked:?}");
}

#[test]
fn changes_of_rights_are_told() {
    let cases: Cases<'_> = &[
        ("sysdig-0.41.4 m01_webshell_to_exfil", &["www-data -> root by execve"]),
        ("sysdig-0.41.4 h17_user_management", &["deploy -> root by execve"]),
        ("h17_user_management", &["root -> deploy by setresuid"]),
        (
            "h15_ssh_keys",
            &["root -> alice by setresuid", "root -> sshd by setresuid", "chroot /run/sshd"],
        ),
        ("h08_ptrace", &["PTRACE_ATTACH", "PTRACE_SEIZE", "PTRACE_TRACEME", "PTRACE_POKETEXT"]),
        ("sysdig-0.41.4 h24_kernel_module", &["finit_module /tmp/rk.ko"]),
        ("sysdig-0.29.3 h24_kernel_module", &["finit_module "]),
        (
            "c07_sensitive_mount",
            &["clone [\"mnt\", \"pid\", \"ipc\", \"uts\"]", "BPF_PROG_LOAD", "pivot_root"],
        ),
        ("c01_terminal_shell", &["setns [\"pid\"]", "setns [\"net\"]", "setns [\"mnt\"]"]),
    ];
    check(cases, |timeline| {
        let rows = timeline.processes.iter().flat_map(|process| &process.privileges);
        rows.filter(|row| row.error.is_none() || matches!(row.change, Change::Module { .. }))
            .map(|row| match &row.change {
                Change::User { from, to, by } => {
                    format!("{} -> {} by {by}", from.name.shown(), to.name.shown())
                }
                Change::Chroot { path } => format!("chroot {}", path.shown()),
                Change::Ptrace { request, .. } => request.clone(),
                Change::Module { by, name } => format!("{by} {}", name.shown()),
                Change::Namespaces { by, kinds } => format!("{by} {kinds:?}"),
                Change::Bpf { command } => command.clone(),
                Change::Mount { by, .. } => (*by).to_owned(),
                other => format!("{other:?}"),
            })
            .collect()
    });
}

#[test]
fn pipelines_are_told() {
    let cases: Cases<'_> = &[
        ("h19_timestomp_b64", &["bash | base64 | bash", "cat | head"]),
        ("m04_dropper_ransom", &["curl | bash"]),
    ];
    check(cases, |timeline| {
        let name = |id: &_| {
            let command = timeline.process(*id).and_then(|process| process.command());
            command.map(|command| command.comm.shown().into_owned()).unwrap_or_default()
        };
        let members = timeline.pipelines.iter().map(|pipeline| pipeline.members.iter());
        members.map(|members| members.map(name).collect::<Vec<_>>().join(" | ")).collect()
    });
}

#[test]
fn shells_that_speak_over_a_connection_are_told() {
    let cases: Cases<'_> = &[
        (
            "h23_reverse_shells",
            &["bash <> 203.0.113.20:4444", "sh <> 203.0.113.20:4445", "sh <> 203.0.113.20:4446"],
        ),
        ("m01_webshell_to_exfil", &["bash <> 203.0.113.20:4444"]),
        ("c02_netcat_rce", &["sh <> 203.0.113.20:4444"]),
    ];
    check(cases, |timeline| {
        let commands = timeline.processes.iter().flat_map(|process| &process.commands);
        commands
            .filter_map(|command| {
                let socket = command.redirects.iter().find_map(|redirect| match &redirect.to {
                    Target::Socket(end) => Some(end.shown().into_owned()),
                    _ => None,
                });
                let name = command.argv.first()?.shown().into_owned();
                Some(format!("{} <> {}", name, socket?))
            })
            .collect()
    });
}

#[test]
fn the_web_servers_session_is_told_with_its_source() {
    each_attack(|name, timeline, _, story| {
        if !name.starts_with("sysdig-0.41.4") || story.name != "m01_webshell_to_exfil" {
            return;
        }
        let session = &timeline.sessions[0];
        assert_eq!(session.relevance, Relevance::Alerted);
        assert!(
            matches!(&session.kind, SessionKind::Service { name } if name.bytes() == b"runuser")
        );
        let source = session.source.as_ref().expect("a source");
        assert!(source.remote.ip.is_loopback() && source.at.is_some());
        let by = timeline.process(source.by).and_then(|process| process.command());
        assert_eq!(by.map(|command| command.exe.bytes()), Some(&b"/usr/sbin/httpd"[..]));
    });
}

#[test]
fn processes_in_containers_are_sessions_of_their_container() {
    each_attack(|name, timeline, _, story| {
        if story.name != "c02_netcat_rce" {
            return;
        }
        let kinds: Vec<_> = timeline.sessions.iter().map(|session| &session.kind).collect();
        let container = kinds.iter().any(
            |kind| matches!(kind, SessionKind::Container(facts) if facts.id.bytes().len() == 12),
        );
        assert!(container, "{name}: {kinds:#?}");
    });
}
