//! Sessions, and where they were reached from.

use super::{MAX_TEXT_BYTES, clip, endpoint, user};
use crate::model::{ContainerFacts, Session, SessionKind, Source};

/// What holds a session together, in parts: `container shop-web-1`, `image nginx:1.25`, `pod …`.
pub fn session(session: &Session) -> Vec<String> {
    match &session.kind {
        SessionKind::Container(facts) => container(facts),
        SessionKind::Login { user: who, tty, .. } => {
            let mut parts = vec![format!("login of {}", user(who))];
            parts.extend(terminal(*tty));
            parts
        }
        SessionKind::Service { name } if name.is_empty() => {
            vec!["service without a name".to_owned()]
        }
        SessionKind::Service { name } => vec![format!("service {}", clip(name, MAX_TEXT_BYTES))],
    }
}

fn container(facts: &ContainerFacts) -> Vec<String> {
    let name = if facts.name.is_empty() { &facts.id } else { &facts.name };
    let mut parts = vec![format!("container {}", clip(name, MAX_TEXT_BYTES))];
    if !facts.image.is_empty() {
        parts.push(format!("image {}", clip(&facts.image, MAX_TEXT_BYTES)));
    }
    parts.extend(pod(facts));
    if facts.privileged {
        parts.push("privileged".to_owned());
    }
    parts
}

/// `pod shop/web-6d9f`.
fn pod(facts: &ContainerFacts) -> Option<String> {
    let pod = clip(&facts.pod, MAX_TEXT_BYTES);
    match (facts.pod.is_empty(), facts.pod_namespace.is_empty()) {
        (true, _) => None,
        (false, true) => Some(format!("pod {pod}")),
        (false, false) => Some(format!("pod {}/{pod}", clip(&facts.pod_namespace, MAX_TEXT_BYTES))),
    }
}

/// A terminal's name from its device number: `pts/3`, `tty1`; none if there is none.
pub fn terminal(tty: u32) -> Option<String> {
    let (major, minor) = ((tty & 0xf_ff00) >> 8, (tty & 0xff) | ((tty >> 12) & 0xf_ff00));
    match major {
        0 => None,
        4 if minor < 64 => Some(format!("tty{minor}")),
        4 => Some(format!("ttyS{}", minor - 64)),
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        _ => Some(format!("terminal {major}:{minor}")),
    }
}

/// Where a session was reached from: `203.0.113.9:51122 (attacker.example)`.
pub fn source(source: &Source) -> String {
    let remote = endpoint(&source.remote);
    match &source.name {
        Some(name) => format!("{remote} ({})", clip(name, MAX_TEXT_BYTES)),
        None => remote,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn terminals_have_their_names() {
        for (tty, want) in [
            (0, None),
            (0x401, Some("tty1")),
            (0x440, Some("ttyS0")),
            (0x8803, Some("pts/3")),
            (0x0010_8800, Some("pts/256")),
            (0x501, Some("terminal 5:1")),
        ] {
            assert_eq!(terminal(tty).as_deref(), want, "{tty:#x}");
        }
    }

    #[test]
    fn sessions_say_what_holds_them_together() {
        let said: Vec<_> =
            testing::sample().sessions.iter().map(|s| session(s).join(" · ")).collect();
        assert_eq!(
            said,
            [
                "container shop-web-1 · image registry.example/shop/nginx:1.25 · pod shop/web-6d9f",
                "login of ada · pts/0",
                "service cron.service",
            ]
        );
    }
}
