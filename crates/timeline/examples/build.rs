//! Makes the timeline of a whole capture, prints it as JSON, and says how long that took:
//! `build FILE [ALERTS]`. Alerts are JSON lines, as `replay --rules` and Falco print them.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, File},
    io,
    time::Instant,
};

use capture::{Record, Source, file::Reader};
use event::alert::{Alert, Subject};
use serde_json::Value;
use state::State;
use timeline::build::{Builder, Limits};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: build FILE [ALERTS]")?;
    let alerts = match std::env::args().nth(2) {
        Some(path) => alerts(&fs::read_to_string(path)?)?,
        None => BTreeMap::new(),
    };
    let mut reader = Reader::new(File::open(&path)?)?;
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    let start = Instant::now();
    while let Some(record) = reader.next()? {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        builder.event(&state.event(event));
        for alert in alerts.get(&event.ts_ns).into_iter().flatten() {
            builder.alert(alert, 1, alert.ts_ns);
        }
    }
    let timeline = builder.finish(&state);
    eprintln!("{path}: {} events in {:.2?}", timeline.window.events, start.elapsed());
    serde_json::to_writer(io::stdout().lock(), &timeline)?;
    Ok(())
}

/// Alerts by the time of their events.
fn alerts(lines: &str) -> Result<BTreeMap<u64, Vec<Alert>>, Box<dyn Error>> {
    let mut alerts: BTreeMap<u64, Vec<Alert>> = BTreeMap::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line)?;
        let text = |key: &str| value[key].as_str().unwrap_or_default();
        let ts_ns = value["output_fields"]["evt.time"].as_u64().ok_or("an alert without time")?;
        let tags = value["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        alerts.entry(ts_ns).or_default().push(Alert {
            ts_ns,
            event_num: 0,
            rule: text("rule").into(),
            priority: text("priority").parse()?,
            source: text("source").into(),
            tags: tags.map(Into::into).collect(),
            hostname: text("hostname").into(),
            output: text("output").to_owned(),
            fields: value["output_fields"].to_string(),
            subject: Subject::default(),
            repeats: None,
        });
    }
    Ok(alerts)
}
