//! Who, and from where.

use std::collections::BTreeSet;

use super::{cast::Cast, proof::Proof};
use crate::{
    model::{Alert, Relevance, Sentence, Session, SessionId, SessionKind, Topic, User},
    views::words,
};

/// Sessions that are told at most.
const MOST: usize = 3;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let sessions = (0u32..).map(SessionId).zip(&cast.timeline.sessions);
    let alerted: Vec<_> =
        sessions.filter(|(_, session)| session.relevance == Relevance::Alerted).collect();
    let told = alerted.iter().take(MOST).filter_map(|&(id, session)| sentence(cast, id, session));
    let mut told: Vec<Sentence> = told.collect();
    told.extend(rest(cast, alerted.get(MOST..).unwrap_or_default()));
    told
}

/// `www-data in container shop-web-1, reached from 203.0.113.9:51122, set off 5 alerts.`
fn sentence(cast: &Cast<'_>, id: SessionId, session: &Session) -> Option<Sentence> {
    let alerts = alerts(cast, id);
    let first = alerts.first()?;
    let mut proof = Proof::default();
    for alert in &alerts {
        proof.at(alert.at);
        alert.process.iter().for_each(|&process| proof.by(process));
    }
    let command = cast.timeline.process(first.process?)?.commands.last()?;
    let mut text = subject(session, &command.user, command.login.as_ref());
    if let Some(source) = &session.source {
        source.at.iter().for_each(|&at| proof.at(at));
        text.push_str(&format!(", reached from {},", words::source(source)));
    }
    let number = alerts.iter().map(|alert| alert.count.max(1)).fold(0, u64::saturating_add);
    let (says, _) = words::alert(first);
    text.push_str(&match number {
        1 => format!(" set off one alert, “{says}”."),
        number => format!(" set off {} alerts, first “{says}”.", words::count(number)),
    });
    proof.say(Topic::Who, text)
}

fn alerts<'t>(cast: &Cast<'t>, id: SessionId) -> Vec<&'t Alert> {
    let session = |alert: &Alert| cast.timeline.process(alert.process?).map(|p| p.session);
    cast.timeline.alerts.iter().filter(|alert| session(alert) == Some(id)).collect()
}

/// `www-data in container shop-web-1 (image nginx:1.25)`, `ada, logged in on pts/0`.
fn subject(session: &Session, user: &User, login: Option<&User>) -> String {
    let mut who = words::user(user);
    if let Some(login) = login.filter(|login| login.uid != user.uid) {
        who.push_str(&format!(" (logged in as {})", words::user(login)));
    }
    let parts = words::session(session);
    let first = parts.first().cloned().unwrap_or_default();
    match &session.kind {
        SessionKind::Login { tty, .. } => match words::terminal(*tty) {
            Some(terminal) => format!("{who}, in a {first} on {terminal}"),
            None => format!("{who}, in a {first}"),
        },
        SessionKind::Container(_) | SessionKind::Service { .. } => match parts.get(1..) {
            None | Some([]) => format!("{who} in {first}"),
            Some(more) => format!("{who} in {first} ({})", more.join(", ")),
        },
    }
}

/// Sessions beyond the first few.
fn rest(cast: &Cast<'_>, sessions: &[(SessionId, &Session)]) -> Option<Sentence> {
    let ids: BTreeSet<SessionId> = sessions.iter().map(|&(id, _)| id).collect();
    let mut proof = Proof::default();
    for alert in &cast.timeline.alerts {
        let process = alert.process.and_then(|id| cast.timeline.process(id));
        if process.is_some_and(|process| ids.contains(&process.session)) {
            proof.at(alert.at);
        }
    }
    let more = words::plural(sessions.len() as u64, "more session", "more sessions");
    proof.say(Topic::Who, format!("So did {more}."))
}
