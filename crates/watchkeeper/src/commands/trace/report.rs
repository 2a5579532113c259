//! What is told at the end: on stderr, and in files.

use std::{ffi::OsStr, path::Path};

use capture::ptrace::{Counts, Ended};
use event::visible::visible;
use timeline::{
    Builder,
    model::{Origin, Process, Relevance, Sentence, Timeline},
    summary,
    views::heading::{self, Heading},
};

use super::{Args, notes, session::Session};
use crate::{
    error::Error,
    files,
    incidents::{Story, show},
    input,
    output::{Verbosity, plural},
};

/// Bytes of a command that are shown.
const COMMAND_BYTES: usize = 200;

/// Ends the recording, the incidents and the outputs, writes the files and tells the rest.
pub(super) fn finish(session: &mut Session<'_>, ended: Option<&Ended>) {
    let shortened = session.pipeline.end_recording();
    session.pipeline.end_uses();
    session.pipeline.end_alerts(session.verbosity);
    if let Some(failure) = ended.and_then(|ended| ended.failure.as_ref()) {
        session.pipeline.failed(&Error::Usage(format!("tracing ended early: {failure}")));
    }
    let builder = session.pipeline.readers.builder.take();
    let story = builder.map(|builder| story(builder, session));
    if let Some(story) = &story {
        files(session, story);
        if session.args.timeline == Some(None) {
            // It was asked for, so it is told to who wants nothing else, too. That nobody reads it is
            // no failure.
            let _ = show::Args::usual().write_stderr(story);
        }
    }
    if session.verbosity != Verbosity::Quiet {
        let counts = ended.map(|ended| ended.counts).unwrap_or_default();
        tell(session, story.as_ref(), &counts, shortened);
    }
}

fn story(builder: Builder, session: &Session<'_>) -> Story {
    let mut timeline = builder.finish(&session.pipeline.state);
    timeline.summary = sentences(&mut timeline);
    let heading = Heading { id: "trace".to_owned(), title: title(session.args), notes: Vec::new() };
    Story { timeline, heading, outcome: session.pipeline.outcome }
}

/// The story in sentences. They speak of what has to do with alerts; where there are none, of all
/// that was traced, for that is what was asked about.
fn sentences(timeline: &mut Timeline) -> Vec<Sentence> {
    if !timeline.alerts.is_empty() {
        return summary::sentences(timeline);
    }
    // Those that only stood above it did nothing.
    let acted = |process: &&mut Process| {
        let rows = process.files.len() + process.network.len() + process.privileges.len();
        rows > 0 || process.commands.iter().any(|command| command.origin == Origin::Exec)
    };
    for process in timeline.processes.iter_mut().filter(acted) {
        process.relevance = Relevance::Alerted;
    }
    let sentences = summary::sentences(timeline);
    for process in &mut timeline.processes {
        process.relevance = Relevance::Background;
    }
    sentences
}

/// What was traced.
fn title(args: &Args) -> String {
    let words: Vec<&[u8]> = args.command.iter().map(|word| word.as_encoded_bytes()).collect();
    let mut title = visible(&words.join(&b' ')).into_owned();
    if words.is_empty() {
        let pids: Vec<String> = args.pid.iter().map(i32::to_string).collect();
        title = format!("process {}", pids.join(", "));
    }
    let end = title.floor_char_boundary(COMMAND_BYTES);
    if end < title.len() {
        title.truncate(end);
        title.push('…');
    }
    title
}

/// Writes the files that were asked for.
fn files(session: &mut Session<'_>, story: &Story) {
    let args = session.args;
    let page = args.html.iter().map(|path| (path, show::Form::Html));
    let told = args.timeline.iter().flatten().map(|path| (path, form(path)));
    for (path, form) in page.chain(told) {
        let written = files::write(path, |out| show::Args::usual().write_file(story, form, out));
        if let Err(source) = written {
            session.pipeline.failed(&Error::File { path: path.clone(), source });
        }
    }
}

/// What is written to a file with this name.
fn form(path: &Path) -> show::Form {
    match path.extension().and_then(OsStr::to_str) {
        Some("html" | "htm") => show::Form::Html,
        Some("md") => show::Form::Markdown,
        Some("json") => show::Form::Json,
        _ => show::Form::Text,
    }
}

/// Tells the story, what is missing, and where more is to be found.
fn tell(session: &Session<'_>, story: Option<&Story>, counts: &Counts, shortened: u64) {
    if let Some(story) = story.filter(|_| session.args.timeline != Some(None)) {
        let paragraphs = heading::paragraphs(&story.timeline);
        paragraphs.iter().for_each(|paragraph| say_plain!("{paragraph}"));
    }
    let cut = (shortened > 0).then(|| {
        format!("{} cut in the recording, too long for other readers", plural(shortened, "string"))
    });
    let skipped = (!session.args.skip.is_empty())
        .then(|| format!("not recorded, as was asked: {}", session.args.skip.join(", ")));
    let missing = notes::missing(counts).into_iter().chain(session.notes.unsaid());
    let forgotten = input::evictions(session.pipeline.state.counters());
    for text in missing.chain(forgotten).chain(cut).chain(skipped) {
        say!("{text}");
    }
    session.pipeline.pointers();
}
