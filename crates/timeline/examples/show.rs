//! Shows the story of a whole capture: `show CAPTURE [OPTION VALUE]…`, with options `--alerts FILE`
//! (JSON lines as `replay --format json` prints them), `--width N`, `--expand WHAT`, `--all`,
//! `--color`, `--format text|markdown|json|summary`.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, File},
    io::{self, Write},
};

use capture::{Record, Source, file::Reader};
use event::alert::{Alert, Subject};
use serde_json::Value;
use state::State;
use timeline::{
    build::{Builder, Limits},
    model::Timeline,
    summary,
    views::{
        heading::Heading,
        json, markdown,
        text::{self, Options, Palette, Scope},
    },
};

type Alerts = BTreeMap<u64, Vec<Alert>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: show CAPTURE [OPTION VALUE]…")?;
    let mut options = Options { width: 120, ..Options::default() };
    let mut alerts = Alerts::new();
    let mut format = "text".to_owned();
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{option} wants a value"));
        match option.as_str() {
            "--alerts" => alerts = read_alerts(&value()?)?,
            "--width" => options.width = value()?.parse()?,
            "--expand" => options.expand.push(value()?.parse()?),
            "--format" => format = value()?,
            "--all" => options.scope = Scope::All,
            "--color" => options.palette = Palette::Ansi,
            _ => return Err(format!("{option} is not an option").into()),
        }
    }
    let timeline = build(&path, &alerts)?;
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let heading = Heading { id: name, ..Heading::default() };
    let out = &mut io::stdout().lock();
    match format.as_str() {
        "markdown" => markdown::write(&timeline, &heading, options.scope, out)?,
        "json" => json::write(&timeline, json::Form::Pretty, out)?,
        "summary" => {
            for sentence in &timeline.summary {
                writeln!(out, "{:?}: {} {:?}", sentence.topic, sentence.text, sentence.events)?;
            }
        }
        _ => text::write(&timeline, &heading, &options, out)?,
    }
    Ok(())
}

/// Alerts by the time of their events.
fn read_alerts(path: &str) -> Result<Alerts, Box<dyn Error>> {
    let mut alerts = Alerts::new();
    for line in fs::read_to_string(path)?.lines() {
        let value: Value = serde_json::from_str(line)?;
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let ts_ns =
            value["output_fields"]["evt.time"].as_u64().ok_or("an alert has no evt.time")?;
        let alert = Alert {
            ts_ns,
            event_num: 0,
            rule: text("rule").into(),
            priority: text("priority").parse()?,
            source: text("source").into(),
            tags: Default::default(),
            hostname: text("hostname").into(),
            output: text("output"),
            fields: String::new(),
            subject: Subject::default(),
            repeats: None,
        };
        alerts.entry(ts_ns).or_default().push(alert);
    }
    Ok(alerts)
}

fn build(path: &str, alerts: &Alerts) -> Result<Timeline, Box<dyn Error>> {
    let mut reader = Reader::new(File::open(path)?)?;
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    while let Some(record) = reader.next()? {
        match record {
            Record::Event(event) => {
                let ts_ns = event.ts_ns;
                builder.event(&state.event(event));
                for alert in alerts.get(&ts_ns).into_iter().flatten() {
                    builder.alert(alert, 1, ts_ns);
                }
            }
            other => state.record(&other),
        }
    }
    let mut timeline = builder.finish(&state);
    timeline.summary = summary::sentences(&timeline);
    Ok(timeline)
}
