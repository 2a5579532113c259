//! To whom they spoke.

use std::collections::BTreeMap;

use super::{cast::Cast, proof::Proof};
use crate::{
    model::{Connection, Endpoint, Outcome, Protocol, Reach, Role, Sentence, Topic},
    views::{fold::is_routine, words},
};

/// Other ends that are told at most.
const MOST: usize = 5;

/// What was exchanged with one other end.
#[derive(Default)]
struct Exchange {
    name: Option<String>,
    sent_bytes: u64,
    received_bytes: u64,
    proof: Proof,
}

/// Who called, how far away, and the other end: in the order of the telling. Those who called have
/// a port each, so only their address counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    nearness: u8,
    called_us: bool,
    failed: Option<i64>,
    end: Endpoint,
}

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let (exchanges, failures): (Vec<_>, Vec<_>) =
        exchanges(cast).into_iter().partition(|(key, _)| key.failed.is_none());
    let more = exchanges.len().saturating_sub(MOST);
    let mut rest = Proof::default();
    let mut told = Vec::new();
    for (at, (key, exchange)) in exchanges.into_iter().enumerate() {
        if at < MOST {
            told.extend(sentence(cast, &key, exchange));
        } else {
            rest.merge(exchange.proof);
        }
    }
    let others = words::plural(more as u64, "more address and port", "more addresses and ports");
    told.extend(rest.say(Topic::Spoke, format!("They spoke to {others}.")));
    told.extend(in_vain(cast, failures));
    told
}

fn exchanges(cast: &Cast<'_>) -> BTreeMap<Key, Exchange> {
    let mut exchanges: BTreeMap<Key, Exchange> = BTreeMap::new();
    for &(id, process) in &cast.members {
        for connection in process.network.iter().filter(|connection| is_told(connection)) {
            let Some(key) = key(connection) else { continue };
            let exchange = exchanges.entry(key).or_default();
            exchange.sent_bytes = exchange.sent_bytes.saturating_add(connection.bytes_sent);
            exchange.received_bytes =
                exchange.received_bytes.saturating_add(connection.bytes_received);
            exchange.proof.at(connection.first);
            exchange.proof.by(id);
            let name = connection.name.as_ref().map(|name| words::clip(name, 100));
            exchange.name = exchange.name.take().or(name);
        }
    }
    exchanges
}

/// Whether a connection is to be told: not listening, not of this machine alone, not the resolver.
fn is_told(connection: &Connection) -> bool {
    const DNS: u16 = 53;
    let resolver =
        connection.reach != Reach::Outside && connection.remote.is_some_and(|end| end.port == DNS);
    connection.protocol != Protocol::Unix
        && connection.role != Role::Listening
        && !is_routine(connection)
        && !resolver
}

fn key(connection: &Connection) -> Option<Key> {
    let mut end = connection.remote?;
    let called_us = connection.role == Role::Accepted;
    if called_us {
        end.port = 0;
    }
    let nearness = match connection.reach {
        Reach::Outside => 0,
        Reach::Private | Reach::Unknown => 1,
        Reach::Machine if !end.ip.is_loopback() => 2,
        Reach::Machine => 3,
    };
    let failed = match connection.outcome {
        Outcome::Failed { errno } => Some(errno),
        Outcome::Established | Outcome::Pending => None,
    };
    Some(Key { nearness, called_us, failed, end })
}

/// `curl[1208] connected to 198.51.100.7:8080 (cdn.example.net), sent 84 B and received 48.2 KiB.`
fn sentence(cast: &Cast<'_>, key: &Key, exchange: Exchange) -> Option<Sentence> {
    let who = cast.names(exchange.proof.processes());
    let act = if key.called_us { "was called from" } else { "spoke to" };
    let mut text = format!("{who} {act} {}", words::endpoint(&key.end));
    if let Some(name) = &exchange.name {
        text.push_str(&format!(" ({name})"));
    }
    let (sent, received) = (exchange.sent_bytes, exchange.received_bytes);
    text.push_str(&match (sent, received) {
        (0, 0) => ", without sending anything".to_owned(),
        (sent, 0) => format!(", sent {}", words::bytes(sent)),
        (0, received) => format!(", received {}", words::bytes(received)),
        _ => format!(", sent {} and received {}", words::bytes(sent), words::bytes(received)),
    });
    text.push('.');
    exchange.proof.say(Topic::Spoke, text)
}

/// `12 connections failed: 10.0.0.1:22 and 11 more.`
fn in_vain(cast: &Cast<'_>, failures: Vec<(Key, Exchange)>) -> Option<Sentence> {
    let mut all = Proof::default();
    let mut ends = Vec::new();
    for (key, exchange) in failures {
        let why = key.failed.map(words::error).unwrap_or_default();
        ends.push(format!("{} ({why})", words::endpoint(&key.end)));
        all.merge(exchange.proof);
    }
    let who = cast.names(all.processes());
    let ends = words::and_more(&ends, 3);
    all.say(Topic::Spoke, format!("{who} tried in vain to reach {ends}."))
}

/// The other end, with its name if it has one.
pub(super) fn far_end(connection: &Connection) -> Option<String> {
    let end = words::endpoint(&connection.remote?);
    Some(match &connection.name {
        Some(name) => format!("{end} ({})", words::clip(name, 100)),
        None => end,
    })
}
