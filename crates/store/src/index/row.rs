//! A row, written and read.

use std::collections::HashMap;

use event::alert::Priority;
use rusqlite::{Connection, params_from_iter, types::Value};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Ended, Id, Summary,
    summary::{Row, Stamp},
};

/// So many more rows than incidents are read: incidents are removed before their rows.
const MOST_SURPLUS: usize = 1000;
/// Columns before the digest of these.
const COLUMNS: usize = 17;

/// Writes a row in place of an earlier one of the same incident.
pub(super) fn put(connection: &Connection, row: &Row) -> rusqlite::Result<()> {
    let columns = columns(row);
    let digest = Value::Text(digest(&columns));
    let marks = vec!["?"; COLUMNS + 1].join(",");
    let sql = format!("INSERT OR REPLACE INTO incidents VALUES ({marks})");
    connection.execute(&sql, params_from_iter(columns.into_iter().chain([digest])))?;
    Ok(())
}

/// Every row of a database of `bytes`, of a store that holds so many incidents. Rows that are not
/// what was written are left out.
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
    let (mut found, mut read_rows, mut read_bytes) = (HashMap::new(), 0, 0);
    while let Some(row) = rows.next().map_err(told)? {
        let columns = (0..=COLUMNS).map(|index| row.get(index)).collect::<Result<Vec<_>, _>>();
        let columns = columns.map_err(told)?;
        read_rows += 1;
        read_bytes += columns.iter().map(size_bytes).sum::<u64>();
        // A sound database has no more than that.
        if read_rows > held.saturating_add(MOST_SURPLUS) || read_bytes > bytes {
            return Err("it is damaged: it has more in it than it can have".to_owned());
        }
        found.extend(checked(&columns).map(|row| (row.summary.id, row)));
    }
    Ok(found)
}

fn size_bytes(value: &Value) -> u64 {
    match value {
        Value::Text(text) => text.len() as u64,
        Value::Blob(bytes) => bytes.len() as u64,
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    }
}

fn columns(Row { stamp, summary: it }: &Row) -> [Value; COLUMNS] {
    let number = |number: u64| Value::Integer(number as i64);
    [
        Value::Text(it.id.to_string()),
        number(stamp.ino),
        Value::Integer(stamp.mtime_ns),
        number(stamp.bytes),
        Value::Text(it.host.to_string()),
        Value::Text(it.title.to_string()),
        number(it.priority.severity().into()),
        Value::Text(it.ended.name().to_owned()),
        number(it.first_alert_ns),
        number(it.last_alert_ns),
        number(it.alerts),
        number(it.events),
        number(it.window_bytes),
        list(&it.rules),
        list(&it.processes),
        list(&it.users),
        list(&it.containers),
    ]
}

/// Lists in JSON.
fn list(values: &impl Serialize) -> Value {
    // Lists of texts always have a form in it.
    Value::Text(serde_json::to_string(values).unwrap_or_default())
}

/// Of numbers and texts, each kept apart from its neighbours.
fn digest(columns: &[Value]) -> String {
    let mut hasher = blake3::Hasher::new();
    for column in columns {
        match column {
            Value::Integer(number) => hasher.update(&number.to_le_bytes()),
            Value::Text(text) => hasher.update(&text.len().to_le_bytes()).update(text.as_bytes()),
            Value::Null | Value::Real(_) | Value::Blob(_) => &mut hasher,
        };
    }
    hasher.finalize().to_hex().to_string()
}

/// The row, if it is what was written.
fn checked(columns: &[Value]) -> Option<Row> {
    let (said, columns) = columns.split_last()?;
    let is_whole = matches!(said, Value::Text(said) if *said == digest(columns));
    if is_whole { row(columns) } else { None }
}

fn row(columns: &[Value]) -> Option<Row> {
    let text = |index: usize| match columns.get(index)? {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let number = |index: usize| match columns.get(index)? {
        Value::Integer(number) => Some(*number),
        _ => None,
    };
    let count = |index: usize| number(index).map(|number| number as u64);
    let severity = usize::try_from(number(6)?).ok()?;
    let (manifest_bytes, window_bytes) = (count(3)?, count(12)?);
    let summary = Summary {
        id: text(0)?.parse().ok()?,
        host: text(4)?.into(),
        title: text(5)?.into(),
        priority: *Priority::ALL.get(severity)?,
        ended: Ended::named(text(7)?)?,
        first_alert_ns: count(8)?,
        last_alert_ns: count(9)?,
        alerts: count(10)?,
        events: count(11)?,
        window_bytes,
        bytes: window_bytes.saturating_add(manifest_bytes),
        rules: parse(text(13)?)?,
        processes: parse(text(14)?)?,
        users: parse(text(15)?)?,
        containers: parse(text(16)?)?,
    };
    let stamp = Stamp { ino: count(1)?, mtime_ns: number(2)?, bytes: manifest_bytes };
    Some(Row { stamp, summary })
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
