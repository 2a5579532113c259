//! Who they became, and what power they took.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cast::{Cast, path, times},
    proof::Proof,
};
use crate::{
    model::{Change, PrivilegeChange, Process, ProcessId, Sentence, Topic, User},
    views::words::{self, Weight},
};

/// Changes that are told at most.
const MOST: usize = 5;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut told = users(cast);
    told.extend(powers(cast));
    told
}

/// How somebody became root.
#[derive(Default)]
struct Way {
    times: u64,
    through: BTreeSet<String>,
    proof: Proof,
}

/// Those who became root: from whom, how often, and through what.
fn users(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut ways: BTreeMap<(String, String), Way> = BTreeMap::new();
    for (id, process, change) in changes(cast) {
        let Change::User { from, to, by } = &change.change else { continue };
        if words::weight_for(process, change) != Weight::Gain {
            continue;
        }
        let way = ways.entry(names(from, to)).or_default();
        way.times += 1;
        way.through.insert(through(process, change, by));
        way.proof.at(change.at);
        way.proof.by(id);
    }
    let sentence = |((from, to), way): ((String, String), Way)| {
        let through = words::and_more(&Vec::from_iter(way.through), 3);
        let often = if way.times > 1 { format!(" {}", times(way.times)) } else { String::new() };
        way.proof.say(Topic::Became, format!("{from} became {to}{often}, through {through}."))
    };
    ways.into_iter().take(MOST).filter_map(sentence).collect()
}

fn names(from: &User, to: &User) -> (String, String) {
    (words::user(from), words::user(to))
}

/// `the setuid program /usr/bin/pkexec`, `setresuid`.
fn through(process: &Process, change: &PrivilegeChange, by: &str) -> String {
    let ran = process.commands.iter().find(|command| command.at == Some(change.at));
    match ran.filter(|_| by.starts_with("exec")) {
        Some(command) => format!("the setuid program {}", path(&command.exe)),
        None => by.to_owned(),
    }
}

fn changes<'t>(
    cast: &Cast<'t>,
) -> impl Iterator<Item = (ProcessId, &'t Process, &'t PrivilegeChange)> {
    let of = |&(id, process): &(ProcessId, &'t Process)| {
        process.privileges.iter().map(move |change| (id, process, change))
    };
    cast.members.iter().flat_map(of).collect::<Vec<_>>().into_iter()
}

/// Other power: capabilities, namespaces, other processes' memory, modules, mounts; also in vain.
fn powers(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut powers: BTreeMap<String, (Weight, u64, Proof)> = BTreeMap::new();
    for (id, process, change) in changes(cast) {
        let weight = words::weight_for(process, change);
        if weight == Weight::Usual || is_user(change) || comes_with_user(process, change) {
            continue;
        }
        let did = format!("{} {}", cast.name(id), words::change(change));
        let (most, number, proof) = powers.entry(did).or_insert((weight, 0, Proof::default()));
        *most = weight.max(*most);
        *number += 1;
        proof.at(change.at);
        proof.by(id);
    }
    let mut powers: Vec<_> = powers.into_iter().collect();
    powers.sort_by_key(|(_, (weight, ..))| std::cmp::Reverse(*weight));
    let sentence = |(did, (_, number, proof)): (String, (Weight, u64, Proof))| {
        let often = if number > 1 { format!(", {}", times(number)) } else { String::new() };
        proof.say(Topic::Became, format!("{did}{often}."))
    };
    powers.into_iter().take(MOST).filter_map(sentence).collect()
}

fn is_user(change: &PrivilegeChange) -> bool {
    matches!(change.change, Change::User { .. })
}

/// Another user has other capabilities, which need not be told.
fn comes_with_user(process: &Process, change: &PrivilegeChange) -> bool {
    let same = |other: &PrivilegeChange| other.at == change.at && is_user(other);
    matches!(change.change, Change::Capabilities { .. }) && process.privileges.iter().any(same)
}
