//! The story in plain words: fixed templates over the model, each sentence with the events that
//! say so.
//!
//! Nothing is guessed: a sentence says only what rows of the model say, and a topic about which they
//! say nothing has none. It speaks of the cast: processes that caused alerts, and those that have to
//! do with them and began within the window. What servers do all day is not told.
//!
//! - `cast`: of whom is spoken, and how their names are put; `proof`: a sentence and its events;
//! - `who`, `ran`, `became`, `read`, `wrote`, `spoke`, `left`, `missing`: one topic each, in this
//!   order.

mod became;
mod cast;
mod left;
mod missing;
mod proof;
mod ran;
mod read;
mod spoke;
mod who;
mod wrote;

#[cfg(test)]
mod tests;

use self::cast::Cast;
use crate::model::{Sentence, Timeline};

/// The story of a timeline, by topic.
pub fn sentences(timeline: &Timeline) -> Vec<Sentence> {
    let cast = Cast::of(timeline);
    let topics: [fn(&Cast<'_>) -> Vec<Sentence>; 8] = [
        who::sentences,
        ran::sentences,
        became::sentences,
        read::sentences,
        wrote::sentences,
        spoke::sentences,
        left::sentences,
        missing::sentences,
    ];
    let mut told: Vec<Sentence> = topics.iter().flat_map(|topic| topic(&cast)).collect();
    for sentence in &mut told {
        sentence.processes.retain(|&id| timeline.process(id).is_some());
    }
    told
}
