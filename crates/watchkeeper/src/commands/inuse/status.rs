//! `watchkeeper inuse status`.

use std::io::Write;

use clap::Parser;
use event::visible::visible;
use inuse::{Index, Key, Kind, Place, Spans, What};
use serde_json::{Value, json};

use super::select::Places;
use crate::{
    error::{Error, Outcome},
    in_use::{KEPT_DAYS, words},
    output::{Format, Out, plural},
};

/// Tells what was watched, since when and for how long, and what of it was missed.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper inuse status --store /var/lib/watchkeeper
  watchkeeper inuse status --image nginx:1.25
  watchkeeper inuse status --format json | jq '.places[] | {place, watched_s}'")]
pub(crate) struct Args {
    #[command(flatten)]
    places: Places,
    /// Form of the output; json: one object.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let index = args.places.index()?;
    let places = args.places.of(&index)?;
    let mut out = Out::new();
    match args.format {
        Format::Text => {
            for (key, place) in places {
                text(&index, key, place, &mut out)?;
            }
        }
        Format::Json => {
            let places = places.into_iter().map(|(key, place)| object(&index, key, place));
            let places: Vec<Value> = places.collect();
            writeln!(
                out,
                "{}",
                json!({"paths": index.paths(), "kept_days": KEPT_DAYS, "places": places})
            )?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// How often each is the strongest use of a file.
fn counts(place: &Place) -> [(Kind, u64); Kind::ALL.len()] {
    let mut counts = Kind::ALL.map(|kind| (kind, 0));
    counts.reverse();
    for (_, seen) in place.files() {
        if let Some((_, count)) =
            counts.iter_mut().find(|(kind, _)| seen.strongest() == Some(*kind))
        {
            *count += 1;
        }
    }
    counts
}

/// What was lost on the host of a place.
fn lost(index: &Index, key: &Key) -> Spans {
    let host = Key { host: key.host.clone(), what: What::Host };
    index.place(&host).map(|it| it.lost.clone()).unwrap_or_default()
}

fn text(index: &Index, key: &Key, place: &Place, out: &mut Out) -> Result<(), Error> {
    writeln!(out, "{}", words::place(key, place))?;
    let lost = lost(index, key);
    let whole = place.watched.minus(&lost);
    if let Some(bounds) = whole.bounds() {
        let (since, until) = (words::time(bounds.from_s), words::time(bounds.to_s));
        let gaps = bounds.seconds().saturating_sub(whole.seconds());
        let without =
            if gaps == 0 { String::new() } else { format!(", {} of it not", words::long(gaps)) };
        writeln!(
            out,
            "  watched    {} from {since} to {until}{without}",
            words::long(whole.seconds())
        )?;
    }
    if let Some(bounds) = place.watched_in_part.bounds() {
        let (since, until) = (words::time(bounds.from_s), words::time(bounds.to_s));
        writeln!(
            out,
            "  in part    from {since} to {until}: of what was not seen nothing follows"
        )?;
    }
    if place.watched.and(&lost).seconds() > 0 {
        let spans = plural(lost.iter().len() as u64, "gap");
        writeln!(out, "  lost       {spans}, {} together", words::long(lost.seconds()))?;
    }
    if let Some(left_out) = place.left_out {
        let uses = plural(left_out.uses, "use");
        writeln!(out, "  left out   {uses}, for which there was no room")?;
    }
    for (kind, count) in counts(place).into_iter().filter(|(_, count)| *count > 0) {
        writeln!(out, "  {:9}  {}", kind.name(), plural(count, "file"))?;
    }
    for (id, it) in &place.containers {
        let (name, id) = (visible(&it.name), visible(id));
        let line = format!("  container  {id} {name} until {}", words::time(it.span.to_s));
        out.line(line.as_bytes())?;
    }
    Ok(())
}

fn object(index: &Index, key: &Key, place: &Place) -> Value {
    let lost = lost(index, key);
    let whole = place.watched.minus(&lost);
    let spans = |spans: &Spans| -> Vec<Value> {
        let span =
            |it: inuse::Span| json!({"from": words::time(it.from_s), "to": words::time(it.to_s)});
        spans.iter().map(span).collect()
    };
    let files =
        counts(place).into_iter().map(|(kind, count)| (kind.name().to_owned(), json!(count)));
    let containers = place.containers.iter().map(|(id, it)| {
        let (first, last) = (words::time(it.span.from_s), words::time(it.span.to_s));
        json!({"id": visible(id), "name": visible(&it.name), "first": first, "last": last})
    });
    let image = matches!(key.what, What::Image(_)).then(|| {
        let it = &place.image;
        json!({"name": visible(&it.name), "id": visible(&it.id), "digest": visible(&it.digest)})
    });
    json!({
        "place": words::place(key, place),
        "host": visible(&key.host),
        "image": image,
        "watched_s": whole.seconds(),
        "watched": spans(&whole),
        "watched_in_part": spans(&place.watched_in_part),
        "lost": spans(&lost),
        "left_out": place.left_out.map_or(0, |it| it.uses),
        "files": files.collect::<serde_json::Map<_, _>>(),
        "containers": containers.collect::<Vec<_>>(),
    })
}
