//! A row, written and read.

use std::collections::HashMap;

use event::alert::Priority;
use rusqlite::{Connection, Row as SqlRow, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Ended, Id, Shown, Summary,
    summary::{Row, Stamp},
};

/// So many more rows than incidents are read: incidents are removed before their rows.
const MOST_SURPLUS: usize = 1000;
const COLUMNS: usize = 17;

/// Writes a row in place of an earlier one of the same incident.
pub(super) fn put(connection: &Connection, row: &Row) -> rusqlite::Result<()> {
    let Row { stamp, summary: it } = row;
    let marks = vec!["?"; COLUMNS].join(",");
    let mut insert =
        connection.prepare(&format!("INSERT OR REPLACE INTO incidents VALUES ({marks})"))?;
    insert.execute(params![
        it.id.to_string(),
        stamp.ino as i64,
        stamp.mtime_ns,
        stamp.bytes as i64,
        &*it.host,
        &*it.title,
        it.priority.severity(),
        it.ended.name(),
        it.first_alert_ns as i64,
        it.last_alert_ns as i64,
        it.alerts as i64,
        it.events as i64,
        it.window_bytes as i64,
        list(&it.rules),
        list(&it.processes),
        list(&it.users),
        list(&it.containers),
    ])?;
    Ok(())
}

/// Every row of a database of `bytes`, of a store that holds so many incidents.
pub(super) fn all(
    connection: &Connection,
    held: usize,
    bytes: u64,
) -> Result<HashMap<Id, Row>, String> {
    let told = |error: rusqlite::Error| error.to_string();
    if !super::is_ours(connection).map_err(told)? {
        return Err("it is of another version, or not ours".to_owned());
    }
    let mut select = connection.prepare("SELECT * FROM incidents").map_err(told)?;
    let mut rows = select.query([]).map_err(told)?;
    let (mut found, mut texts_bytes) = (HashMap::new(), 0);
    while let Some(row) = rows.next().map_err(told)? {
        texts_bytes += text_bytes(row).map_err(told)?;
        // A sound database has no more than that.
        if found.len() > held.saturating_add(MOST_SURPLUS) || texts_bytes > bytes {
            return Err("it is damaged: it has more in it than it can have".to_owned());
        }
        let row = read(row).ok_or("it is damaged: a row has no meaning")?;
        found.insert(row.summary.id, row);
    }
    Ok(found)
}

fn text_bytes(row: &SqlRow<'_>) -> rusqlite::Result<u64> {
    let bytes =
        |index| row.get_ref(index).map(|it| it.as_str().map_or(0, |text| text.len() as u64));
    (0..COLUMNS).map(bytes).sum()
}

fn read(row: &SqlRow<'_>) -> Option<Row> {
    let number = |index: usize| row.get(index).ok().map(|number: i64| number as u64);
    let text = |index: usize| row.get_ref(index).ok()?.as_str().ok();
    let shown = |index: usize| text(index).map(Shown::from);
    let severity = usize::try_from(number(6)?).ok()?;
    let ended = text(7)?;
    let (window_bytes, manifest_bytes) = (number(12)?, number(3)?);
    let summary = Summary {
        id: text(0)?.parse().ok()?,
        host: shown(4)?,
        title: shown(5)?,
        priority: *Priority::ALL.get(severity)?,
        ended: Ended::ALL.into_iter().find(|it| it.name() == ended)?,
        first_alert_ns: number(8)?,
        last_alert_ns: number(9)?,
        alerts: number(10)?,
        events: number(11)?,
        window_bytes,
        bytes: window_bytes.saturating_add(manifest_bytes),
        rules: parse(text(13)?)?,
        processes: parse(text(14)?)?,
        users: parse(text(15)?)?,
        containers: parse(text(16)?)?,
    };
    let stamp = Stamp { ino: number(1)?, mtime_ns: row.get(2).ok()?, bytes: manifest_bytes };
    Some(Row { stamp, summary })
}

fn list(values: &impl Serialize) -> String {
    // Lists of texts have a form in JSON.
    serde_json::to_string(values).unwrap_or_default()
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
