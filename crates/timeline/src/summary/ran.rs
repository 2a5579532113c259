//! What was run.

use std::collections::BTreeMap;

use super::{
    cast::{Cast, is_shell, path, program, quoted, times},
    proof::Proof,
};
use crate::{
    model::{
        Acts, Command, ExeFacts, FileActivity, Process, ProcessId, Recorded, Role, Sentence, Topic,
    },
    views::words,
};

/// Programs that are told at most.
const MOST: usize = 4;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut told: Vec<Sentence> = first(cast).into_iter().collect();
    told.extend(shells(cast));
    told.extend(fed_shells(cast));
    told.extend(new_programs(cast));
    told.extend(in_memory(cast));
    told.extend(all(cast));
    told
}

/// The command of the first alert, and who started it.
fn first(cast: &Cast<'_>) -> Option<Sentence> {
    let alert = cast.timeline.alerts.first()?;
    let id = alert.process?;
    let process = cast.timeline.process(id)?;
    let before = |command: &&Command| command.at.is_none_or(|at| at <= alert.at);
    let command = process.commands.iter().rev().find(before).or(process.commands.first())?;
    let mut proof = Proof::default();
    proof.at(alert.at);
    proof.by(id);
    let parent = process.parent.filter(|_| process.start.is_some());
    let by = parent.map(|parent| {
        proof.by(parent);
        format!(", started by {}", cast.name(parent))
    });
    let text = format!("The first came from {}{}.", quoted(command), by.unwrap_or_default());
    proof.say(Topic::Ran, text)
}

/// Servers that started several shells; the first is told already.
fn shells(cast: &Cast<'_>) -> Vec<Sentence> {
    let mut servers: BTreeMap<ProcessId, (Vec<&Command>, Proof)> = BTreeMap::new();
    for &(id, process) in &cast.members {
        let shell = process.commands.iter().find(|c| c.at.is_some()).filter(|c| is_shell(c));
        let server = process.parent.filter(|&parent| is_server(cast, parent));
        let (Some(shell), Some(server)) = (shell, server) else { continue };
        let (shells, proof) = servers.entry(server).or_default();
        shells.push(shell);
        shell.at.iter().for_each(|&at| proof.at(at));
        proof.by(id);
    }
    let several = servers.into_iter().filter(|(_, (shells, _))| shells.len() > 1);
    let sentence = |(server, (shells, proof)): (ProcessId, (Vec<&Command>, Proof))| {
        let number = words::count(shells.len() as u64);
        let last = shells.last().map_or_else(String::new, |last| quoted(last));
        let name = cast.name(server);
        proof.say(Topic::Ran, format!("{name} started {number} shells, the last {last}."))
    };
    several.take(MOST).filter_map(sentence).collect()
}

/// Whether a process ran before the window, and is no shell.
fn is_server(cast: &Cast<'_>, id: ProcessId) -> bool {
    let process = cast.timeline.process(id).filter(|process| process.start.is_none());
    process.and_then(Process::command).is_some_and(|command| !is_shell(command))
}

/// Shells that took their commands from another program.
fn fed_shells(cast: &Cast<'_>) -> Vec<Sentence> {
    let fed = cast.timeline.pipelines.iter().filter_map(|pipeline| {
        let last = pipeline.members.last().filter(|id| cast.has(**id))?;
        let command = cast.timeline.process(*last)?.command().filter(|c| is_shell(c))?;
        let mut proof = Proof::default();
        command.at.iter().for_each(|&at| proof.at(at));
        pipeline.members.iter().for_each(|&id| proof.by(id));
        let text = words::pipeline(cast.timeline, pipeline, 100);
        let text = words::clip(&Recorded::from(text.as_str()), 400);
        proof.say(Topic::Ran, format!("A shell took its commands from a pipe: “{text}”."))
    });
    fed.take(MOST).collect()
}

/// Programs that were written within the window, and by whom.
fn new_programs(cast: &Cast<'_>) -> Vec<Sentence> {
    let programs = by_program(cast);
    let sentence = |(exe, (runs, mut proof)): (&Recorded, (u64, Proof))| {
        let by = writer(cast, exe, &mut proof).map(|by| format!(" {by} and"));
        let often = if runs > 1 { format!(" {}", times(runs)) } else { String::new() };
        let text = format!("{} was{} run{often}.", path(exe), by.unwrap_or_default());
        proof.say(Topic::Ran, text)
    };
    programs.into_iter().take(MOST).filter_map(sentence).collect()
}

/// Programs that are new files, how often each was run, and where that stands.
fn by_program<'t>(cast: &Cast<'t>) -> BTreeMap<&'t Recorded, (u64, Proof)> {
    let mut programs: BTreeMap<&Recorded, (u64, Proof)> = BTreeMap::new();
    let is_new = |command: &Command| {
        command.facts.contains(ExeFacts::NEW) && !command.facts.contains(ExeFacts::MEMFD)
    };
    for (id, command) in cast.commands().filter(|(_, command)| is_new(command)) {
        let (runs, proof) = programs.entry(&command.exe).or_default();
        *runs += 1;
        command.at.iter().for_each(|&at| proof.at(at));
        proof.by(id);
    }
    programs
}

/// `written by curl[1208], which had received 48.2 KiB from 198.51.100.7:8080,`.
fn writer(cast: &Cast<'_>, exe: &Recorded, proof: &mut Proof) -> Option<String> {
    let wrote = |file: &&FileActivity| {
        let made = file.acts.intersects(Acts::CREATED | Acts::WRITTEN | Acts::RENAMED);
        made && file.error.is_none() && (file.path == *exe || file.other.as_ref() == Some(exe))
    };
    let writes = |&(id, process): &(ProcessId, &Process)| {
        let file = process.files.iter().find(wrote)?;
        let moved = file.path != *exe;
        Some((file.first, id, if moved { "put there by" } else { "written by" }))
    };
    let (at, id, how) = cast.members.iter().filter_map(writes).min()?;
    proof.at(at);
    proof.by(id);
    let received = cast.timeline.process(id)?.network.iter().filter(|connection| {
        connection.role == Role::Connected
            && connection.bytes_received > 0
            && connection.first <= at
    });
    let most = received.max_by_key(|connection| connection.bytes_received);
    let from = most.and_then(|connection| {
        proof.at(connection.first);
        let from = super::spoke::far_end(connection)?;
        Some(format!(
            ", which had received {} from {from},",
            words::bytes(connection.bytes_received)
        ))
    });
    Some(format!("{how} {}{}", cast.name(id), from.unwrap_or_default()))
}

/// Programs that were only in memory.
fn in_memory(cast: &Cast<'_>) -> Option<Sentence> {
    let mut proof = Proof::default();
    let mut commands = Vec::new();
    for (id, command) in cast.commands().filter(|(_, c)| c.facts.contains(ExeFacts::MEMFD)) {
        command.at.iter().for_each(|&at| proof.at(at));
        proof.by(id);
        commands.push(quoted(command));
    }
    let what = words::and_more(&commands, MOST);
    proof.say(Topic::Ran, format!("Run from memory alone, from no file: {what}."))
}

/// The name under which a program was run.
fn name(command: &Command) -> String {
    match command.comm.is_empty() {
        true => words::clip(&Recorded::from(program(command)), 32),
        false => words::clip(&command.comm, 32),
    }
}

/// How many commands in all, and which.
fn all(cast: &Cast<'_>) -> Option<Sentence> {
    let mut proof = Proof::default();
    let mut number = 0;
    let names = cast.commands().map(|(id, command)| {
        command.at.iter().for_each(|&at| proof.at(at));
        proof.by(id);
        number += 1;
        name(command)
    });
    let names = words::tally(names);
    if number < 2 {
        return None;
    }
    let names = words::and_more(&names, 8);
    proof.say(Topic::Ran, format!("In all, {} commands were run: {names}.", words::count(number)))
}
