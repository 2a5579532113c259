//! Who they became, and what power they took.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cast::{Cast, is_at_work, path, times},
    proof::Proof,
};
use crate::{
    model::{Change, Moment, PrivilegeChange, Process, ProcessId, Recorded, Sentence, Topic},
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
    let programs: BTreeMap<(ProcessId, Moment), &Recorded> = cast
        .commands()
        .filter_map(|(id, command)| Some(((id, command.at?), &command.exe)))
        .collect();
    for (id, change) in changes(cast, Weight::Gain) {
        let Change::User { from, to, by } = &change.change else { continue };
        let way = ways.entry((words::user(from), words::user(to))).or_default();
        way.times += 1;
        way.through.insert(match programs.get(&(id, change.at)) {
            Some(exe) if by.starts_with("exec") => format!("the setuid program {}", path(exe)),
            _ => (*by).to_owned(),
        });
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

/// `loaded module rk`, `loaded module rk, in vain (not permitted)`.
fn deed(change: &PrivilegeChange) -> String {
    let done = words::change(&PrivilegeChange { error: None, ..change.clone() });
    match change.error {
        Some(errno) => format!("{done}, in vain ({})", words::error(errno)),
        None => done,
    }
}

/// Changes of at least this weight, of the whole cast.
fn changes<'t>(cast: &Cast<'t>, least: Weight) -> Vec<(ProcessId, &'t PrivilegeChange)> {
    let of = |&(id, process): &(ProcessId, &'t Process)| {
        let weighed = process.privileges.iter().zip(words::weights(process));
        let some =
            weighed.filter(|(change, weight)| *weight >= least && !is_at_work(process, change.at));
        some.map(move |(change, _)| (id, change)).collect::<Vec<_>>()
    };
    cast.members.iter().flat_map(of).collect()
}

/// Other power: capabilities, namespaces, other processes' memory, modules, mounts; also in vain.
fn powers(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut powers: BTreeMap<String, (Weight, u64, Proof)> = BTreeMap::new();
    for (id, change) in changes(cast, Weight::Notable) {
        if matches!(change.change, Change::User { .. }) {
            continue;
        }
        let weight = words::weight(change);
        let did = format!("{} {}", cast.name(id), deed(change));
        let (most, number, proof) = powers.entry(did).or_insert((weight, 0, Proof::default()));
        *most = weight.max(*most);
        *number += 1;
        proof.at(change.at);
        proof.by(id);
    }
    let mut powers: Vec<_> = powers.into_iter().collect();
    powers.sort_by_key(|(_, (weight, ..))| std::cmp::Reverse(*weight));
    let more = powers.len().saturating_sub(MOST);
    let mut rest = Proof::default();
    let mut told = Vec::new();
    for (at, (did, (_, number, proof))) in powers.into_iter().enumerate() {
        if at < MOST {
            let often = if number > 1 { format!(", {}", times(number)) } else { String::new() };
            told.extend(proof.say(Topic::Became, format!("{did}{often}.")));
        } else {
            rest.merge(proof);
        }
    }
    let more = words::plural(more as u64, "more thing", "more things");
    told.extend(rest.say(Topic::Became, format!("They did {more} of this kind.")));
    told
}
