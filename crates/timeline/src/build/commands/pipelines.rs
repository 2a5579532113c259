//! Which processes are a pipeline: siblings of which one writes into the pipe that the next one
//! reads. A pipe that the parent itself reads (as a shell does for `$(…)`) makes none.

use crate::{
    build::draft::{Draft, Map},
    model::{Origin, Pipeline, PipelineId, ProcessId, Target},
};

/// Finds the pipelines and marks their members.
pub(crate) fn find(drafts: &mut [Draft]) -> Vec<Pipeline> {
    let next = readers(drafts);
    let mut heads: Vec<ProcessId> = next.keys().copied().collect();
    heads.sort_unstable();
    let has_writer: Map<ProcessId, ()> = next.values().map(|&reader| (reader, ())).collect();
    heads.retain(|head| !has_writer.contains_key(head));
    let chains = heads.into_iter().map(|head| chain(head, &next));
    let pipelines: Vec<Pipeline> = chains.map(|members| Pipeline { members }).collect();
    for (place, pipeline) in pipelines.iter().enumerate() {
        let Ok(place) = u32::try_from(place) else { break };
        pipeline.members.iter().for_each(|&member| mark(drafts, member, PipelineId(place)));
    }
    drafts.iter_mut().for_each(forget_other_pipes);
    pipelines
}

/// For each process that writes into a pipe, the sibling that reads it. No reader has two writers
/// and none is its own.
fn readers(drafts: &[Draft]) -> Map<ProcessId, ProcessId> {
    let mut writers: Map<(ProcessId, u64), ProcessId> = Map::default();
    for (id, draft) in numbered(drafts) {
        if let (Some(parent), Some(pipe)) = (draft.process.parent, draft.streams.output) {
            writers.entry((parent, pipe)).or_insert(id);
        }
    }
    let mut next = Map::default();
    for (id, draft) in numbered(drafts) {
        let (Some(parent), Some(pipe)) = (draft.process.parent, draft.streams.input) else {
            continue;
        };
        if let Some(&writer) = writers.get(&(parent, pipe))
            && writer != id
        {
            next.entry(writer).or_insert(id);
        }
    }
    next
}

fn chain(head: ProcessId, next: &Map<ProcessId, ProcessId>) -> Vec<ProcessId> {
    let mut members = vec![head];
    // A chain that has a head cannot bite its own tail: each has one writer.
    while let Some(&reader) = members.last().and_then(|last| next.get(last))
        && members.len() <= next.len()
    {
        members.push(reader);
    }
    members
}

fn numbered(drafts: &[Draft]) -> impl Iterator<Item = (ProcessId, &Draft)> {
    (0u32..).map(ProcessId).zip(drafts)
}

fn mark(drafts: &mut [Draft], member: ProcessId, pipeline: PipelineId) {
    let Some(draft) = drafts.get_mut(member.index()) else { return };
    for command in &mut draft.process.commands {
        if command.origin != Origin::Before {
            command.pipeline = Some(pipeline);
        }
    }
}

/// Pipes that lead to no member of a pipeline are no redirections that a person would write.
fn forget_other_pipes(draft: &mut Draft) {
    for command in &mut draft.process.commands {
        if command.pipeline.is_none() {
            command.redirects.retain(|redirect| redirect.to != Target::Pipe);
        }
    }
}
